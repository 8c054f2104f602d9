"""An append-only file of lines: what a sandbox has done or been told, on disk before its answer leaves.

Written by one sandbox; read by whoever judges afterwards, with or without the server.
"""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path


class Journal:
    """An append-only file of lines, or a list where there is no file. A torn last line was never committed."""

    def __init__(self, path: Path | None, *, durable: bool) -> None:
        self._path = path
        self._durable = durable
        self._lines: list[bytes] = []
        self._file: int | None = None
        self._lock = threading.Lock()

    def read(self) -> list[bytes]:
        """All lines so far; cuts off what a killed process left half written."""
        if self._path is None:
            return list(self._lines)
        with self._lock:
            file = self._handle(self._path)
            whole, torn = _lines_of(self._path)
            os.ftruncate(file, os.fstat(file).st_size - torn)
            return whole

    def append(self, line: bytes) -> None:
        """Add one line; on return it survives the death of this process, and of the machine if `durable`."""
        if self._path is None:
            self._lines.append(line)
            return
        with self._lock:
            file = self._handle(self._path)
            os.write(file, line + b"\n")
            if self._durable:
                os.fsync(file)

    def clear(self) -> None:
        """Forget every line."""
        self._lines.clear()
        if self._path is not None:
            with self._lock:
                os.ftruncate(self._handle(self._path), 0)

    def close(self) -> None:
        """Let the file go; the next use opens it again."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _handle(self, path: Path) -> int:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        return self._file


def lines_in(path: Path) -> list[bytes]:
    """The whole lines of a journal's file, oldest first; needs no server and tolerates one that is being written."""
    return _lines_of(path)[0] if path.exists() else []


def utc_now() -> datetime:
    """A sandbox's own clock."""
    return datetime.now(UTC)


def _lines_of(path: Path) -> tuple[list[bytes], int]:
    """The whole lines of a file, and how many bytes of a torn one follow them."""
    *whole, torn = path.read_bytes().split(b"\n")
    return whole, len(torn)

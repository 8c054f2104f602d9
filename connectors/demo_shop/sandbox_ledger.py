"""The sandbox's ledger: every movement the shop ever made, one JSON line each, on disk before the answer leaves.

Written by the sandbox only; read by whoever judges afterwards, with or without the server.
It never imports the connector.
"""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from resolver.money import Money

Kind = Literal[
    "refund",
    "cancellation",
    "address_change",
    "settlement",
    "invoice",
    "replacement",
    "return",
    "price_adjustment",
]
State = Literal["done", "pending", "failed"]


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened in the shop. `key` is what the caller sent with it, and `n` orders the whole history."""

    n: int
    id: str
    kind: Kind
    order: str
    number: str
    at: datetime
    key: str = ""
    amount: str = ""
    currency: str = ""
    state: State = "done"
    request: str = ""
    taken: dict[str, int] = {}
    units: dict[str, int] = {}
    address: str = ""
    of: str = ""

    @property
    def money(self) -> Money:
        """What left the shop with this movement; where nothing did, as for an address change, asking is a mistake."""
        return Money.parse(f"{self.amount} {self.currency}")


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


def movements_in(ledger: Path) -> tuple[Movement, ...]:
    """Every movement in a ledger file, oldest first; needs no server and tolerates one that is being written."""
    if not ledger.exists():
        return ()
    return tuple(movements_of(_lines_of(ledger)[0]))


def movements_of(lines: list[bytes]) -> list[Movement]:
    """The movements that lines of the ledger stand for."""
    return [_decoder.decode(line) for line in lines]


def line_of(movement: Movement) -> bytes:
    """The line of the ledger that stands for a movement."""
    return msgspec.json.encode(movement)


def utc_now() -> datetime:
    """The shop's own clock."""
    return datetime.now(UTC)


_decoder = msgspec.json.Decoder(Movement)


def _lines_of(path: Path) -> tuple[list[bytes], int]:
    """The whole lines of a file, and how many bytes of a torn one follow them."""
    *whole, torn = path.read_bytes().split(b"\n")
    return whole, len(torn)

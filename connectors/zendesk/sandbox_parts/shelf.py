"""One SQLite file of records as JSON, written through and read back once, at the start.

Only `state` uses it. It knows nothing of tickets; a record is a kind, a key and a document.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from resolver.errors import Malformed, Where

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, key TEXT NOT NULL, document BLOB NOT NULL, UNIQUE (kind, key)
)
"""
_WRITE = """
INSERT INTO record (kind, key, document) VALUES (?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET document = excluded.document
"""


class Shelf:
    """The file; with no path it is the memory of this process."""

    def __init__(self, path: Path | None) -> None:
        name = ":memory:" if path is None else str(path)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _open(name)
        except (sqlite3.DatabaseError, OSError) as error:
            raise Malformed(
                f"The sandbox cannot keep its state there: {error}.",
                where=Where(name),
                remedy="Name a file in a folder that can be written, or delete the damaged file.",
            ) from error

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Every record as (kind, document), in the order they were first written."""
        yield from self._file.execute("SELECT kind, document FROM record ORDER BY rowid")

    def write(self, records: Iterable[tuple[str, str, bytes]]) -> None:
        """Store or replace (kind, key, document) records in one transaction."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            self._file.executemany(_WRITE, records)
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def delete(self, kind: str, key: str) -> None:
        """Remove one record; nothing happens when there is none."""
        self._file.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _open(name: str) -> sqlite3.Connection:
    file = sqlite3.connect(name, check_same_thread=False, isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        file.execute(_SCHEMA)
    except sqlite3.DatabaseError:
        file.close()
        raise
    return file

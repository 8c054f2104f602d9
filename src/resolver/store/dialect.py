"""The few statements that SQLite and PostgreSQL spell differently."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_new(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> sa.Row[Any] | None:
    """Insert a row; the stored row, or `None` if one of its unique columns is already there."""
    return connection.execute(
        _insert(connection, table).values(row).on_conflict_do_nothing().returning(table)
    ).first()


def upsert(connection: sa.Connection, table: sa.Table, row: dict[str, Any], *, key: str) -> None:
    """Insert a row or bring the one with the same `key` up to date."""
    rest = {name: value for name, value in row.items() if name != key}
    statement = _insert(connection, table).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=rest))


def lock(connection: sa.Connection, name: str) -> None:
    """Hold `name` until the transaction ends. SQLite's one writer holds everything already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def _insert(connection: sa.Connection, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)

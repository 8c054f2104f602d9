"""Wrong tries to name the details of a record, from whatever ticket: which record (a digest) and on which day."""

import sqlalchemy as sa

from resolver.store.dialect import insert_if_new, lock
from resolver.store.tables import details_try


def hold(connection: sa.Connection) -> None:
    """Let nobody else count or write tries until this transaction ends."""
    lock(connection, "details")


def add(connection: sa.Connection, *, case: str, message: str, record: str, day: str) -> None:
    """Count a message that named the details of this record wrongly, once."""
    row = {"case": case, "message": message, "record": record, "day": day}
    insert_if_new(connection, details_try, row)


def count(connection: sa.Connection, *, record: str, day: str) -> int:
    """How many messages named the details of this record wrongly on this day."""
    return int(connection.execute(_COUNT, {"about": record, "on": day}).scalar() or 0)


_COUNT = sa.select(sa.func.count()).where(
    details_try.c.record == sa.bindparam("about"), details_try.c.day == sa.bindparam("on")
)

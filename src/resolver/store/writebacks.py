"""Write-backs: every update of a ticket as a row before it is sent, with the marker it is found again by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resolver.store.dialect import insert_if_new
from resolver.store.tables import writeback
from resolver.store.times import stored


@dataclass(frozen=True, slots=True)
class Row:
    """One update. `progress` says that something happened before it, which restarts the count of replies in a row."""

    id: str
    turn: int
    n: int
    case: str
    run: str | None
    requester: str
    document_sealed: bytes
    public: bool
    progress: bool
    offer: str | None
    day: str
    intended_at: str
    state: str = "open"
    reason: str | None = None
    message_id: str | None = None
    settled_at: str | None = None


def add(connection: sa.Connection, row: Row) -> None:
    """Store an update before it is sent."""
    insert_if_new(connection, writeback, {name: getattr(row, name) for name in Row.__slots__})


def get(connection: sa.Connection, row_id: str) -> Row | None:
    """The row, or `None`."""
    row = connection.execute(sa.select(writeback).where(writeback.c.id == row_id)).first()
    return None if row is None else _row(row)


def of_turn(connection: sa.Connection, turn: int) -> list[Row]:
    """The updates of a turn, by n."""
    query = sa.select(writeback).where(writeback.c.turn == turn).order_by(writeback.c.n)
    return [_row(row) for row in connection.execute(query)]


def of_case(connection: sa.Connection, case: str) -> list[Row]:
    """The updates of a case, oldest first."""
    query = sa.select(writeback).where(writeback.c.case == case).order_by(writeback.c.turn, writeback.c.n)
    return [_row(row) for row in connection.execute(query)]


def mark_sent(connection: sa.Connection, row_id: str) -> None:
    """Say before sending that it may have left us from here on."""
    connection.execute(sa.update(writeback).where(writeback.c.id == row_id).values(state="sent"))


def settle(
    connection: sa.Connection,
    row_id: str,
    *,
    state: str,
    now: datetime,
    reason: str | None = None,
    message_id: str | None = None,
    document_sealed: bytes | None = None,
    public: bool | None = None,
) -> None:
    """Say what became of it: done, dropped, refused, unknown, or open again after a send that surely failed."""
    values: dict[str, Any] = {"state": state, "reason": reason, "message_id": message_id}
    values["settled_at"] = None if state == "open" else stored(now)
    if document_sealed is not None:
        values["document_sealed"] = document_sealed
    if public is not None:
        values["public"] = public
    connection.execute(sa.update(writeback).where(writeback.c.id == row_id).values(values))


def public_today(connection: sa.Connection, case: str, *, day: str) -> int:
    """How many public replies the ticket got (or may have got) on this day."""
    query = sa.select(sa.func.count()).where(
        writeback.c.case == case,
        writeback.c.public,
        writeback.c.day == day,
        writeback.c.state.in_(("sent", "done")),
    )
    return int(connection.execute(query).scalar_one())


def public_in_a_row(connection: sa.Connection, case: str) -> int:
    """How many public replies the ticket got since something last moved on."""
    query = (
        sa.select(writeback.c.progress)
        .where(writeback.c.case == case, writeback.c.public, writeback.c.state.in_(("sent", "done")))
        .order_by(writeback.c.turn.desc(), writeback.c.n.desc())
        .limit(50)
    )
    count = 0
    for row in connection.execute(query):
        if row.progress:
            return count + 1
        count += 1
    return count


def _row(row: sa.Row[Any]) -> Row:
    return Row(**{name: getattr(row, name) for name in Row.__slots__})

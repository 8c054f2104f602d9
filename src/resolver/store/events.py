"""Events: every verified delivery, timer and approval, once; the memory that makes duplicates harmless."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resolver.store.dialect import change, find, insert_if_new
from resolver.store.tables import event
from resolver.store.times import stored


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `kind` is the helpdesk's own, a timer's (`silence:5`, `fetch:3:1`, `resume:…`), or `approval:…`."""

    seq: int
    connection: str
    event_id: str
    kind: str
    ticket: str
    message_id: str | None
    state: str
    ending: str | None
    received_at: str


def add(
    connection: sa.Connection,
    *,
    helpdesk: str,
    event_id: str,
    kind: str,
    ticket: str,
    message_id: str | None,
    now: datetime,
) -> int | None:
    """Store an event; its sequence number, or `None` if it is known already."""
    row = {
        "connection": helpdesk,
        "event_id": event_id,
        "kind": kind,
        "ticket": ticket,
        "message_id": message_id,
        "received_at": stored(now),
        "state": "queued",
    }
    inserted = insert_if_new(connection, event, row)
    return None if inserted is None else int(inserted.seq)


def get(connection: sa.Connection, seq: int) -> Event:
    """The event with this number; it is never deleted while a turn may ask."""
    row = find(connection, event, "seq", seq)
    if row is None:
        raise LookupError(f"there is no event {seq}")
    return _event(row)


def end(connection: sa.Connection, seq: int, *, ending: str, now: datetime, dead: bool = False) -> None:
    """Close an event with the word that says how; `dead` makes it a dead letter that people see and may replay."""
    state = "dead" if dead else "done"
    values = {"state": state, "ending": ending, "ended_at": stored(now)}
    change(connection, event, "seq", seq, values)


def queued(connection: sa.Connection, *, after: int, limit: int) -> list[Event]:
    """At most `limit` events that wait for their turn or have it under way, by number, from behind `after` on."""
    return [_event(row) for row in connection.execute(_QUEUED, {"after": after, "most": limit})]


def dead_letters(connection: sa.Connection) -> list[Event]:
    """Events that failed for good, oldest first."""
    rows = connection.execute(sa.select(event).where(event.c.state == "dead").order_by(event.c.seq))
    return [_event(row) for row in rows]


def count_by_state(connection: sa.Connection) -> dict[str, int]:
    """How many events are queued, done and dead."""
    rows = connection.execute(sa.select(event.c.state, sa.func.count()).group_by(event.c.state))
    return {row[0]: row[1] for row in rows}


def oldest_queued(connection: sa.Connection) -> str | None:
    """When the longest waiting event came in; a stuck queue shows here."""
    return connection.execute(
        sa.select(sa.func.min(event.c.received_at)).where(event.c.state == "queued")
    ).scalar()


_QUEUED = (
    sa.select(event)
    .where(event.c.state == "queued", event.c.seq > sa.bindparam("after"))
    .order_by(event.c.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def _event(row: sa.Row[Any]) -> Event:
    return Event(
        seq=row.seq,
        connection=row.connection,
        event_id=row.event_id,
        kind=row.kind,
        ticket=row.ticket,
        message_id=row.message_id,
        state=row.state,
        ending=row.ending,
        received_at=row.received_at,
    )

"""Cases, turns and readings: what is known about a ticket between its turns, and what a turn set out to do."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from resolver.store.dialect import change, find, insert_if_new, upsert
from resolver.store.tables import case, reading, turn
from resolver.store.times import stored


@dataclass(frozen=True, slots=True)
class Case:
    """The stored state of a ticket, without personal data.

    `cursor` is the id of the newest message handled; `people` is set once the ticket is the people's;
    `timer` counts the timers armed, so that only the newest counts; `language` is of the last reading;
    `fetches` counts how often a turn was put off in a row; `replied` is set with the first public reply.
    `requester` is whom the runs and their identity level belong to: another requester starts over.
    `waiting` are the runs that go on with the next message or timer, in run order; `conflict` are two of them whose
    offers exclude each other; `handed` is set once a run was handed off while others still wait.
    """

    id: str
    connection: str
    ticket: str
    requester: str
    waiting: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    conflict: tuple[str, str] | None = None
    handed: bool = False
    cursor: str | None = None
    language: str | None = None
    people: bool = False
    timer: int = 0
    fetches: int = 0
    staff_stamp: str | None = None
    status: str | None = None
    replied: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn set out to do, stored before its first step so that recovery takes the same way.

    `messages` are the ids it handles, oldest first; `carried` are rows of earlier turns it finishes first;
    `event` is what else started it (`silence:5`, `approval:…`); `now` is captured once.
    """

    seq: int
    case: str
    now: str
    messages: tuple[str, ...] = ()
    carried: tuple[int, ...] = ()
    event: str | None = None
    run: str | None = None
    state: str = "running"


def get(connection: sa.Connection, case_id: str) -> Case | None:
    """The case, or `None` for a ticket we never handled."""
    row = find(connection, case, "id", case_id)
    if row is None:
        return None
    known = msgspec.json.decode(row.document, type=dict[str, Any])
    known["runs"] = tuple(known["runs"])
    known["waiting"] = tuple(known.get("waiting", [row.run] if row.run else []))
    known["conflict"] = tuple(known["conflict"]) if known.get("conflict") else None
    return Case(id=row.id, connection=row.connection, ticket=row.ticket, requester=row.requester, **known)


def numbered(connection: sa.Connection, ticket: str) -> list[str]:
    """The ids of the cases whose ticket has this number, one for each connection that has one."""
    return list(connection.execute(_NUMBERED, {"ticket": ticket}).scalars())


def put(connection: sa.Connection, changed: Case, *, now: datetime) -> None:
    """Store the case as it now is."""
    known = asdict(changed)
    columns = {name: known.pop(name) for name in ("id", "connection", "ticket", "requester")}
    columns["run"] = next(iter(changed.waiting), None)
    columns["document"] = msgspec.json.encode(known).decode()
    columns["changed_at"] = columns["opened_at"] = stored(now)
    upsert(connection, case, columns, key="id", keep=("opened_at",))


def begin_turn(connection: sa.Connection, begun: Turn) -> None:
    """Store what the turn is about, once."""
    document = msgspec.json.encode(
        {"messages": begun.messages, "carried": begun.carried, "event": begun.event, "now": begun.now}
    ).decode()
    row = {
        "seq": begun.seq,
        "case": begun.case,
        "run": begun.run,
        "document": document,
        "state": begun.state,
        "began_at": begun.now,
    }
    insert_if_new(connection, turn, row)


def get_turn(connection: sa.Connection, seq: int) -> Turn | None:
    """The turn of event `seq`, if it was begun."""
    row = find(connection, turn, "seq", seq)
    return None if row is None else _turn(row)


def unfinished_turns(connection: sa.Connection, case_id: str, *, before: int) -> list[Turn]:
    """Earlier turns of the case that still have something to do (the other side was down), oldest first."""
    return [_turn(row) for row in connection.execute(_UNFINISHED, {"case_id": case_id, "before": before})]


def leave_turn(connection: sa.Connection, seq: int, *, state: Literal["closing", "done"]) -> bool:
    """Everything is decided; only written rows are still to be sent, if any. `False` if that was so already."""
    return connection.execute(_LEAVE, {"which": seq, "state": state, "draft_sealed": None}).rowcount > 0


def end_turn(connection: sa.Connection, seq: int) -> None:
    """The turn has nothing left to do."""
    change(connection, turn, "seq", seq, {"state": "done", "draft_sealed": None})


def put_draft(connection: sa.Connection, seq: int, draft_sealed: bytes, *, run: str) -> None:
    """Keep what the turn is going to say, and on which run it works, while an effect is under way."""
    change(connection, turn, "seq", seq, {"draft_sealed": draft_sealed, "run": run})


def get_draft(connection: sa.Connection, seq: int) -> bytes | None:
    """What the turn was going to say when it was interrupted."""
    row = find(connection, turn, "seq", seq)
    return None if row is None else row.draft_sealed


def put_reading(connection: sa.Connection, *, seq: int, case_id: str, document_sealed: bytes) -> str:
    """Store what was understood in a turn; returns the reading's id. A second try keeps the newest."""
    reading_id = f"reading-{seq}"
    row = {"id": reading_id, "turn": seq, "case": case_id, "document_sealed": document_sealed}
    upsert(connection, reading, row, key="id")
    return reading_id


def get_reading(connection: sa.Connection, reading_id: str) -> bytes:
    """The sealed reading."""
    row = find(connection, reading, "id", reading_id)
    if row is None:
        raise LookupError(f"there is no {reading_id}")
    return bytes(row.document_sealed)


_NUMBERED = sa.select(case.c.id).where(case.c.ticket == sa.bindparam("ticket")).order_by(case.c.id)
_LEAVE = sa.update(turn).where(turn.c.seq == sa.bindparam("which"), turn.c.state == "running")
_UNFINISHED = (
    sa.select(turn)
    .where(
        turn.c.case == sa.bindparam("case_id"), turn.c.state != "done", turn.c.seq < sa.bindparam("before")
    )
    .order_by(turn.c.seq)
)


def _turn(row: sa.Row[Any]) -> Turn:
    known = msgspec.json.decode(row.document, type=dict[str, Any])
    return replace(
        Turn(seq=row.seq, case=row.case, now=known["now"], run=row.run, state=row.state),
        messages=tuple(known["messages"]),
        carried=tuple(known["carried"]),
        event=known["event"],
    )

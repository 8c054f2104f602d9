"""One-time codes: asked for once a turn, sent at most as one code, answered by messages, used once.

Written by the gateway only. The code itself stands nowhere: its hash is salted and keyed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resolver.store.dialect import change, find, insert_if_new, lock
from resolver.store.tables import code, code_answer
from resolver.store.times import stored

State = Literal["open", "sent", "done", "failed", "void"]
Verdict = Literal["right", "wrong", "late"]


@dataclass(frozen=True, slots=True)
class Row:
    """A code that was asked for. `contact` and `hash` are None where nothing is sent (`void`, `reason` says why).

    `sent_at` is when sending was begun last, `wrong` how many wrong codes came while this one was waited for.
    """

    id: str
    turn: int
    n: int
    case: str
    run: str
    requester: str
    contact: str | None
    document_sealed: bytes
    salt: str
    hash: str | None
    state: State
    reason: str | None
    day: str
    made_at: str
    sent_at: str | None = None
    wrong: int = 0
    used_at: str | None = None


def hold(connection: sa.Connection) -> None:
    """Let nobody else count or write codes until this transaction ends."""
    lock(connection, "codes")


def add(connection: sa.Connection, row: Row) -> None:
    """Write the row, once."""
    insert_if_new(connection, code, {name: getattr(row, name) for name in Row.__slots__})


def get(connection: sa.Connection, row_id: str) -> Row | None:
    """The row, or `None`."""
    found = find(connection, code, "id", row_id)
    return None if found is None else _row(found)


def of_turn(connection: sa.Connection, seq: int) -> list[Row]:
    """The codes a turn asked for, in order."""
    return [_row(one) for one in connection.execute(_OF_TURN, {"which": seq})]


def of_case(connection: sa.Connection, case_id: str, *, requester: str) -> list[Row]:
    """The codes asked for on a ticket for this requester, oldest first."""
    return [_row(one) for one in connection.execute(_OF_CASE, {"about": case_id, "whose": requester})]


def asked_today(connection: sa.Connection, case_id: str, *, day: str) -> int:
    """How many codes the ticket asked for on this day, whether anything was sent or not."""
    return int(connection.execute(_ASKED, {"about": case_id, "that": day}).scalar() or 0)


def sent_today(connection: sa.Connection, contact: str, *, day: str) -> int:
    """How many codes went, or are going, to this contact on this day, from whatever ticket."""
    return int(connection.execute(_SENT, {"to": contact, "that": day}).scalar() or 0)


def mark_sent(connection: sa.Connection, row_id: str, *, now: datetime) -> None:
    """Sending begins: the code may have left from now on."""
    change(connection, code, "id", row_id, {"state": "sent", "sent_at": stored(now)})


def settle(
    connection: sa.Connection,
    row_id: str,
    *,
    state: State,
    document_sealed: bytes,
    reason: str | None = None,
) -> bool:
    """What sending came to; `False` if that was written before."""
    values = {"state": state, "reason": reason, "document_sealed": document_sealed}
    open_ = sa.and_(code.c.id == row_id, code.c.state.in_(("open", "sent")))
    return connection.execute(sa.update(code).where(open_).values(values)).rowcount > 0


def use(connection: sa.Connection, row_id: str, *, now: datetime) -> bool:
    """The code came back; `False` if it did before."""
    unused = sa.and_(code.c.id == row_id, code.c.used_at.is_(None))
    return connection.execute(sa.update(code).where(unused).values(used_at=stored(now))).rowcount > 0


def count_wrong(connection: sa.Connection, row_ids: Sequence[str]) -> None:
    """A wrong code came while these were waited for."""
    connection.execute(sa.update(code).where(code.c.id.in_(row_ids)).values(wrong=code.c.wrong + 1))


def void_all(connection: sa.Connection, case_id: str) -> None:
    """No code of this ticket counts any more: another requester has it now."""
    gone = sa.update(code).where(code.c.case == case_id, code.c.hash.is_not(None))
    connection.execute(gone.values(hash=None, reason="requester_changed"))


def answer(connection: sa.Connection, case_id: str, message: str, verdict: Verdict) -> None:
    """Remember what a message's code was worth, once."""
    insert_if_new(connection, code_answer, {"case": case_id, "message": message, "verdict": verdict})


def answers(connection: sa.Connection, case_id: str, messages: Sequence[str]) -> dict[str, Verdict]:
    """What the codes in these messages were worth, by message."""
    query = sa.select(code_answer.c.message, code_answer.c.verdict)
    query = query.where(code_answer.c.case == case_id, code_answer.c.message.in_(messages))
    return {row.message: row.verdict for row in connection.execute(query)}


_OF_TURN = sa.select(code).where(code.c.turn == sa.bindparam("which")).order_by(code.c.n)
_OF_CASE = (
    sa.select(code)
    .where(code.c.case == sa.bindparam("about"), code.c.requester == sa.bindparam("whose"))
    .order_by(code.c.turn, code.c.n)
)
_ASKED = sa.select(sa.func.count()).where(
    code.c.case == sa.bindparam("about"), code.c.day == sa.bindparam("that")
)
_SENT = sa.select(sa.func.count()).where(
    code.c.contact == sa.bindparam("to"), code.c.day == sa.bindparam("that"), code.c.state != "void"
)


def _row(found: sa.Row[Any]) -> Row:
    return Row(**{name: getattr(found, name) for name in Row.__slots__})

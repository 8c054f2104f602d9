"""Approvals: asked of a team for one offer, answered once by one member before they expire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resolver.store.dialect import find, insert_if_new
from resolver.store.tables import approval
from resolver.store.times import stored


@dataclass(frozen=True, slots=True)
class Approval:
    """One question to a team. `owner` is the playbook's last author as far as known, for four eyes.

    With `kind` suggestion it is put to whoever works on the ticket: `team` are the teams whose member it must be, if
    any, `owner` the authors, `offer` the digest of what would be said; it ends accepted, then carried_out, or rejected.
    """

    id: str
    case: str
    run: str
    step: str
    offer: str
    team: str
    policy: str
    sheet_sealed: bytes
    owner: str
    asked_at: str
    expires_at: str
    state: str = "waiting"
    decided_by: str | None = None
    decided_at: str | None = None
    kind: str = "approval"


def ask(connection: sa.Connection, asked: Approval) -> None:
    """Store the question; earlier waiting ones of the run are void, because facts or offer changed."""
    values = {"state": "void"}
    waiting = sa.and_(approval.c.run == asked.run, approval.c.state == "waiting", approval.c.id != asked.id)
    connection.execute(sa.update(approval).where(waiting).values(values))
    insert_if_new(connection, approval, {name: getattr(asked, name) for name in Approval.__slots__})


def void(connection: sa.Connection, run: str) -> None:
    """No answer to the run's open question counts any more, nor a go-ahead that was not carried out."""
    connection.execute(_VOID, {"of": run})


def get(connection: sa.Connection, approval_id: str) -> Approval | None:
    """The approval, or `None`."""
    row = find(connection, approval, "id", approval_id)
    return None if row is None else _approval(row)


def waiting(connection: sa.Connection) -> list[Approval]:
    """The open questions, oldest first."""
    return _waiting(connection, "approval")


def suggestions(connection: sa.Connection) -> list[Approval]:
    """The suggestions nobody has answered yet, oldest first."""
    return _waiting(connection, "suggestion")


def suggested(connection: sa.Connection, case: str) -> Approval | None:
    """The newest suggestion for a ticket, whatever became of it."""
    query = sa.select(approval).where(approval.c.case == case, approval.c.kind == "suggestion")
    row = connection.execute(
        query.order_by(approval.c.asked_at.desc(), approval.c.id.desc()).limit(1)
    ).first()
    return None if row is None else _approval(row)


def carried_out(connection: sa.Connection, suggestion: str) -> None:
    """What was suggested is written down to be done: the go-ahead is used."""
    used = sa.and_(approval.c.id == suggestion, approval.c.state == "accepted")
    connection.execute(sa.update(approval).where(used).values(state="carried_out"))


def _waiting(connection: sa.Connection, kind: str) -> list[Approval]:
    asked = sa.and_(approval.c.state == "waiting", approval.c.kind == kind)
    rows = connection.execute(sa.select(approval).where(asked).order_by(approval.c.asked_at))
    return [_approval(row) for row in rows]


def decide(
    connection: sa.Connection,
    approval_id: str,
    *,
    state: Literal["approved", "denied", "accepted", "rejected"],
    by: str | None,
    now: datetime,
) -> bool:
    """Answer once; `False` if somebody was quicker or it is void."""
    values = {"state": state, "decided_by": by, "decided_at": stored(now)}
    open_ = sa.and_(approval.c.id == approval_id, approval.c.state == "waiting")
    return connection.execute(sa.update(approval).where(open_).values(values)).rowcount > 0


_VOID = (
    sa.update(approval)
    .where(approval.c.run == sa.bindparam("of"), approval.c.state.in_(("waiting", "accepted")))
    .values(state="void")
)


def _approval(row: sa.Row[Any]) -> Approval:
    return Approval(**{name: getattr(row, name) for name in Approval.__slots__})

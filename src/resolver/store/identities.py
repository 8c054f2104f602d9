"""Who was proven on a ticket: the level, when, and (sealed) whose record it was. Another requester starts over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resolver.store.dialect import upsert
from resolver.store.tables import identity
from resolver.store.times import stored
from resolver.ticket import Level


@dataclass(frozen=True, slots=True)
class Identity:
    """One proof; `id` names what proved it, `document_sealed` opens with the requester's key."""

    id: str
    case: str
    requester: str
    level: Level
    proven_at: str
    document_sealed: bytes


def prove(
    connection: sa.Connection,
    proof_id: str,
    *,
    case_id: str,
    requester: str,
    level: Level,
    document_sealed: bytes,
    now: datetime,
) -> None:
    """Store a proof; the same once more keeps its first time."""
    row: dict[str, Any] = {"id": proof_id, "case": case_id, "requester": requester, "level": level.value}
    row |= {"proven_at": stored(now), "document_sealed": document_sealed}
    upsert(connection, identity, row, key="id", keep=("proven_at",))


def of_case(connection: sa.Connection, case_id: str, *, requester: str) -> list[Identity]:
    """The proofs of this requester on this ticket, oldest first."""
    found = connection.execute(_OF_CASE, {"about": case_id, "whose": requester})
    return [_identity(row) for row in found]


def forget(connection: sa.Connection, case_id: str) -> None:
    """Nobody is proven on this ticket any more."""
    connection.execute(sa.delete(identity).where(identity.c.case == case_id))


_OF_CASE = (
    sa.select(identity)
    .where(identity.c.case == sa.bindparam("about"), identity.c.requester == sa.bindparam("whose"))
    .order_by(identity.c.proven_at, identity.c.id)
)


def _identity(row: sa.Row[Any]) -> Identity:
    return Identity(row.id, row.case, row.requester, Level(row.level), row.proven_at, row.document_sealed)

"""Measures: append-only facts for later reports, without personal data; written in the turn's own transactions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from resolver.store.tables import measure
from resolver.store.times import stored

Kind = Literal[
    "received",
    "first_reply",
    "turn",
    "understood",
    "handed_off",
    "amount",
    "resolved",
    "reopened",
    "dead_letter",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """One fact. `value` is a score (0 to 1) or seconds, by kind; amounts are minor units."""

    kind: Kind
    connection: str
    case: str
    run: str | None = None
    playbook: str | None = None
    plan: str | None = None
    channel: str | None = None
    reason: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    value: float | None = None


_APPEND = sa.insert(measure)
_OF_KIND = (
    sa.select(measure.c.seq)
    .where(measure.c.case == sa.bindparam("case_id"), measure.c.kind == sa.bindparam("wanted"))
    .limit(1)
)


def add(connection: sa.Connection, facts: list[Measure], *, now: datetime) -> None:
    """Append measures."""
    if facts:
        at = stored(now)
        rows = [{"at": at, **{name: getattr(fact, name) for name in Measure.__slots__}} for fact in facts]
        connection.execute(_APPEND, rows)


def totals(connection: sa.Connection) -> dict[str, int]:
    """How many measures of each kind there are."""
    rows = connection.execute(sa.select(measure.c.kind, sa.func.count()).group_by(measure.c.kind))
    return {row[0]: row[1] for row in rows}


def said_before(connection: sa.Connection, case: str, kind: Kind) -> bool:
    """Whether the case has a measure of this kind already."""
    return connection.execute(_OF_KIND, {"case_id": case, "wanted": kind}).first() is not None

"""The audit trail: one canonical JSON line per turn and per movement, each hashed with the one before."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resolver.decision.trace import FIRST, canonical, chain_hash
from resolver.store.dialect import lock
from resolver.store.tables import audit

_LAST = sa.select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_APPEND = sa.insert(audit)


@dataclass(frozen=True, slots=True)
class Line:
    """A stored line: `line` is its canonical JSON with `prev` and `hash` in it."""

    seq: int
    case: str
    run: str | None
    turn: int | None
    line: str
    hash: str


def append(
    connection: sa.Connection, *, case: str, run: str | None, turn: int | None, record: dict[str, Any]
) -> str:
    """Add a record as the chain's next line; returns its hash. The record names no person."""
    lock(connection, "audit")
    last = connection.execute(_LAST).scalar()
    body = {**record, "case": case, "prev": last or FIRST}
    chained = chain_hash(body)
    line = canonical({**body, "hash": chained}).decode()
    row = {"case": case, "run": run, "turn": turn, "line": line, "hash": chained}
    connection.execute(_APPEND, row)
    return chained


def of_run(connection: sa.Connection, run: str) -> list[Line]:
    """The lines of a run, oldest first."""
    return _lines(connection, sa.select(audit).where(audit.c.run == run))


def of_case(connection: sa.Connection, case: str) -> list[Line]:
    """The lines of a case, oldest first."""
    return _lines(connection, sa.select(audit).where(audit.c.case == case))


def first_break(connection: sa.Connection) -> int | None:
    """The number of the first line that does not follow from the one before; `None` if the chain holds."""
    previous = FIRST
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)):
        body = json.loads(row.line)
        if body.get("prev") != previous or body.get("hash") != row.hash or chain_hash(body) != row.hash:
            return int(row.seq)
        previous = row.hash
    return None


def _lines(connection: sa.Connection, query: sa.Select[Any]) -> list[Line]:
    rows = connection.execute(query.order_by(audit.c.seq))
    return [Line(row.seq, row.case, row.run, row.turn, row.line, row.hash) for row in rows]

"""The audit trail: one canonical JSON line per turn and per movement, each hashed with the one before.

Beside each line of a turn, sealed: what the turn was decided from, for replay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resolver.decision.trace import FIRST, canonical, chain_hash
from resolver.store.dialect import lock
from resolver.store.tables import audit, turn_input

_LAST = sa.select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_APPEND = sa.insert(audit)
_COLUMNS = (audit.c.seq, audit.c.case, audit.c.run, audit.c.turn, audit.c.line, audit.c.hash)
_PAGE = sa.select(*_COLUMNS).where(audit.c.seq > sa.bindparam("after")).order_by(audit.c.seq).limit(1_000)

_KEEP = sa.insert(turn_input)


@dataclass(frozen=True, slots=True)
class Input:
    """What one turn of a run was decided from; opens with the requester's key."""

    turn: int
    requester: str
    document_sealed: bytes


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


def keep_input(connection: sa.Connection, *, run: str, turn: int, requester: str, sealed: bytes) -> None:
    """Keep what a run was decided from in a turn, sealed for this requester."""
    row = {"run": run, "turn": turn, "requester": requester, "document_sealed": sealed}
    connection.execute(_KEEP, row)


def inputs_of_run(connection: sa.Connection, run: str) -> list[Input]:
    """What the run was decided from, turn by turn."""
    rows = connection.execute(
        sa.select(turn_input).where(turn_input.c.run == run).order_by(turn_input.c.turn)
    )
    return [Input(row.turn, row.requester, bytes(row.document_sealed)) for row in rows]


def runs_of(connection: sa.Connection, turn: int) -> list[str]:
    """The runs that were decided in a turn."""
    query = sa.select(turn_input.c.run).where(turn_input.c.turn == turn).order_by(turn_input.c.run)
    return list(connection.execute(query).scalars())


def hash_before(connection: sa.Connection, seq: int) -> str:
    """The hash that line `seq` must follow."""
    query = sa.select(audit.c.hash).where(audit.c.seq < seq).order_by(audit.c.seq.desc()).limit(1)
    return connection.execute(query).scalar() or FIRST


def of_run(connection: sa.Connection, run: str) -> list[Line]:
    """The lines of a run, oldest first."""
    return _lines(connection, sa.select(audit).where(audit.c.run == run))


def of_case(connection: sa.Connection, case: str) -> list[Line]:
    """The lines of a case, oldest first."""
    return _lines(connection, sa.select(audit).where(audit.c.case == case))


def after(connection: sa.Connection, seq: int) -> Iterator[Line]:
    """Every line after number `seq`, in order; they are fetched as they are asked for, a page at a time."""
    while page := connection.execute(_PAGE, {"after": seq}).all():
        yield from (Line(*row) for row in page)
        seq = page[-1].seq


def head(connection: sa.Connection, *, up_to: int | None = None) -> tuple[int, str]:
    """Number and hash of the last line, or of the last up to a number; 0 and `FIRST` if there is none."""
    query = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    if up_to is not None:
        query = query.where(audit.c.seq <= up_to)
    row = connection.execute(query).first()
    return (row.seq, row.hash) if row is not None else (0, FIRST)


def count(connection: sa.Connection) -> int:
    """How many lines there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one())


def _lines(connection: sa.Connection, query: sa.Select[Any]) -> list[Line]:
    rows = connection.execute(query.order_by(audit.c.seq))
    return [Line(row.seq, row.case, row.run, row.turn, row.line, row.hash) for row in rows]

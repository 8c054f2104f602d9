"""What is stored about one requester, in numbers: what an erasure takes away, and what stands in its way."""

from dataclasses import dataclass

import sqlalchemy as sa

from resolver.store.dialect import find
from resolver.store.tables import UNSETTLED, case, effect, requester, run, turn_input, writeback


@dataclass(frozen=True, slots=True)
class Held:
    """Numbers of tickets, of runs, and of what is under way: runs not ended, effects not settled, updates not sent."""

    tickets: int
    runs: int
    runs_under_way: int
    effects_under_way: int
    updates_under_way: int

    @property
    def under_way(self) -> int:
        """How much of it an erasure would leave without what it needs."""
        return self.runs_under_way + self.effects_under_way + self.updates_under_way


def is_known(connection: sa.Connection, subject: str) -> bool | None:
    """Whether what is stored about a requester can be read; `None` if nothing was ever stored."""
    row = find(connection, requester, "id", subject)
    return None if row is None else row.key_sealed is not None


def held(connection: sa.Connection, subject: str) -> Held:
    """What is stored about a requester."""
    tickets = sa.select(case.c.id).where(case.c.requester == subject)
    theirs = sa.select(turn_input.c.run).where(turn_input.c.requester == subject)
    runs = sa.or_(run.c.case.in_(tickets), run.c.id.in_(theirs))

    def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        return int(
            connection.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one()
        )

    return Held(
        tickets=count(case, case.c.requester == subject),
        runs=count(run, runs),
        runs_under_way=count(run, runs, run.c.stage != "ended"),
        effects_under_way=count(effect, effect.c.requester == subject, effect.c.state.in_(UNSETTLED)),
        updates_under_way=count(
            writeback, writeback.c.requester == subject, writeback.c.state.in_(("open", "sent"))
        ),
    )

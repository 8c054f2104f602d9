"""The store's half of the kill switch, and the installation's own lasting values (its salt)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from resolver.store.dialect import insert_if_new, upsert
from resolver.store.tables import installation, switch
from resolver.store.times import stored

_THROWN = sa.select(switch.c.name)


def thrown(connection: sa.Connection) -> frozenset[str]:
    """The names that are stopped: `all`, `playbook:ID`, `action:NAME`."""
    return frozenset(connection.execute(_THROWN).scalars())


@dataclass(frozen=True, slots=True)
class Thrown:
    """A switch that somebody threw, and since when."""

    name: str
    by: str
    since: str


def listed(connection: sa.Connection) -> list[Thrown]:
    """What is stopped, the oldest first."""
    rows = connection.execute(sa.select(switch).order_by(switch.c.thrown_at, switch.c.name))
    return [Thrown(row.name, row.thrown_by, row.thrown_at) for row in rows]


def throw(connection: sa.Connection, name: str, *, by: str, now: datetime) -> None:
    """Stop `name` before the next send."""
    upsert(connection, switch, {"name": name, "thrown_by": by, "thrown_at": stored(now)}, key="name")


def release(connection: sa.Connection, name: str) -> bool:
    """Let `name` go on; `False` if it was not stopped here."""
    return connection.execute(sa.delete(switch).where(switch.c.name == name)).rowcount > 0


def lasting(connection: sa.Connection, name: str, *, first: str) -> str:
    """A value of this installation that is set once (`first`) and never changes, such as its salt."""
    insert_if_new(connection, installation, {"name": name, "value": first})
    return str(
        connection.execute(sa.select(installation.c.value).where(installation.c.name == name)).scalar_one()
    )

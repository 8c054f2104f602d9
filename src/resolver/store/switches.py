"""The store's half of the kill switch, plans that were withdrawn, and the installation's own lasting values."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from resolver.store.dialect import insert_if_new, upsert
from resolver.store.tables import installation, switch
from resolver.store.times import stored

PLAN = "plan:"
"""What the name of a withdrawn plan begins with."""
_THROWN = sa.select(switch.c.name)


def thrown(connection: sa.Connection) -> frozenset[str]:
    """The names that are stopped: `all`, `playbook:ID`, `action:NAME`, and `plan:ID` for withdrawn plans."""
    return frozenset(connection.execute(_THROWN).scalars())


def paused(connection: sa.Connection) -> frozenset[str]:
    """What `resolver pause` stopped: everything that is stopped but withdrawn plans."""
    return frozenset(name for name in thrown(connection) if not name.startswith(PLAN))


@dataclass(frozen=True, slots=True)
class Thrown:
    """A switch that somebody threw, and since when."""

    name: str
    by: str
    since: str


def listed(connection: sa.Connection) -> list[Thrown]:
    """What is stopped, the oldest first."""
    return [one for one in _all(connection) if not one.name.startswith(PLAN)]


def withdrawn(connection: sa.Connection) -> list[Thrown]:
    """The plans that were withdrawn, the oldest first; `name` is the plan's id."""
    return [
        replace(one, name=one.name.removeprefix(PLAN))
        for one in _all(connection)
        if one.name.startswith(PLAN)
    ]


def _all(connection: sa.Connection) -> list[Thrown]:
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


def keep(connection: sa.Connection, name: str, value: str) -> None:
    """Remember a value of this installation, in place of what was remembered under its name."""
    upsert(connection, installation, {"name": name, "value": value}, key="name")


def kept(connection: sa.Connection, name: str) -> str | None:
    """What `keep` remembered."""
    return connection.execute(sa.select(installation.c.value).where(installation.c.name == name)).scalar()

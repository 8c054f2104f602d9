"""Which worker processes live: one row each, renewed by its beat and removed once others have its turns."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from resolver.store.dialect import upsert
from resolver.store.tables import executor
from resolver.store.times import stored


def beat(connection: sa.Connection, name: str, *, now: datetime) -> None:
    """Say that `name` lives."""
    upsert(connection, executor, {"id": name, "beat_at": stored(now)}, key="id")


def dead(connection: sa.Connection, *, but: str, now: datetime, expiry: timedelta) -> list[str]:
    """Every executor but one whose last beat is older than `expiry`; their rows stay."""
    stopped = sa.select(executor.c.id).where(_silent(now, expiry), executor.c.id != but)
    return list(connection.execute(stopped.order_by(executor.c.id)).scalars())


def remove(connection: sa.Connection, names: Sequence[str], *, now: datetime, expiry: timedelta) -> None:
    """Forget those of `names` that are still dead: one that beats again meanwhile stays."""
    connection.execute(sa.delete(executor).where(_silent(now, expiry), executor.c.id.in_(names)))


def _silent(now: datetime, expiry: timedelta) -> sa.ColumnElement[bool]:
    return executor.c.beat_at < stored(now - expiry)

"""Which worker processes live: one row each, renewed by its beat."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from resolver.store.dialect import upsert
from resolver.store.tables import executor
from resolver.store.times import stored


def beat(connection: sa.Connection, name: str, *, now: datetime, expiry: timedelta) -> list[str]:
    """Renew `name` and remove every executor whose last beat is older than `expiry`; returns the removed."""
    upsert(connection, executor, {"id": name, "beat_at": stored(now)}, key="id")
    gone = sa.delete(executor).where(executor.c.beat_at < stored(now - expiry)).returning(executor.c.id)
    return list(connection.execute(gone).scalars())

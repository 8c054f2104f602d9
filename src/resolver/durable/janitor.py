"""Dead-worker takeover: every worker beats, and one that stopped beating has its turns given to the others.

Runs beside the engine in each worker. With one process it only beats.
"""

import asyncio
from datetime import timedelta

from resolver.clock import Clock
from resolver.durable.engine import Engine
from resolver.store import executors
from resolver.store.database import Database

BEAT = timedelta(seconds=10)
EXPIRY = timedelta(seconds=30)


class Janitor:
    """Beats for `executor` and takes over for the dead until cancelled."""

    def __init__(self, database: Database, engine: Engine, *, executor: str, clock: Clock) -> None:
        self._database = database
        self._engine = engine
        self._executor = executor
        self._clock = clock

    async def run(self) -> None:
        """Beat and look around every ten seconds, for ever."""
        while True:
            await self.beat()
            await asyncio.sleep(BEAT.total_seconds())

    async def beat(self) -> list[str]:
        """One beat: say we live, remove who is dead, give their turns back. Returns the dead."""
        now = self._clock()
        dead = await self._database.write(lambda c: executors.beat(c, self._executor, now=now, expiry=EXPIRY))
        if dead:
            await asyncio.to_thread(self._engine.recover, dead)
        return dead

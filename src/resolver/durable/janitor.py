"""Dead-worker takeover: every worker beats, and one that stopped beating has its turns given to the others.

Runs beside the engine in each worker, where it also brings back timers and turns that were lost. No failure of the
store ends it: a living worker that no longer beats would have its turns taken away.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from resolver.clock import Clock
from resolver.durable.engine import Engine
from resolver.durable.lost import LostTurns
from resolver.store import executors
from resolver.store.database import Database
from resolver.store.writer import StoreUnavailable

log = logging.getLogger("resolver.durable")

BEAT = timedelta(seconds=10)
EXPIRY = timedelta(seconds=30)
_BEATS_A_SEARCH = 6


class Janitor:
    """Beats for `executor` and takes over for the dead from `start` to `close`."""

    def __init__(
        self, database: Database, engine: Engine, *, executor: str, clock: Clock, pause: timedelta = BEAT
    ) -> None:
        self._database = database
        self._engine = engine
        self._executor = executor
        self._clock = clock
        self._pause_s = pause.total_seconds()
        self._lost = LostTurns(database, engine, clock=clock)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat and look around, at once and then for ever; the engine is launched."""
        self._running = asyncio.create_task(self.run())

    async def close(self) -> None:
        """Stop. It never raises, whatever went wrong meanwhile: what is closed after it must be closed."""
        if self._running is None:
            return
        self._running.cancel()
        (ended,) = await asyncio.gather(self._running, return_exceptions=True)
        if isinstance(ended, Exception):
            log.error("the janitor had ended with %s", type(ended).__name__)
        self._running = None

    async def run(self) -> None:
        """Beat and look around every ten seconds, search for lost turns every minute, until cancelled.

        The beat goes its own way: the engine's queries wait for as long as the database is away.
        """
        async with asyncio.TaskGroup() as chores:
            chores.create_task(_repeat(self.beat, self._pause_s))
            chores.create_task(_repeat(self.take_over, self._pause_s))
            chores.create_task(_repeat(self._engine.ring_again, self._pause_s))
            chores.create_task(_repeat(self._lost.begin_again, self._pause_s * _BEATS_A_SEARCH))

    async def beat(self) -> None:
        """Say that we live."""
        now = self._clock()
        await self._database.write(lambda c: executors.beat(c, self._executor, now=now))

    async def take_over(self) -> list[str]:
        """Give the turns of the dead back; only then forget them, so that whoever fails half way begins anew.

        Returns the dead that are forgotten.
        """
        now = self._clock()
        dead = await self._database.read(
            lambda c: executors.dead(c, but=self._executor, now=now, expiry=EXPIRY)
        )
        if not dead:
            return []
        done = await asyncio.to_thread(self._engine.recover, dead)
        await self._database.write(lambda c: executors.remove(c, done, now=now, expiry=EXPIRY))
        log.warning("stopped beating: %s; turns taken over from: %s", dead, done)
        return done


async def _repeat(chore: Callable[[], Awaitable[object]], pause_s: float) -> None:
    """Do it again and again; a failure is logged, and the next time may go well."""
    while True:
        try:
            await chore()
        except StoreUnavailable as error:
            log.warning("%s failed and is tried again: %s", _name(chore), type(error).__name__)
        except Exception:
            log.exception("%s broke and is tried again", _name(chore))
        await asyncio.sleep(pause_s)


def _name(chore: Callable[[], Awaitable[object]]) -> str:
    return getattr(chore, "__qualname__", repr(chore))

"""A durable engine in virtual time, with what the real one promises and no more: a turn is taken until it has ended.

Turns of one case run one after the other, each again after a death; timers ring once. What a dead process had under
way is taken up by its next life. A turn whose end was not noted is taken once more, as it may be with the real one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from benchmarks.fault_parts.life import Life
from resolver.durable.engine import timer_id
from resolver.store.writer import StoreUnavailable

LOST_TURN_S = 60.0  # the janitor looks for turns that the store's failure ended once a minute
TIMER_AGAIN_S = 30.0


@dataclass(slots=True)
class Timer:
    """A delay that is not over, and whom it is for."""

    due: float
    case: str
    kind: str
    generation: int


@dataclass(slots=True)
class SimulatedEngine:
    """It stands where `Engine` stands, for whoever enqueues turns and arms timers."""

    queued: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    timers: dict[str, Timer] = field(default_factory=dict)
    _rang: set[str] = field(default_factory=set)
    _staged: list[tuple[str, Any]] = field(default_factory=list)
    _running: set[str] = field(default_factory=set)
    _life: Life | None = None
    _take: Callable[[int], Awaitable[None]] | None = None
    _ring: Callable[[str, str, int], Awaitable[None]] | None = None

    @property
    def idle(self) -> bool:
        """Whether no turn waits or runs."""
        return not any(self.queued.values())

    def enqueue_turn(
        self, connection: sa.Connection, *, seq: int, event_id: str, case: str, failed: int = 0
    ) -> None:
        """See `Engine.enqueue_turn`."""
        self._staged.append((case, seq))

    def arm_timer(
        self, connection: sa.Connection, *, case: str, kind: str, generation: int, after: timedelta
    ) -> None:
        """See `Engine.arm_timer`."""
        due = asyncio.get_running_loop().time() + max(0.0, after.total_seconds())
        self._staged.append((timer_id(case, kind, generation), Timer(due, case, kind, generation)))

    def committed(self) -> None:
        """What was enqueued in this transaction counts."""
        staged, self._staged = self._staged, []
        for name, what in staged:
            if not isinstance(what, Timer):
                self.queued[name].append(what)
                self._goes_on(name)
            elif name not in self._rang and name not in self.timers:
                self.timers[name] = what
                self._waits(name, what)

    def rolled_back(self) -> None:
        """It does not."""
        self._staged = []

    def launch(
        self,
        life: Life,
        take: Callable[[int], Awaitable[None]],
        ring: Callable[[str, str, int], Awaitable[None]],
    ) -> None:
        """A new life takes up everything that is left."""
        self._life, self._take, self._ring = life, take, ring
        self._running.clear()
        self._staged = []
        for case in [case for case, turns in self.queued.items() if turns]:
            self._goes_on(case)
        for name, timer in list(self.timers.items()):
            self._waits(name, timer)

    # -- turns ----------------------------------------------------------------------------------------------------

    def _goes_on(self, case: str) -> None:
        if case not in self._running and self._life is not None and not self._life.dead:
            self._running.add(case)
            self._life.begins(partial(self._turns, self._life, case))

    async def _turns(self, life: Life, case: str) -> None:
        assert self._take is not None
        while self.queued[case]:
            seq = min(self.queued[case])
            life.boundary("before_turn")
            try:
                await self._take(seq)
            except StoreUnavailable:
                await asyncio.sleep(LOST_TURN_S)
                continue
            life.boundary("after_turn")
            self.queued[case].remove(seq)
        self._running.discard(case)

    # -- timers ---------------------------------------------------------------------------------------------------

    def _waits(self, name: str, timer: Timer) -> None:
        life = self._life
        loop = asyncio.get_running_loop()
        if life is not None and not life.dead:
            loop.call_at(max(timer.due, loop.time()), self._rings, life, name, timer)

    def _rings(self, life: Life, name: str, timer: Timer) -> None:
        if not life.dead and name in self.timers:
            life.begins(partial(self._rung, life, name, timer))

    async def _rung(self, life: Life, name: str, timer: Timer) -> None:
        assert self._ring is not None
        while name in self.timers:
            try:
                await self._ring(timer.case, timer.kind, timer.generation)
            except StoreUnavailable:
                await asyncio.sleep(TIMER_AGAIN_S)
                continue
            life.boundary("after_timer")
            self.timers.pop(name, None)
            self._rang.add(name)

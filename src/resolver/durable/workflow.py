"""The two workflows and three steps that the engine knows by name; what they do is registered at start-up.

They stand at module level because the engine finds them by name after a crash. What the other side does is an answer
of a step and never an error (reference condition 8); an error is a bug of ours or a store that is away.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from dbos import DBOS
from dbos import error as engine_errors

from resolver.store.writer import StoreUnavailable

log = logging.getLogger("resolver.durable")

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
VERSION = "resolver-wf-1"
Interrupted = engine_errors.DBOSBaseException
"""Ends a workflow's run here without an outcome: the engine keeps it as under way, for recovery to take up again."""
TIMER_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
__all__ = [
    "TIMER_PAUSES_S",
    "VERSION",
    "Interrupted",
    "Json",
    "Work",
    "idle",
    "perform",
    "register",
    "rung",
    "understand",
    "unrung",
]


@dataclass(frozen=True, slots=True)
class Work:
    """What a process does with its turns: registered once before the engine is launched.

    `turn` gets an event's sequence number; `understand` a turn's; `perform` a row's id. The last two answer
    with JSON that names no person. `timer` feeds the ordinary intake when a delay is over; while it raises
    `StoreUnavailable` it is called again after each of `timer_pauses_s`.
    """

    turn: Callable[[int], Awaitable[None]]
    understand: Callable[[int], Awaitable[Json]]
    perform: Callable[[str], Awaitable[Json]]
    timer: Callable[[str, str, int], Awaitable[None]]
    timer_pauses_s: Sequence[float] = TIMER_PAUSES_S


class _Registered:
    """The work of this process. The engine is one per process, so there is one of these."""

    work: Work | None = None
    under_way = 0
    unrung: frozenset[str] = frozenset()


def register(work: Work | None) -> None:
    """Set what the workflows do; `None` after the engine was destroyed."""
    _Registered.work = work
    _Registered.unrung = frozenset()


def idle() -> bool:
    """Whether no turn is under way in this process."""
    return _Registered.under_way == 0


def unrung() -> frozenset[str]:
    """The ids of the timers that this process gave up on; to the engine they are under way."""
    return _Registered.unrung


def rung(timers: frozenset[str]) -> None:
    """These timers are no longer given up: they wait in their queue again."""
    _Registered.unrung -= timers


def _work() -> Work:
    """What to do. A run that is left over when the engine was shut down stops here, and recovery takes it up."""
    if _Registered.work is None:
        raise Interrupted("no work is registered: the engine is shut down")
    return _Registered.work


@DBOS.workflow(name="turn")
async def turn_workflow(seq: int) -> None:
    """One turn over a ticket, for the event with this sequence number."""
    _Registered.under_way += 1
    try:
        await _work().turn(seq)
    finally:
        _Registered.under_way -= 1


@DBOS.workflow(name="timer")
async def timer_workflow(case: str, kind: str, generation: int) -> None:
    """A delay is over: hand it to the intake, which knows it by its id if it comes twice."""
    await _timer_step(case, kind, generation)


@DBOS.step(name="timer")
async def _timer_step(case: str, kind: str, generation: int) -> None:
    """A raised error would be this timer's answer for ever, so one the store has no room for is left unanswered."""
    for pause_s in (*_work().timer_pauses_s, None):
        try:
            return await _work().timer(case, kind, generation)
        except StoreUnavailable as error:
            log.warning("timer %s of %s waits for the store: %s", kind, case, error.problem)
        if pause_s is not None:
            await asyncio.sleep(pause_s)
    _Registered.unrung |= {str(DBOS.workflow_id)}
    raise Interrupted("the store does not take the timer; it rings again later")


@DBOS.step(name="understand")
async def _understand_step(turn: int) -> Json:
    return await _work().understand(turn)


@DBOS.step(name="perform")
async def _perform_step(row: str) -> Json:
    return await _work().perform(row)


async def understand(turn: int) -> Json:
    """Step: understand the turn's messages once; recovery gets the stored answer back."""
    return await _understand_step(turn)


async def perform(row: str) -> Json:
    """Step: carry out one stored row; recovery gets the stored answer back."""
    return await _perform_step(row)

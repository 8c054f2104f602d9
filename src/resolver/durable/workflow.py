"""The two workflows and two steps that the engine knows by name; what they do is registered at start-up.

They stand at module level because the engine finds them by name after a crash. Steps return and never raise
(reference condition 8): a raised error would take another branch on recovery.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dbos import DBOS
from dbos import error as engine_errors

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
VERSION = "resolver-wf-1"
Interrupted = engine_errors.DBOSBaseException
__all__ = ["VERSION", "Interrupted", "Json", "Work", "idle", "perform", "register", "understand"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a process does with its turns: registered once before the engine is launched.

    `turn` gets an event's sequence number; `understand` a turn's; `perform` a row's id. The last two answer
    with JSON that names no person. `timer` feeds the ordinary intake when a delay is over.
    """

    turn: Callable[[int], Awaitable[None]]
    understand: Callable[[int], Awaitable[Json]]
    perform: Callable[[str], Awaitable[Json]]
    timer: Callable[[str, str, int], Awaitable[None]]


class _Registered:
    """The work of this process. The engine is one per process, so there is one of these."""

    work: Work | None = None
    under_way = 0


def register(work: Work | None) -> None:
    """Set what the workflows do; `None` after the engine was destroyed."""
    _Registered.work = work


def idle() -> bool:
    """Whether no turn is under way in this process."""
    return _Registered.under_way == 0


def _work() -> Work:
    if _Registered.work is None:
        raise RuntimeError("the engine was launched before its work was registered")
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
    await _work().timer(case, kind, generation)


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

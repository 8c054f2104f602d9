"""What turns may count on: order per ticket, timers once, answers kept over a crash, takeover of the dead."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from resolver.durable.engine import Engine
from resolver.durable.janitor import BEAT, EXPIRY, Janitor
from resolver.durable.workflow import Json, Work, perform
from resolver.store import executors
from resolver.store.database import Database
from tests.durable.conftest import Launch
from tests.durable.dying_worker import DIED

pytestmark = pytest.mark.asyncio(loop_scope="session")


ROOT = Path(__file__).parents[2]


async def nothing_to_understand(turn: int) -> Json:
    return None


async def nothing_to_perform(row: str) -> Json:
    return None


async def no_timer(case: str, kind: str, generation: int) -> None:
    return None


def work(
    turn: Callable[[int], Awaitable[None]],
    *,
    understand: Callable[[int], Awaitable[Json]] = nothing_to_understand,
    perform: Callable[[str], Awaitable[Json]] = nothing_to_perform,
    timer: Callable[[str, str, int], Awaitable[None]] = no_timer,
) -> Work:
    return Work(turn, understand, perform, timer)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to be so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@dataclass(slots=True)
class Doors:
    """Turns that come in and wait at a door, so that a test sees how many are inside."""

    began: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    most: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self, seq: int) -> None:
        self.began.append(seq)
        self.most = max(self.most, len(self.began) - len(self.ended))
        await self.open.wait()
        self.ended.append(seq)


async def a_worker_dies(database: Database, executor: str, place: str) -> None:
    """Another process begins the turn of event 1 and is gone in the middle of it."""
    command = [sys.executable, "-m", "tests.durable.dying_worker", database.url, executor, place]
    died = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "src"}, timeout=60
    )
    assert died.returncode == DIED


async def enqueue(database: Database, engine: Engine, seq: int, case: str) -> None:
    await database.write(lambda c: engine.enqueue_turn(c, seq=seq, event_id=f"e{seq}", case=case))


# -- queues -----------------------------------------------------------------------------------------------------------


async def test_turns_of_one_ticket_run_one_after_the_other_in_order(
    database: Database, launch: Launch
) -> None:
    doors = Doors()
    engine = await launch(work(doors.turn))

    for seq in range(1, 6):
        await enqueue(database, engine, seq, "zendesk:1")
    await until(lambda: doors.began == [1])
    doors.open.set()
    await until(lambda: len(doors.ended) == 5)

    assert (doors.began, doors.most) == ([1, 2, 3, 4, 5], 1)


async def test_turns_of_different_tickets_run_beside_each_other(database: Database, launch: Launch) -> None:
    doors = Doors()
    engine = await launch(work(doors.turn))

    for seq in range(1, 6):
        await enqueue(database, engine, seq, f"zendesk:{seq}")
    await until(lambda: len(doors.began) == 5)
    doors.open.set()
    await until(lambda: len(doors.ended) == 5)

    assert doors.most == 5


async def test_an_event_is_one_turn_however_often_it_is_enqueued(database: Database, launch: Launch) -> None:
    doors = Doors()
    doors.open.set()
    engine = await launch(work(doors.turn))

    for _ in range(3):
        await enqueue(database, engine, 1, "zendesk:1")
    await enqueue(database, engine, 2, "zendesk:1")
    await until(lambda: 2 in doors.ended)

    assert doors.began == [1, 2]


async def test_a_turn_whose_transaction_failed_never_runs(database: Database, launch: Launch) -> None:
    doors = Doors()
    doors.open.set()
    engine = await launch(work(doors.turn))

    def fails(connection: sa.Connection) -> None:
        engine.enqueue_turn(connection, seq=1, event_id="e1", case="zendesk:1")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)
    await enqueue(database, engine, 2, "zendesk:1")
    await until(lambda: 2 in doors.ended)

    assert doors.began == [2]


async def test_turns_enqueued_before_the_launch_run_after_it(database: Database, launch: Launch) -> None:
    receiver = Engine(database)  # the role that only receives
    await enqueue(database, receiver, 1, "zendesk:1")
    await receiver.shut_down()
    doors = Doors()
    doors.open.set()

    await launch(work(doors.turn))

    await until(lambda: doors.ended == [1])


async def test_a_timer_fires_once_however_often_it_is_armed(database: Database, launch: Launch) -> None:
    fired: list[tuple[str, str, int]] = []

    async def timer(case: str, kind: str, generation: int) -> None:
        fired.append((case, kind, generation))

    engine = await launch(work(Doors().turn, timer=timer))

    def arm(connection: sa.Connection) -> None:
        for _ in range(3):
            engine.arm_timer(
                connection, case="zendesk:1", kind="silence", generation=1, after=timedelta(milliseconds=50)
            )
        engine.arm_timer(connection, case="zendesk:1", kind="late", generation=2, after=timedelta(seconds=-5))

    await database.write(arm)
    await until(lambda: len(fired) == 2)

    assert sorted(fired) == [("zendesk:1", "late", 2), ("zendesk:1", "silence", 1)]


# -- crashes ----------------------------------------------------------------------------------------------------------


async def test_what_a_step_answered_is_what_a_recovered_turn_hears(
    database: Database, launch: Launch
) -> None:
    """A crash after the branch takes the same branch: the world may have changed, the answer has not."""
    await a_worker_dies(database, "worker-1", "after_step")
    asked: list[str] = []
    heard: list[Json] = []

    async def asks(row: str) -> Json:
        asked.append(row)
        return {"state": "done", "code": None}

    async def turn(seq: int) -> None:
        heard.append(await perform(f"effect-{seq}-0"))

    await launch(work(turn, perform=asks), executor="worker-1")
    await until(lambda: len(heard) == 1)

    assert (heard, asked) == ([{"state": "refused", "code": "already_refunded"}], [])


async def test_a_step_that_had_not_answered_is_taken_again(database: Database, launch: Launch) -> None:
    await a_worker_dies(database, "worker-1", "in_step")
    heard: list[Json] = []

    async def asks(row: str) -> Json:
        return {"state": "done", "row": row}

    async def turn(seq: int) -> None:
        heard.append(await perform(f"effect-{seq}-0"))

    await launch(work(turn, perform=asks), executor="worker-1")
    await until(lambda: len(heard) == 1)

    assert heard == [{"state": "done", "row": "effect-1-0"}]


async def test_turns_of_a_dead_worker_are_taken_over_once_its_beat_is_old(
    database: Database, launch: Launch
) -> None:
    await a_worker_dies(database, "dead", "after_step")
    now = datetime.now(UTC)
    await database.write(lambda c: executors.beat(c, "dead", now=now, expiry=EXPIRY))
    doors = Doors()
    doors.open.set()
    engine = await launch(work(doors.turn), executor="living")

    early = Janitor(database, engine, executor="living", clock=lambda: now + EXPIRY - timedelta(seconds=1))
    late = Janitor(database, engine, executor="living", clock=lambda: now + EXPIRY + timedelta(seconds=1))
    assert await early.beat() == []
    assert doors.began == []
    assert await late.beat() == ["dead"]
    await until(lambda: doors.ended == [1])

    assert await late.beat() == []


async def test_a_worker_that_beats_is_never_taken_for_dead(database: Database, launch: Launch) -> None:
    engine = await launch(work(Doors().turn), executor="living")
    now = datetime.now(UTC)

    for beat in range(10):
        then = now + BEAT * beat
        assert await Janitor(database, engine, executor="living", clock=lambda at=then: at).beat() == []
        other = Janitor(database, engine, executor="other", clock=lambda at=then: at)
        assert await other.beat() == []

"""The engine alone, on a database of its own, with whatever work a test gives it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from resolver.durable.engine import Engine, Polls
from resolver.durable.workflow import TIMER_PAUSES_S, Json, Work
from resolver.store.database import Database
from resolver.store.writer import StoreUnavailable
from tests.databases import KINDS, ready_database
from tests.durable.dying_worker import DIED
from tests.installation import RUNNING

QUICK = Polls(turns_s=0.02, timers_s=0.05, notifications_s=0.05)
Launch = Callable[..., Awaitable[Engine]]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    database = Database(ready_database(request.param, tmp_path))
    yield database
    database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def launch(database: Database) -> AsyncIterator[Launch]:
    """Launches engines one after the other; the last one is shut down."""
    await RUNNING.vacate()
    running: list[Engine] = []

    async def launch(work: Work, *, executor: str = "worker-1") -> Engine:
        if running:
            await running.pop().shut_down(drain=timedelta(seconds=1))
        engine = Engine(database, polls=QUICK)
        await engine.launch(work, executor=executor)
        running.append(engine)
        return engine

    yield launch
    if running:
        await running.pop().shut_down(drain=timedelta(seconds=1))


def idle() -> Work:
    """Work of which nothing is expected."""

    async def nothing(*_: object) -> None:
        return None

    return Work(nothing, nothing, nothing, nothing)


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
    pauses_s: Sequence[float] = TIMER_PAUSES_S,
) -> Work:
    return Work(turn, understand, perform, timer, pauses_s)


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


@dataclass(slots=True)
class Refusing:
    """An intake whose store is away the first `times` that a timer rings."""

    times: int
    asked: int = 0
    took: list[str] = field(default_factory=list)

    async def timer(self, case: str, kind: str, generation: int) -> None:
        self.asked += 1
        if self.asked <= self.times:
            raise StoreUnavailable("The database did not take it.")
        self.took.append(kind)


async def a_worker_dies(database: Database, executor: str, place: str) -> None:
    """Another process begins the turn of event 1 and is gone in the middle of it."""
    command = [sys.executable, "-m", "tests.durable.dying_worker", database.url, executor, place]
    died = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "src"}, timeout=60
    )
    assert died.returncode == DIED


async def enqueue(database: Database, engine: Engine, seq: int, case: str) -> None:
    await database.write(lambda c: engine.enqueue_turn(c, seq=seq, event_id=f"e{seq}", case=case))


def arm(engine: Engine, kind: str, connection: sa.Connection) -> None:
    """Let a timer of ticket 1 ring at once."""
    engine.arm_timer(connection, case="zendesk:1", kind=kind, generation=1, after=timedelta(0))


def workflows(database: Database, prefix: str) -> dict[str, str]:
    """The engine's workflows whose id begins like this, and how they stand."""
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    query = sa.text(f"SELECT workflow_uuid, status FROM {table} WHERE workflow_uuid LIKE :like ORDER BY 1")
    rows = database.read_now(lambda c: c.execute(query, {"like": f"{prefix}%"}).all())
    return {str(name): str(status) for name, status in rows}

"""The engine alone, on a database of its own, with whatever work a test gives it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from resolver.durable.engine import Engine, Polls
from resolver.durable.workflow import Work
from resolver.store.database import Database
from tests.databases import KINDS, ready_database
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

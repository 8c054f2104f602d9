"""Who beats is let be, who stopped is taken over and only then forgotten, and a store that is away ends nothing."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from resolver.clock import system_clock
from resolver.durable.engine import Engine
from resolver.durable.janitor import BEAT, EXPIRY, Janitor
from resolver.store import executors
from resolver.store.database import Database, Job, T
from resolver.store.writer import StoreUnavailable
from tests.durable.conftest import Doors, Launch, a_worker_dies, until, work, workflows

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOON = timedelta(milliseconds=10)


class Flaky:
    """A database that is away the first `times` that somebody reads, and that somebody writes."""

    def __init__(self, database: Database, *, times: int) -> None:
        self._database = database
        self._reads = self._writes = times

    async def read(self, job: Job[T]) -> T:
        self._reads -= 1
        if self._reads >= 0:
            raise StoreUnavailable("The database could not be read.")
        return await self._database.read(job)

    async def write(self, job: Job[T]) -> T:
        self._writes -= 1
        if self._writes >= 0:
            raise StoreUnavailable("The database did not take it.")
        return await self._database.write(job)


class Interrupted(Engine):
    """An engine whose process dies before it has given a single turn back."""

    def recover(self, dead: list[str]) -> list[str]:
        raise asyncio.CancelledError


def beats(database: Database) -> list[str]:
    """Who has a row."""
    late = datetime.max.replace(tzinfo=UTC)
    return database.read_now(lambda c: executors.dead(c, but="", now=late, expiry=EXPIRY))


async def beaten(database: Database, name: str, now: datetime) -> None:
    await database.write(lambda c: executors.beat(c, name, now=now))


async def one_has_died(database: Database, launch: Launch, now: datetime) -> tuple[Engine, Doors]:
    """A worker that beat at `now` and died in its turn, and a living one whose doors are open."""
    await a_worker_dies(database, "dead", "after_step")
    await beaten(database, "dead", now)
    doors = Doors()
    doors.open.set()
    return await launch(work(doors.turn), executor="living"), doors


# -- takeover ---------------------------------------------------------------------------------------------------------


async def test_turns_of_a_dead_worker_are_taken_over_once_its_beat_is_old(
    database: Database, launch: Launch
) -> None:
    now = datetime.now(UTC)
    engine, doors = await one_has_died(database, launch, now)

    early = Janitor(database, engine, executor="living", clock=lambda: now + EXPIRY - timedelta(seconds=1))
    late = Janitor(database, engine, executor="living", clock=lambda: now + EXPIRY + timedelta(seconds=1))
    assert await early.take_over() == []
    assert doors.began == []
    assert await late.take_over() == ["dead"]
    await until(lambda: doors.ended == [1])

    assert await late.take_over() == []


async def test_a_takeover_that_dies_half_way_leaves_the_dead_for_the_next(
    database: Database, launch: Launch
) -> None:
    now = datetime.now(UTC)
    engine, doors = await one_has_died(database, launch, now)
    late = now + EXPIRY + timedelta(seconds=1)

    dying = Janitor(database, Interrupted(database), executor="dying", clock=lambda: late)
    with pytest.raises(asyncio.CancelledError):
        await dying.take_over()
    assert beats(database) == ["dead"]
    assert await Janitor(database, engine, executor="living", clock=lambda: late).take_over() == ["dead"]

    await until(lambda: doors.ended == [1])


async def test_a_dead_worker_is_remembered_while_it_has_a_turn_that_could_not_be_given_back(
    database: Database, launch: Launch
) -> None:
    await a_worker_dies(database, "dead", "after_step")
    engine = await launch(work(Doors().turn), executor="living")

    def refuse(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE") and "workflow_status" in statement:
            raise LookupError("the engine cannot give it back")

    sa.event.listen(database.engine, "before_cursor_execute", refuse)
    left = await asyncio.to_thread(engine.recover, ["dead", "other"])
    sa.event.remove(database.engine, "before_cursor_execute", refuse)

    assert left == ["other"]
    assert set(workflows(database, "0").values()) == {"PENDING"}


async def test_a_worker_that_beats_is_never_taken_for_dead(database: Database, launch: Launch) -> None:
    engine = await launch(work(Doors().turn), executor="living")
    now = datetime.now(UTC)

    for beat in range(10):
        then = now + BEAT * beat
        for name in ("living", "other"):
            janitor = Janitor(database, engine, executor=name, clock=lambda at=then: at)
            await janitor.beat()
            assert await janitor.take_over() == []


async def test_a_worker_that_comes_back_does_not_take_over_from_itself(
    database: Database, launch: Launch
) -> None:
    engine = await launch(work(Doors().turn), executor="living")
    now = datetime.now(UTC)
    await beaten(database, "living", now)

    back = Janitor(database, engine, executor="living", clock=lambda: now + timedelta(hours=1))

    assert await back.take_over() == []


# -- a store that is away ---------------------------------------------------------------------------------------------


async def test_a_store_that_is_away_for_a_while_ends_no_heartbeat(
    database: Database, launch: Launch, caplog: pytest.LogCaptureFixture
) -> None:
    await a_worker_dies(database, "dead", "after_step")
    await beaten(database, "dead", datetime.now(UTC) - 2 * EXPIRY)
    doors = Doors()
    doors.open.set()
    engine = await launch(work(doors.turn), executor="living")
    janitor = Janitor(
        Flaky(database, times=3),  # type: ignore[arg-type]
        engine,
        executor="living",
        clock=system_clock,
        pause=SOON,
    )

    with caplog.at_level(logging.WARNING, logger="resolver.durable"):
        janitor.start()
        await until(lambda: beats(database) == ["living"] and doors.ended == [1])
        await janitor.close()

    assert "StoreUnavailable" in {one.getMessage().rpartition(" ")[2] for one in caplog.records}


async def test_closing_never_raises_what_went_wrong_before(database: Database, launch: Launch) -> None:
    class Broken(Janitor):
        async def run(self) -> None:
            raise StoreUnavailable("The database did not take it.")

    engine = await launch(work(Doors().turn), executor="living")
    janitor = Broken(database, engine, executor="living", clock=system_clock)

    janitor.start()
    await asyncio.sleep(0)
    await janitor.close()
    await janitor.close()

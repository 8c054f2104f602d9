"""A turn that the engine will never run again is begun again, a few times, and is then a dead letter people see."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from resolver.clock import system_clock
from resolver.durable.engine import Engine
from resolver.durable.janitor import Janitor
from resolver.durable.lost import TRIES, LostTurns
from resolver.store import events, measures
from resolver.store.database import Database
from resolver.store.writer import StoreUnavailable
from tests.durable.conftest import Doors, Launch, until, work, workflows

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Ending:
    """Turns that end their event, but for the first `fails` tries, whose last word the store does not take."""

    database: Database
    fails: int
    tries: list[int] = field(default_factory=list)

    async def turn(self, seq: int) -> None:
        self.tries.append(seq)
        if len(self.tries) <= self.fails:
            raise StoreUnavailable("The database did not take it.")
        await self.database.write(lambda c: events.end(c, seq, ending="handled", now=NOW))


def store(connection: sa.Connection, event_id: str, *, ticket: str = "1") -> int:
    """An event whose turn nobody queued."""
    seq = events.add(
        connection,
        helpdesk="zendesk",
        event_id=event_id,
        kind="comment",
        ticket=ticket,
        message_id=None,
        now=NOW,
    )
    assert seq is not None
    return seq


async def receive(database: Database, engine: Engine, event_id: str) -> int:
    """An event with its turn, in one transaction."""

    def job(connection: sa.Connection) -> int:
        seq = store(connection, event_id)
        engine.enqueue_turn(connection, seq=seq, event_id=event_id, case="zendesk:1")
        return seq

    return await database.write(job)


def state(database: Database, seq: int) -> tuple[str, str | None]:
    event = database.read_now(lambda c: events.get(c, seq))
    return event.state, event.ending


async def test_a_turn_whose_workflow_failed_is_begun_again(database: Database, launch: Launch) -> None:
    turns = Ending(database, fails=1)
    engine = await launch(work(turns.turn))
    seq = await receive(database, engine, "e1")
    await until(lambda: set(workflows(database, "0").values()) == {"ERROR"})

    lost = await LostTurns(database, engine, clock=system_clock).begin_again()
    await until(lambda: state(database, seq) == ("done", "handled"))

    assert (lost, turns.tries) == ([seq], [seq, seq])
    assert list(workflows(database, "0")) == [f"{seq:016d}-e1", f"{seq:016d}-e1~1"]


async def test_a_turn_that_the_engine_does_not_know_is_begun(database: Database, launch: Launch) -> None:
    turns = Ending(database, fails=0)
    engine = await launch(work(turns.turn))
    seq = await database.write(lambda c: store(c, "e1"))

    await LostTurns(database, engine, clock=system_clock).begin_again()

    await until(lambda: state(database, seq) == ("done", "handled"))


async def test_a_turn_lost_again_and_again_is_a_dead_letter(database: Database, launch: Launch) -> None:
    turns = Ending(database, fails=100)
    engine = await launch(work(turns.turn))
    seq = await receive(database, engine, "e1")
    search = LostTurns(database, engine, clock=system_clock)

    for failed in range(1, TRIES + 1):
        await until(lambda n=failed: list(workflows(database, "0").values()) == ["ERROR"] * n)
        assert state(database, seq) == ("queued", None)
        assert await search.begin_again() == [seq]

    assert state(database, seq) == ("dead", "turn_lost")
    assert len(turns.tries) == TRIES
    assert database.read_now(measures.totals) == {"dead_letter": 1}
    assert await search.begin_again() == []


async def test_turns_that_wait_or_run_are_let_be(database: Database, launch: Launch) -> None:
    doors = Doors()
    engine = await launch(work(doors.turn))
    for name in ("running", "waiting"):
        await receive(database, engine, name)
    await until(lambda: len(doors.began) == 1)

    lost = await LostTurns(database, engine, clock=system_clock).begin_again()
    doors.open.set()
    await until(lambda: len(doors.ended) == 2)

    assert (lost, len(workflows(database, "0"))) == ([], 2)


async def test_two_workers_that_find_the_same_lost_turn_begin_it_once(
    database: Database, launch: Launch
) -> None:
    doors = Doors()
    doors.open.set()
    receiver = Engine(database)  # nothing runs before both have looked
    seq = await database.write(lambda c: store(c, "e1"))
    lost = await receiver.lost({seq: "e1"}, most=TRIES)

    for _ in range(2):
        await LostTurns(database, receiver, clock=system_clock)._settle(
            database.read_now(lambda c: events.get(c, seq)), failed=lost[seq]
        )
    await receiver.shut_down()
    await launch(work(doors.turn))
    await until(lambda: doors.ended == [seq])

    assert list(workflows(database, "0")) == [f"{seq:016d}-e1"]


async def test_a_lost_turn_behind_many_that_wait_is_found_in_the_end(database: Database) -> None:
    receiver = Engine(database)  # nothing runs here

    def job(connection: sa.Connection) -> int:
        for n in range(450):
            seq = store(connection, f"e{n}", ticket=str(n))
            receiver.enqueue_turn(connection, seq=seq, event_id=f"e{n}", case=f"zendesk:{n}")
        return store(connection, "lost")

    last = await database.write(job)
    search = LostTurns(database, receiver, clock=system_clock)
    found = [await search.begin_again() for _ in range(4)]
    await receiver.shut_down()

    assert found == [[], [], [last], []]


async def test_lost_turns_are_begun_as_soon_as_a_worker_starts(database: Database, launch: Launch) -> None:
    turns = Ending(database, fails=0)
    engine = await launch(work(turns.turn))
    seq = await database.write(lambda c: store(c, "e1"))
    janitor = Janitor(database, engine, executor="worker-1", clock=system_clock, pause=timedelta(hours=1))

    janitor.start()
    await until(lambda: state(database, seq) == ("done", "handled"))
    await janitor.close()

"""What turns may count on: order per ticket, timers once, answers kept over a crash."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from resolver.durable.engine import Engine
from resolver.durable.workflow import Json, perform, unrung
from resolver.store.database import Database
from tests.durable.conftest import (
    Doors,
    Launch,
    Refusing,
    a_worker_dies,
    arm,
    enqueue,
    until,
    work,
    workflows,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


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


async def test_a_timer_that_the_store_does_not_take_rings_until_it_does(
    database: Database, launch: Launch
) -> None:
    store = Refusing(times=3)
    engine = await launch(work(Doors().turn, timer=store.timer, pauses_s=(0.0, 0.0, 0.0)))

    await database.write(partial(arm, engine, "silence"))
    await until(lambda: store.took == ["silence"])
    await until(lambda: workflows(database, "timer:") == {"timer:zendesk:1:silence:1": "SUCCESS"})

    assert store.asked == 4


async def test_a_timer_given_up_while_the_store_was_away_rings_again_later(
    database: Database, launch: Launch
) -> None:
    store = Refusing(times=2)
    engine = await launch(work(Doors().turn, timer=store.timer, pauses_s=(0.0,)))

    await database.write(partial(arm, engine, "silence"))
    await until(lambda: unrung() == {"timer:zendesk:1:silence:1"})
    assert workflows(database, "timer:") == {"timer:zendesk:1:silence:1": "PENDING"}
    await engine.ring_again()
    await until(lambda: store.took == ["silence"])

    assert (store.asked, unrung()) == (3, frozenset())


async def test_a_timer_given_up_by_a_process_that_ended_rings_at_its_next_start(
    database: Database, launch: Launch
) -> None:
    away, store = Refusing(times=100), Refusing(times=0)
    engine = await launch(work(Doors().turn, timer=away.timer, pauses_s=()))

    await database.write(partial(arm, engine, "silence"))
    await until(lambda: bool(unrung()))
    await launch(work(Doors().turn, timer=store.timer))

    await until(lambda: store.took == ["silence"])


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

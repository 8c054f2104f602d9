"""Events come in once, together with their turn, and one that cannot be stored harms no other."""

import asyncio

import pytest

from resolver.errors import Malformed
from resolver.intake.receive import Taken
from resolver.store.writer import StoreUnavailable
from tests.intake.conftest import Door, delivery


async def test_an_event_is_stored_with_its_turn(door: Door) -> None:
    taken = await door.rings(delivery())

    assert taken == Taken(new=1, known=0)
    assert (door.turns, door.partitions) == (["0000000000000001-e1"], ["desk:7"])
    event = door.events[0]
    assert (event.connection, event.ticket, event.message_id, event.state) == ("desk", "7", "m1", "queued")


async def test_an_event_that_is_known_is_counted_and_not_stored(door: Door) -> None:
    await door.rings(delivery())

    taken = await door.rings(delivery(), delivery("e2"))

    assert taken == Taken(new=1, known=1)
    assert len(door.turns) == 2


async def test_the_same_event_a_hundred_times_at_once_is_one(door: Door) -> None:
    taken = await asyncio.gather(*(door.rings(delivery()) for _ in range(100)))

    assert (sum(one.new for one in taken), len(door.turns)) == (1, 1)


async def test_two_helpdesks_may_use_the_same_event_id(door: Door) -> None:
    await door.rings(delivery())

    await door.intake.timer("other:7", "silence", 1)
    await door.rings(delivery("timer:other:7:silence:1"))

    assert len(door.turns) == 3


async def test_a_timer_counts_once(door: Door) -> None:
    for _ in range(3):
        await door.intake.timer("desk:7", "silence", 4)
    await door.intake.timer("desk:7", "silence", 5)

    assert [event.kind for event in door.events] == ["silence:4", "silence:5"]
    assert door.partitions == ["desk:7", "desk:7"]


async def test_a_ticket_number_with_a_colon_keeps_it(door: Door) -> None:
    await door.intake.timer("desk:7:b", "silence", 1)

    assert door.events[0].ticket == "7:b"


POISON = {
    "a NUL": "e\0",
    "a line feed": "e\n",
    "an escape": "e\x1b[2J",
    "half a surrogate pair": "e\ud800",
    "a direction mark": "e\u202e",
    "nothing": "",
    "201 letters": "e" * 201,
}


@pytest.mark.parametrize("poison", POISON)
async def test_an_id_that_cannot_be_one_is_refused_and_nothing_stored(door: Door, poison: str) -> None:
    for where in ("event_id", "ticket", "kind", "message"):
        if (poison, where) != ("nothing", "message"):  # a delivery about no message is an ordinary one
            with pytest.raises(Malformed, match="cannot be one"):
                await door.rings(delivery("good"), delivery(**{where: POISON[poison]}))

    assert door.turns == []


async def test_a_poisoned_delivery_among_a_hundred_is_refused_alone(door: Door) -> None:
    deliveries = [delivery("e\0" if n == 50 else f"e{n}", ticket=str(n)) for n in range(100)]

    answers = await asyncio.gather(*(door.rings(one) for one in deliveries), return_exceptions=True)

    assert [n for n, answer in enumerate(answers) if not isinstance(answer, Taken)] == [50]
    assert isinstance(answers[50], Malformed)
    assert len(door.turns) == 99


async def test_a_closed_store_takes_nothing(door: Door) -> None:
    await asyncio.to_thread(door.database.close)

    with pytest.raises(StoreUnavailable):
        await door.rings(delivery())

"""Two actions of which the second does not happen: the first is taken back, once, whatever dies on the way."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from resolver.connector.registry import read_shelf
from tests.installation import RUNNING, Desk, House, Installation, Shop, new_person
from tests.resolution.bench import Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUSE = House(
    edits=(
        (
            "change_address.yaml",
            "      if_fails: hand_over\n    - reply: changed\n",
            "      if_fails: hand_over\n"
            "    - do: shop.send_invoice\n"
            "      with: {order: order}\n"
            "      if_refused: {no_invoice: too_late}\n"
            "      if_fails: hand_over\n"
            "    - reply: changed\n",
        ),
    )
)
OLD, NEW = "Lindenweg 3, 10115 Berlin, DE", "Marktstraße 7, 50667 Köln, Germany"
MOVE = "Please change the delivery address of order {} to " + NEW


@pytest.fixture
def house() -> House:
    return HOUSE


def addresses(shop: Shop, order: str) -> list[str]:
    """Where the order was sent to, one change after the other."""
    return [one.address for one in shop.movements(order) if one.kind == "address_change"]


async def test_a_refused_second_action_takes_the_first_back(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", address=OLD)
    ticket = await desk.receives(MOVE.format(order))
    shop.sandbox.fault("send_invoice", "refused", code="no_invoice")

    await ticket.answers("Yes")

    assert ticket.actions == [
        ("shop.change_address", "done"), ("shop.send_invoice", "refused"), ("shop.change_address", "done"),
    ]  # fmt: skip
    assert len({entry.key for entry in ticket.effects}) == 3
    assert ticket.effects[-1].step == "change_address/change/undo-shop.change_address"
    assert addresses(shop, order)[-1] == OLD
    assert "no longer change" in ticket.replies[-1]
    assert ticket.disposition == "declined"


async def test_nothing_is_taken_back_where_all_goes_well(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", address=OLD)
    ticket = await desk.receives(MOVE.format(order))

    await ticket.answers("Yes")

    assert ticket.actions == [("shop.change_address", "done"), ("shop.send_invoice", "done")]
    assert len(addresses(shop, order)) == 1


async def test_what_can_no_longer_be_taken_back_goes_to_a_person(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", address=OLD)
    ticket = await desk.receives(MOVE.format(order))
    shop.sandbox.fault("send_invoice", "slow", ms=300)
    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.send_invoice", "sent") in ticket.actions)

    shop.changes(order, status="created")
    shop.sandbox.fault("change_address", "refused", code="already_fulfilled")
    await ticket.settles()

    assert ticket.actions[-1] == ("shop.change_address", "refused")
    assert ticket.disposition == "handed_off"
    assert "could not be taken back" in ticket.notes[-1]
    assert len(addresses(shop, order)) == 1


async def test_staff_activity_stops_the_taking_back_and_a_person_hears_of_it(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", address=OLD)
    ticket = await desk.receives(MOVE.format(order))
    shop.sandbox.fault("send_invoice", "slow", ms=300)
    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.send_invoice", "sent") in ticket.actions)

    shop.changes(order, status="created")
    desk.zendesk.agent_writes(ticket.number, "I am on it", public=False)
    await ticket.settles()

    assert [entry.stopped_by for entry in ticket.effects] == [None, None, "staff"]
    assert len(addresses(shop, order)) == 1
    assert ticket.disposition == "handed_off"
    assert "Taking that back: not sent" in ticket.notes[0]


# -- deaths -----------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def bench() -> AsyncIterator[Bench]:
    await RUNNING.vacate()
    installation = Installation(HOUSE)
    installation.start_sandboxes(read_shelf(()))
    bench = Bench(installation, new_person())
    installation.shop.has_order(bench.order, email=bench.email, paid="39.90 EUR", status="paid", address=OLD)
    await bench.hears(MOVE.format(bench.order))
    await bench.lives()
    installation.shop.fault("send_invoice", "refused", code="no_invoice")
    await bench.hears("Yes")
    yield bench
    await bench.ends()
    for sandbox in installation.sandboxes.values():
        sandbox.stop()


STEPS = ["understand", "effect", "effect", "effect", "writeback"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", [3, 4], ids=["refusal", "undo"])
async def test_a_death_at_any_step_takes_back_once_and_says_so_once(
    bench: Bench, dies_at: int, after: bool
) -> None:
    await bench.lives(dies_at=dies_at, after=after)
    life = await bench.lives()

    shop = bench.installation.shop
    moved = [one.address for one in shop.movements() if one.kind == "address_change"]
    assert len(moved) == 2
    assert moved[-1] == OLD
    assert life.steps == STEPS
    assert len(bench.said) == 2
    assert await bench.replays() == ["identical"]


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after_executing"])
async def test_an_undo_whose_answer_is_lost_is_read_back(bench: Bench, fault: str) -> None:
    shop = bench.installation.shop
    await bench.lives(dies_at=4)
    shop.fault("change_address", fault)

    await bench.lives()

    moved = [one.address for one in shop.movements() if one.kind == "address_change"]
    assert len(moved) == 2
    assert moved[-1] == OLD
    assert await bench.replays() == ["identical"]

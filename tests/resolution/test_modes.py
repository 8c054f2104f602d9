"""A helpdesk connection in shadow: everything is decided and traced, nothing is written and nothing performed."""

import pytest

from tests.installation import Desk, House, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def house() -> House:
    return House(mode="shadow")


async def test_a_refund_is_decided_and_neither_offered_nor_paid(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes")

    assert (ticket.updates, ticket.write_backs, ticket.effects, shop.movements()) == (0, [], [], [])
    assert ticket.runs[0].mode == "shadow"
    decided = [line for line in ticket.trail if "rules" in line]
    assert decided[0]["rules"][-1]["rule"] == "refund"
    assert decided[0]["why_mode"] == "the connection's mode is shadow"


async def test_an_offer_is_tried_and_its_refusal_decided_on(desk: Desk, shop: Shop) -> None:
    before = shop.sandbox.requests["try_refund"]
    order = shop.has_order(paid_days_ago=200)

    ticket = await desk.receives(f"I want my money back for order {order}")

    assert shop.sandbox.requests["try_refund"] == before + 1
    assert (ticket.updates, ticket.write_backs, ticket.effects, shop.movements()) == (0, [], [], [])
    (decided,) = [line for line in ticket.trail if "rules" in line]
    tried = {"tried": "refund_order/pay_back/do-shop.refund", "result": "refused"}
    assert decided["effects"][0] == tried


@pytest.mark.parametrize(
    "text",
    [
        "I want to speak to a human being",
        "Your courier shouted at my neighbour and parked on our flowers",
        "Thank you so much!",
        "Where is my order?",
    ],
)
async def test_nothing_is_written_whatever_is_asked(desk: Desk, text: str) -> None:
    ticket = await desk.receives(text)

    assert (ticket.updates, ticket.write_backs, ticket.status) == (0, [], "new")


async def test_nothing_is_written_however_often_somebody_asks(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")

    for _ in range(5):
        await ticket.answers(f"Where is my parcel {shop.has_order(status='processing')}?")

    assert (ticket.updates, ticket.write_backs) == (0, [])


async def test_an_order_that_was_refused_to_a_stranger_is_not_touched(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")

    ticket = await desk.receives(f"Please cancel order {order}")
    await ticket.answers("Yes")

    assert (shop.status(order), ticket.updates) == ("paid", 0)

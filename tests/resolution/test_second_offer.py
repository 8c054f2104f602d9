"""The shop refuses what the customer agreed to, and the run offers something else: that yes counts, once."""

import pytest

from tests.installation import Desk, House, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKS = "It has left us. Shall I pay back {amount} for order {order_number} ({order.lines}) instead?"


def in_all(text: str) -> str:
    """The same text in each language of the starters."""
    return ", ".join(f"{language}: {text}" for language in ("en", "de", "fr", "es", "pl"))


HOUSE = House(
    edits=(
        ("cancel_order.yaml", "already_fulfilled: explain_return", "already_fulfilled: pay_back"),
        (
            "cancel_order.yaml",
            "outcomes:\n",
            "outcomes:\n"
            "  pay_back:\n"
            "    - confirm: pay_instead\n"
            "      if_no: keep\n"
            "    - do: shop.refund\n"
            "      with: {order: order, items: order.lines, amount: amount}\n"
            "      if_pending: paid\n"
            "      if_fails: hand_over\n"
            "    - reply: paid_instead\n"
            "  paid: [{reply: paid_instead}]\n",
        ),
        (
            "cancel_order.yaml",
            "replies:\n",
            "replies:\n"
            f"  pay_instead: {{{in_all(repr(ASKS))}}}\n"
            f"  paid_instead: {{always_true: yes, {in_all('Paid back.')}}}\n",
        ),
    )
)  # fmt: skip


@pytest.fixture
def house() -> House:
    return HOUSE


async def refused(desk: Desk, shop: Shop, order: str) -> Ticket:
    """The parcel leaves between the yes to the cancellation and the shop's answer."""
    ticket = await desk.receives(f"Please cancel order {order}")
    shop.sandbox.fault("cancel_order", "slow", ms=300)
    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.cancel_order", "sent") in ticket.actions)
    shop.changes(order, status="shipped")
    await ticket.settles()
    assert ticket.replies[-1].startswith("It has left us. Shall I pay back €30.00")
    assert shop.paid_back == []
    return ticket


async def test_the_yes_to_the_second_offer_pays_once(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="30.00 EUR")
    ticket = await refused(desk, shop, order)

    await ticket.answers("Yes please")
    await ticket.answers("Yes, yes")

    assert shop.paid_back == [("refund", "30.00 EUR")]
    assert ticket.replies[2] == "Paid back."


async def test_the_no_to_it_leaves_everything_as_it_was(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="30.00 EUR")
    ticket = await refused(desk, shop, order)

    await ticket.answers("No")

    assert (shop.paid_back, ticket.disposition) == ([], "withdrawn")


async def test_an_order_that_changes_after_the_second_offer_is_not_paid_back_unseen(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(status="paid", paid="30.00 EUR")
    ticket = await refused(desk, shop, order)

    shop.changes(order, refunded="30.00 EUR")
    await ticket.answers("Yes please")

    assert (shop.paid_back, ticket.disposition) == ([], "handed_off")

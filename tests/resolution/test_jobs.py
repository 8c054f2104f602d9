"""What comes back from an action later, or besides that it was done: jobs that are waited for, results with a name."""

from datetime import timedelta

import pytest

from resolver.store.times import read as read_time
from tests.installation import Desk, House, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE_MINUTES = timedelta(minutes=15)


@pytest.fixture
def house() -> House:
    bill = (
        "      if_fails: hand_over\n    - reply: cancelled\n",
        "      if_fails: hand_over\n"
        "    - do: shop.send_invoice\n      with: {order: order}\n      if_fails: hand_over\n"
        "    - reply: cancelled\n",
    )
    number = (
        (
            "      with: {order: order, items: items}\n",
            "      with: {order: order, items: items}\n      as: opened\n",
        ),
        (
            "        Done. The label for one article",
            "        Done: return {opened.return_number}. The label for one article",
        ),
    )
    return House(edits=(("cancel_order.yaml", *bill), *(("return_items.yaml", *one) for one in number)))


async def cancelling(desk: Desk, shop: Shop) -> tuple[Ticket, str]:
    """A ticket whose order is being cancelled, and the cancellation's own id."""
    ticket = await desk.receives(f"Please cancel order {shop.has_order(status='paid')}")
    shop.sandbox.fault("cancel_order", "pending")
    await ticket.answers("Yes")
    return ticket, shop.movements()[-1].id


async def test_a_job_is_waited_for_without_a_word(desk: Desk, shop: Shop) -> None:
    ticket, _ = await cancelling(desk, shop)

    assert ticket.actions == [("shop.cancel_order", "pending")]
    assert (ticket.waits_for, ticket.status, len(ticket.replies)) == ("settlement", "open", 1)
    until = ticket.facts.waiting.until - read_time(ticket.effects[0].intended_at)
    assert abs(until - WHOLE_MINUTES) < timedelta(minutes=1)


async def test_a_job_that_settles_after_a_wait_is_followed_by_the_rest(desk: Desk, shop: Shop) -> None:
    ticket, cancellation = await cancelling(desk, shop)
    await ticket.looks_at_pending_money(1)
    assert ticket.waits_for == "settlement"

    shop.sandbox.settle(cancellation)
    await ticket.ring(f"watch:{ticket.effects[0].id}", 2)

    assert ticket.actions == [("shop.cancel_order", "done"), ("shop.send_invoice", "done")]
    assert (ticket.disposition, ticket.status) == ("resolved", "solved")
    assert "is cancelled" in ticket.replies[-1]


async def test_a_job_that_never_settles_goes_to_people_who_hear_that_it_may_have_happened(
    desk: Desk, shop: Shop
) -> None:
    ticket, _ = await cancelling(desk, shop)

    with desk.installation.ahead(minutes=16):
        await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.cancel_order", "unknown")]
    assert (ticket.disposition, ticket.status) == ("handed_off", "open")
    assert "MAY HAVE HAPPENED" in ticket.notes[-1]


async def test_a_job_that_fails_is_a_refusal(desk: Desk, shop: Shop) -> None:
    ticket, cancellation = await cancelling(desk, shop)

    shop.sandbox.settle(cancellation, "failed")
    await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.cancel_order", "refused")]
    assert ticket.disposition == "handed_off"
    assert shop.paid_back == [("cancellation", "39.90 EUR")]  # asked for once, and it did not happen
    assert shop.sandbox.order(shop.numbers[0]).refunded == 0


async def test_a_message_while_a_job_is_under_way_changes_nothing(desk: Desk, shop: Shop) -> None:
    ticket, cancellation = await cancelling(desk, shop)

    await ticket.answers("Thank you")
    assert ticket.waits_for == "settlement"
    shop.sandbox.settle(cancellation)
    await ticket.ring(f"watch:{ticket.effects[0].id}", 1)

    assert ticket.disposition == "resolved"


async def test_the_timer_looks_by_itself_the_moment_the_time_to_settle_is_over(
    desk: Desk, shop: Shop
) -> None:
    ticket, _ = await cancelling(desk, shop)

    with desk.installation.ahead(minutes=14, seconds=57):
        await ticket.looks_at_pending_money()
        assert ticket.waits_for == "settlement"
        await desk.waits_until(lambda: ticket.disposition == "handed_off")

    assert ticket.actions == [("shop.cancel_order", "unknown")]
    assert ticket.armed_for("watch") == [1, 2]


# -- results with a name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, "timeout_after_executing"], ids=["answer", "read_back"])
async def test_what_an_action_gives_can_be_told_to_the_customer(
    desk: Desk, shop: Shop, fault: str | None
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I need a return label for order {order}")
    await ticket.answers("1")
    if fault is not None:
        shop.sandbox.fault("return_items", fault)

    await ticket.answers("Yes")

    assert ticket.actions == [("shop.return_items", "done")]
    assert f"return {shop.movements()[-1].id}" in ticket.replies[-1]
    assert ticket.facts.results[ticket.effects[0].step].performed.gives == {
        "return_number": shop.movements()[-1].id
    }

"""Limits and caps, counted with everything that may still move, in an installation with tight ones."""

from dataclasses import replace

import pytest

from resolver.store import writebacks
from resolver.store.writebacks import Row
from tests.installation import Desk, House, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")

TIGHT = House(
    edits=(
        (
            "policy.yaml",
            "per_ticket: {EUR: 200, GBP: 180, USD: 220}\n    per_customer_and_day: {EUR: 200,",
            "per_ticket: {EUR: 60, GBP: 180, USD: 220}\n    per_customer_and_day: {EUR: 80,",
        ),
        ("policy.yaml", "per_day: {EUR: 20000, GBP", "per_day: {EUR: 100, GBP"),
        ("policy.yaml", "stop: []", "stop: [action:shop.change_address]"),
        ("policy.yaml", "refunds: Refunds", "refunds: A queue nobody made"),
        ("change_address.yaml", "tries: 3", "tries: 9"),
        ("order_status.yaml", "mode: auto", "mode: off"),
    ),
)


@pytest.fixture
def house() -> House:
    return TIGHT


async def refund_asked(desk: Desk, order: str) -> Ticket:
    """A ticket whose customer wants this order refunded and has said yes."""
    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes")
    return ticket


# -- limits -----------------------------------------------------------------------------------------------------------


async def test_a_ticket_gets_no_more_than_its_limit(desk: Desk, shop: Shop) -> None:
    ticket = await refund_asked(desk, shop.has_order(paid="40.00 EUR"))

    await ticket.answers(f"I want my money back for order {shop.has_order(paid='30.00 EUR')}")
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "40.00 EUR")]
    assert (ticket.stopped_by, ticket.disposition) == ("per_ticket", "handed_off")


async def test_a_customer_gets_no_more_than_the_limit_of_a_day(desk: Desk, shop: Shop) -> None:
    await refund_asked(desk, shop.has_order(paid="45.00 EUR"))

    second = await refund_asked(desk, shop.has_order(paid="45.00 EUR"))
    third = await refund_asked(desk, shop.has_order(paid="20.00 EUR"))

    assert (second.stopped_by, second.disposition) == ("per_customer_and_day", "handed_off")
    assert third.disposition == "resolved"
    assert shop.paid_back == [("refund", "45.00 EUR"), ("refund", "20.00 EUR")]


async def test_an_intent_that_has_not_left_us_counts_towards_the_limit(desk: Desk, shop: Shop) -> None:
    shop.sandbox.fault("refund", "http_429", 500, retry_after_s=0)
    first = await refund_asked(desk, shop.has_order(paid="45.00 EUR"))
    assert first.actions == [("shop.refund", "open")]

    second = await refund_asked(desk, shop.has_order(paid="45.00 EUR"))
    shop.sandbox.faults.clear()
    await first.retries()

    assert second.stopped_by == "per_customer_and_day"
    assert shop.paid_back == [("refund", "45.00 EUR")]


async def test_a_pending_payment_counts_towards_the_limit(desk: Desk, shop: Shop) -> None:
    shop.sandbox.fault("refund", "pending")
    await refund_asked(desk, shop.has_order(paid="45.00 EUR"))

    second = await refund_asked(desk, shop.has_order(paid="45.00 EUR"))

    assert second.stopped_by == "per_customer_and_day"


async def test_a_refused_payment_counts_for_nothing(desk: Desk, shop: Shop) -> None:
    await refund_asked(desk, shop.has_order(paid="45.00 EUR", paid_days_ago=200, delivered_days_ago=3))

    second = await refund_asked(desk, shop.has_order(paid="45.00 EUR"))

    assert second.disposition == "resolved"
    assert shop.paid_back == [("refund", "45.00 EUR")]


async def test_all_customers_together_get_no_more_than_the_limit_of_a_day(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    first = await desk.receives(f"Please cancel order {shop.has_order(status='paid', paid='80.00 EUR')}")
    await first.answers("Yes")
    other = Desk(installation, f"other-{desk.email}")
    theirs = Shop(shop.sandbox, other.email)

    second = await other.receives(f"Please cancel order {theirs.has_order(status='paid', paid='30.00 EUR')}")
    await second.answers("Yes")

    assert (first.disposition, second.stopped_by) == ("resolved", "per_day")
    assert theirs.movements() == []


async def test_a_currency_without_a_limit_stops(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="10.00 CHF", country="CH")

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.disposition) == ([], "handed_off")


async def test_the_fourth_refund_in_ninety_days_is_for_a_person(desk: Desk, shop: Shop) -> None:
    for _ in range(3):
        await refund_asked(desk, shop.has_order(paid="5.00 EUR"))

    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='5.00 EUR')}")

    assert (len(shop.paid_back), ticket.facts.rule, ticket.disposition) == (3, "too_many", "handed_off")


async def test_a_ticket_sees_no_more_runs_than_the_policy_says(desk: Desk, shop: Shop) -> None:
    ticket = await refund_asked(desk, shop.has_order(paid="1.00 EUR"))
    for _ in range(3):
        await ticket.answers(f"Please cancel order {shop.has_order(status='shipped')}")
    assert len(ticket.runs) == 4

    await ticket.answers(f"Please cancel order {shop.has_order(status='shipped')}")

    assert (len(ticket.runs), ticket.case.people) == (4, True)
    assert "too many requests" in ticket.notes[-1]


# -- reply caps -------------------------------------------------------------------------------------------------------


async def test_three_replies_in_a_row_that_bring_nothing_new_are_the_end(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")
    ticket = await desk.receives(f"I moved, please change the delivery address of order {order}")

    for answer in ("It is the yellow house", "You know, near the lake", "Past the church", "Second door"):
        await ticket.answers(answer)

    assert (len(ticket.replies), ticket.stopped_by) == (4, "replies_in_a_row")
    assert ticket.disposition == "handed_off"


async def test_news_after_three_empty_answers_is_still_answered(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")
    ticket = await desk.receives(f"I moved, please change the delivery address of order {order}")
    for answer in ("It is the yellow house", "You know, near the lake", "Past the church"):
        await ticket.answers(answer)

    await ticket.answers("Marktstraße 7, 50667 Köln, Germany")

    assert "Marktstraße 7" in ticket.replies[-1]
    assert ticket.waits_for == "customer"


async def test_twelve_replies_a_day_are_the_end(desk: Desk, shop: Shop, installation: Installation) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='5.00 EUR')}")
    first = ticket.write_backs[0]
    for n in range(1, 12):
        await installation.write(lambda c, n=n: writebacks.add(c, _another(first, n)))

    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "5.00 EUR")]  # money is not what the cap is about
    assert (len(ticket.replies), ticket.stopped_by) == (1, "replies_a_day")
    assert (ticket.disposition, len(ticket.notes)) == ("handed_off", 1)
    assert "Refund money for an order" in ticket.notes[0]
    assert ": done" in ticket.notes[0]


def _another(row: Row, n: int) -> Row:
    """One more public reply of the same ticket and day, long sent."""
    return replace(row, id=f"{row.id}-again-{n}", n=row.n + n, state="done", progress=True)


# -- the policy's own switches ----------------------------------------------------------------------------------------


async def test_an_action_that_the_policy_stops_is_not_performed(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(
        f"Please change the delivery address of order {shop.has_order(status='paid')}"
        " to Marktstraße 7, 50667 Köln, Germany"
    )
    await ticket.answers("Yes")

    assert shop.movements() == []
    assert (ticket.stopped_by, ticket.disposition, len(ticket.notes)) == ("kill_switch", "handed_off", 1)


async def test_a_playbook_that_is_off_sends_its_requests_to_the_default_queue(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")

    assert (ticket.runs, ticket.replies, ticket.queue) == ([], [], "Support")
    assert "switched off" in ticket.notes[0]


async def test_a_queue_that_the_helpdesk_does_not_have_costs_no_word(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(lines=[{"refundable": "20.00 EUR", "final_sale": True}])

    ticket = await desk.receives(f"I want my money back for order {order}")

    assert (ticket.disposition, len(ticket.notes), len(ticket.replies)) == ("handed_off", 1, 1)
    assert ticket.status == "open"

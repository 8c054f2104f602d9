"""Several requests in one ticket, from the webhook to the one reply: done in order, once each, and told together."""

import pytest

from resolver.store import ledger
from tests.installation import Desk, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW_ADDRESS = "Marktstraße 7, 50667 Köln, Germany"


async def test_two_requests_are_offered_in_one_numbered_message_and_done_by_one_yes(
    desk: Desk, shop: Shop
) -> None:
    open_order, delivered = shop.has_order(status="paid"), shop.has_order()

    ticket = await desk.receives(
        f"Please cancel order {open_order}. And I want my money back for order {delivered}."
    )
    offered = ticket.replies
    await ticket.answers("Yes please")

    assert len(offered) == 1
    assert "1. " in offered[0]
    assert "2. " in offered[0]
    assert (shop.status(open_order), len(shop.paid_back)) == ("cancelled", 2)
    assert [run.disposition for run in ticket.runs] == ["resolved", "resolved"]
    assert (len(ticket.replies), ticket.status) == (2, "solved")
    assert {"auto_cancel", "auto_refund"} & set(ticket.tags) == {"auto_refund", "auto_cancel"}


async def test_a_yes_that_names_one_number_does_only_that_and_asks_for_the_other_again(
    desk: Desk, shop: Shop
) -> None:
    open_order, delivered = shop.has_order(status="paid"), shop.has_order()

    ticket = await desk.receives(
        f"Please cancel order {open_order}. And I want my money back for order {delivered}."
    )
    await ticket.answers("Yes to 2")

    assert shop.status(open_order) == "paid"
    assert [kind for kind, _ in shop.paid_back] == ["refund"]
    assert open_order in ticket.replies[-1]
    assert (ticket.waits_for_all, ticket.status) == (["customer"], "pending")


async def test_an_order_number_that_two_requests_need_is_asked_for_once(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")

    ticket = await desk.receives("Where is my parcel? Also, please send it to a new address.")
    asked = ticket.replies[-1]
    await ticket.answers(order)

    assert asked.count("order") == asked.count("Which order") + asked.count("order confirmation")
    assert len(ticket.runs) == 2
    assert len(ticket.replies) == 2


async def test_two_offers_that_exclude_each_other_are_put_as_a_choice_and_only_one_is_done(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(status="paid")

    ticket = await desk.receives(
        f"Please cancel order {order}. Or change the delivery address of order {order} to {NEW_ADDRESS}."
    )
    asked = ticket.replies[-1]
    done_before = shop.movements()
    await ticket.answers("2")

    assert "Only one of these is possible" in asked
    assert done_before == []
    assert [one.kind for one in shop.movements()] == ["address_change"]
    assert [run.disposition for run in ticket.runs] == ["withdrawn", "resolved"]


async def test_a_choice_that_stays_unclear_hands_both_over_and_does_nothing(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")

    ticket = await desk.receives(
        f"Please cancel order {order}. Or change the delivery address of order {order} to {NEW_ADDRESS}."
    )
    await ticket.answers("Hm, I really do not know")

    assert shop.movements() == []
    assert [run.disposition for run in ticket.runs] == ["handed_off", "handed_off"]
    assert ticket.status == "open"


async def test_one_request_is_handed_off_and_the_other_still_resolved(desk: Desk, shop: Shop) -> None:
    open_order = shop.has_order(status="paid")

    ticket = await desk.receives(
        f"Please cancel order {open_order}. And I want my money back for order 99999."
    )
    await ticket.answers("Yes please")

    assert shop.status(open_order) == "cancelled"
    assert sorted(str(run.disposition) for run in ticket.runs) == ["handed_off", "resolved"]
    assert ticket.status == "open"
    assert ticket.queue is not None
    assert "99999" in ticket.notes[0]
    assert ticket.case.people


async def test_an_approval_of_one_request_does_not_hold_back_the_other(desk: Desk, shop: Shop) -> None:
    dear, open_order = shop.has_order(lines=[_line("90.00 EUR")]), shop.has_order(status="paid")

    ticket = await desk.receives(
        f"I want my money back for order {dear}. And please cancel order {open_order}."
    )
    await ticket.answers("Yes")

    assert shop.status(open_order) == "cancelled"
    assert ticket.waits_for_all == ["approval"]
    assert ticket.status == "open"


async def test_the_same_request_for_two_orders_is_one_message_and_two_refunds(desk: Desk, shop: Shop) -> None:
    first, second = shop.has_order(), shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {first} and order {second}")
    await ticket.answers("Yes please, both")

    assert len(ticket.replies) == 2
    assert sorted(one.number for one in shop.movements()) == sorted([first, second])
    assert [run.disposition for run in ticket.runs] == ["resolved", "resolved"]


async def test_a_new_request_while_an_offer_waits_opens_a_second_run_and_repeats_the_offer(
    desk: Desk, shop: Shop
) -> None:
    delivered, open_order = shop.has_order(), shop.has_order(status="paid")

    ticket = await desk.receives(f"I want my money back for order {delivered}")
    await ticket.answers(f"Please also cancel order {open_order}")

    assert [run.playbook for run in ticket.runs] == ["refund_order", "cancel_order"]
    assert delivered in ticket.replies[-1]
    assert open_order in ticket.replies[-1]
    assert ticket.waits_for_all == ["customer", "customer"]

    await ticket.answers("Yes")

    assert sorted(one.number for one in shop.movements()) == sorted([delivered, open_order])


async def test_silence_ends_every_run_that_waits_for_the_customer_in_its_own_way(
    desk: Desk, shop: Shop
) -> None:
    open_order, delivered = shop.has_order(status="paid"), shop.has_order()

    ticket = await desk.receives(
        f"I want my money back for order {delivered}. And please change the address of order {open_order} "
        f"to {NEW_ADDRESS}."
    )
    await ticket.ring("silence")

    assert [run.disposition for run in ticket.runs] == ["handed_off", "no_reply"]
    assert shop.movements() == []


async def test_more_requests_than_the_policy_allows_go_to_people_undone(desk: Desk, shop: Shop) -> None:
    numbers = [shop.has_order() for _ in range(5)]

    ticket = await desk.receives(f"I want my money back for orders {', '.join(numbers)}")

    assert (ticket.runs, ticket.status) == ([], "open")
    assert "too many requests" in ticket.notes[0]


async def test_each_effect_stands_in_the_ledger_under_its_own_run(desk: Desk, shop: Shop) -> None:
    open_order, delivered = shop.has_order(status="paid"), shop.has_order()

    ticket = await desk.receives(
        f"Please cancel order {open_order}. And I want my money back for order {delivered}."
    )
    await ticket.answers("Yes please")

    entries = desk.installation.read(lambda c: ledger.of_case(c, ticket.case_id))
    assert [one.run for one in entries] == [run.id for run in ticket.runs]
    assert [one.state for one in entries] == ["done", "done"]


def _line(amount: str) -> dict[str, object]:
    return {"id": "l1", "name": "Chair", "quantity": 1, "refundable": amount, "final_sale": False}


async def test_a_handoff_names_what_another_request_has_done_before(desk: Desk, shop: Shop) -> None:
    dear, open_order = shop.has_order(lines=[_line("90.00 EUR")]), shop.has_order(status="paid")

    ticket = await desk.receives(
        f"I want my money back for order {dear}. And please cancel order {open_order}."
    )
    await ticket.answers("Yes")
    await ticket.answers("I want to speak to a human being")

    assert "shop.cancel_order: done" in ticket.notes[-1]
    assert ticket.case.people

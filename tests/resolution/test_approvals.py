"""Approvals: asked of a team for one offer, answered once, in time, by a member, and void once the offer changed."""

from datetime import timedelta

import pytest

from tests.installation import Desk, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def waiting_for_approval(desk: Desk, order: str) -> Ticket:
    """A ticket whose customer has said yes to more than may be paid without a colleague."""
    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes")
    assert (ticket.waits_for, ticket.status) == ("approval", "open")
    return ticket


async def test_an_approved_refund_is_paid(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))
    assert (shop.paid_back, ticket.replies[-1]) == (
        [],
        "Thank you. A colleague takes a quick look, then I get back to you.",
    )

    problem = await ticket.is_answered("approved")

    assert problem is None
    assert shop.paid_back == [("refund", "120.00 EUR")]
    assert (ticket.disposition, ticket.status) == ("resolved", "solved")
    assert ticket.approval.decided_by == "local:lea@acme.example"


async def test_a_denied_refund_goes_to_a_person(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    await ticket.is_answered("denied")

    assert (shop.paid_back, ticket.disposition, ticket.queue) == ([], "handed_off", "Refunds")


async def test_an_approval_that_nobody_gave_in_time_goes_to_a_person(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    await ticket.ring("late")

    assert (shop.paid_back, ticket.disposition) == ([], "handed_off")
    assert ticket.approval.state == "void"


async def test_an_answer_after_the_time_is_refused_with_the_reason(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    problem = await ticket.is_answered("approved", later=timedelta(days=30))

    assert problem is not None
    assert "too late" in problem.problem
    assert shop.paid_back == []


async def test_an_approval_counts_once(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))
    await ticket.is_answered("approved")

    problem = await ticket.is_answered("approved", by="sam@acme.example")

    assert problem is not None
    assert "already approved" in problem.problem
    assert shop.paid_back == [("refund", "120.00 EUR")]


@pytest.mark.parametrize("stranger", ["eve@acme.example", "", "lea@acme.example.evil.example"])
async def test_nobody_outside_the_team_can_approve(desk: Desk, shop: Shop, stranger: str) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    problem = await ticket.is_answered("approved", by=stranger)

    assert problem is not None
    assert "not a member" in problem.problem
    assert (shop.paid_back, ticket.waits_for) == ([], "approval")


async def test_an_approval_of_an_offer_that_changed_pays_nothing(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="120.00 EUR")
    ticket = await waiting_for_approval(desk, order)

    shop.changes(order, refunded="20.00 EUR")
    await ticket.is_answered("approved")

    assert (shop.paid_back, ticket.disposition) == ([], "handed_off")


async def test_a_message_that_changes_nothing_leaves_the_approval_open(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    await ticket.answers("Any news on this?")
    problem = await ticket.is_answered("approved")

    assert problem is None
    assert shop.paid_back == [("refund", "120.00 EUR")]


async def test_a_message_that_corrects_the_order_voids_the_approval(desk: Desk, shop: Shop) -> None:
    asked, other = shop.has_order(paid="120.00 EUR"), shop.has_order(paid="60.00 EUR")
    ticket = await waiting_for_approval(desk, asked)
    old = ticket.approval.id

    await ticket.answers(f"Sorry, I meant order {other}")
    problem = await ticket.is_answered("approved", approval=old)

    assert problem is not None
    assert "void" in problem.problem
    assert (shop.paid_back, ticket.waits_for) == ([], "customer")


async def test_a_message_after_the_facts_changed_voids_the_approval(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="120.00 EUR")
    ticket = await waiting_for_approval(desk, order)
    old = ticket.approval.id

    shop.changes(order, refunded="20.00 EUR")
    await ticket.answers("Any news on this?")
    problem = await ticket.is_answered("approved", approval=old)

    assert problem is not None
    assert shop.paid_back == []


async def test_a_customer_who_takes_the_yes_back_is_not_paid(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))
    old = ticket.approval.id

    await ticket.answers("No, I changed my mind")
    problem = await ticket.is_answered("approved", approval=old)

    assert problem is not None
    assert shop.paid_back == []


async def test_an_agent_on_the_ticket_voids_the_approval(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    desk.zendesk.agent_writes(ticket.number, "I take this one.", public=False)
    await ticket.settles()
    problem = await ticket.is_answered("approved")

    assert problem is not None
    assert (shop.paid_back, ticket.disposition) == ([], "handed_off")


async def test_an_approval_given_while_the_helpdesk_is_down_still_counts(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    desk.zendesk.fault("error_before", path="/api/v2/tickets/*", times=50)
    await ticket.is_answered("approved")
    assert (shop.paid_back, ticket.endings[-1]) == ([], "later:helpdesk_down")
    desk.zendesk.clear_faults()
    await ticket.retries()

    assert shop.paid_back == [("refund", "120.00 EUR")]
    assert ticket.disposition == "resolved"


async def test_an_approval_that_meets_a_new_message_counts_after_it(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    desk.zendesk.fault("error_before", path="/api/v2/tickets/*", times=50)
    await ticket.answers("Any news on this?")
    await ticket.is_answered("approved")
    desk.zendesk.clear_faults()
    await ticket.retries()
    await desk.waits_until(lambda: ticket.disposition == "resolved")

    assert shop.paid_back == [("refund", "120.00 EUR")]


async def test_a_denial_of_an_offer_that_a_message_has_replaced_denies_nothing(
    desk: Desk, shop: Shop
) -> None:
    asked, other = shop.has_order(paid="120.00 EUR"), shop.has_order(paid="60.00 EUR")
    ticket = await waiting_for_approval(desk, asked)

    desk.zendesk.fault("error_before", path="/api/v2/tickets/*", times=50)
    await ticket.answers(f"Sorry, I meant order {other}")
    await ticket.is_answered("denied")
    handled = len(ticket.endings)
    desk.zendesk.clear_faults()
    await ticket.retries()
    await desk.waits_until(lambda: ticket.endings[handled:].count("handled") >= 2)

    assert (ticket.waits_for, ticket.disposition) == ("customer", None)
    assert "60.00" in ticket.replies[-1]


async def test_four_eyes_keep_the_playbooks_author_from_approving(desk: Desk, shop: Shop) -> None:
    ticket = await waiting_for_approval(desk, shop.has_order(paid="120.00 EUR"))

    problem = await ticket.is_answered("approved", by="support-ops@acme.example")

    assert problem is not None
    assert shop.paid_back == []

"""Mode suggest: one private note says what would be done and sent; a go-ahead does exactly that, or nothing."""

from datetime import timedelta

import pytest

from tests.installation import Desk, House, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def house() -> House:
    return House(mode="suggest")


async def suggested_offer(desk: Desk, order: str) -> Ticket:
    """A ticket for which it is suggested to ask the customer whether the order shall be refunded."""
    ticket = await desk.receives(f"I want my money back for order {order}")
    assert (ticket.replies, len(ticket.notes), ticket.suggestion.state) == ([], 1, "waiting")
    return ticket


async def suggested_refund(desk: Desk, order: str) -> Ticket:
    """A ticket whose customer was asked, by an agent's go-ahead, and said yes."""
    ticket = await suggested_offer(desk, order)
    assert await ticket.gets("accepted") is None
    assert (len(ticket.replies), ticket.waits_for) == (1, "customer")
    await ticket.answers("Yes")
    assert (len(ticket.replies), len(ticket.notes)) == (1, 2)
    return ticket


async def test_a_note_tells_reply_and_reasons_and_the_customer_hears_nothing(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await suggested_offer(desk, order)

    note = ticket.notes[0]
    assert f"It would reply:\nI can refund €39.90 for order {order}" in note
    assert "Why (Refund an order, whole or in part): rule refund" in note
    assert "- order.delivered at:" in note or "- order.delivered_at:" in note
    assert f"resolver suggestions accept {ticket.suggestion.id} --as E-MAIL" in note
    assert (ticket.status, ticket.effects, shop.movements()) == ("new", [], [])


async def test_a_go_ahead_sends_exactly_the_reply_that_was_suggested(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_offer(desk, shop.has_order())

    problem = await ticket.gets("accepted")

    assert problem is None
    assert len(ticket.replies) == 1
    assert ticket.replies[0] in ticket.notes[0]
    assert (ticket.waits_for, ticket.status, ticket.suggestion.state) == (
        "customer",
        "pending",
        "carried_out",
    )
    assert [
        move for line in ticket.trail for move in line.get("moves", ()) if move["move"] == "go_ahead"
    ] == [{"move": "go_ahead", "by": "local:agent@acme.example", "suggestion": ticket.suggestion.id}]


async def test_a_go_ahead_does_exactly_the_action_that_was_suggested_once(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_refund(desk, shop.has_order())
    assert (shop.paid_back, ticket.effects) == ([], [])
    assert "amount: 39.90" in ticket.notes[1].replace("€", "")

    await ticket.gets("accepted")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.replies[-1] in ticket.notes[1]
    assert (ticket.disposition, ticket.status, len(ticket.replies)) == ("resolved", "solved", 2)


async def test_a_go_ahead_counts_once(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_refund(desk, shop.has_order())
    await ticket.gets("accepted")

    problem = await ticket.gets("accepted", by="other@acme.example")

    assert problem is not None
    assert "already carried_out" in problem.problem
    assert (shop.paid_back, len(ticket.replies)) == ([("refund", "39.90 EUR")], 2)


async def test_a_yes_to_a_question_that_was_only_suggested_is_no_yes(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_offer(desk, shop.has_order())

    await ticket.answers("Yes")

    assert (ticket.replies, ticket.effects, shop.movements()) == ([], [], [])
    assert "Shall I do that?" in ticket.notes[-1]


async def test_a_rejected_suggestion_leaves_the_ticket_to_people(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_offer(desk, shop.has_order())

    await ticket.gets("rejected")
    await ticket.answers("Hello?")

    assert (ticket.replies, len(ticket.notes), ticket.disposition) == ([], 1, "handed_off")
    assert (ticket.suggestion.state, ticket.endings[-1]) == ("rejected", "people")


async def test_what_comes_to_something_else_meanwhile_is_not_done_and_the_note_says_so(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order()
    ticket = await suggested_refund(desk, order)
    first = ticket.suggestion.id

    shop.changes(order, refunded="39.90 EUR")
    await ticket.gets("accepted")

    assert (shop.paid_back, len(ticket.replies)) == ([], 1)
    assert f"The go-ahead of local:agent@acme.example for {first} was not carried out" in ticket.notes[-1]
    assert ticket.suggestion.id != first
    assert f"Order {order} has already been refunded." in ticket.notes[-1]


async def test_a_message_of_the_customer_makes_a_suggestion_void(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_offer(desk, shop.has_order())
    first = ticket.suggestion.id

    await ticket.answers(f"Sorry, I meant order {shop.has_order(paid='21.00 EUR')}")
    problem = await ticket.gets("accepted", suggestion=first)

    assert problem is not None
    assert "is void" in problem.problem
    assert (ticket.replies, ticket.suggestion.state) == ([], "waiting")
    assert "21.00" in ticket.notes[-1]


async def test_a_go_ahead_that_meets_a_new_message_sends_nothing(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_offer(desk, shop.has_order())
    first = ticket.suggestion.id

    desk.zendesk.fault("error_before", path="/api/v2/tickets/*", times=50)
    await ticket.answers(f"Sorry, I meant order {shop.has_order(paid='21.00 EUR')}")
    await ticket.gets("accepted", suggestion=first)
    desk.zendesk.clear_faults()
    await ticket.retries()
    await desk.waits_until(lambda: ticket.suggestion.id != first)
    await ticket.settles()

    assert ticket.replies == []
    assert f"for {first} was not carried out" in ticket.notes[-1]


async def test_a_person_who_acts_on_the_ticket_makes_a_suggestion_void(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_offer(desk, shop.has_order())

    desk.zendesk.agent_writes(ticket.number, "I take this one.")
    await ticket.gets("accepted")

    assert (len(ticket.replies), ticket.suggestion.state, ticket.disposition) == (0, "void", "handed_off")


async def test_nobody_outside_the_team_gives_the_go_ahead_where_an_approval_is_needed(
    desk: Desk, shop: Shop
) -> None:
    ticket = await suggested_refund(desk, shop.has_order(paid="120.00 EUR"))
    assert "needs a member of team_leads" in ticket.notes[-1]

    problem = await ticket.gets("accepted", by="agent@acme.example")

    assert problem is not None
    assert "not a member of team_leads" in problem.problem
    assert (shop.paid_back, ticket.suggestion.state) == ([], "waiting")


async def test_the_go_ahead_of_a_team_member_is_the_approval(desk: Desk, shop: Shop) -> None:
    ticket = await suggested_refund(desk, shop.has_order(paid="120.00 EUR"))

    problem = await ticket.gets("accepted", by="lea@acme.example")

    assert problem is None
    assert shop.paid_back == [("refund", "120.00 EUR")]
    assert ticket.disposition == "resolved"
    assert ticket.facts.approval is not None
    assert ticket.facts.approval.approver == "local:lea@acme.example"
    assert all("A colleague takes a quick look" not in reply for reply in ticket.replies)


async def test_a_go_ahead_after_its_time_is_refused_and_the_run_goes_to_people(
    desk: Desk, shop: Shop
) -> None:
    ticket = await suggested_offer(desk, shop.has_order())

    problem = await ticket.gets("accepted", later=timedelta(days=30))
    await ticket.ring("late")

    assert problem is not None
    assert "too late" in problem.problem
    assert (ticket.replies, ticket.disposition, ticket.endings[-1]) == ([], "handed_off", "expired")


async def test_a_handoff_is_suggested_too(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives("I want my money back for order 99999")
    assert (ticket.replies, ticket.queue) == ([], None)

    await ticket.gets("accepted")

    assert (ticket.queue, ticket.disposition, ticket.status) == ("Orders", "handed_off", "open")
    assert len(ticket.replies) == 1


async def test_under_the_kill_switch_a_go_ahead_does_nothing(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await suggested_refund(desk, shop.has_order())

    await installation.pauses("all")
    await ticket.gets("accepted")
    await installation.resumes("all")

    assert (shop.paid_back, len(ticket.replies)) == ([], 1)
    assert "was not carried out" in ticket.notes[-1]


async def test_what_was_done_and_did_not_end_as_suggested_is_told_to_people_and_not_to_the_customer(
    desk: Desk, shop: Shop
) -> None:
    ticket = await suggested_refund(desk, shop.has_order())

    shop.sandbox.fault("refund", "refused", code="already_refunded")
    await ticket.gets("accepted")

    assert (shop.paid_back, len(ticket.replies)) == ([], 1)
    assert "do-shop.refund: refused" in ticket.notes[-1]
    assert ticket.suggestion.state == "waiting"


async def test_both_of_two_requests_wait_for_one_go_ahead(desk: Desk, shop: Shop) -> None:
    first, second = shop.has_order(), shop.has_order(status="processing")
    ticket = await desk.receives(f"I want my money back for order {first}. Where is my parcel {second}?")
    assert (ticket.replies, len(ticket.notes)) == ([], 1)

    await ticket.gets("accepted")

    assert len(ticket.replies) == 1
    assert all(order in ticket.replies[0] for order in (first, second))


async def test_what_the_shop_would_refuse_is_suggested_as_a_handoff_and_tried_by_nobody_again(
    desk: Desk, shop: Shop
) -> None:
    ticket = await desk.receives(f"Refund order {shop.has_order(paid='39.90 EUR', paid_days_ago=200)}")

    assert (ticket.replies, ticket.suggestion.state) == ([], "waiting")
    assert "The shop would refuse: shop.refund." in ticket.notes[0]
    tried = shop.sandbox.requests["try_refund"]
    assert await ticket.gets("accepted") is None

    assert (shop.movements(), ticket.effects, ticket.disposition) == ([], [], "handed_off")
    assert (ticket.status, ticket.queue) == ("open", "Refunds")
    assert shop.sandbox.requests["try_refund"] <= tried + 1


async def test_what_was_tried_before_it_was_suggested_moves_money_only_with_the_go_ahead(
    desk: Desk, shop: Shop
) -> None:
    before = shop.sandbox.requests["try_refund"]
    ticket = await suggested_refund(desk, shop.has_order(paid="39.90 EUR"))
    assert shop.sandbox.requests["try_refund"] > before
    assert shop.movements() == []

    await ticket.gets("accepted")

    assert shop.paid_back == [("refund", "39.90 EUR")]

"""A person outranks the resolver, only the requester can say yes, and nobody learns about another's order."""

import pytest

from tests.installation import Desk, Shop, Ticket, new_person

pytestmark = pytest.mark.asyncio(loop_scope="session")


# -- staff ------------------------------------------------------------------------------------------------------------


async def test_a_ticket_assigned_to_an_agent_is_left_alone(desk: Desk, shop: Shop) -> None:
    desk.zendesk.pause_deliveries()
    number = desk.writes(f"I want my money back for order {shop.has_order()}")
    desk.zendesk.assign(number, agent="Tom Okafor")
    desk.zendesk.resume_deliveries()
    await desk.installation.settles()

    ticket = desk.ticket(number)

    assert (ticket.updates, ticket.runs, ticket.assignee) == (0, [], "Tom Okafor")
    assert set(ticket.endings) == {"staff"}


async def test_an_agents_note_before_the_yes_stops_the_run_and_pays_nothing(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()
    ticket = await desk.receives(f"I want my money back for order {order}")
    said = ticket.updates

    desk.zendesk.agent_writes(ticket.number, "I am looking into this one.", public=False)
    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.updates, ticket.disposition) == ([], said, "handed_off")


async def test_an_agents_answer_while_the_turn_reads_drops_the_reply(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="processing")
    desk.zendesk.fault("slow", method="PUT", path="/api/v2/tickets/*", milliseconds=600)

    number = desk.writes(f"Where is my parcel {order}?")
    await desk.waits_until(lambda: desk.is_writing_to(number))
    desk.zendesk.advance(2)  # the helpdesk tells changes apart by the second
    desk.zendesk.agent_writes(number, "It is being packed, Ann.")
    await desk.installation.settles()

    ticket = desk.ticket(number)
    assert (ticket.replies, ticket.notes) == ([], [])
    assert ticket.case.people


async def test_an_agents_answer_after_the_money_moved_turns_the_reply_into_a_note(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="25.00 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")
    desk.zendesk.fault("slow", method="PUT", path="/api/v2/tickets/*", milliseconds=600)

    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: desk.is_writing_to(ticket.number))
    desk.zendesk.advance(2)
    desk.zendesk.agent_writes(ticket.number, "Let me see what I can do.")
    await ticket.settles()

    assert shop.paid_back == [("refund", "25.00 EUR")]
    assert len(ticket.replies) == 1  # the offer
    assert "shop.refund" in ticket.notes[0]
    assert "Done. €25.00" in ticket.notes[0]
    assert ticket.case.people


async def test_a_ticket_that_was_handed_off_stays_the_peoples(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives("I want to speak to a human being")
    said = ticket.updates

    await ticket.answers(f"I want my money back for order {shop.has_order()}")

    assert (ticket.updates, ticket.runs, ticket.endings[-1]) == (said, [], "people")


async def test_a_ticket_tagged_no_resolver_is_left_alone(desk: Desk, shop: Shop) -> None:
    desk.zendesk.set_user(desk.email, name="Ann", verified=True, tags=["no_resolver"])

    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    assert (ticket.updates, ticket.runs) == (0, [])
    assert set(ticket.endings) == {"opted_out"}


# -- who may say yes --------------------------------------------------------------------------------------------------


async def test_the_yes_of_somebody_on_copy_does_not_count(desk: Desk, shop: Shop) -> None:
    friend = new_person()
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}", cc=[friend])

    await ticket.answers("Yes please", email=friend, name="Bob")

    assert (shop.paid_back, ticket.waits_for, ticket.endings[-1]) == ([], "customer", "somebody_else")


async def test_the_requesters_own_yes_counts_after_somebody_elses(desk: Desk, shop: Shop) -> None:
    friend = new_person()
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}", cc=[friend])

    await ticket.answers("No, do not do that!", email=friend, name="Bob")
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]


async def test_a_yes_after_the_requester_changed_does_not_count(desk: Desk, shop: Shop) -> None:
    other = new_person()
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}", cc=[other])

    desk.zendesk.change_requester(ticket.number, other, name="Eve")
    await ticket.answers("Yes please", email=other, name="Eve")
    await ticket.answers("Yes please")

    assert shop.paid_back == []
    assert not ticket.facts.results


@pytest.mark.parametrize("flag", [0, 2, 3, 14, 17, 20, 21, 22], ids=lambda flag: f"flag {flag}")
async def test_a_yes_whose_author_the_helpdesk_doubts_does_not_count(
    desk: Desk, shop: Shop, flag: int
) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    await ticket.answers("Yes please", flags=[flag])

    assert shop.paid_back == []


async def test_automatic_mail_is_never_a_request_nor_a_yes(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    await ticket.answers("Yes. I am out of office until Monday.", auto_submitted=True)

    assert (shop.paid_back, ticket.waits_for) == ([], "customer")
    assert len(ticket.replies) == 1
    assert "automatic" in ticket.endings


async def test_our_own_message_rings_and_means_nothing(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")

    assert len(ticket.replies) == 1
    assert "own_message" in ticket.endings


async def test_a_form_that_anybody_can_fill_in_is_shown_no_order(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="processing")

    ticket = await desk.receives(f"Where is my parcel {order}?", channel="form")

    assert "we need a code" in ticket.replies[-1]
    assert "being prepared" not in "".join(ticket.replies)


async def test_a_second_form_says_yes_for_nobody(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    await ticket.answers("Yes please", channel="form")

    assert (shop.paid_back, ticket.waits_for) == ([], "customer")


async def test_a_channel_that_proves_nobody_is_shown_no_order(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="processing")

    ticket = await desk.receives(f"Where is my parcel {order}?", channel="api")

    assert "we need a code" in ticket.replies[-1]
    assert "being prepared" not in "".join(ticket.replies)


async def test_mail_of_an_unconfirmed_address_pays_nothing(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}", verified=False)
    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.replies) == ([], [])


# -- whose order ------------------------------------------------------------------------------------------------------


async def test_somebody_elses_order_and_no_order_get_the_same_answer_to_the_byte(
    desk: Desk, shop: Shop
) -> None:
    theirs = Shop(shop.sandbox, new_person()).has_order(paid="39.90 EUR")
    nobodys = str(int(theirs) + 50_000)

    foreign = await desk.receives(f"I want my money back for order {theirs}")
    unknown = await desk.receives(f"I want my money back for order {nobodys}")

    def told(ticket: Ticket, number: str) -> list[bytes]:
        """Replies and notes, with the two things they may differ in taken out."""
        run = ticket.runs[-1].id
        texts = [*ticket.replies, *ticket.notes]
        return [text.replace(number, "N").replace(run, "R").encode() for text in texts]

    assert told(foreign, theirs) == told(unknown, nobodys)
    assert (foreign.status, foreign.queue, foreign.disposition) == ("open", "Orders", "handed_off")
    assert (unknown.status, unknown.queue, unknown.disposition) == ("open", "Orders", "handed_off")
    assert shop.sandbox.order(theirs).refunded == 0


async def test_an_order_that_changes_hands_after_the_offer_is_not_paid(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()
    ticket = await desk.receives(f"I want my money back for order {order}")

    shop.changes(order, email=new_person())
    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.disposition) == ([], "handed_off")


# -- tickets that end by themselves -----------------------------------------------------------------------------------


async def test_a_deleted_ticket_is_a_recorded_ending(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    desk.zendesk.delete(ticket.number)
    await ticket.settles()

    assert (ticket.endings[-1], ticket.disposition) == ("gone", "no_reply")


async def test_a_merged_ticket_is_a_recorded_ending(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    other = await desk.receives("Where is my order?")

    desk.zendesk.merge([ticket.number], into=other.number)
    await ticket.settles()

    assert ticket.endings[-1] in ("merged", "staff", "people")
    assert ticket.disposition == "handed_off"
    assert (other.case.people, shop.paid_back) == (True, [])


async def test_a_closed_ticket_is_a_recorded_ending(desk: Desk, shop: Shop) -> None:
    desk.zendesk.pause_deliveries()
    number = desk.writes(f"I want my money back for order {shop.has_order()}")
    desk.zendesk.close(number)
    desk.zendesk.resume_deliveries()
    await desk.installation.settles()

    assert set(desk.ticket(number).endings) == {"closed"}


async def test_a_reply_to_a_closed_ticket_begins_a_new_one(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")
    desk.zendesk.close(ticket.number)

    follow_up = await desk.receives(
        f"Where is my parcel {shop.has_order(status='paid')}?", ticket=ticket.number
    )

    assert follow_up.number != ticket.number
    assert follow_up.disposition == "answered"


# -- doorbells --------------------------------------------------------------------------------------------------------


async def test_the_same_delivery_five_times_is_one_handling(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    seen = len(ticket.events)

    desk.zendesk.redeliver(ticket.number, times=5)
    await ticket.settles()

    assert (len(ticket.events), len(ticket.replies)) == (seen, 1)


async def test_ten_messages_before_the_first_delivery_are_one_handling(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="processing")
    desk.zendesk.pause_deliveries()
    number = desk.writes(f"Where is my parcel {order}?")
    for _ in range(9):
        desk.writes(f"Where is my parcel {order}?", ticket=number)
    desk.zendesk.resume_deliveries(shuffled_with=7)
    await desk.installation.settles()

    ticket = desk.ticket(number)
    assert (len(ticket.replies), ticket.playbooks) == (1, ["order_status"])

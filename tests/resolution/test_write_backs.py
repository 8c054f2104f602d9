"""What the helpdesk does wrong, and that the ticket nevertheless gets every word once."""

import pytest

from resolver.intake import receive
from resolver.store import events
from tests.installation import Desk, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKETS = "/api/v2/tickets/*"
AUDITS = "/api/v2/tickets/*/audits"


async def asks_where(desk: Desk, shop: Shop) -> Ticket:
    """A ticket that one reply answers."""
    return await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")


# -- one update, once -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["error_after", "drop", "malformed"])
async def test_an_update_whose_answer_is_lost_is_found_again_and_not_repeated(
    desk: Desk, shop: Shop, fault: str
) -> None:
    desk.zendesk.fault(fault, method="PUT", path=TICKETS)

    ticket = await asks_where(desk, shop)

    assert (len(ticket.replies), ticket.updates, ticket.status) == (1, 1, "solved")
    assert [row.state for row in ticket.write_backs] == ["done"]


@pytest.mark.parametrize("fault", ["error_before", "drop_before"])
async def test_an_update_that_did_not_arrive_is_sent_again(desk: Desk, shop: Shop, fault: str) -> None:
    desk.zendesk.fault(fault, method="PUT", path=TICKETS)

    ticket = await asks_where(desk, shop)

    assert (len(ticket.replies), ticket.updates) == (1, 1)


async def test_an_update_in_doubt_waits_until_the_audits_can_be_read(desk: Desk, shop: Shop) -> None:
    desk.zendesk.fault("error_after", method="PUT", path=TICKETS)
    # The audits are read with the ticket, before the update, and then to look for it: the last fails for a while.
    desk.zendesk.fault("slow", method="GET", path=AUDITS, times=2, milliseconds=1)
    desk.zendesk.fault("error_before", method="GET", path=AUDITS, times=50)
    ticket = await asks_where(desk, shop)
    assert [row.state for row in ticket.write_backs] == ["sent"]

    desk.zendesk.clear_faults()
    await ticket.retries()

    assert (len(ticket.replies), ticket.updates) == (1, 1)
    assert [row.state for row in ticket.write_backs] == ["done"]


async def test_a_helpdesk_that_wants_us_slower_gets_the_update_later(desk: Desk, shop: Shop) -> None:
    desk.zendesk.fault("throttle", method="PUT", path=TICKETS, retry_after_s=1)

    ticket = await asks_where(desk, shop)
    await ticket.retries()

    assert (len(ticket.replies), ticket.status) == (1, "solved")


async def test_a_message_that_arrives_between_reading_and_writing_does_not_cost_the_reply(
    desk: Desk, shop: Shop
) -> None:
    desk.zendesk.fault("slow", method="PUT", path=TICKETS, milliseconds=600)

    number = desk.writes(f"Where is my parcel {shop.has_order(status='processing')}?")
    await desk.waits_until(lambda: desk.is_writing_to(number))
    desk.zendesk.advance(2)
    desk.writes("Thank you!", ticket=number)
    await desk.installation.settles()

    ticket = desk.ticket(number)
    assert (len(ticket.replies), ticket.status) == (1, "solved")


async def test_a_handoff_leaves_the_note_before_it_tells_the_customer(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(status='delivered')}")
    await ticket.answers("I want to speak to a human being")

    kinds = [row.public for row in ticket.write_backs]
    assert kinds == [True, False, True]  # the offer, the note, the word to the customer
    assert (ticket.status, ticket.assignee, ticket.queue) == ("open", None, "Refunds")


async def test_a_ticket_closed_before_the_reply_is_left_as_it_is(desk: Desk, shop: Shop) -> None:
    desk.zendesk.fault("slow", method="PUT", path=TICKETS, milliseconds=600)

    number = desk.writes(f"Where is my parcel {shop.has_order(status='processing')}?")
    await desk.waits_until(lambda: desk.is_writing_to(number))
    desk.zendesk.advance(2)
    desk.zendesk.close(number)
    await desk.installation.settles()

    ticket = desk.ticket(number)
    assert (ticket.replies, ticket.status) == ([], "closed")
    assert [(row.state, row.reason) for row in ticket.write_backs] == [("refused", "closed")]


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_a_helpdesk_that_is_down_is_asked_again_and_nothing_is_lost(desk: Desk, shop: Shop) -> None:
    desk.zendesk.fault("error_before", method="GET", path=TICKETS, times=50)

    ticket = await asks_where(desk, shop)
    assert ticket.endings[-1] == "later:helpdesk_down"
    desk.zendesk.clear_faults()
    await ticket.retries()

    assert len(ticket.replies) == 1


async def test_the_fifth_failed_fetch_is_a_dead_letter(desk: Desk, shop: Shop) -> None:
    desk.zendesk.fault("error_before", method="GET", path=TICKETS, times=500)

    ticket = await asks_where(desk, shop)
    while "helpdesk_down" not in ticket.endings:
        await ticket.retries()

    dead = [one for one in desk.installation.read(events.dead_letters) if one.ticket == str(ticket.number)]
    assert {one.ending for one in dead} == {"helpdesk_down"}
    assert max(ticket.armed_for("fetch")) == 5


async def test_a_message_that_cannot_be_read_yet_is_looked_for_again(desk: Desk, shop: Shop) -> None:
    ticket = await asks_where(desk, shop)
    seen = len(ticket.events)
    resources = desk.installation.resolver.resources

    await desk.installation.write(
        lambda c: receive.add(
            c, resources.engine, clock=resources.clock, connection="zendesk", event_id=f"early-{ticket.number}",
            kind="ticket.comment_added", ticket=str(ticket.number), message_id="987654321",
        )
    )  # fmt: skip
    await ticket.settles()

    assert ticket.endings[seen] == "later:not_visible"
    assert ticket.armed_for("fetch") == [1]


async def test_a_helpdesk_that_is_down_when_the_money_has_moved_gets_the_same_words_later(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")
    desk.zendesk.fault("throttle", method="PUT", path=TICKETS, times=50, retry_after_s=1)
    await ticket.answers("Yes")
    assert (shop.paid_back, len(ticket.replies)) == ([("refund", "39.90 EUR")], 1)

    shop.changes(order, status="cancelled")
    desk.zendesk.clear_faults()
    await ticket.retries()

    assert ticket.replies[1] == f"Done. €39.90 for order {order} is on its way to you."
    assert (shop.paid_back, ticket.disposition) == ([("refund", "39.90 EUR")], "resolved")

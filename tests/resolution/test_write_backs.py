"""What the helpdesk does wrong, and that the ticket nevertheless gets every word once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from resolver.errors import Refused
from resolver.intake import receive
from resolver.store import events
from resolver.ticket import ConnectionName, Receipt, WriteBack
from resolver.ticket import Ticket as Read
from tests.installation import Desk, Installation, Shop, Ticket

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


async def test_a_question_that_finds_its_ticket_closed_ends_its_run_without_an_answer(
    desk: Desk, shop: Shop
) -> None:
    desk.zendesk.fault("throttle", method="PUT", path=TICKETS, times=50, retry_after_s=1)
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    assert ticket.waits_for == "customer"

    desk.zendesk.close(ticket.number)
    desk.zendesk.clear_faults()
    await ticket.retries()

    assert [(row.state, row.reason) for row in ticket.write_backs] == [("dropped", "closed")]
    assert (ticket.disposition, ticket.case.people, ticket.replies) == ("no_reply", False, [])
    assert "closed" in ticket.endings


# -- refused ----------------------------------------------------------------------------------------------------------


class Stubborn:
    """The Zendesk connection, but for the updates that the account refuses by a rule of its own."""

    def __init__(self, zendesk: Any, refuses: Callable[[WriteBack], bool]) -> None:
        self._zendesk = zendesk
        self._refuses = refuses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._zendesk, name)

    async def write_back(self, ticket: Read, write: WriteBack) -> Receipt:
        """Send it, unless the rule forbids."""
        if self._refuses(write):
            raise Refused("invalid", "Zendesk refused the update (422): a field is required.")
        return await self._zendesk.write_back(ticket, write)  # type: ignore[no-any-return]  # stands in for any helpdesk


@contextmanager
def refusing(installation: Installation, refuses: Callable[[WriteBack], bool]) -> Iterator[None]:
    """Meanwhile the account refuses these updates."""
    resources = installation.resolver.resources
    before, name = resources.connections, ConnectionName("zendesk")
    stubborn: Any = Stubborn(before.helpdesks[name], refuses)
    resources.connections = replace(before, helpdesks={**before.helpdesks, name: stubborn})
    try:
        yield
    finally:
        resources.connections = before


@pytest.fixture
def bot_serves_support_only(installation: Installation) -> Iterator[None]:
    """The resolver's user is taken out of every other group, so that no ticket there can be assigned to it."""
    zendesk = installation.zendesk
    zendesk.add_agent("Resolver", "resolver@acme.example", groups=["Support"])
    yield
    zendesk.add_agent("Resolver", "resolver@acme.example")


@pytest.mark.usefixtures("bot_serves_support_only")
async def test_a_reply_whose_status_is_refused_arrives_without_it(desk: Desk, shop: Shop) -> None:
    desk.zendesk.pause_deliveries()
    number = desk.writes(f"Where is my parcel {shop.has_order(status='processing')}?")
    desk.zendesk.assign(number, group="Refunds")
    desk.zendesk.resume_deliveries()
    await desk.installation.settles()

    ticket = desk.ticket(number)
    assert (len(ticket.replies), ticket.updates, ticket.status) == (1, 1, "new")
    assert [(row.state, row.reason) for row in ticket.write_backs] == [("done", "plain:invalid")]
    assert (ticket.disposition, ticket.case.status) == ("answered", None)


async def test_a_refused_reply_about_a_refund_reaches_a_person_with_what_was_done(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")

    with refusing(installation, lambda write: write.public is not None):
        await ticket.answers("Yes")

    (note,) = ticket.notes
    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert len(ticket.replies) == 1  # the offer
    assert "The helpdesk refused the resolver's reply (invalid)" in note
    assert "- shop.refund: done" in note
    assert "This reply was not sent:\nDone. €39.90" in note
    assert (ticket.status, ticket.queue, ticket.assignee) == ("open", "Support", None)
    assert (ticket.disposition, ticket.case.people) == ("handed_off", True)
    assert "handed_off" in ticket.endings


async def test_a_refused_question_ends_its_run_with_a_person(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    with refusing(installation, lambda write: write.public is not None):
        ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    assert "Shall I do that?" in ticket.notes[0]
    assert (ticket.disposition, ticket.case.waiting, ticket.case.people) == ("handed_off", (), True)
    assert [row.public for row in ticket.write_backs] == [False]


async def test_a_handoff_whose_queue_is_refused_still_leaves_its_note(
    desk: Desk, installation: Installation
) -> None:
    with refusing(installation, lambda write: write.status is not None):
        ticket = await desk.receives("I want to speak to a human being")

    assert len(ticket.notes) == 1
    assert {row.state for row in ticket.write_backs} == {"done"}


async def test_words_that_are_refused_even_as_a_note_are_a_dead_letter(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")

    with refusing(installation, lambda write: True):
        await ticket.answers("Yes")

    dead = [one for one in installation.read(events.dead_letters) if one.ticket == str(ticket.number)]
    assert [one.ending for one in dead] == ["refused:invalid"]
    assert (shop.paid_back, ticket.notes) == ([("refund", "39.90 EUR")], [])
    assert (ticket.disposition, ticket.case.people) == ("failed", True)


# -- the kill switch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["all", "playbook:order_status"])
async def test_a_reply_that_could_not_be_sent_before_a_pause_waits_for_its_end(
    desk: Desk, shop: Shop, installation: Installation, name: str
) -> None:
    desk.zendesk.fault("throttle", method="PUT", path=TICKETS, times=50, retry_after_s=1)
    ticket = await asks_where(desk, shop)
    desk.zendesk.clear_faults()

    await installation.pauses(name)
    await ticket.retries()
    said = list(ticket.replies)
    await installation.resumes(name)
    await ticket.retries()

    assert (said, len(ticket.replies), ticket.status) == ([], 1, "solved")


async def test_a_reply_that_arrived_before_a_pause_is_found_during_it(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    desk.zendesk.fault("error_after", method="PUT", path=TICKETS)
    desk.zendesk.fault("slow", method="GET", path=AUDITS, times=2, milliseconds=1)
    desk.zendesk.fault("error_before", method="GET", path=AUDITS, times=50)
    ticket = await asks_where(desk, shop)
    desk.zendesk.clear_faults()

    await installation.pauses("all")
    await ticket.retries()
    await installation.resumes("all")

    assert ([row.state for row in ticket.write_backs], ticket.updates) == (["done"], 1)


async def test_a_pause_lets_a_note_go_that_could_not_be_sent_before(
    desk: Desk, installation: Installation
) -> None:
    desk.zendesk.fault("throttle", method="PUT", path=TICKETS, times=50, retry_after_s=1)
    ticket = await desk.receives("Do you sell gift wrapping paper for a birthday party in Madrid?")
    desk.zendesk.clear_faults()
    assert ticket.notes == []

    await installation.pauses("all")
    await ticket.retries()
    await installation.resumes("all")

    assert (len(ticket.notes), ticket.status) == (1, "open")


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


async def test_a_helpdesk_that_is_gone_for_an_hour_after_the_money_has_moved_gets_the_words_when_it_is_back(
    desk: Desk, shop: Shop
) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")
    desk.zendesk.fault("throttle", method="PUT", path=TICKETS, times=50, retry_after_s=1)
    await ticket.answers("Yes")
    assert (shop.paid_back, len(ticket.replies)) == ([("refund", "39.90 EUR")], 1)

    desk.zendesk.clear_faults()
    desk.zendesk.fault("error_before", method="GET", path=TICKETS, times=500)
    for _ in range(8):
        await ticket.retries()
    dead = [one for one in desk.installation.read(events.dead_letters) if one.ticket == str(ticket.number)]
    desk.zendesk.clear_faults()
    await ticket.retries()

    assert dead == []
    assert ticket.replies[1].startswith("Done. €39.90")
    assert (shop.paid_back, ticket.disposition) == ([("refund", "39.90 EUR")], "resolved")

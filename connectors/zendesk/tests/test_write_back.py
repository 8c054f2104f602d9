"""A write-back arrives once, on the ticket it was meant for, or says what became of it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from connectors.zendesk import helpdesk
from connectors.zendesk.sandbox import ZendeskSandbox
from connectors.zendesk.tests.desk_callers import ANN, authors, read, settings_of
from resolver.clock import system_clock
from resolver.connector.helpdesk import Helpdesk
from resolver.errors import NotFound, Refused, Stale, Unavailable, Unknown
from resolver.ticket import Author, Status, TicketId, WriteBack

UPDATES = "/api/v2/tickets/*"


@pytest.fixture
def sandbox() -> Iterator[ZendeskSandbox]:
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
async def desk(sandbox: ZendeskSandbox) -> AsyncIterator[Helpdesk]:
    opened = helpdesk.connect(settings_of(sandbox), clock=system_clock)
    yield opened
    await opened.aclose()


async def test_a_write_back_arrives_with_text_status_queue_and_tags(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "My secret: {{ticket.requester.email}}")
    write = WriteBack(
        "wb-1",
        public="You wrote: {{ticket.id}}",
        status=Status.PENDING,
        queue="Refunds",
        add_tags=("resolver",),
    )

    receipt = await desk.write_back(await read(desk, number), write)
    ticket = await read(desk, number)

    assert (ticket.status, ticket.queue, ticket.tags) == (Status.PENDING, "Refunds", ("resolver",))
    reply = ticket.messages[-1]
    assert (reply.id, reply.author, reply.public) == (receipt.message_id, Author.RESOLVER, True)
    assert reply.text == "You wrote: {{ticket.id}}"  # shown, not expanded


async def test_the_receipt_of_a_note_is_good_for_the_reply_that_follows(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)

    note = await desk.write_back(ticket, WriteBack("note", private="Summary", status=Status.OPEN))
    await desk.write_back(
        replace(ticket, stamp=note.stamp), WriteBack("reply", public="A colleague will help.")
    )

    assert [message.public for message in (await read(desk, number)).messages] == [True, False, True]


@pytest.mark.parametrize("who", ["agent", "customer"])
async def test_a_ticket_changed_since_it_was_read_is_not_written_even_within_the_same_second(
    desk: Helpdesk, sandbox: ZendeskSandbox, who: str
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)
    if who == "agent":
        sandbox.agent_writes(number, "I have it", public=False)
    else:
        sandbox.customer_writes(ANN, ticket=number, text="Wait!")

    with pytest.raises(Stale):
        await desk.write_back(ticket, WriteBack("m", public="Refunded"))

    assert Author.RESOLVER not in authors(await read(desk, number))


async def test_a_ticket_that_changed_later_is_refused_by_its_stamp(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)
    sandbox.advance(120)
    sandbox.agent_writes(number, "I have it", public=False)

    with pytest.raises(Stale):  # without the audit in the stamp it is Zendesk itself that refuses
        await desk.write_back(
            replace(ticket, stamp=ticket.stamp.partition("#")[0]), WriteBack("m", public="x")
        )


async def test_a_closed_or_deleted_ticket_takes_nothing(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    closed = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    deleted = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    read_before = await read(desk, closed), await read(desk, deleted)
    sandbox.close(closed)
    sandbox.delete(deleted)

    for ticket in read_before:
        with pytest.raises(Refused):
            await desk.write_back(ticket, WriteBack("m", public="x"))


async def test_solving_works_where_it_needs_an_assignee_and_reopening_lets_go(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    await desk.write_back(await read(desk, number), WriteBack("m1", public="Done", status=Status.SOLVED))
    sandbox.customer_writes(ANN, ticket=number, text="Not yet")

    reopened = await read(desk, number)
    await desk.write_back(reopened, WriteBack("m2", public="Oh", status=Status.PENDING))
    pending = await read(desk, number)

    assert (reopened.status, reopened.assignee) == (Status.OPEN, str(sandbox.bot_id))
    assert (pending.status, pending.assignee) == (Status.PENDING, None)


async def test_a_handoff_goes_to_its_queue_unassigned(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.assign(number, agent="Mara Lind")

    handoff = WriteBack("m", private="Summary", status=Status.OPEN, queue="Billing", release=True)
    await desk.write_back(await read(desk, number), handoff)
    ticket = await read(desk, number)

    assert (ticket.queue, ticket.assignee, ticket.status) == ("Billing", None, Status.OPEN)
    assert not ticket.messages[-1].public


# ---- when the answer is lost ----


@pytest.mark.parametrize("fault", ["drop", "error_after", "malformed"])
async def test_a_lost_answer_is_unknown_and_the_audits_tell_that_it_arrived(
    desk: Helpdesk, sandbox: ZendeskSandbox, fault: str
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)
    sandbox.fault(fault, method="PUT", path=UPDATES)  # type: ignore[arg-type]  # parametrized

    with pytest.raises(Unknown):
        await desk.write_back(ticket, WriteBack("wb-7", public="Refunded"))
    receipt = await desk.find_receipt(ticket.ref.ticket, "wb-7")
    after = await read(desk, number)

    assert receipt is not None
    assert receipt.message_id == after.messages[-1].id
    assert authors(after) == [Author.REQUESTER, Author.RESOLVER]


@pytest.mark.parametrize("fault", ["drop_before", "error_before"])
async def test_a_call_lost_on_the_way_is_unknown_and_the_audits_tell_that_it_did_not_arrive(
    desk: Helpdesk, sandbox: ZendeskSandbox, fault: str
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)
    sandbox.fault(fault, method="PUT", path=UPDATES)  # type: ignore[arg-type]  # parametrized

    with pytest.raises(Unknown):
        await desk.write_back(ticket, WriteBack("wb-7", public="Refunded"))

    assert await desk.find_receipt(ticket.ref.ticket, "wb-7") is None
    assert authors(await read(desk, number)) == [Author.REQUESTER]


async def test_a_receipt_is_found_behind_many_later_updates(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    first = await desk.write_back(await read(desk, number), WriteBack("wb-1", private="Note"))
    for index in range(120):
        sandbox.customer_writes(ANN, ticket=number, text=str(index))

    found = await desk.find_receipt(TicketId(str(number)), "wb-1")

    assert found is not None
    assert found.message_id == first.message_id


async def test_a_receipt_of_a_deleted_ticket_cannot_be_told(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.delete(number)

    with pytest.raises(NotFound):
        await desk.find_receipt(TicketId(str(number)), "wb-1")


async def test_rate_limits_are_unavailable_and_name_the_time(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)
    sandbox.fault("throttle", method="PUT", path=UPDATES, retry_after_s=31)

    with pytest.raises(Unavailable) as refused:
        await desk.write_back(ticket, WriteBack("m", public="x"))

    assert refused.value.retry_after_s == 31


@pytest.mark.parametrize("fault", ["drop", "error_after", "malformed", "throttle"])
async def test_reading_from_a_helpdesk_in_trouble_is_unavailable(
    desk: Helpdesk, sandbox: ZendeskSandbox, fault: str
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    await read(desk, number)
    sandbox.fault(fault, method="GET", path=UPDATES, times=20)  # type: ignore[arg-type]  # parametrized

    with pytest.raises(Unavailable):
        await read(desk, number)


async def test_one_dropped_connection_does_not_spoil_a_read(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    await read(desk, number)
    sandbox.fault("drop", method="GET", path=f"/api/v2/tickets/{number}")

    assert (await read(desk, number)).subject == "Hello"


async def test_a_helpdesk_that_is_down_surely_executed_nothing() -> None:
    running = ZendeskSandbox().start()
    desk = helpdesk.connect(settings_of(running), clock=system_clock)
    ticket = await read(desk, running.customer_writes(ANN, "Ann", "Hello", "Hi"))
    running.stop()

    with pytest.raises(Unavailable):
        await desk.write_back(ticket, WriteBack("m", public="x"))
    with pytest.raises(Unavailable):
        await desk.fetch(ticket.ref.ticket)
    await desk.aclose()

"""Tickets are read whole, settings are checked, deliveries verified: against the sandbox."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.zendesk import helpdesk
from connectors.zendesk.sandbox import ZendeskSandbox
from connectors.zendesk.tests.desk_callers import ANN, BOB, authors, read, settings_of
from connectors.zendesk.tests.sandbox_callers import Receiver, http_on
from resolver.clock import system_clock
from resolver.connector.helpdesk import Helpdesk, WebhookRequest
from resolver.errors import Forged, Malformed, NotFound, Unavailable
from resolver.ticket import Author, Channel, Level, Status, TicketId, WriteBack


@pytest.fixture
def sandbox() -> Iterator[ZendeskSandbox]:
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
async def desk(sandbox: ZendeskSandbox) -> AsyncIterator[Helpdesk]:
    fields = '{"vip": "organisation.vip", "segment": "user.segment", "gold": "tag.gold"}'
    opened = helpdesk.connect(settings_of(sandbox, customer_fields=fields), clock=system_clock)
    yield opened
    await opened.aclose()


# ---- reading ----


async def test_a_ticket_is_read_with_everything_the_customer_wrote(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann Lee", "Broken mug", "It broke.\n\nOrder 10482.", locale="de")

    ticket = await read(desk, number)

    assert (ticket.ref.ticket, ticket.subject, ticket.status) == (str(number), "Broken mug", Status.OPEN)
    assert (ticket.raw_status, ticket.channel, ticket.assignee) == ("new", Channel.EMAIL, None)
    assert (ticket.requester.email, ticket.requester.name, ticket.requester.language) == (
        ANN,
        "Ann Lee",
        "de",
    )
    (message,) = ticket.messages
    assert message.text == "It broke.\n\nOrder 10482."
    assert message.html is not None
    assert "<p>" in message.html
    assert (message.author, message.public, message.trusted) == (Author.REQUESTER, True, True)
    assert message.author_id == ticket.requester.id
    assert message.created_at.tzinfo is not None


async def test_all_comments_are_read_however_many_pages_they_fill(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "0")
    for index in range(1, 203):
        sandbox.customer_writes(ANN, ticket=number, text=str(index))

    ticket = await read(desk, number)

    assert [message.text for message in ticket.messages] == [str(index) for index in range(203)]


async def test_everybody_is_told_apart(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Please refund", cc=[BOB])
    await desk.write_back(await read(desk, number), WriteBack("m", public="Which order?"))
    sandbox.customer_writes(BOB, "Bob", ticket=number, text="I agree")
    sandbox.customer_writes("eve@example.com", "Eve", ticket=number, text="yes")
    sandbox.customer_writes(ANN, ticket=number, text="I am on holiday", auto_submitted=True)
    sandbox.agent_writes(number, "Odd", public=False)

    ticket = await read(desk, number)

    assert authors(ticket) == [
        Author.REQUESTER,
        Author.RESOLVER,
        Author.OTHER_CUSTOMER,
        Author.OTHER_CUSTOMER,
        Author.AUTOMATIC,
        Author.STAFF,
    ]
    eve = ticket.messages[3]
    assert (eve.public, eve.trusted) == (False, False)


async def test_a_new_requester_makes_the_old_one_another_customer(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Refund me")
    sandbox.change_requester(number, BOB, "Bob")

    ticket = await read(desk, number)

    assert ticket.requester.email == BOB
    assert authors(ticket) == [Author.OTHER_CUSTOMER]
    assert ticket.requester.level is Level.CLAIMED


async def test_queue_assignee_tags_and_fields_are_read(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.assign(number, agent="Mara Lind", group="Refunds")
    sandbox.tag(number, add=["orders"])
    await desk.write_back(await read(desk, number), WriteBack("m", fields={"Order number": "A-1"}))

    ticket = await read(desk, number)

    assert (ticket.queue, ticket.tags, ticket.assigned_to_person) == ("Refunds", ("orders",), True)
    assert list(ticket.fields.values()) == ["A-1"]


async def test_customer_fields_come_from_user_organisation_and_tags(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    sandbox.add_organization("Acme Ltd", tags=["gold"], fields={"vip": True})
    sandbox.set_user(ANN, organization="Acme Ltd", user_fields={"segment": "b2b"}, tags=["early"])
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    other = sandbox.customer_writes(BOB, "Bob", "Hello", "Hi")

    known, unknown = await read(desk, number), await read(desk, other)

    assert known.requester.fields == {"vip": "yes", "segment": "b2b", "gold": "yes"}
    assert known.requester.tags == ("early", "gold")
    assert unknown.requester.fields == {"gold": "no"}


@pytest.mark.parametrize("where", ["ticket", "user", "organisation"])
async def test_the_opt_out_tag_counts_wherever_it_is(
    desk: Helpdesk, sandbox: ZendeskSandbox, where: str
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    assert not (await read(desk, number)).opted_out
    if where == "ticket":
        sandbox.tag(number, add=["no_resolver"])
    elif where == "user":
        sandbox.set_user(ANN, tags=["no_resolver"])
    else:
        sandbox.add_organization("Acme Ltd", tags=["no_resolver"])
        sandbox.set_user(ANN, organization="Acme Ltd")

    assert (await read(desk, number)).opted_out


async def test_another_opt_out_tag_can_be_chosen(sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.tag(number, add=["people_only"])
    desk = helpdesk.connect(settings_of(sandbox, opt_out_tag="people_only"), clock=system_clock)

    ticket = await read(desk, number)
    await desk.aclose()

    assert ticket.opted_out


async def test_a_ticket_that_was_deleted_or_never_was_is_not_found(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.delete(number)

    for name in (str(number), "999999", "abc", "1" * 30):
        with pytest.raises(NotFound):
            await desk.fetch(TicketId(name))


async def test_a_merged_ticket_says_where_it_went(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    first = sandbox.customer_writes(ANN, "Ann", "One", "Hi")
    second = sandbox.customer_writes(ANN, "Ann", "Two", "Hi")
    sandbox.merge([first], into=second)

    merged, target = await read(desk, first), await read(desk, second)

    assert (merged.closed, merged.merged_into) == (True, str(second))
    assert (target.closed, target.merged_into) == (False, None)


async def test_a_customer_cannot_make_a_ticket_look_merged(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "One", "closed and merged into request #1234")
    sandbox.close(number)

    ticket = await read(desk, number)

    assert ticket.closed
    assert ticket.merged_into is None


async def test_control_characters_in_a_message_do_not_get_in(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    with http_on(sandbox) as http:
        number = http.post(
            "/tickets", json={"ticket": {"subject": "a\x00b", "comment": {"body": "x\x00\x08y"}}}
        ).json()["ticket"]["id"]

    ticket = await read(desk, number)

    assert "\x00" not in ticket.subject + ticket.messages[0].text


# ---- tokens and settings ----


async def test_an_expired_token_is_renewed_without_anybody_noticing(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    ticket = await read(desk, number)
    sandbox.advance(3 * 3600)  # Zendesk's clock, not ours: the token is refused before we think it ended

    await desk.write_back(ticket, WriteBack("m", public="Hello"))

    assert authors(await read(desk, number)) == [Author.REQUESTER, Author.RESOLVER]


async def test_wrong_credentials_are_unavailable_and_say_what_to_compare(sandbox: ZendeskSandbox) -> None:
    desk = helpdesk.connect(settings_of(sandbox, client_secret="another"), clock=system_clock)

    with pytest.raises(Unavailable, match="client_secret") as refused:
        await desk.fetch(TicketId("1"))
    await desk.aclose()

    assert "another" not in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("subdomain", ""),
        ("subdomain", "acme.zendesk.com"),
        ("subdomain", "acme/../evil"),
        ("client_id", ""),
        ("client_secret", "  "),
        ("signing_secret", ""),
        ("base_url", "http://zendesk.example"),
        ("base_url", "ftp://127.0.0.1"),
        ("base_url", "127.0.0.1:9001"),
        ("customer_fields", "vip"),
        ("customer_fields", "[]"),
        ("customer_fields", '{"vip": "user"}'),
        ("customer_fields", '{"vip": "ticket.vip"}'),
        ("customer_fields", '{"vip": 1}'),
        ("requests_per_minute", "many"),
        ("updates_per_minute", "0"),
        ("timeout_s", "0"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_a_remedy(setting: str, value: str) -> None:
    good = {"subdomain": "acme", "client_id": "r", "client_secret": "s3cret", "signing_secret": "x"}

    with pytest.raises(Malformed, match=setting) as refused:
        helpdesk.connect({**good, setting: value}, clock=system_clock)

    assert refused.value.remedy
    assert "s3cret" not in str(refused.value)


def test_without_zenpy_connecting_says_what_to_install() -> None:
    program = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "zenpy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hide())
from connectors.zendesk import helpdesk, settings
from resolver.clock import system_clock
from resolver.errors import Malformed
try:
    settings = dict.fromkeys(["subdomain", "client_id", "client_secret", "signing_secret"], "a")
    helpdesk.connect(settings, clock=system_clock)
except Malformed as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ}
    )

    assert "pip install 'helpdesk-resolver[zendesk]'" in done.stdout


# ---- deliveries ----


async def test_what_the_sandbox_signs_is_verified_and_names_ticket_and_comment(
    sandbox: ZendeskSandbox,
) -> None:
    with Receiver() as receiver:
        _, secret = sandbox.register_webhook(receiver.url)
        desk = helpdesk.connect(settings_of(sandbox, signing_secret=f"older, {secret}"), clock=system_clock)
        number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
        sandbox.customer_writes(ANN, ticket=number, text="Again")
        assert sandbox.idle()
        requests = [WebhookRequest(one.headers, one.raw) for one in receiver.received]

        for request in requests:
            desk.verify(request, now=system_clock())
        deliveries = [desk.parse(request)[0] for request in requests]
        ticket = await read(desk, number)
        await desk.aclose()

    assert {delivery.ticket for delivery in deliveries} == {str(number)}
    assert ticket.messages[-1].id in {delivery.message_id for delivery in deliveries}
    with pytest.raises(Forged):
        desk.verify(WebhookRequest(requests[0].headers, requests[0].body + b" "), now=system_clock())


async def test_our_triggers_body_passes_through_a_real_trigger(sandbox: ZendeskSandbox) -> None:
    body = (
        '{"resolver": "trigger", "ticket_id": "{{ticket.id}}",'
        ' "updated_at": "{{ticket.updated_at_with_timestamp}}"}'
    )
    with Receiver() as receiver:
        webhook, secret = sandbox.register_trigger_webhook(receiver.url)
        trigger = {
            "title": "Tell the resolver",
            "conditions": {"all": [{"field": "update_type", "operator": "is", "value": "Create"}], "any": []},
            "actions": [{"field": "notification_webhook", "value": [webhook, body]}],
        }
        with http_on(sandbox) as http:
            http.post("/triggers", json={"trigger": trigger}).raise_for_status()
        number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
        assert sandbox.idle()
        desk = helpdesk.connect(settings_of(sandbox, signing_secret=secret), clock=system_clock)
        (received,) = receiver.received
        request = WebhookRequest(received.headers, received.raw)

        desk.verify(request, now=system_clock())
        (delivery,) = desk.parse(request)
        await desk.aclose()

    assert (delivery.kind, delivery.ticket) == ("trigger", str(number))
    assert delivery.occurred_at is not None

"""Zendesk's evidence about the requester becomes a level with a reason, and what people do is seen."""

from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.zendesk import helpdesk
from connectors.zendesk.sandbox import ZendeskSandbox
from connectors.zendesk.tests.desk_callers import ANN, BOB, read, settings_of
from connectors.zendesk.tests.sandbox_callers import http_on
from resolver.clock import system_clock
from resolver.connector.helpdesk import Helpdesk
from resolver.ticket import Channel, Level, Status, WriteBack


@pytest.fixture
def sandbox() -> Iterator[ZendeskSandbox]:
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
async def desk(sandbox: ZendeskSandbox) -> AsyncIterator[Helpdesk]:
    opened = helpdesk.connect(settings_of(sandbox), clock=system_clock)
    yield opened
    await opened.aclose()


async def test_undoubted_mail_of_a_verified_user_is_verified_and_says_why(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.customer_writes(ANN, ticket=number, text="And again")

    requester = (await read(desk, number)).requester

    assert requester.level is Level.VERIFIED
    assert "verified in Zendesk" in requester.evidence


@pytest.mark.parametrize("flag", [0, 2, 3, 11, 14, 17, 20, 21, 22])
async def test_one_doubted_message_makes_the_address_a_claim(
    desk: Helpdesk, sandbox: ZendeskSandbox, flag: int
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.customer_writes(ANN, ticket=number, text="Now pay me", flags=[flag])

    ticket = await read(desk, number)

    assert not ticket.messages[-1].trusted
    assert ticket.requester.level is Level.CLAIMED
    assert "doubts" in ticket.requester.evidence


@pytest.mark.parametrize("flag", [5, 16, 18])
async def test_a_remark_about_anything_else_is_no_doubt(
    desk: Helpdesk, sandbox: ZendeskSandbox, flag: int
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", flags=[flag])

    assert (await read(desk, number)).requester.level is Level.VERIFIED


async def test_an_address_nobody_confirmed_is_a_claim(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", verified=False)

    assert (await read(desk, number)).requester.level is Level.CLAIMED


async def test_a_copied_persons_words_neither_prove_nor_disprove_the_requester(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", cc=[BOB])
    sandbox.customer_writes(BOB, ticket=number, text="yes")

    assert (await read(desk, number)).requester.level is Level.VERIFIED


async def test_a_message_that_came_another_way_makes_the_address_a_claim(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    sandbox.customer_writes(ANN, ticket=number, text="yes", channel="api")

    requester = (await read(desk, number)).requester

    assert requester.level is Level.CLAIMED
    assert "another way" in requester.evidence


async def test_a_ticket_an_agent_made_in_the_customers_name_proves_nothing(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    with http_on(sandbox) as http:
        made = {
            "subject": "By phone",
            "requester": {"name": "Ann", "email": ANN},
            "comment": {"body": "Refund"},
        }
        number = http.post("/tickets", json={"ticket": made}).json()["ticket"]["id"]

    requester = (await read(desk, number)).requester

    assert requester.level is Level.CLAIMED


@pytest.mark.parametrize(
    ("channel", "expected", "level"),
    [
        ("form", Channel.FORM, Level.CLAIMED),
        ("web", Channel.FORM, Level.CLAIMED),
        ("api", Channel.API, Level.CLAIMED),
        ("messaging", Channel.MESSENGER, Level.ANONYMOUS),
    ],
)
async def test_channels_that_prove_nobody_start_low(
    desk: Helpdesk, sandbox: ZendeskSandbox, channel: str, expected: Channel, level: Level
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", channel=channel)  # type: ignore[arg-type]  # parametrized

    ticket = await read(desk, number)

    assert (ticket.channel, ticket.requester.level) == (expected, level)
    assert ticket.requester.evidence.endswith(".")


async def test_a_form_opens_a_ticket_that_counts_although_nobody_signed_in(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", channel="form")
    sandbox.customer_writes(ANN, ticket=number, text="By mail")
    sandbox.customer_writes(ANN, ticket=number, text="By form again", channel="form")

    ticket = await read(desk, number)

    assert [message.trusted for message in ticket.messages] == [True, True, False]
    assert ticket.requester.level is Level.CLAIMED


@pytest.mark.parametrize("flag", [0, 2, 11, 14, 17, 20, 21, 22])
async def test_any_other_doubt_about_a_form_stays_a_doubt(
    desk: Helpdesk, sandbox: ZendeskSandbox, flag: int
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", channel="form", flags=[flag])

    assert not (await read(desk, number)).messages[0].trusted


async def test_a_visitor_signed_in_to_messaging_is_verified(desk: Helpdesk, sandbox: ZendeskSandbox) -> None:
    user = sandbox.set_user(ANN, name="Ann", verified=True)
    with http_on(sandbox) as http:
        http.put(f"/users/{user}", json={"user": {"external_id": "shop-17"}}).raise_for_status()
    number = sandbox.customer_writes(ANN, "Ann", "", "Where is my order?", channel="messaging")

    requester = (await read(desk, number)).requester

    assert requester.level is Level.VERIFIED
    assert "signed in" in requester.evidence


# ---- staff ----


async def test_nothing_the_resolver_or_a_customer_does_changes_the_staff_stamp(
    desk: Helpdesk, sandbox: ZendeskSandbox
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi", cc=[BOB])
    before = await read(desk, number)

    await desk.write_back(before, WriteBack("m", public="Hello", status=Status.SOLVED, queue="Orders"))
    sandbox.customer_writes(ANN, ticket=number, text="Thanks")
    sandbox.customer_writes(BOB, ticket=number, text="Thanks")
    after = await read(desk, number)

    assert after.staff_stamp == before.staff_stamp
    assert not after.assigned_to_person
    assert after.assignee == str(sandbox.bot_id)


@pytest.mark.parametrize("deed", ["note", "reply", "assign", "group", "status", "tag", "requester"])
async def test_everything_a_person_does_changes_the_staff_stamp(
    desk: Helpdesk, sandbox: ZendeskSandbox, deed: str
) -> None:
    number = sandbox.customer_writes(ANN, "Ann", "Hello", "Hi")
    before = await read(desk, number)
    deeds = {
        "note": lambda: sandbox.agent_writes(number, "Hm", public=False),
        "reply": lambda: sandbox.agent_writes(number, "Hello"),
        "assign": lambda: sandbox.assign(number, agent="Tom Okafor"),
        "group": lambda: sandbox.assign(number, group="Billing"),
        "status": lambda: sandbox.set_status(number, "hold"),
        "tag": lambda: sandbox.tag(number, add=["mine"]),
        "requester": lambda: sandbox.change_requester(number, BOB),
    }

    deeds[deed]()

    assert (await read(desk, number)).staff_stamp != before.staff_stamp

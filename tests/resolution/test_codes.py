"""A one-time code through the helpdesk: it goes to the contact on the record and counts once, from the right person."""

import re

import pytest
import sqlalchemy as sa

from connectors.mail.sandbox import MailSandbox
from resolver.store import codes, identities
from resolver.store.database import Connection
from resolver.store.tables import reading, turn_input
from resolver.store.vault import SubjectKey
from tests.installation import Desk, House, Shop, Ticket, new_person

pytestmark = pytest.mark.asyncio(loop_scope="session")

DISTRUSTFUL = House(edits=(("policy.yaml", "trust_email: yes", "trust_email: no"),))
ADDRESS = "22 Hill Road, Leeds LS1 4AB, United Kingdom"
YORK = "5 Mill Lane, York YO1 7HB, United Kingdom"


@pytest.fixture
def mail(desk: Desk) -> MailSandbox:
    found = desk.installation.sandboxes["mail"]
    assert isinstance(found, MailSandbox)
    return found


def code_to(mail: MailSandbox, email: str) -> str:
    """The code of the newest mail to this address."""
    found = re.search(r"\d{6}", mail.to(email)[-1].text)
    assert found is not None
    return found.group()


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def moves_house(order: str) -> str:
    return f"I moved, please change the delivery address of order {order} to:\n{ADDRESS}"


async def asks(desk: Desk, order: str) -> Ticket:
    """A valuable parcel is to go elsewhere, so a code is asked for."""
    ticket = await desk.receives(moves_house(order))
    assert "we need a code" in ticket.replies[-1], ticket.notes
    return ticket


def valuable(shop: Shop, **fields: object) -> str:
    return shop.has_order(status="paid", paid="350.00 GBP", country="GB", address=YORK, **fields)


async def test_a_valuable_parcel_goes_elsewhere_after_the_code(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    order = valuable(shop)
    ticket = await asks(desk, order)

    await ticket.answers(code_to(mail, desk.email))
    assert "Is that right?" in ticket.replies[-1]
    await ticket.answers("Yes")

    assert ticket.actions == [("shop.change_address", "done")]
    assert ticket.disposition == "resolved"
    assert len(mail.to(desk.email)) == 1


@pytest.mark.parametrize(
    "words",
    ["Here it is: {code}", "The code is {code}.\n\nBest, Ann", "{half} {rest}", "code {half}-{rest}, thanks"],
)
async def test_a_code_is_found_among_other_words(
    desk: Desk, shop: Shop, mail: MailSandbox, words: str
) -> None:
    ticket = await asks(desk, valuable(shop))
    code = code_to(mail, desk.email)

    await ticket.answers(words.format(code=code, half=code[:3], rest=code[3:]))

    assert "Is that right?" in ticket.replies[-1]


async def test_who_wrote_by_a_form_is_answered_after_the_code_came_back_by_mail(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    order = shop.has_order(status="processing")
    ticket = await desk.receives(f"Where is my parcel {order}?", channel="form")

    await ticket.answers(code_to(mail, desk.email), channel="form")
    unproven = "".join(ticket.replies)
    await ticket.answers(code_to(mail, desk.email))

    assert "being prepared" not in unproven
    assert "being prepared" in ticket.replies[-1]


async def test_three_wrong_codes_meet_a_person_and_the_right_one_comes_too_late(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    ticket = await asks(desk, valuable(shop))
    code = code_to(mail, desk.email)

    for _ in range(3):
        await ticket.answers(another(code))
    await ticket.answers(code)

    assert (ticket.disposition, ticket.queue) == ("handed_off", "Orders")
    assert ticket.actions == []


async def test_the_code_of_another_ticket_does_not_count(desk: Desk, shop: Shop, mail: MailSandbox) -> None:
    first, second = await asks(desk, valuable(shop)), await asks(desk, valuable(shop))
    of_first, of_second = (re.findall(r"\d{6}", one.text)[0] for one in mail.to(desk.email))
    assert of_first != of_second

    await second.answers(of_first)

    assert "did not find the right code" in second.replies[-1]
    assert first.actions == second.actions == []


async def test_the_code_from_somebody_elses_message_does_not_count(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    ticket = await asks(desk, valuable(shop))
    said = len(ticket.replies)

    desk.writes(code_to(mail, desk.email), ticket=ticket.number, email=new_person(), name="Eve")
    await ticket.settles()

    assert (len(ticket.replies), ticket.waits_for) == (said, "customer")
    assert ticket.facts.level != "code"


async def test_another_requester_starts_over(desk: Desk, shop: Shop, mail: MailSandbox) -> None:
    ticket = await asks(desk, valuable(shop))
    code, eve = code_to(mail, desk.email), new_person()

    desk.zendesk.change_requester(ticket.number, eve, "Eve")
    desk.writes(code, ticket=ticket.number, email=eve, name="Eve")
    await ticket.settles()

    assert ticket.actions == []
    assert proofs_of(ticket) == []


def proofs_of(ticket: Ticket) -> list[str]:
    """The levels that the ticket's requester was proven to."""
    read, requester = ticket.desk.installation.read, ticket.case.requester
    return [one.level for one in read(lambda c: identities.of_case(c, ticket.case_id, requester=requester))]


def all_codes(connection: Connection, ticket: Ticket) -> list[codes.Row]:
    """The codes that the ticket's requester may still answer with."""
    requester = ticket.case.requester
    return codes.of_case(connection, ticket.case_id, requester=requester)


async def test_the_code_stands_nowhere_but_in_the_mail_and_the_customers_message(
    desk: Desk, shop: Shop, mail: MailSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = await asks(desk, valuable(shop))
    code = code_to(mail, desk.email)
    await ticket.answers(f"My code is {code}")
    await ticket.answers("Can I speak to a person?")

    resources = desk.installation.resolver.resources
    key = desk.installation.read(lambda c: resources.vault.known(c, ticket.case.requester))
    stored = [key.open(run.facts_sealed) for run in ticket.runs]
    stored += [key.open(row.document_sealed) for row in ticket.write_backs]
    stored += [
        key.open(row.document_sealed) for row in desk.installation.read(lambda c: all_codes(c, ticket))
    ]
    stored += everything_sealed(desk, ticket, key)

    assert ticket.notes
    assert code not in " ".join((*ticket.notes, *ticket.replies, *stored, str(ticket.trail), caplog.text))


def everything_sealed(desk: Desk, ticket: Ticket, key: SubjectKey) -> list[str]:
    """The readings of the ticket's messages and what its turns were decided from, opened."""
    runs = [run.id for run in ticket.runs]

    def job(connection: Connection) -> list[bytes]:
        read = sa.select(reading.c.document_sealed).where(reading.c.case == ticket.case_id)
        decided = sa.select(turn_input.c.document_sealed).where(turn_input.c.run.in_(runs))
        return [*connection.execute(read).scalars(), *connection.execute(decided).scalars()]

    return [key.open(one) for one in desk.installation.read(job)]


async def test_a_code_lasts_for_the_next_request_of_the_ticket(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    ticket = await asks(desk, valuable(shop))
    await ticket.answers(code_to(mail, desk.email))
    await ticket.answers("Yes")

    assert proofs_of(ticket) == ["code"]
    second = valuable(shop)
    await ticket.answers(moves_house(second))

    assert "Is that right?" in ticket.replies[-1]
    assert len(mail.to(desk.email)) == 1


async def test_a_contact_gets_so_many_codes_a_day_and_nobody_is_told_that_it_was_too_much(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    tickets = [await asks(desk, valuable(shop)) for _ in range(6)]
    seventh = await asks(desk, valuable(shop))

    assert len(mail.to(desk.email)) == 6
    assert seventh.replies == tickets[0].replies


async def test_a_mail_server_that_takes_nothing_for_the_contact_leads_to_a_person(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    mail.refuses.add(desk.email)

    ticket = await desk.receives(moves_house(valuable(shop)))

    assert (ticket.disposition, ticket.queue) == ("handed_off", "Orders")


async def test_a_mail_server_that_is_busy_is_asked_again_and_the_customer_hears_of_it_then(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    mail.faults.append("busy")
    ticket = await desk.receives(moves_house(valuable(shop)))
    assert ticket.armed_for("resume") == [1]

    await ticket.retries()

    assert "we need a code" in ticket.replies[-1], ticket.notes
    assert len(mail.to(desk.email)) == 1


async def test_a_mail_nobody_heard_of_is_sent_again_as_the_same_mail(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    mail.faults.append("unheard")
    ticket = await desk.receives(moves_house(valuable(shop)))

    await ticket.retries()

    assert len({one.text for one in mail.mails if one.to == desk.email}) == 1
    await ticket.answers(code_to(mail, desk.email))
    assert "Is that right?" in ticket.replies[-1]


async def test_the_kill_switch_sends_no_code(desk: Desk, shop: Shop, mail: MailSandbox) -> None:
    await desk.installation.pauses("playbook:change_address")

    await desk.receives(moves_house(valuable(shop)))
    await desk.installation.resumes("playbook:change_address")

    assert mail.to(desk.email) == []


async def test_silence_for_a_day_meets_a_person(desk: Desk, shop: Shop) -> None:
    ticket = await asks(desk, valuable(shop))

    await ticket.ring("silence")

    assert (ticket.disposition, ticket.queue) == ("handed_off", "Orders")


# -- where nobody trusts e-mail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("house", [DISTRUSTFUL], ids=["no trust in e-mail"])
async def test_a_known_and_an_unknown_order_are_answered_alike_and_only_one_gets_mail(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    whose = new_person()
    other = valuable(shop, email=whose)
    known = await desk.receives(moves_house(other))
    unknown = await desk.receives(moves_house("99999"))

    assert known.replies == unknown.replies
    assert "we need a code" in known.replies[0]
    assert (len(mail.to(whose)), len(mail.to(desk.email))) == (1, 0)


@pytest.mark.parametrize("house", [DISTRUSTFUL], ids=["no trust in e-mail"])
async def test_the_owner_who_writes_from_another_address_is_served_after_the_code(
    desk: Desk, shop: Shop, mail: MailSandbox
) -> None:
    whose = new_person()
    order = shop.has_order(email=whose, status="shipped", tracking_url="https://post.example/1")
    ticket = await desk.receives(f"Where is my parcel? Order {order}")
    assert "we need a code" in ticket.replies[-1]

    await ticket.answers(code_to(mail, whose))

    assert "https://post.example/1" in ticket.replies[-1]

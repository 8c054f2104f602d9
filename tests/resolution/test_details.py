"""Details named through the helpdesk: they make the record's owner the customer, and nobody else's do."""

import pytest

from resolver.store import identities
from tests.installation import Desk, House, Shop, Ticket, new_person

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNOWN_BY_DETAILS = House(
    edits=(
        ("policy.yaml", "trust_email: yes", "trust_email: no\n  matched_may_see: yes\n  details: [[email]]"),
        ("order_status.yaml", "identify: verified", "identify: matched"),
    )
)


def proofs_of(ticket: Ticket) -> list[str]:
    """The levels that the ticket's requester was proven to."""
    read, requester = ticket.desk.installation.read, ticket.case.requester
    return [one.level for one in read(lambda c: identities.of_case(c, ticket.case_id, requester=requester))]


@pytest.mark.parametrize("house", [KNOWN_BY_DETAILS], ids=["known by details"])
@pytest.mark.parametrize("channel", ["form", "email"])
async def test_who_names_the_orders_address_is_told_where_it_is(desk: Desk, shop: Shop, channel: str) -> None:
    owner = new_person()
    order = Shop(shop.sandbox, owner).has_order(status="processing")
    ticket = await desk.receives(f"Where is my parcel {order}?", channel=channel)
    asked = ticket.replies[-1]

    await ticket.answers(f"I ordered with {owner}")

    assert "please tell us what you gave us" in asked
    assert "being prepared" in ticket.replies[-1]
    assert proofs_of(ticket) == ["matched"]


@pytest.mark.parametrize("house", [KNOWN_BY_DETAILS], ids=["known by details"])
async def test_another_persons_details_do_not_tell_anything_nor_whether_there_is_an_order(
    desk: Desk, shop: Shop
) -> None:
    theirs = Shop(shop.sandbox, new_person()).has_order(status="processing")
    nobodys = str(int(theirs) + 50_000)
    foreign = await desk.receives(f"Where is my parcel {theirs}?")
    unknown = await desk.receives(f"Where is my parcel {nobodys}?")

    for ticket in (foreign, unknown):
        for _ in range(3):
            await ticket.answers(f"I ordered with {desk.email}")

    assert foreign.replies == unknown.replies
    assert (foreign.disposition, unknown.disposition) == ("handed_off", "handed_off")
    assert proofs_of(foreign) == proofs_of(unknown) == []


@pytest.mark.parametrize("house", [KNOWN_BY_DETAILS], ids=["known by details"])
async def test_details_beside_another_answer_or_in_the_first_message_are_taken(
    desk: Desk, shop: Shop
) -> None:
    owner = new_person()
    order = Shop(shop.sandbox, owner).has_order(status="processing")
    first = await desk.receives(f"Where is my parcel {order}? I ordered with {owner}", channel="form")
    beside = await desk.receives("Where is my parcel?", channel="form")
    await beside.answers(f"It is {order}, ordered with {owner}")

    for ticket in (first, beside):
        assert "being prepared" in ticket.replies[-1]
        assert not any("please tell us what you gave us" in reply for reply in ticket.replies)
        assert proofs_of(ticket) == ["matched"]


@pytest.mark.parametrize("house", [KNOWN_BY_DETAILS], ids=["known by details"])
async def test_another_persons_details_in_the_first_message_prove_nothing(desk: Desk, shop: Shop) -> None:
    order = Shop(shop.sandbox, new_person()).has_order(status="processing")

    ticket = await desk.receives(f"Where is my parcel {order}? I ordered with {new_person()}", channel="form")

    assert "please tell us what you gave us" in ticket.replies[-1]
    assert proofs_of(ticket) == []


TWO_TRIES = House(
    edits=(
        (
            "policy.yaml",
            "trust_email: yes",
            "trust_email: no\n  matched_may_see: yes\n  details: [[email]]\n  details_tries: 2",
        ),
        ("order_status.yaml", "identify: verified", "identify: matched"),
    )
)


@pytest.mark.parametrize("house", [TWO_TRIES], ids=["two tries a day"])
async def test_after_too_many_wrong_tries_a_day_nothing_fits_a_record_from_whatever_ticket(
    desk: Desk, shop: Shop
) -> None:
    owner = new_person()
    order = Shop(shop.sandbox, owner).has_order(status="processing")
    guessing = await desk.receives(f"Where is my parcel {order}?")
    for _ in range(2):
        await guessing.answers(f"I ordered with {desk.email}")

    other = await desk.receives(f"Where is my parcel {order}?")
    await other.answers(f"I ordered with {owner}")
    free = await desk.receives(
        f"Where is my parcel {Shop(shop.sandbox, owner).has_order(status='processing')}?"
    )
    await free.answers(f"I ordered with {owner}")

    assert other.replies[-1] == guessing.replies[-1]
    assert (proofs_of(guessing), proofs_of(other), proofs_of(free)) == ([], [], ["matched"])


ASKS_WHY = House(
    edits=(
        *KNOWN_BY_DETAILS.edits,
        ("order_status.yaml", "languages: [en, de, fr, es, pl]", "languages: [en]"),
        (
            "order_status.yaml",
            "    ask: which_order\n",
            "    ask: which_order\n  why:\n    type: one of [late, curious]\n    ask: which_why\n"
            "    labels: {late: {en: It is late}, curious: {en: Just curious}}\n",
        ),
        ("order_status.yaml", "\nreplies:\n", '\nreplies:\n  which_why: {en: "Why do you ask?"}\n'),
        ("order_status.yaml", "did not arrive when it should have.", "is late. {why}"),
    )
)


@pytest.mark.parametrize("house", [ASKS_WHY], ids=["asks why"])
async def test_who_it_is_and_what_is_missing_are_asked_in_one_message_and_answered_in_one(
    desk: Desk, shop: Shop
) -> None:
    owner = new_person()
    order = Shop(shop.sandbox, owner).has_order(status="processing")
    ticket = await desk.receives(f"Where is my parcel {order}?", channel="form")
    (asked,) = ticket.replies

    await ticket.answers(f"I ordered with {owner}. Just curious")

    assert "please tell us what you gave us" in asked
    assert "Why do you ask?\n1. It is late\n2. Just curious" in asked
    assert len(ticket.replies) == 2
    assert "being prepared" in ticket.replies[-1]
    assert ticket.facts.slots["why"].value == "curious"


@pytest.mark.parametrize("house", [ASKS_WHY], ids=["asks why"])
async def test_an_answer_to_one_of_the_two_is_kept_while_the_other_is_asked_again(
    desk: Desk, shop: Shop
) -> None:
    owner = new_person()
    order = Shop(shop.sandbox, owner).has_order(status="processing")
    ticket = await desk.receives(f"Where is my parcel {order}?", channel="form")

    await ticket.answers("It is late")
    await ticket.answers(f"I ordered with {owner}")

    assert "once more" in ticket.replies[-2]
    assert "Why do you ask?" not in ticket.replies[-2]
    assert "being prepared" in ticket.replies[-1]
    assert ticket.facts.slots["why"].value == "late"

"""Known by an account where no record is named: its owner is the customer, and nobody else's details are."""

from datetime import date

import pytest

from resolver.store import identities
from tests.installation import Desk, House, Installation, Ticket, new_person

pytestmark = pytest.mark.asyncio(loop_scope="session")

VERIFIED = "    - identify: verified\n      if_fails: hand_over\n"
"""What changes an account takes more than its details."""


@pytest.fixture
def house() -> House:
    return House(
        edits=(
            (
                "policy.yaml",
                "trust_email: yes",
                "trust_email: no\n  matched_may_see: yes\n  account: billing.subscription\n  details: [[email]]",
            ),
            ("cancel_subscription.yaml", "identify: verified", "identify: matched"),
            *(
                ("cancel_subscription.yaml", f"    - do: {action}", f"{VERIFIED}    - do: {action}")
                for action in ("billing.apply_discount", "billing.cancel")
            ),
        )
    )


def proofs_of(ticket: Ticket) -> list[str]:
    """The levels that the ticket's requester was proven to."""
    read, requester = ticket.desk.installation.read, ticket.case.requester
    return [one.level for one in read(lambda c: identities.of_case(c, ticket.case_id, requester=requester))]


def ended(installation: Installation) -> str:
    """The address of somebody whose subscription is over."""
    owner = new_person()
    day = date(2030, 12, 10)
    installation.billing.has_subscription(owner, id=owner.partition("@")[0], status="ended", renews_on=day)
    return owner


@pytest.mark.parametrize("channel", ["form", "email"])
async def test_who_names_an_account_is_its_owner_for_the_ticket(
    desk: Desk, installation: Installation, channel: str
) -> None:
    owner = ended(installation)
    ticket = await desk.receives("Cancel my subscription", channel=channel)
    asked = ticket.replies[-1]

    await ticket.answers(f"I signed up with {owner}")

    assert "please tell us what you gave us" in asked
    assert "has already been ended" in ticket.replies[-1]
    assert proofs_of(ticket) == ["matched"]


async def test_details_that_find_no_account_prove_nothing_and_go_to_a_person(
    desk: Desk, installation: Installation
) -> None:
    ended(installation)
    ticket = await desk.receives("Cancel my subscription", channel="form")
    for _ in range(3):
        await ticket.answers(f"It was {new_person()}")

    assert proofs_of(ticket) == []
    assert (ticket.disposition, ticket.effects) == ("handed_off", [])
    assert "ended" not in "".join(ticket.replies)


async def test_two_addresses_in_one_message_name_nobody(desk: Desk, installation: Installation) -> None:
    ticket = await desk.receives("Cancel my subscription", channel="form")

    await ticket.answers(f"{ended(installation)} or {ended(installation)}")

    assert proofs_of(ticket) == []

"""How a subscription ends, or does not, and how its payment method is changed without a card number on the ticket."""

from datetime import date

import pytest

from tests.installation import Desk, Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def plan(installation: Installation, email: str) -> str:
    """The key of the customer's subscription."""
    day = date(2030, 12, 10)
    return installation.billing.has_subscription(email, id=email.partition("@")[0], renews_on=day).id


def done(installation: Installation, plan: str) -> list[tuple[str, str]]:
    found = (one for one in installation.billing.movements() if one.subscription == plan)
    return [(one.kind, f"{one.amount} {one.currency}".strip()) for one in found]


async def test_who_finds_it_too_expensive_takes_the_discount_and_stays(
    desk: Desk, installation: Installation, plan: str
) -> None:
    ticket = await desk.receives("Cancel my subscription")
    assert (ticket.waits_for, done(installation, plan)) == ("customer", [])
    await ticket.answers("1")
    await ticket.answers("Yes please")

    assert done(installation, plan) == [("discount", "5.97 EUR")]
    assert installation.billing.subscription(plan).status == "active"
    assert (ticket.disposition, ticket.status, ticket.tags) == ("resolved", "solved", ["saved"])
    assert ticket.replies[-1] == "Done. €5.97 comes off Premium every month from now on."


async def test_who_declines_the_discount_is_let_go_after_a_second_yes(
    desk: Desk, installation: Installation, plan: str
) -> None:
    ticket = await desk.receives("Cancel my subscription")
    await ticket.answers("1")
    await ticket.answers("No, thank you")
    assert done(installation, plan) == []
    await ticket.answers("Yes")

    assert done(installation, plan) == [("ending", "")]
    assert installation.billing.subscription(plan).status == "ending"
    assert (ticket.disposition, ticket.tags) == ("resolved", ["churned"])
    assert "December 10, 2030" in ticket.replies[-1]


async def test_an_ending_whose_answer_was_lost_is_read_back_and_told(
    desk: Desk, installation: Installation, plan: str
) -> None:
    ticket = await desk.receives("Cancel my subscription")
    await ticket.answers("2")
    installation.billing.fault("cancel", "reset_after")
    await ticket.answers("Yes")

    assert done(installation, plan) == [("ending", "")]
    assert installation.billing.requests["changes"] >= 1
    assert ticket.disposition == "resolved"


async def test_the_link_to_change_the_payment_method_goes_to_the_contact_and_never_into_the_ticket(
    desk: Desk, installation: Installation, plan: str, email: str
) -> None:
    ticket = await desk.receives("I want to change my payment method")

    assert done(installation, plan) == [("payment_link", "")]
    assert [one.to for one in installation.billing.movements() if one.subscription == plan] == [email]
    assert (ticket.disposition, ticket.status) == ("resolved", "solved")
    assert "http" not in ticket.replies[-1]

"""A customer names a delivery day in their own words: it is read from the live message, shown, and acted on."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from resolver.ticket import ConnectionName
from tests.installation import Desk, House, Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDERED_FOR = 2  # days from today


@pytest.fixture
def house() -> House:
    """A carrier's desk: one playbook, one interface, one connector in memory."""
    return House(own=Path(__file__).parent / "delivery")


def in_days(count: int) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin")).date() + timedelta(days=count)


def written(day: date) -> str:
    """The day as people write it: `Thursday 12 November`."""
    return f"{day:%A} {day.day} {day:%B}"


@pytest.fixture
def deliveries(installation: Installation, email: str) -> dict[str, tuple[str, date]]:
    """What the carrier has to deliver: one parcel of this customer."""
    van = installation.resolver.resources.connections.backends[ConnectionName("van")].client
    van.deliveries.clear()  # type: ignore[attr-defined]  # the connector is found by its manifest
    van.deliveries["10231"] = (email, in_days(ORDERED_FOR))  # type: ignore[attr-defined]
    return van.deliveries  # type: ignore[attr-defined,no-any-return]


async def test_the_day_in_the_first_message_is_confirmed_and_the_delivery_moved(
    desk: Desk, deliveries: dict[str, tuple[str, date]]
) -> None:
    day = in_days(6)

    ticket = await desk.receives(f"Please deliver order 10231 on {written(day)} instead")
    assert ticket.waits_for == "customer"
    assert f"{day:%B} {day.day}, {day.year}" in ticket.replies[-1]
    await ticket.answers("Yes please")

    assert deliveries["10231"][1] == day
    assert ticket.disposition == "resolved"


async def test_a_day_that_is_in_doubt_is_asked_again_and_may_be_changed_before_the_yes(
    desk: Desk, deliveries: dict[str, tuple[str, date]]
) -> None:
    first, day = in_days(8), in_days(1)

    ticket = await desk.receives("I need a different delivery date for order 10231")
    await ticket.answers(f"Either {written(in_days(5))} or {written(first)}")
    assert ticket.replies[-1].endswith("On which day shall it come?")
    await ticket.answers(f"on {first:%Y-%m-%d} then")
    await ticket.answers("Sorry, tomorrow would be better")
    assert f"{day:%B} {day.day}, {day.year}" in ticket.replies[-1]
    await ticket.answers("Yes")

    assert deliveries["10231"][1] == day

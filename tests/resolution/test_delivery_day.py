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


CALLS = House(
    own=Path(__file__).parent / "delivery",
    edits=(
        (
            "change_delivery_day.yaml",
            "\nlook_up:",
            "  call:\n    type: time\n    ask: when_call\n    check: call is after now\n\nlook_up:",
        ),
        (
            "change_delivery_day.yaml",
            "\nreplies:\n",
            "\nreplies:\n  when_call:\n    en: When may we call you?\n",
        ),
        (
            "change_delivery_day.yaml",
            "delivered on {day}. Shall I?",
            "delivered on {day} and call {call}. Shall I?",
        ),
    ),
)


@pytest.mark.parametrize("house", [CALLS], ids=["asks when to call"])
async def test_a_time_is_read_with_its_own_day_and_shown_in_the_shops_zone(
    desk: Desk, deliveries: dict[str, tuple[str, date]]
) -> None:
    day = in_days(6)

    ticket = await desk.receives(f"Please deliver order 10231 on {written(day)} instead")
    assert ticket.replies[-1].endswith("When may we call you?")
    await ticket.answers("At 6 pm")  # that day, or on the day of the delivery?
    assert ticket.replies[-1].endswith("When may we call you?")
    await ticket.answers(f"On {written(in_days(2))} at 6 pm please")

    assert f"delivered on {day:%A}, {day:%B} {day.day}" in ticket.replies[-1]
    assert "6:00" in ticket.replies[-1]
    assert f"{in_days(2):%B} {in_days(2).day}" in ticket.replies[-1]

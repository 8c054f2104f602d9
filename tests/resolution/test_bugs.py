"""A bug of ours in the middle of a turn: people get the ticket with a note, operators a dead letter."""

from collections.abc import Iterator
from typing import Any

import pytest

from resolver.reading import Reading
from resolver.resolution.resources import Reader
from resolver.store import events
from tests.installation import Desk, Installation, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

POISON = "the word that breaks us"


class Stumbling:
    """A reader with a bug: one text breaks it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, message: Any, text: str, **how: Any) -> Reading:
        if POISON in text:
            raise ZeroDivisionError
        return self._reader.read(message, text, **how)


@pytest.fixture(autouse=True)
def stumbling(installation: Installation) -> Iterator[None]:
    resources = installation.resolver.resources
    sound = resources.reader
    resources.reader = Stumbling(sound)
    yield
    resources.reader = sound


async def test_a_bug_gives_the_ticket_to_people_and_is_a_dead_letter(
    desk: Desk, installation: Installation
) -> None:
    ticket = await desk.receives(f"Where is {POISON}?")

    assert ["stopped on an internal error" in note for note in ticket.notes] == [True]
    assert (ticket.status, ticket.replies, ticket.case.people) == ("open", [], True)
    assert ticket.endings[0] == "bug:ZeroDivisionError"
    assert ticket.events[0][0] in [letter.seq for letter in installation.read(events.dead_letters)]


async def test_a_bug_in_a_run_that_waits_ends_it(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    await ticket.answers(f"Yes, and {POISON}")

    assert (ticket.disposition, shop.paid_back) == ("failed", [])
    assert "stopped on an internal error" in ticket.notes[-1]


async def test_the_note_about_a_bug_arrives_once_the_helpdesk_is_back(desk: Desk) -> None:
    desk.zendesk.fault("error_before", method="PUT", path="/api/v2/tickets/*", times=50)
    ticket = await desk.receives(f"Where is {POISON}?")
    assert ticket.notes == []

    desk.zendesk.clear_faults()
    await ticket.retries()

    assert any("stopped on an internal error" in note for note in ticket.notes)
    assert ticket.status == "open"

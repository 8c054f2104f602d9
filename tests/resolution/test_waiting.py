"""A backend that stays away: the turn waits with growing pauses, then becomes a dead letter that can be taken up."""

import pytest

from resolver.resolution import turn
from resolver.store import events
from tests.installation import Desk, Installation, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_after_about_a_day_a_turn_that_waits_is_a_dead_letter_and_the_next_message_takes_it_up(
    desk: Desk, shop: Shop, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "RESUME_TRIES", 2)
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    shop.sandbox.fault("refund", "http_429", 1_000, retry_after_s=0)

    await ticket.answers("Yes")
    await ticket.retries()
    await ticket.retries()

    assert ticket.endings[-1] == "waited_too_long"
    assert ticket.events[-1][0] in [letter.seq for letter in installation.read(events.dead_letters)]
    assert shop.paid_back == []

    shop.sandbox.faults.clear()
    await ticket.answers("Hello? Are you still there?")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.disposition == "resolved"

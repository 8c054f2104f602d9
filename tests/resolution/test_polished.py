"""Replies that may be rephrased, through the helpdesk: in other words, or in their own when there is any doubt."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from resolver.errors import Unavailable
from tests.installation import Desk, House, Installation, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLAIN = "Done. {amount} for order {order} is on its way to you."


class Scripted:
    """A polisher that says what the test tells it to."""

    def __init__(self) -> None:
        self.says: Callable[[str], str] = lambda text: text
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []
        self.pause_s = 0.0

    async def rephrase(self, text: str, *, language: str, keep: Sequence[str]) -> str:
        self.asked.append((text, language, tuple(keep)))
        await asyncio.sleep(self.pause_s)
        return self.says(text)


POLISHER = Scripted()


@pytest.fixture
def house() -> House:
    edit = (
        "refund_order.yaml",
        f"  refunded:\n    en: {PLAIN}",
        f"  refunded:\n    polish: yes\n    en: {PLAIN}",
    )
    return House(edits=(edit,), polisher=POLISHER)


@pytest.fixture
def polisher(installation: Installation) -> Scripted:
    POLISHER.__init__()  # type: ignore[misc]
    return POLISHER


async def refunded(desk: Desk, shop: Shop) -> tuple[str, str]:
    """The order's number and the last reply after a refund."""
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes please")
    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.disposition == "resolved"
    return order, ticket.replies[-1]


async def test_a_reply_goes_out_in_other_words(desk: Desk, shop: Shop, polisher: Scripted) -> None:
    polisher.says = lambda text: text.replace("Done.", "Good news!").replace("to you.", "to your account.")

    order, reply = await refunded(desk, shop)

    assert reply == f"Good news! €39.90 for order {order} is on its way to your account."
    assert [(language, keep) for _, language, keep in polisher.asked] == [("en", ("€39.90", order))]


async def test_words_with_another_amount_are_not_said(desk: Desk, shop: Shop, polisher: Scripted) -> None:
    polisher.says = lambda text: text.replace("€39.90", "€399.00")

    order, reply = await refunded(desk, shop)

    assert reply == f"Done. €39.90 for order {order} is on its way to you."


async def test_a_model_that_is_down_changes_nothing(desk: Desk, shop: Shop, polisher: Scripted) -> None:
    def down(text: str) -> str:
        raise Unavailable("The model is down.", remedy="start it")

    polisher.says = down

    order, reply = await refunded(desk, shop)

    assert reply == f"Done. €39.90 for order {order} is on its way to you."

"""A shop that honours no keys and shows old reads: what cannot be known goes to a person, and nothing twice."""

import pytest

from tests.installation import Desk, House, Installation, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def house() -> House:
    return House(idempotency="none_stale")


async def test_a_refund_without_an_answer_is_never_sent_again_and_goes_to_a_person(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")

    shop.sandbox.fault("refund", "timeout_after_executing")
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert (ticket.actions, ticket.disposition) == ([("shop.refund", "unknown")], "handed_off")
    assert "MAY HAVE HAPPENED" in ticket.notes[0]
    assert "on its way" not in "".join(ticket.replies)


async def test_a_refund_that_may_not_have_arrived_is_never_sent_again_either(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")

    shop.sandbox.fault("refund", "timeout_before")
    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.actions) == ([], [("shop.refund", "unknown")])
    assert ticket.disposition == "handed_off"


async def test_an_unknown_refund_keeps_everybody_from_paying_the_same_order(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")
    shop.sandbox.fault("refund", "timeout_after_executing")
    await ticket.answers("Yes")

    shop.sandbox.fault(
        "try_refund", "malformed_json", 3
    )  # the shop itself would say so when it is asked first
    second = await desk.receives(f"I want my money back for order {order}")
    await second.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert (second.effects, second.disposition) == ([], "handed_off")


async def test_a_second_request_hears_from_the_dry_run_what_reads_do_not_show_yet(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")
    shop.sandbox.fault("refund", "timeout_after_executing")
    await ticket.answers("Yes")

    second = await desk.receives(f"I want my money back for order {order}")

    assert (second.effects, second.disposition) == ([], "answered")
    assert "already been refunded" in second.replies[-1]


async def test_a_refund_with_an_answer_is_paid_and_told(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")

    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.disposition) == ([("refund", "39.90 EUR")], "resolved")


async def test_a_refund_the_shop_surely_did_not_take_is_sent_again(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")

    shop.sandbox.fault("refund", "http_429")
    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.disposition) == ([("refund", "39.90 EUR")], "resolved")


async def test_doubt_counts_from_the_sending_and_not_from_an_intent_that_has_waited(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "open")]
    shop.sandbox.faults.clear()

    shop.sandbox.fault("refund", "timeout_before")
    shop.sandbox.fault("refunds", "http_500_before", 50)
    with installation.ahead(hours=2):
        await ticket.retries()

    assert (ticket.actions, ticket.disposition) == ([("shop.refund", "sent")], None)

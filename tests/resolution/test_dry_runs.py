"""What is offered is tried at the shop first: a refusal is found out before anybody is asked, and nothing moves."""

import pytest

from tests.installation import Desk, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUND = "I want my money back for order {}"


async def test_a_refusal_is_found_out_before_the_customer_is_asked(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="39.90 EUR", paid_days_ago=200)

    ticket = await desk.receives(REFUND.format(order))

    assert (ticket.actions, shop.movements()) == ([], [])
    assert (ticket.disposition, ticket.queue) == ("handed_off", "Refunds")
    assert "The shop would refuse: shop.refund." in ticket.notes[-1]
    assert "Shall I do that?" not in "".join(ticket.replies)


async def test_a_refusal_that_the_playbook_names_is_answered(desk: Desk, shop: Shop) -> None:
    shop.sandbox.fault("try_refund", "refused", code="already_refunded")

    ticket = await desk.receives(REFUND.format(shop.has_order(paid="39.90 EUR")))

    assert "already been refunded" in ticket.replies[-1]
    assert (ticket.actions, ticket.disposition) == ([], "answered")


async def test_what_would_go_is_offered_and_done_once(desk: Desk, shop: Shop) -> None:
    before = shop.sandbox.requests["try_refund"]
    ticket = await desk.receives(REFUND.format(shop.has_order(paid="39.90 EUR")))
    assert shop.sandbox.requests["try_refund"] == before + 1
    assert shop.movements() == []

    await ticket.answers("Yes")

    assert shop.sandbox.requests["try_refund"] == before + 1
    assert shop.paid_back == [("refund", "39.90 EUR")]


async def test_a_shop_that_cannot_try_is_asked_for_the_real_thing(desk: Desk, shop: Shop) -> None:
    shop.sandbox.fault("try_refund", "malformed_json", 3)

    ticket = await desk.receives(REFUND.format(shop.has_order(paid="39.90 EUR")))
    assert ticket.waits_for == "customer"
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]


async def test_under_the_kill_switch_nothing_is_tried(desk: Desk, shop: Shop) -> None:
    before = shop.sandbox.requests["try_refund"]
    await desk.installation.pauses("action:shop.refund")

    await desk.receives(REFUND.format(shop.has_order(paid="39.90 EUR")))
    await desk.installation.resumes("action:shop.refund")

    assert shop.sandbox.requests["try_refund"] == before

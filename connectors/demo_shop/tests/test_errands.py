"""Errands: what the demo shop does for an order besides refunds, cancelling and addresses."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.demo_shop import actions
from connectors.demo_shop.sandbox import ShopSandbox
from resolver.connector.action import Backend, ChosenLine, ChosenPair, Done, ReadBack, Seen
from resolver.connector.backend_sandbox.process import Setting
from resolver.errors import Refused, Unknown
from resolver.money import Money

MUG = (ChosenLine("l1", Decimal(1)),)
Errand = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""An action, its arguments, and the order it can be done for."""


def red(**fields: object) -> dict[str, object]:
    """A line that there is in red as well."""
    return {"refundable": "39.90 EUR", "variants": [{"id": "v1", "name": "Red mug", **fields}]}


ERRANDS: dict[str, Errand] = {
    "invoice": ("shop.send_invoice", {"order": "o-10231"}, {}),
    "replacement": ("shop.send_replacement", {"order": "o-10231", "items": MUG}, {}),
    "return": ("shop.return_items", {"order": "o-10231", "items": MUG}, {}),
    "price_adjustment": (
        "shop.adjust_price",
        {"order": "o-10231", "items": MUG, "amount": Money(500, "EUR")},
        {"lines": [{"refundable": "39.90 EUR", "current_price": "34.90 EUR"}]},
    ),
    "exchange": (
        "shop.exchange_items",
        {"order": "o-10231", "changes": (ChosenPair(MUG[0], "v1"),)},
        {"lines": [red()]},
    ),
    "item_change": (
        "shop.change_items",
        {"order": "o-10231", "changes": (ChosenPair(MUG[0], "v1"),), "amount": Money(500, "EUR")},
        {"status": "paid", "lines": [red(difference="-5.00 EUR")]},
    ),
}


@pytest.fixture(params=ERRANDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_it_is_done_once_however_often_it_is_asked_with_one_key(
    shop: ShopSandbox, backend: Backend, kind: str
) -> None:
    action, arguments, order = ERRANDS[kind]
    shop.has_order("10231", **order)

    first = await backend.perform(action, arguments, key="k1")
    second = await backend.perform(action, arguments, key="k1")

    assert isinstance(first, Done)
    assert first == second
    assert [(m.id, m.kind, m.key) for m in shop.movements()] == [(first.external_id, kind, "k1")]


@pytest.mark.parametrize(
    "fault", ["timeout_after_executing", "reset_after", "http_500_after", "malformed_json", "truncated"]
)
async def test_what_happened_behind_a_broken_answer_is_found_by_reading_back(
    shop: ShopSandbox, backend: Backend, kind: str, fault: str
) -> None:
    action, arguments, order = ERRANDS[kind]
    shop.has_order("10231", **order)
    shop.fault(action.removeprefix("shop."), fault)

    with pytest.raises(Unknown):
        await backend.perform(action, arguments, key="k1")
    seen = await backend.read_back(action, arguments, key="k1")

    assert (seen.seen, seen.external_id) == (Seen.DONE, shop.movements()[0].id)


async def test_what_never_happened_is_not_there_when_it_is_read_back(
    shop: ShopSandbox, backend: Backend, kind: str
) -> None:
    action, arguments, order = ERRANDS[kind]
    shop.has_order("10231", **order)
    shop.fault(action.removeprefix("shop."), "http_500_before")

    with pytest.raises(Unknown):
        await backend.perform(action, arguments, key="k1")

    assert await backend.read_back(action, arguments, key="k1") == ReadBack(Seen.NOT_DONE)


async def test_a_key_of_another_request_is_unknown_and_does_nothing(
    shop: ShopSandbox, backend: Backend, kind: str
) -> None:
    action, arguments, order = ERRANDS[kind]
    shop.has_order("10231", **order)
    shop.has_order("10232", **order)
    await backend.perform(action, arguments, key="k1")

    with pytest.raises(Unknown):
        await backend.perform(action, {**arguments, "order": "o-10232"}, key="k1")

    assert len(shop.movements()) == 1


async def test_a_shop_that_comes_back_still_knows_what_it_did(
    shop: ShopSandbox, backend: Backend, kind: str
) -> None:
    action, arguments, order = ERRANDS[kind]
    shop.has_order("10231", **order)
    done = await backend.perform(action, arguments, key="k1")
    shop.stop()
    shop.start()

    assert (await backend.read_back(action, arguments, key="k1")).external_id == done.external_id


async def test_an_order_that_is_gone_cannot_be_told(backend: Backend, kind: str) -> None:
    action, arguments, _ = ERRANDS[kind]

    assert await backend.read_back(action, arguments, key="k1") == ReadBack(Seen.CANNOT_TELL)


@pytest.mark.parametrize(
    ("kind", "order", "code"),
    [
        ("invoice", {"status": "created"}, "no_invoice"),
        ("replacement", {"status": "paid"}, "not_shipped"),
        ("replacement", {"replaced_at": "2026-11-01T09:00:00Z"}, "already_replaced"),
        ("replacement", {"lines": [{"refundable": "39.90 EUR", "in_stock": False}]}, "out_of_stock"),
        ("replacement", {"lines": [{"id": "l9", "refundable": "39.90 EUR"}]}, "invalid"),
        ("return", {"status": "shipped"}, "not_delivered"),
        ("price_adjustment", {"adjusted_at": "2026-11-01T09:00:00Z"}, "already_adjusted"),
        (
            "price_adjustment",
            {"lines": [{"refundable": "39.90 EUR", "current_price": "34.91 EUR"}]},
            "amount_too_high",
        ),
        ("price_adjustment", {"lines": [{"refundable": "39.90 EUR"}]}, "amount_too_high"),
        ("exchange", {"status": "shipped"}, "not_delivered"),
        ("exchange", {"replaced_at": "2026-11-01T09:00:00Z"}, "already_replaced"),
        ("exchange", {"lines": [{"refundable": "39.90 EUR"}]}, "invalid"),
        ("exchange", {"lines": [red(difference="1.00 EUR")]}, "invalid"),
        ("exchange", {"lines": [red(available=False)]}, "out_of_stock"),
        ("item_change", {"status": "shipped"}, "already_fulfilled"),
        ("item_change", {"lines": [red(difference="-4.99 EUR")]}, "amount_too_high"),
        ("item_change", {"lines": [red(difference="-5.00 EUR", available=False)]}, "out_of_stock"),
        ("item_change", {"lines": [{**red(difference="-5.00 EUR"), "quantity": 2}]}, "invalid"),
    ],
)
async def test_what_the_shop_refuses_has_its_code_and_did_not_happen(
    shop: ShopSandbox, backend: Backend, kind: str, order: Mapping[str, Any], code: str
) -> None:
    action, arguments, usual = ERRANDS[kind]
    shop.has_order("10231", **{**usual, **order})

    with pytest.raises(Refused) as caught:
        await backend.perform(action, arguments, key="k1")

    assert caught.value.code == code
    assert shop.movements() == ()


async def test_where_keys_are_not_honoured_what_is_missing_cannot_be_told(kind: str) -> None:
    action, arguments, order = ERRANDS[kind]
    with ShopSandbox(Setting(idempotency="none")) as shop:
        backend = Backend.of(actions, actions.connect(shop.connection()))
        shop.has_order("10231", **order)

        seen = await backend.read_back(action, arguments, key="k1")
        await backend.aclose()

    assert seen == ReadBack(Seen.CANNOT_TELL)


async def test_what_was_sent_again_shows_on_the_order_with_its_units(
    shop: ShopSandbox, backend: Backend
) -> None:
    shop.has_order("10231", lines=[{"refundable": "24.00 EUR", "quantity": 2}])

    await backend.perform("shop.send_replacement", {"order": "o-10231", "items": MUG}, key="k1")

    order = await backend.look_up("shop.order", {"number": "10231"})
    assert order["replaced_at"] == shop.movements()[0].at
    assert shop.movements()[0].units == {"l1": 1}


async def test_what_is_going_back_does_not_go_back_twice(shop: ShopSandbox, backend: Backend) -> None:
    shop.has_order("10231", lines=[{"refundable": "24.00 EUR", "quantity": 2}])
    one_mug = {"order": "o-10231", "items": MUG}

    first = await backend.perform("shop.return_items", one_mug, key="k1")
    await backend.perform("shop.return_items", one_mug, key="k2")
    with pytest.raises(Refused) as caught:
        await backend.perform("shop.return_items", one_mug, key="k3")
    seen = await backend.read_back("shop.return_items", one_mug, key="k1")
    assert first.gives == seen.gives == {"return_number": first.external_id}

    assert caught.value.code == "return_open"
    assert [m.units for m in shop.movements()] == [{"l1": 1}, {"l1": 1}]


async def test_a_paid_difference_is_money_that_can_no_longer_be_refunded(
    shop: ShopSandbox, backend: Backend
) -> None:
    action, arguments, order = ERRANDS["price_adjustment"]
    shop.has_order("10231", **order)

    await backend.perform(action, arguments, key="k1")

    order = await backend.look_up("shop.order", {"number": "10231"})
    assert (order["refunded"], order["lines"][0]["refundable"]) == (Money(500, "EUR"), Money(3490, "EUR"))
    assert order["lines"][0]["current_price"] == Money(3490, "EUR")
    assert order["adjusted_at"] == shop.movements()[0].at


async def test_a_difference_that_was_paid_before_is_refused_when_it_is_tried(
    shop: ShopSandbox, backend: Backend
) -> None:
    action, arguments, order = ERRANDS["price_adjustment"]
    shop.has_order("10231", **order)
    await backend.dry_run(action, arguments)
    assert shop.movements() == ()
    await backend.perform(action, arguments, key="k1")

    with pytest.raises(Refused) as refused:
        await backend.dry_run(action, arguments)

    assert refused.value.code == "already_adjusted"


async def test_an_exchange_keeps_what_became_what_and_nothing_of_it_goes_back_again(
    shop: ShopSandbox, backend: Backend
) -> None:
    action, arguments, order = ERRANDS["exchange"]
    shop.has_order("10231", **order)

    await backend.perform(action, arguments, key="k1")
    with pytest.raises(Refused) as refused:
        await backend.perform("shop.return_items", {"order": "o-10231", "items": MUG}, key="k2")

    assert refused.value.code == "return_open"
    assert [(m.units, m.variants) for m in shop.movements()] == [({"l1": 1}, {"l1": "v1"})]


async def test_the_variants_of_a_line_are_read_with_what_they_would_cost_more(
    shop: ShopSandbox, backend: Backend
) -> None:
    shop.has_order("10231", lines=[red(difference="-5.00 EUR", available=False)])

    order = await backend.look_up("shop.order", {"number": "10231"})

    assert order["lines"][0]["variants"] == [
        {"id": "v1", "name": "Red mug", "available": False, "difference": Money(-500, "EUR")}
    ]


async def test_a_changed_line_is_the_new_one_and_what_it_costs_less_is_paid_back(
    shop: ShopSandbox, backend: Backend
) -> None:
    action, arguments, order = ERRANDS["item_change"]
    shop.has_order("10231", **order)

    await backend.perform(action, arguments, key="k1")

    order = await backend.look_up("shop.order", {"number": "10231"})
    assert (order["refunded"], order["lines"][0]["refundable"]) == (Money(500, "EUR"), Money(3490, "EUR"))
    assert order["lines"][0]["name"] == "Red mug"

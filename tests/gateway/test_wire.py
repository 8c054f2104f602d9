"""Arguments on their way out: one canonical form, one key for it, and the same call from the same bytes."""

from decimal import Decimal

import pytest

from resolver.condition.values import Amount, RecordValue, unknown
from resolver.gateway.wire import Unsendable, idempotency_key, record_name, to_ledger
from resolver.money import Money

ORDER = RecordValue("shop.order", "o1", {})
LINE = RecordValue("shop.order_line", "l1", {})
ARGUMENTS = {"order": ORDER, "items": (LINE,), "amount": Amount.of(Money(3990, "EUR"))}


def key(**changes: object) -> str:
    place = {"connection": "shop", "run": "r1", "step": "s", "generation": 1} | changes
    return idempotency_key(
        place["connection"], place["run"], place["step"], place["generation"], to_ledger(ARGUMENTS)
    )


def test_records_travel_as_type_and_key_and_money_in_minor_units() -> None:
    ledger = to_ledger(ARGUMENTS)

    assert ledger["order"] == {"type": "shop.order", "key": "o1"}
    assert ledger["amount"] == {"minor": 3990, "currency": "EUR"}


def test_the_key_is_the_same_for_the_same_place_and_arguments() -> None:
    assert key() == key()
    assert key().startswith("rsv1-")
    assert key() == key().lower()
    assert len(key()) < 64  # providers cut keys


@pytest.mark.parametrize("change", [{"connection": "other"}, {"run": "r2"}, {"step": "t"}, {"generation": 2}])
def test_another_place_is_another_key(change: dict[str, object]) -> None:
    assert key(**change) != key()


def test_the_order_of_the_arguments_is_no_part_of_the_key() -> None:
    backwards = dict(reversed(list(to_ledger(ARGUMENTS).items())))

    assert idempotency_key("shop", "r1", "s", 1, backwards) == key()


@pytest.mark.parametrize(
    "value", [unknown("order.total"), Amount(Decimal("1.005"), "EUR")], ids=["unknown", "unrounded"]
)
def test_what_is_not_definite_is_never_sent(value: object) -> None:
    with pytest.raises(Unsendable):
        to_ledger({"amount": value})


def test_an_action_without_a_record_is_named_by_its_connection() -> None:
    assert record_name("shop", ORDER) == "shop|shop.order|o1"
    assert record_name("shop", None) == "shop||"

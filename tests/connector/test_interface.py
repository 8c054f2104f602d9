"""Interface files: what is read from them, what is told about wrong ones, and how records are read by their types."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from resolver.condition.calendar import Calendar
from resolver.condition.env import Env
from resolver.condition.values import Amount, RecordValue, Unknown
from resolver.connector.interface import Interface, Unusable, read_record
from resolver.connector.interface_reader import interface_from_document, read_interface
from resolver.errors import Malformed
from resolver.money import Money
from resolver.source.load import load
from resolver.source.problem import Problem
from resolver.ticket import Level

ROOT = Path(__file__).parents[2]
SHOP = (ROOT / "connectors" / "interfaces" / "shop.yaml").read_text(encoding="utf-8")
ENV = Env({}, datetime(2026, 11, 23, 10, tzinfo=UTC), Calendar(ZoneInfo("Europe/Berlin")))

ORDER = {
    "id": "o1",
    "number": "10231",
    "email": "Ann@Example.com",
    "status": "delivered",
    "total": Money(3990, "EUR"),
    "refunded": Money(0, "EUR"),
    "country": "DE",
    "address": "Lindenweg 3, 10115 Berlin, DE",
    "delivered_at": datetime(2026, 11, 11, 9, tzinfo=UTC),
    "lines": [
        {"id": "l1", "name": "Mug", "quantity": 2, "refundable": Money(2400, "EUR"), "final_sale": False},
        {
            "id": "l2",
            "name": "Towel",
            "quantity": Decimal(1),
            "refundable": Money(1590, "EUR"),
            "final_sale": True,
        },
    ],
}


def shop(text: str = SHOP) -> Interface:
    """The interface of a text that has nothing wrong."""
    interface, problems = read_interface(load(text, "shop.yaml"))
    assert interface is not None, problems
    return interface


def test_every_bundled_interface_can_be_read() -> None:
    for path in sorted((ROOT / "connectors" / "interfaces").glob("*.yaml")):
        interface, problems = read_interface(load(path.read_bytes(), path.name))

        assert problems == ()
        assert interface is not None
        assert interface.name == path.stem


def test_an_action_is_read_with_all_its_keys() -> None:
    refund = shop().actions["shop.refund"]

    assert refund.title == "Refund money for an order"
    assert refund.effect == "money"
    assert {name: str(spec.type) for name, spec in refund.takes.items()} == {
        "order": "shop.order",
        "items": "list of shop.order_line",
        "amount": "money",
    }
    assert refund.record == "order"
    assert refund.identity is Level.VERIFIED
    assert refund.result == "may be pending"
    assert refund.settles_within == timedelta(days=10)
    assert refund.refuses == ("already_refunded", "payment_too_old")
    assert refund.undo is None
    assert refund.pays is not None
    assert refund.pays.source == "amount"
    assert refund.requires[0].source == "amount > 0"


def test_an_undo_and_an_ending_are_read() -> None:
    actions = shop().actions

    assert actions["shop.change_address"].undo == "shop.change_address"
    assert actions["shop.change_address"].undo_with["address"].source == "order.address"
    assert actions["shop.cancel_order"].ends == "order"


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        ((), True),
        ((("    confirm: required\n", ""),), False),
        ((("    confirm: required\n", ""), ("    undo: shop.change_address\n", "    undo: none\n")), True),
        (
            (
                ("    confirm: required\n", "    confirm: not_needed\n"),
                ("    undo: shop.change_address\n", "    undo: none\n"),
            ),
            False,
        ),
    ],
    ids=[
        "the interface says so",
        "it can be undone",
        "it cannot be undone",
        "it cannot, but the interface lifts it",
    ],
)
def test_what_cannot_be_undone_needs_a_yes(change: tuple[tuple[str, str], ...], needed: bool) -> None:
    text = SHOP
    for old, new in change:
        text = text.replace(old, new)

    assert shop(text).actions["shop.change_address"].needs_confirmation is needed


def test_money_needs_a_yes_whatever_the_interface_says() -> None:
    text = SHOP.replace("    ends: order\n", "    ends: order\n    confirm: not_needed\n")

    assert shop(text).actions["shop.cancel_order"].needs_confirmation


def test_an_argument_may_be_kept_from_the_confirm_text_and_the_record_named() -> None:
    text = SHOP.replace(
        "takes: {order: order, address: address}",
        "takes: {old: order, order: order, address: {type: address, shown: no}}\n    on: order",
    ).replace("undo_with: {order: order,", "undo_with: {old: old, order: order,")

    action = shop(text).actions["shop.change_address"]

    assert not action.takes["address"].shown
    assert action.record == "order"


def test_an_interface_is_the_same_again_from_its_document() -> None:
    interface = shop()

    again = interface_from_document(interface.document)

    assert again.id == interface.id
    assert again.records == interface.records
    assert list(again.actions["shop.refund"].takes) == ["order", "items", "amount"]


def test_the_id_of_an_interface_does_not_depend_on_comments_or_layout() -> None:
    relaid = "# ours\n\n" + SHOP.replace("identity: claimed", "identity:   'claimed'")

    assert shop(relaid).id == shop().id
    assert shop(SHOP.replace("10 days", "9 days")).id != shop().id


def test_a_stored_interface_that_is_none_is_refused() -> None:
    with pytest.raises(Malformed, match="A stored interface cannot be read"):
        interface_from_document('{"keys":[]}')


WRONG = [
    ("interface: shop\n", "", "missing-word", "'interface' is missing here", "types:"),
    ("    key: id\n    owner", "    owner", "missing-word", "'key' is missing here", "owner: email"),
    ("key: id\n    owner", "key: idd\n    owner", "unknown-word", "'idd' is not a word known here", "idd"),
    ("owner: email", "owner: mail", "unknown-word", "'mail' is not a word known here", "mail"),
    ("units: quantity", "units: name", "wrong-type", "'units' must name a number", "name"),
    ('show: "{number}"', 'show: "{nummer}"', "unknown-name", "there is no 'nummer'", "{nummer}"),
    ('show: "{number}"', 'show: "{number"', "stray-brace", "a lone '{'", "{"),
    ("total: money", "total: cash", "unknown-word", "'cash' is not a word known here", "cash"),
    (
        "date, may be missing",
        "date, may be gone",
        "unknown-word",
        "'may be gone' is not a word known here",
        "may be gone",
    ),
    (
        "refunded >= 0",
        "refunded >= none",
        "condition",
        "this does not read as a condition: expected 'of', found the end",
        "",
    ),
    (
        "total >= refunded",
        "total >= number",
        "cannot-compare",
        "cannot compare money with order_number",
        "total >= number",
    ),
    (
        "    owner: email\n",
        "",
        "nobody-checks-owner",
        "nobody checks whose 'shop.order' this is: its field 'id' is private",
        "shop.order",
    ),
    ("gives: order,", "gives: ordr,", "unknown-word", "'ordr' is not a word known here", "ordr"),
    ("identity: claimed", "identity: sure", "unknown-word", "'sure' is not a word known here", "sure"),
    (
        "shop.order: {takes",
        "store.order: {takes",
        "bad-name",
        "'store.order' cannot be a name here",
        "store.order",
    ),
    ("shop.refund:", "refund:", "bad-name", "'refund' cannot be a name here", "refund"),
    ("effect: write", "effect: read", "unknown-word", "an action does not read", "read"),
    (
        "takes: {order: order, items",
        "takes: {order: ordre, items",
        "unknown-word",
        "'ordre' is not a word known here",
        "ordre",
    ),
    (
        "    pays: amount\n    requires:\n      - amount > 0",
        "    requires:\n      - amount > 0",
        "missing-word",
        "'pays' is missing here",
        "shop.refund",
    ),
    (
        "    pays: amount\n    requires:\n      - amount > 0",
        "    pays: order\n    requires:\n      - amount > 0",
        "wrong-type",
        "'pays' needs money, but this is shop.order",
        "order",
    ),
    ("- amount > 0", "- amount > 5", "cannot-compare", "cannot compare money with number", "amount > 5"),
    ("result: job", "result: maybe", "unknown-word", "'maybe' is not a word known here", "maybe"),
    (
        "    settles_within: 15 minutes\n",
        "",
        "missing-word",
        "'settles_within' is missing here",
        "shop.cancel_order",
    ),
    (
        "15 minutes",
        "15 business days",
        "wrong-type",
        "business days cannot be counted here",
        "15 business days",
    ),
    ("ends: order", "ends: amount_x", "unknown-word", "'amount_x' is not a word known here", "amount_x"),
    (
        "undo: shop.change_address",
        "undo: shop.change_back",
        "unknown-action",
        "no interface has 'shop.change_back'",
        "shop.change_back",
    ),
    (
        "address: order.address}",
        "adress: order.address}",
        "unknown-argument",
        "shop.change_address takes no 'adress'",
        "adress",
    ),
    (
        "undo_with: {order: order, address: order.address}",
        "undo_with: {order: order}",
        "missing-argument",
        "shop.change_address needs 'address'",
        "shop.change_address",
    ),
    (
        "address: order.address}",
        "address: order.total}",
        "wrong-type",
        "shop.change_address needs address for 'address', but this is money",
        "order.total",
    ),
    (
        "address: order.address}",
        "address: order.adress}",
        "unknown-name",
        "there is no 'order.adress'",
        "order.adress",
    ),
    (
        "look_ups:\n",
        "patterns: {code: '[a'}\nlook_ups:\n",
        "wrong-type",
        "this pattern cannot be read: unterminated character set at position 0",
        "'[a'",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "message", "marked"), WRONG)
def test_a_wrong_interface_is_told_at_its_place(
    old: str, new: str, code: str, message: str, marked: str
) -> None:
    text = SHOP.replace(old, new, 1)

    interface, problems = read_interface(load(text, "shop.yaml"))

    assert text != SHOP
    assert interface is None
    assert (code, message, marked) in [(one.code, one.message, _marked(text, one)) for one in problems]
    assert all(problem.help for problem in problems)


def _marked(text: str, problem: Problem) -> str:
    """What the problem underlines."""
    start = problem.where.column - 1
    return text.split("\n")[problem.where.line - 1][start : start + problem.length]


# -- records ------------------------------------------------------------------------------------------------------


def read(**changes: object) -> RecordValue | Unusable:
    """The order with some fields as a connector might hand them over; None leaves one out."""
    raw = {name: value for name, value in {**ORDER, **changes}.items() if value is not None}
    return read_record(shop(), "shop.order", raw, ENV)


def test_a_record_is_read_by_its_declared_types() -> None:
    order = read(expected_on=date(2026, 11, 25))

    assert isinstance(order, RecordValue)
    assert order.key == "o1"
    assert order.fields["email"] == "ann@example.com"
    assert order.fields["total"] == Amount(Decimal("39.90"), "EUR")
    assert order.fields["expected_on"] == date(2026, 11, 25)
    lines = order.fields["lines"]
    assert isinstance(lines, tuple)
    assert [line.key for line in lines if isinstance(line, RecordValue)] == ["l1", "l2"]


@pytest.mark.parametrize("wrong", ["a lot", 39.9, Decimal("39.90"), True, [], {"minor": 3990}])
def test_a_field_of_a_wrong_type_is_unknown_and_the_rest_is_there(wrong: object) -> None:
    order = read(total=wrong)

    assert isinstance(order, RecordValue)
    assert isinstance(order.fields["total"], Unknown)
    assert order.fields["status"] == "delivered"


def test_a_word_that_is_not_declared_is_unknown() -> None:
    order = read(status="lost")

    assert isinstance(order, RecordValue)
    unknown = order.fields["status"]
    assert isinstance(unknown, Unknown)
    assert unknown.causes[0].why == "undeclared"


def test_a_time_without_its_zone_is_unknown() -> None:
    order = read(delivered_at=datetime(2026, 11, 11, 9))  # noqa: DTZ001 -- the mistake under test

    assert isinstance(order, RecordValue)
    assert isinstance(order.fields["delivered_at"], Unknown)


@pytest.mark.parametrize("key", [None, 7.5, ["o1"], ""])
def test_a_record_without_its_key_cannot_be_used(key: object) -> None:
    assert read(id=key) == Unusable("shop.order", "shop.order came without its key 'id'")


def test_a_record_that_breaks_its_facts_cannot_be_used() -> None:
    assert read(refunded=Money(5000, "EUR")) == Unusable(
        "shop.order", "shop.order o1 breaks the fact 'total >= refunded'"
    )


def test_an_element_that_breaks_its_facts_makes_the_record_unusable() -> None:
    lines = [{"id": "l1", "name": "Mug", "quantity": 1, "refundable": Money(-1, "EUR"), "final_sale": False}]

    order = read(lines=lines, refunded=None)

    assert order == Unusable("shop.order", "shop.order_line l1 breaks the fact 'refundable >= 0'")


def test_a_fact_that_cannot_be_told_does_not_condemn() -> None:
    assert isinstance(read(refunded=None), RecordValue)

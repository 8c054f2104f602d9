"""Every value has one canonical JSON form and comes back by its declared type; what does not fit is unknown."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.condition.storage import MAX_ELEMENTS, read_value, to_json, to_offer
from resolver.condition.types import (
    Choice,
    Date,
    DaysType,
    Duration,
    Field,
    ListOf,
    MoneyType,
    Number,
    PairsOf,
    Record,
    RecordType,
    Secret,
    Text,
    Time,
    YesNo,
)
from resolver.condition.values import (
    Amount,
    Cause,
    Days,
    PairValue,
    PerCurrency,
    RecordValue,
    Unknown,
    unknown,
)
from resolver.money import Money

RECORDS = {
    "shop.line": RecordType("shop.line", "id", {"id": Field(Text()), "price": Field(MoneyType())}),
    "shop.box": RecordType(
        "shop.box", "id", {"id": Field(Text()), "inner": Field(Record("shop.box"), may_be_missing=True)}
    ),
}
LINE = RecordValue("shop.line", "l1", {"id": "l1", "price": Amount(Decimal("1.50"), "EUR")})


@pytest.mark.parametrize(
    ("type_", "value", "plain"),
    [
        (YesNo(), True, True),
        (Number(), Decimal("1.500"), "1.5"),
        (Number(), Decimal("-0.0"), "0"),
        (Number(), Decimal("1E+2"), "100"),
        (Number(), Fraction(1, 3), "1/3"),
        (MoneyType(), Amount(Decimal(12), "EUR"), {"currency": "EUR", "minor": 1200}),
        (MoneyType(), Amount(Decimal(12), "JPY"), {"currency": "JPY", "minor": 12}),
        (MoneyType(), Amount(Decimal("1.005"), "EUR"), {"amount": "1.005", "currency": "EUR"}),
        (MoneyType(), Amount(Fraction(1, 3), "EUR"), {"amount": "1/3", "currency": "EUR"}),
        (MoneyType(), Amount(Decimal(0), ""), {"amount": "0", "currency": ""}),
        (MoneyType(per_currency=True), PerCurrency({"USD": Decimal(5), "EUR": Decimal("4.5")}),
         {"amounts": {"EUR": "4.5", "USD": "5"}}),
        (Choice(("a", "b")), "a", "a"),
        (Text(), "Ünï", "Ünï"),
        (Text("order_number"), "010", "010"),
        (Secret(), "1234", "1234"),
        (Time(), datetime(2026, 11, 23, 9, 4, 11, tzinfo=UTC), "2026-11-23T09:04:11Z"),
        (Time(), datetime(2026, 11, 23, 9, 4, 11, 5000, tzinfo=UTC), "2026-11-23T09:04:11.005000Z"),
        (Date(), date(2026, 11, 23), "2026-11-23"),
        (Duration(), timedelta(hours=2), "120 minutes"),
        (DaysType(), Days(3), "3 days"),
        (DaysType(), Days(3, business=True), "3 business days"),
        (ListOf(Number()), (Decimal(1), Decimal(2)), ["1", "2"]),
        (Record("shop.line"), LINE,
         {"fields": {"id": "l1", "price": {"currency": "EUR", "minor": 150}}, "key": "l1", "type": "shop.line"}),
        (Number(), Unknown((Cause("a.b", "undeclared"),)), {"unknown": [["a.b", "undeclared"]]}),
    ],
)  # fmt: skip
def test_a_value_is_stored_in_one_form_and_comes_back_the_same(type_, value, plain):
    stored = to_json(value)

    assert stored == plain
    assert read_value(type_, json.loads(json.dumps(stored)), RECORDS, name="x") == value


def test_pairs_and_records_in_lists_come_back():
    value = (PairValue(LINE, LINE),)
    type_ = ListOf(PairsOf(Record("shop.line"), Record("shop.line")))

    assert read_value(type_, json.loads(json.dumps(to_json(value))), RECORDS) == value


def test_in_an_offer_a_record_is_its_type_and_key_everywhere():
    assert to_offer((LINE,)) == [{"key": "l1", "type": "shop.line"}]
    assert to_offer(PairValue(LINE, Decimal(1))) == {"item": {"key": "l1", "type": "shop.line"}, "to": "1"}


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        (MoneyType(), Money(1200, "EUR"), Amount(Decimal(12), "EUR")),
        (Number(), 3, Decimal(3)),
        (Number(), "3.50", Decimal("3.50")),
        (Text("email"), " Ann@Example.ORG ", "ann@example.org"),
        (
            Time(),
            datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        (Time(), "2026-01-01T02:00:00+02:00", datetime(2026, 1, 1, tzinfo=UTC)),
        (Record("shop.line"), {"id": "l1", "price": Money(150, "EUR"), "extra": object()}, LINE),
    ],
)
def test_a_connectors_own_values_are_taken_too(type_, raw, value):
    assert read_value(type_, raw, RECORDS) == value


@pytest.mark.parametrize(
    ("type_", "raw", "why"),
    [
        (YesNo(), "yes", "unreadable"),
        (YesNo(), 1, "unreadable"),
        (Number(), 1.5, "unreadable"),
        (Number(), True, "unreadable"),
        (Number(), "NaN", "unreadable"),
        (Number(), "1e5", "unreadable"),
        (Number(), "١٢", "unreadable"),
        (Number(), Decimal("1E+9999999"), "unreadable"),
        (Number(), "1/0", "unreadable"),
        (MoneyType(), 12, "unreadable"),
        (MoneyType(), {"currency": "EUR", "minor": 1.5}, "unreadable"),
        (MoneyType(), {"currency": "EUR", "minor": True}, "unreadable"),
        (MoneyType(), {"currency": "EUX", "minor": 1}, "unreadable"),
        (MoneyType(), {"currency": "", "minor": 1}, "unreadable"),
        (Choice(("a", "b")), "c", "undeclared"),
        (Choice(("a", "b")), 3, "unreadable"),
        (Text(), "", "unreadable"),
        (Text(), 5, "unreadable"),
        (Time(), datetime(2026, 1, 1), "unreadable"),  # noqa: DTZ001 - the missing zone is the point
        (Time(), "soon", "unreadable"),
        (Time(), 1_700_000_000, "unreadable"),
        (Date(), datetime(2026, 1, 1, tzinfo=UTC), "unreadable"),
        (Date(), "2026-02-30", "unreadable"),
        (Duration(), "3 days", "unreadable"),
        (DaysType(), "30 minutes", "unreadable"),
        (Duration(), "999999999 minutes", "unreadable"),
        (ListOf(Text()), "abc", "unreadable"),
        (ListOf(Text()), ["a"] * (MAX_ELEMENTS + 1), "out of range"),
        (PairsOf(Text(), Text()), ["a", "b"], "unreadable"),
        (Record("shop.line"), ["l1"], "unreadable"),
        (Record("shop.none"), {"id": "l1"}, "unreadable"),
        (Number(), None, "missing"),
        (Number(), {"unknown": 3}, "unreadable"),
    ],
)
def test_what_does_not_fit_its_type_is_unknown_with_the_reason(type_, raw, why):
    assert read_value(type_, raw, RECORDS, name="x") == unknown("x", why)


def test_a_record_without_its_key_is_unknown_and_a_missing_field_stays_missing():
    assert read_value(Record("shop.line"), {"price": Money(1, "EUR")}, RECORDS, name="line") == unknown(
        "line.id"
    )
    found = read_value(Record("shop.line"), {"id": "l1", "price": None}, RECORDS, name="line")
    assert isinstance(found, RecordValue)
    assert dict(found.fields) == {"id": "l1"}


def test_a_field_that_cannot_be_read_carries_its_dotted_name():
    found = read_value(Record("shop.line"), {"id": "l1", "price": 3}, RECORDS, name="line")

    assert isinstance(found, RecordValue)
    assert found.fields["price"] == unknown("line.price", "unreadable")


def test_records_nested_too_deep_are_cut_off_as_unknown():
    raw: dict[str, object] = {"id": "b"}
    for _ in range(5_000):
        raw = {"id": "b", "inner": raw}

    found = read_value(Record("shop.box"), raw, RECORDS, name="box")

    for _ in range(3):
        assert isinstance(found, RecordValue)
        found = found.fields["inner"]
    assert isinstance(found, RecordValue)
    assert found.fields["inner"] == unknown("box.inner.inner.inner.inner", "out of range")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["currency", "minor", "amount", "amounts", "unknown", "id", "price", "item", "to"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
TYPES = [YesNo(), Number(), MoneyType(), Choice(("a",)), Text(), Text("email"), Time(), Date(), Duration(),
         DaysType(), Secret(), Record("shop.line"), ListOf(Record("shop.line")),
         ListOf(PairsOf(Text(), MoneyType()))]  # fmt: skip


@given(st.sampled_from(TYPES), JSON)
def test_no_json_crashes_reading_and_what_was_read_is_stable(type_, raw):
    value = read_value(type_, raw, RECORDS, name="x")

    assert read_value(type_, json.loads(json.dumps(to_json(value))), RECORDS, name="x") == value

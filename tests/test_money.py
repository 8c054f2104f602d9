"""Money is exact in every currency, and no float comes near it."""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import resolver.money
from resolver.condition.values import Amount
from resolver.errors import Malformed
from resolver.money import Money, is_currency, minor_digits

CODES = sorted(code for code in (a + b + c for a in map(chr, range(65, 91)) for b in map(chr, range(65, 91))
                                 for c in map(chr, range(65, 91))) if is_currency(code))  # fmt: skip


def test_the_currencies_are_those_of_the_standard():
    assert len(CODES) > 150
    assert {"EUR", "USD", "JPY", "KWD", "CLF"} <= set(CODES)
    assert not {"EUX", "XXX", "XTS", "XAU", "DEM"} & set(CODES)


@pytest.mark.parametrize(
    ("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UYI", 0), ("MRU", 2)]
)
def test_a_currency_has_its_own_minor_unit(code, digits):
    assert minor_digits(code) == digits


@given(st.integers(-(10**20), 10**20), st.sampled_from(CODES))
def test_every_amount_survives_text_decimal_and_expression_exactly(minor, code):
    money = Money(minor, code)

    assert Money.parse(str(money)) == money
    assert Money.of(money.amount, code) == money
    assert Amount.of(money).money() == money


@given(st.integers(-(10**12), 10**12), st.sampled_from(CODES))
def test_one_decimal_more_than_the_currency_has_is_refused_not_rounded(minor, code):
    finer = Decimal(minor).scaleb(-minor_digits(code)) + Decimal(1).scaleb(-minor_digits(code) - 1)

    with pytest.raises(Malformed, match="more decimals"):
        Money.of(finer, code)
    assert Amount(finer, code).money() is None


@given(st.decimals(-(10**9), 10**9, places=6), st.sampled_from(CODES))
def test_rounding_goes_to_the_neighbouring_minor_units(value, code):
    amount = Amount(value, code)
    unit = Decimal(1).scaleb(-minor_digits(code))

    down, up = amount.rounded("down"), amount.rounded("up")

    assert down.value <= value <= up.value
    assert up.value - down.value in (0, unit)
    assert down.money() is not None
    assert up.money() is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "EUR",
        "12,00 EUR",
        "1_0 EUR",
        "NaN EUR",
        "Infinity EUR",
        "1e5 EUR",
        "12.00 eur",
        "12.005 EUR",
        "１２ EUR",
        "12 EUX",
        "9" * 31 + " EUR",
        "12.00 EUR EUR",
    ],
)
def test_text_that_is_no_amount_is_refused_with_a_remedy(text):
    with pytest.raises(Malformed) as caught:
        Money.parse(text)

    assert caught.value.remedy


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+999999", "1E+40"])
def test_a_number_that_is_no_amount_is_refused_at_once(amount):
    with pytest.raises(Malformed):
        Money.of(Decimal(amount), "EUR")


@pytest.mark.parametrize("minor", [12.0, True, Decimal(12), "12"])
def test_minor_units_are_integers_and_nothing_else(minor):
    with pytest.raises(TypeError):
        Money(minor, "EUR")


def test_no_float_is_written_or_made_where_money_is_computed():
    package = Path(resolver.money.__file__).parent
    for path in [package / "money.py", *sorted((package / "condition").glob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("float", "round")), (
                path
            )
            assert not (
                isinstance(node, ast.Attribute) and node.attr in ("total_seconds", "timestamp", "from_float")
            ), path

"""An expression gives the exact value its words say, or says what was not known."""

import timeit
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.condition.check import check_expression
from resolver.condition.evaluate import compile_expression
from resolver.condition.parser import parse_expression, parse_selection
from resolver.condition.values import UNKNOWN, Amount, Cause, PairValue, RecordValue, Unknown, unknown
from resolver.source.node import scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("order.status is delivered and order.refunded < order.total", True),
        ("order.status is not delivered", False),
        ("order.status in [paid, delivered]", True),
        ("order.status not in [paid, delivered]", False),
        ("order.number is order_number", True),
        ("order_number in ['1', '10231']", True),
        ("order_number is '010231'", False),
        ("customer.email is ' ANN@Example.org'", True),
        ("customer.email is order.email", True),
        ("customer.name is 'ann'", False),
        ("customer.name contains 'AN'", True),
        ("ticket.tags contains 'URGENT'", True),
        ("ticket.tags contains 'urg'", False),
        ("any of ticket.tags where it is 'shop'", True),
        ("order is order", True),
        ("amount = 15 EUR", True),
        ("amount in [15 EUR, 3 EUR]", True),
        ("amount > limits.refund", False),
        ("limits.refund >= amount + 35 EUR", True),
        ("amount > limits.refund - 40 EUR", True),
        ("amount > limits.refund * 10% + 1 EUR", True),
        ("0 - amount < 0", True),
        ("amount is not 0", True),
        ("order.total / 3 * 3 = order.total", True),
        ("order.total / 3 + order.total / 3 + order.total / 3 is order.total", True),
        ("order.total / 8 = 2.50 EUR", True),
        ("count_left * 1.5 = 4.5", True),
        ("count_left / 7 * 7 in [3]", True),
        ("30% = 0.3", True),
        ("any of items where final_sale is known", True),
        ("all of items where refundable > 0", True),
        ("none of items where refundable > 100 EUR", True),
        ("any of items where (refundable > 5 EUR and quantity is 2)", False),
        ("any of changes where to.refundable > item.refundable", True),
        ("sure", True),
        ("sure is yes", True),
        ("order.expected_on is not known", True),
        ("order.pin is known", True),
        ("greater of day and today is day", True),
        ("30 minutes + 30 minutes = 1 hour", True),
    ],
)
def test_a_condition_says_yes_or_no(shop, text, value):
    assert shop.value(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("order.total - order.refunded", "15.00 EUR"),
        ("sum of refundable in items", "15.00 EUR"),
        ("sum of to.refundable - item.refundable in changes", "3.00 EUR"),
        ("sum of refundable in items where quantity > 1", "3.00 EUR"),
        ("order.total * 33% rounded down", "6.60 EUR"),
        ("order.total / 3 rounded down", "6.66 EUR"),
        ("order.total / 3 rounded up", "6.67 EUR"),
        ("0 - order.total / 3 rounded down", "-6.67 EUR"),
        ("1 JPY * 50% rounded up", "1 JPY"),
        ("1 KWD / 3 rounded down", "0.333 KWD"),
        ("lesser of order.total and 5 EUR", "5 EUR"),
        ("greater of 0 and order.total", "20 EUR"),
        ("lesser of amount and limits.refund", "15 EUR"),
    ],
)
def test_money_is_exact_until_it_is_rounded(shop, text, value):
    assert shop.value(text) == shop.money(value)


def test_money_that_is_not_rounded_stays_a_fraction(shop):
    assert shop.value("order.total / 3") == Amount(Fraction(20, 3), "EUR")


def test_nothing_adds_up_to_a_zero_that_fits_every_currency(shop):
    assert shop.value("sum of refundable in items", items=()) == Amount(Decimal(0), "")
    assert shop.value("sum of refundable in items + 5 USD", items=()) == shop.money("5 USD")
    assert shop.value("sum of refundable in items < 1 KWD", items=()) is True


def test_of_nothing_all_is_yes_any_is_no_and_count_is_zero(shop):
    assert shop.value("all of items where final_sale", items=()) is True
    assert shop.value("any of items where final_sale", items=()) is False
    assert shop.value("none of items where final_sale", items=()) is True
    assert shop.value("count of items", items=()) == 0
    assert shop.value("sum of quantity in items", items=()) == 0


def test_two_currencies_are_unknown_and_both_names_are_said(shop):
    answer = shop.value("order.total > amount", amount=shop.money("1 USD"))

    assert answer == Unknown((Cause("amount", "two currencies"), Cause("order.total", "two currencies")))
    assert type(shop.value("order.total + amount", amount=shop.money("1 USD"))) is Unknown
    assert (
        type(
            shop.value("sum of refundable in items", items=(shop.line("a", "1 EUR"), shop.line("b", "1 USD")))
        )
        is Unknown
    )


def test_a_limit_without_the_currency_is_unknown(shop):
    assert shop.value("amount > limits.refund", amount=shop.money("1 USD")).names == (
        "amount",
        "limits.refund",
    )


@pytest.mark.parametrize(
    ("text", "facts", "names"),
    [
        ("order.expected_on is before today", {}, ("order.expected_on",)),
        ("unsure", {}, ("unsure",)),
        ("order.status is paid", {"order": UNKNOWN}, ("order",)),
        ("order.status is paid", {"order": unknown("order_number")}, ("order_number",)),
        ("any of items where final_sale", {"items": UNKNOWN}, ("items",)),
        ("all of items where (final_sale or no)", {}, ("items.final_sale",)),
        ("count of items where final_sale", {}, ("items.final_sale",)),
        ("sum of amount in items", {}, None),
        (
            "ticket.tags contains 'x'",
            {"ticket": RecordValue("ticket", "t", {"tags": ("a", unknown("tag"))})},
            ("tag",),
        ),
        ("any of changes where to.final_sale", {}, ("changes.to.final_sale",)),
        ("any of changes where to.final_sale", {"changes": (PairValue(UNKNOWN, UNKNOWN),)}, ("changes.to",)),
    ],
)
def test_what_was_missing_is_named(shop, text, facts, names):
    if names is None:
        text, names = "sum of it.amount in items", ("items.amount",)

    answer = shop.value(text, **facts)

    assert type(answer) is Unknown
    assert answer.names == names


def test_an_undeclared_word_stops_with_its_reason(shop):
    order = shop.order(status=unknown("order.status", "undeclared"))

    assert shop.value("order.status is paid", order=order) == unknown("order.status", "undeclared")


def test_an_unknown_value_is_neither_yes_nor_no():
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_an_element_that_settles_it_settles_it_whatever_the_others_are(shop):
    items = (shop.line("a", "1 EUR"), shop.line("b", "2 EUR", final_sale=True), shop.line("c", "3 EUR"))

    assert shop.value("any of items where final_sale", items=items) is True
    assert shop.value("none of items where final_sale", items=items) is False
    assert shop.value("all of items where not final_sale", items=items) is False


def test_records_are_the_same_by_type_and_key_not_by_what_was_read(shop):
    scope = shop.scope_with({"other": shop.scope.names["order"]})
    problems: list = []
    checked = check_expression(parse_expression(scalar("order is other"), problems), scope, problems)

    answer = compile_expression(checked).call(shop.env(other=shop.order(status="paid")))

    assert answer is True


def test_a_slot_is_offered_the_elements_whose_filter_is_yes(shop):
    problems: list = []
    expression = parse_selection(scalar("one of items where (quantity > 1 or final_sale)"), problems)
    checked = check_expression(expression, shop.scope, problems)

    options = compile_expression(checked).call(shop.env())

    assert problems == []
    assert [one.key for one in options] == ["b"]


def test_the_commonest_rule_takes_a_few_microseconds(shop):
    rule = compile_expression(shop.checked("order.status is delivered and order.refunded < order.total"))
    env = shop.env()

    best = min(timeit.repeat(lambda: rule.call(env), number=2_000, repeat=20)) / 2_000

    assert best < 10e-6  # measured: 0.6 µs on an idle core; the bound leaves room for a busy one


SIDES = (
    "order.total,amount,5 EUR,0,limits.refund,order.total / 3,count_left,3,30%,day,today,moment,now,order.status,paid,"
    "customer.email,'x',sure,unsure,30 days,2 hours,items,(any of items where final_sale),sum of refundable in items,"
    "order,order.expected_on + 5 days,today at 02:30"
).split(",")
LINKS = [
    "is",
    "is not",
    "<",
    "<=",
    "is at least",
    "is before",
    "is not after",
    "+",
    "-",
    "and",
    "or",
    "contains",
]


@settings(max_examples=500)
@given(st.data())
def test_whatever_passes_the_checker_evaluates_without_a_crash(any_shop, data):
    parts = [data.draw(st.sampled_from(SIDES))]
    for _ in range(data.draw(st.integers(0, 4))):
        parts += [data.draw(st.sampled_from(LINKS)), data.draw(st.sampled_from(SIDES))]
    text = " ".join(parts) + data.draw(
        st.sampled_from(["", " ago", " from now", " rounded down", " is known", " * 2"])
    )
    checked, problems = any_shop.check(text)
    drop = data.draw(st.sets(st.sampled_from(["order", "items", "amount", "limits", "customer", "day"])))

    if checked is not None:
        compile_expression(checked).call(any_shop.env(**dict.fromkeys(drop, UNKNOWN)))

    assert (checked is None) == any(problem.severity == "error" for problem in problems)


MIRRORED = [("<", ">"), ("<=", ">="), ("=", "=")]


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3), st.sampled_from(MIRRORED))
def test_comparisons_mirror(any_shop, left, right, signs):
    scope = any_shop.scope_with(
        {"left": any_shop.scope.names["count_left"], "other": any_shop.scope.names["count_left"]}
    )
    answers = []
    for text in (f"left {signs[0]} other", f"other {signs[1]} left"):
        problems: list = []
        checked = check_expression(parse_expression(scalar(text), problems), scope, problems)
        answers.append(compile_expression(checked).call(any_shop.env(left=left, other=right)))

    assert answers[0] is answers[1]

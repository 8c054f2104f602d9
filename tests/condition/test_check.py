"""An expression is checked against the names of its place; what does not fit is said with its repair."""

import pytest

from resolver.condition.check import check_condition, check_value
from resolver.condition.parser import parse_expression
from resolver.condition.types import Choice, Date, ListOf, MoneyType, Number, Record, Text, Time, YesNo
from resolver.source.node import scalar
from resolver.source.problem import Problem


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("order.status is delivered and order.refunded < order.total", YesNo()),
        ("order.total - order.refunded", MoneyType()),
        ("order.total * 30%", MoneyType(rounded=False)),
        ("order.total * 30% rounded down", MoneyType()),
        ("0 - amount", MoneyType()),
        ("lesser of amount and 5 EUR", MoneyType()),
        ("greater of 0 and amount", MoneyType()),
        ("sum of refundable in items", MoneyType()),
        ("sum of to.refundable - item.refundable in changes", MoneyType()),
        ("sum of quantity in items where not final_sale", Number()),
        ("count of items", Number()),
        ("today + 3 business days", Date()),
        ("day at 18:00", Time()),
        ("moment - 30 minutes", Time()),
        ("order", Record("shop.order")),
        ("order.lines", ListOf(Record("shop.line"))),
        ("order.pin is known", YesNo()),
        ("ticket.tags contains 'vip'", YesNo()),
        ("any of ticket.tags where it is 'vip'", YesNo()),
        ("any of changes where to.final_sale", YesNo()),
        ("amount > limits.refund - 5 EUR", YesNo()),
        ("30 minutes < 1 hour + 30 minutes", YesNo()),
        ("delivered is order.status", YesNo()),
        ("customer.email is order.email", YesNo()),
        ("any of items where it.amount > 0", YesNo()),
        ("(any of items where final_sale) is no", YesNo()),
        ("count_left / 3 * 2 in [2, 3%]", YesNo()),
    ],
)
def test_an_expression_that_fits_has_a_type(shop, text, type_):
    assert shop.checked(text).type == type_


@pytest.mark.parametrize(
    ("text", "code", "column", "repair"),
    [
        ("order.statuss is delivered", "unknown-name", 1, "did you mean 'order.status'?"),
        ("ordr.status is delivered", "unknown-name", 1, "did you mean 'order.status'?"),
        ("amount.value > 3", "unknown-name", 1, "amount is money and has no fields"),
        ("sure is true", "unknown-name", 9, "write 'yes'"),
        ("order.delivered_at is null", "unknown-name", 23, "write 'is known' or 'is not known'"),
        ("customer.name is Bob", "unknown-name", 18, "put text in quotes: 'Bob'"),
        ("ticket.tags contains vip", "unknown-name", 22, "put text in quotes: 'vip'"),
        ("it.id is '3'", "unknown-name", 1, "'it' stands only behind 'where' and 'sum of'"),
        (
            "order.status is shipped or delivered",
            "unknown-name",
            28,
            "write 'order.status in [shipped, delivered]'",
        ),
        ("order.status is delivred", "never-that-value", 17, "did you mean 'delivered'?"),
        ("order.status in [shipped, gone]", "never-that-value", 27, "possible values: created"),
        ("order.status is 'delivered'", "cannot-compare", 1, "write the word without quotes: delivered"),
        ("order.status is ticket.channel", "cannot-compare", 1, "they have no word in common"),
        ("amount > 50", "cannot-compare", 1, "say the currency, for example '50 EUR'"),
        ("amount + 50 > amount", "cannot-compare", 1, "say the currency, for example '50 EUR'"),
        ("amount in [5]", "cannot-compare", 12, "say the currency, for example '5 EUR'"),
        ("count_left > 3 EUR", "cannot-compare", 1, "leave out the currency, for example '3'"),
        ("3 EUR < count_left", "cannot-compare", 1, "leave out the currency, for example '3'"),
        ("count_left + 3 EUR > 5", "cannot-compare", 1, "leave out the currency, for example '3'"),
        ("count_left > amount", "cannot-compare", 1, "money goes with money"),
        ("order.delivered_at is more than 30 days", "cannot-compare", 1, "add 'ago' or 'from now'"),
        (
            "order.delivered_at is more than 30 ago",
            "cannot-compare",
            1,
            "say the unit, for example '30 days'",
        ),
        ("amount is more than 30 days ago", "cannot-compare", 1, "only a time or a date can be 'ago'"),
        ("moment < day", "cannot-compare", 1, "a moment is 'now' or a day with its clock time"),
        ("moment is moment", "cannot-compare", 1, "write 'is before' or 'is after'"),
        ("now - moment > 3 hours", "cannot-compare", 1, "ago"),
        ("amount is before amount", "cannot-compare", 1, "write 'is less than'"),
        ("customer.name < 'B'", "cannot-compare", 1, "write 'is' or 'is not'"),
        ("order < order", "cannot-compare", 1, "write 'is' or 'is not'"),
        ("order is ticket", "cannot-compare", 1, "compare records of the same type"),
        ("items is items", "cannot-compare", 1, "use 'any of'"),
        ("sure in [yes]", "cannot-compare", 10, "write 'is' with a single value"),
        ("count_left contains '3'", "cannot-compare", 1, "only texts and lists of text contain"),
        ("limits.refund < limits.other", "cannot-compare", 1, "not with another limit"),
        ("limits.refund > 0", "cannot-compare", 1, "say the currency, for example '0 EUR'"),
        ("sure + 1 > 2", "cannot-compare", 1, "only numbers, money, and times"),
        (
            "lesser of order.status and order.status",
            "cannot-compare",
            1,
            "take the lesser or greater of numbers",
        ),
        ("day is more than 24 hours ago", "days-or-hours", 1, "count days: '… is more than 30 days ago'"),
        ("moment + 3 days > now", "days-or-hours", 1, "add days to a date, minutes and hours to a time"),
        ("day + 3 hours > today", "days-or-hours", 1, "add days to a date, minutes and hours to a time"),
        ("3 days + 3 hours > 1 hour", "days-or-hours", 1, "add days to a date"),
        ("3 days > 3 hours", "days-or-hours", 1, "write both in days, or both in hours"),
        ("any of items where amount > 0", "hidden-name", 20, "rename the outer one, or write 'it.amount'"),
        ("order.pin is '1234'", "secret", 1, "only 'is known' may be asked of it"),
        ("order.pin", "secret", 1, "leave it out"),
        ("order.total and sure", "wrong-type", 1, "compare it, for example '… is more than …'"),
        ("not order.status", "wrong-type", 5, "compare it: '… is created'"),
        ("items or sure", "wrong-type", 1, "use 'any of', 'all of', 'none of' or 'count of'"),
        ("any of order where sure", "wrong-type", 8, "name a list"),
        ("sum of name in items", "wrong-type", 1, "only numbers and money can be added up"),
        ("count_left rounded down", "wrong-type", 1, "only money can be rounded"),
        ("sure * 2", "wrong-type", 1, "only money and numbers can be multiplied or divided"),
        ("moment at 18:00", "wrong-type", 1, "write 'today at 18:00'"),
    ],
)
def test_what_does_not_fit_is_one_problem_with_its_repair(shop, text, code, column, repair):
    problem = shop.problem(text)

    assert (problem.code, problem.where.column) == (code, column)
    assert repair in problem.help


def test_what_is_known_here_names_everything_once(shop):
    known = shop.problem("zzz > 3").help.removeprefix("known here: ").split(", ")

    assert "today" in known
    assert known == sorted(set(known))


def test_a_type_error_shows_both_types(shop):
    assert shop.problem("amount > 50").message == "cannot compare money with number"


def test_independent_problems_of_one_condition_are_reported_together(shop):
    _, problems = shop.check("amount > 50 and order.status is gone")

    assert [problem.code for problem in problems] == ["cannot-compare", "never-that-value"]


def test_the_names_read_are_noted_without_the_fields_of_list_elements(shop):
    checked = shop.checked("(any of items where (final_sale and sure)) or order.total > 0 and customer.vip")

    assert checked.names == ("items", "sure", "order.total", "customer.vip")
    assert checked.may_be_missing == ("customer.vip",)


def test_a_word_is_read_against_the_other_side_even_if_a_name_is_spelled_so(shop):
    scope = shop.scope_with({"shipped": shop.scope.names["sure"]})
    problems: list[Problem] = []
    expression = parse_expression(scalar("order.status is shipped"), problems)
    assert expression is not None

    checked = check_condition(expression, scope, problems)

    assert checked is not None
    assert checked.names == ("order.status",)


@pytest.mark.parametrize("text", ["amount", "order.status", "3", "order", "today"])
def test_a_condition_must_be_yes_or_no(shop, text):
    problems: list[Problem] = []
    expression = parse_expression(scalar(text), problems)
    assert expression is not None

    assert check_condition(expression, shop.scope, problems) is None
    assert [problem.code for problem in problems] == ["wrong-type"]


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("amount", MoneyType(), None),
        ("5 EUR", MoneyType(), None),
        ("amount * 30% rounded up", MoneyType(), None),
        ("amount * 30%", MoneyType(), "not-rounded"),
        ("0", MoneyType(), "wrong-type"),
        ("limits.refund", MoneyType(), "wrong-type"),
        ("count_left", MoneyType(), "wrong-type"),
        ("order_number", Text("order_number"), None),
        ("order_number", Text(), None),
        ("order.id", Text("order_number"), "wrong-type"),
        ("'DE'", Text("country"), None),
        ("shipped", Choice(("shipped", "lost")), None),
        ("gone", Choice(("shipped", "lost")), "never-that-value"),
        ("order.status", Choice(("shipped", "lost")), "wrong-type"),
        ("order", Record("shop.order"), None),
        ("ticket", Record("shop.order"), "wrong-type"),
        ("items", ListOf(Record("shop.line")), None),
        ("sure and customer.vip", YesNo(), None),
        ("order.pin", Text(), "secret"),
    ],
)
def test_a_value_is_handed_over_only_where_its_type_is_declared(shop, text, expected, code):
    problems: list[Problem] = []
    expression = parse_expression(scalar(text), problems)
    assert expression is not None

    checked = check_value(expression, shop.scope, expected, problems, needs="shop.refund needs {} for 'x'")

    assert [problem.code for problem in problems] == ([code] if code else [])
    assert (checked is None) == bool(code)


def test_a_wrong_argument_is_named_with_both_types(shop):
    problems: list[Problem] = []
    expression = parse_expression(scalar("order"), problems)
    assert expression is not None

    check_value(expression, shop.scope, MoneyType(), problems, needs="shop.refund needs {} for 'amount'")

    assert problems[0].message == "shop.refund needs money for 'amount', but this is shop.order"

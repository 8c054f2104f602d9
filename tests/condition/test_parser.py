"""A text reads as a condition, or one problem says at its exact place what was expected."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.condition.parser import MAX_LENGTH, parse_expression, parse_length, parse_selection
from resolver.condition.syntax import Add, Compare, Constant, ListForm, Logic, Not, walk
from resolver.condition.values import Amount, Days
from resolver.source.load import load
from resolver.source.name import RESERVED
from resolver.source.node import MappingNode, ScalarNode, scalar
from resolver.source.problem import Problem
from tests.cost import cost


def parsed(text: str):
    problems: list[Problem] = []
    expression = parse_expression(scalar(text), problems)
    assert problems == []
    assert expression is not None
    return expression.root


def refused(text: str) -> Problem:
    problems: list[Problem] = []
    assert parse_expression(scalar(text), problems) is None
    [problem] = problems
    assert problem.help
    return problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Decimal(12)),
        ("010", Decimal(10)),
        ("1.50", Decimal("1.50")),
        ("30%", Decimal("0.3")),
        ("50 EUR", Amount(Decimal(50), "EUR")),
        ("0.500 KWD", Amount(Decimal("0.500"), "KWD")),
        ("1 day", Days(1)),
        ("2 weeks", Days(14)),
        ("3 business days", Days(3, business=True)),
        ("90 minutes", timedelta(minutes=90)),
        ("24 hours", timedelta(hours=24)),
        ("'it is'", "it is"),
        ('"it\'s"', "it's"),
        ("yes", True),
        ("no", False),
    ],
)
def test_what_is_written_out_is_read_exactly(text, value):
    root = parsed(text)

    assert isinstance(root, Constant)
    assert root.value == value
    assert type(root.value) is type(value)


def test_and_binds_tighter_than_or_and_not_binds_tightest():
    root = parsed("a or not b and c")

    assert isinstance(root, Logic)
    assert root.word == "or"
    both = root.operands[1]
    assert isinstance(both, Logic)
    assert isinstance(both.operands[0], Not)


def test_times_binds_tighter_than_plus_and_a_sum_is_rounded_as_a_whole():
    root = parsed("a + b * 2 - c rounded down")

    assert [type(node).__name__ for node in walk(root)] == [
        "Rounded",
        "Add",
        "Add",
        "Name",
        "Scale",
        "Name",
        "Name",
    ]


def test_lesser_takes_the_first_and_as_its_own():
    root = parsed("lesser of a and b is 3 and c")

    assert isinstance(root, Logic)
    assert isinstance(root.operands[0], Compare)


def test_sum_of_may_compute_with_the_element():
    root = parsed("sum of to.price - item.price in changes")

    assert isinstance(root, ListForm)
    assert isinstance(root.summand, Add)
    assert root.source.dotted == "changes"


@pytest.mark.parametrize(
    ("words", "symbol"),
    [("is at most", "<="), ("is at least", ">="), ("is more than", ">"), ("is less than", "<"), ("is", "=")],
)
def test_words_and_symbols_mean_the_same(words, symbol):
    first, second = parsed(f"a {words} b"), parsed(f"a {symbol} b")

    assert isinstance(first, Compare)
    assert isinstance(second, Compare)
    assert first.operator == second.operator == symbol


@pytest.mark.parametrize(
    ("text", "code", "column", "help_"),
    [
        ("a && b", "foreign-operator", 3, "write 'and'"),
        ("a || b", "foreign-operator", 3, "write 'or'"),
        ("a == b", "foreign-operator", 3, "write 'is'"),
        ("a != b", "foreign-operator", 3, "write 'is not'"),
        ("!a", "foreign-operator", 1, "write 'not'"),
        ("a => b", "foreign-operator", 3, "write '>='"),
        ("a ≥ b", "foreign-operator", 3, "write '>='"),
        ("a AND b", "foreign-operator", 3, "write 'and'"),
        ("a equals b", "foreign-operator", 3, "write 'is'"),
        ("a atleast 3", "foreign-operator", 3, "write 'is at least'"),
        ("a > 50€", "condition", 5, "write '50 EUR'"),
        ("a > 50 €", "condition", 5, "write '50 EUR'"),
        ("a > €50", "condition", 5, "write '50 EUR'"),
        ("a > EUR 50", "condition", 5, "write '50 EUR'"),
        ("a > EUR50,50 and b", "condition", 5, "write '50.50 EUR'"),
        ("a > $50", "condition", 5, "write '50 USD', or the currency that is meant"),
        ("a is older than 14 days", "condition", 6, "write 'is more than 14 days ago'"),
        ("a is not older than 14 days and b", "condition", 6, "write 'is at most 14 days ago'"),
        ("a is older than 3 business days ago", "condition", 6, "write 'is more than 3 business days ago'"),
        ("a is within 14 days", "condition", 6, "write 'is at most 14 days ago'"),
        ("a is atleast 3", "condition", 6, "write 'at least'"),
        ("a is at leest 3 days ago", "condition", 6, "write 'at least'"),
        ("a is not atmost (b + 1)", "condition", 10, "write 'at most'"),
        ("a is more then b", "condition", 6, "write 'more than'"),
        ("a is not at most 5 days ago", "unclear-not", 6, "write 'is more than'"),
        ("a is not more than 5 days ago", "unclear-not", 6, "write 'is at most'"),
        ("any of a where b and c", "unclear-where", 18, "put brackets around what belongs to 'where'"),
        (
            "(count of a where b or c) is 3",
            "unclear-where",
            21,
            "put brackets around what belongs to 'where'",
        ),
        ("count of a where (any of b where c)", "nested-list", 19, "compute the inner one in the connector"),
        ("sum of count of a in b", "nested-list", 8, "compute the inner one in the connector"),
        ("a * b", "not-linear", 5, "use a 'split by units' field, or compute it in the connector"),
        ("a * 2 EUR", "not-linear", 5, "use a 'split by units' field, or compute it in the connector"),
        ("2 * a", "not-linear", 5, "write the number second: a * 2"),
        ("a / 0", "condition", 5, "write another number"),
        ("-5", "condition", 1, "there are no negative numbers; write '0 - …'"),
        ("a is 30 days ago", "condition", 6, "write 'is at least … ago'"),
        ("a > 30 days ago", "condition", 3, "write 'is more than … ago'"),
        ("a is greater than b", "condition", 14, "write 'is', 'is more than' or 'is less than'"),
        ("a is after 2026-12-25", "condition", 12, "compare with 'today', a field of a record or a limit"),
        (
            "a > 5 eur",
            "condition",
            7,
            "write a currency of ISO 4217 in three capital letters, for example 50 EUR",
        ),
        (
            "a > 5 EUX",
            "condition",
            7,
            "write a currency of ISO 4217 in three capital letters, for example 50 EUR",
        ),
        ("a > 1.005 EUR", "not-rounded", 5, "write fewer decimals"),
        ("a > 1.5 days", "condition", 5, "use a smaller unit"),
        ("a > 2 business weeks", "condition", 5, "write 'business days'"),
        ("a > 99999 days", "condition", 5, "shorten it"),
        ("a > 1234567890123456", "condition", 5, "shorten it"),
        ("day at 25:00 > now", "condition", 8, "write it like 18:00"),
        ("a is 'open", "condition", 6, "close the quote; if a '#' stands in it, quote the whole line"),
        ("a ; b", "condition", 3, "put text in quotes"),
    ],
)
def test_a_text_that_is_no_condition_is_refused_with_what_to_write(text, code, column, help_):
    problem = refused(text)

    assert (problem.code, problem.where.column, problem.help) == (code, column, help_)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a is",
        "a is more 3",
        "a in b",
        "a in []",
        "a b",
        "(a",
        "a)",
        "not",
        "is",
        "a < b < c",
        "any of a",
        "sum of a",
        "count a",
    ],
)
def test_an_unfinished_condition_says_what_was_expected(text):
    problem = refused(text)

    assert problem.code == "condition"
    assert "expected" in problem.message


@pytest.mark.parametrize("word", sorted(RESERVED - {"now", "it", "chosen", "yes", "no", "not"}))
def test_no_reserved_word_is_read_as_a_name(word):
    assert refused(word).code == "condition"


def test_a_bracketed_filter_may_be_followed_by_and():
    assert isinstance(parsed("any of a where (b) and c"), Logic)


@pytest.mark.parametrize(
    "text",
    [
        "a" * (MAX_LENGTH + 1),
        "(" * 200 + "a" + ")" * 200,
        "not " * 100 + "a",
        " or ".join("a" * 60),
        "lesser of " * 40 + "a",
    ],
    ids=["long", "brackets", "nots", "many parts", "lesser"],
)
def test_length_parts_and_depth_are_bounded(text):
    assert refused(text).code == "condition"


def test_a_place_is_found_inside_quotes_and_folded_lines_of_a_file():
    root = load('when: "a is known\n  and b == c"\n', "p.yaml").root
    assert isinstance(root, MappingNode)
    text = root.get("when")
    assert isinstance(text, ScalarNode)
    problems: list[Problem] = []

    parse_expression(text, problems)

    assert [str(problem.where) for problem in problems] == ["p.yaml:2:9"]


def test_a_condition_that_a_comment_cut_off_says_so():
    root = load("when: note contains 'order #5'\n", "p.yaml").root
    assert isinstance(root, MappingNode)
    text = root.get("when")
    assert isinstance(text, ScalarNode)
    problems: list[Problem] = []

    parse_expression(text, problems)

    assert "everything after ' #' is a comment" in problems[0].help


def test_a_length_of_time_is_read_alone():
    problems: list[Problem] = []

    assert parse_length(scalar("1 business day"), problems) == Days(1, business=True)
    assert parse_length(scalar("15 minutes"), problems) == timedelta(minutes=15)
    assert problems == []
    assert parse_length(scalar("soon"), problems) is None
    assert [problem.code for problem in problems] == ["wrong-type"]


def test_a_slot_may_choose_from_a_list():
    problems: list[Problem] = []

    selection = parse_selection(scalar("some of order.lines where refundable > 0"), problems)

    assert problems == []
    assert selection is not None
    assert isinstance(selection.root, ListForm)
    assert (selection.root.kind, selection.root.source.dotted) == ("some of", "order.lines")


PIECES = [
    *sorted(RESERVED),
    "order.total",
    "items",
    "(",
    ")",
    "[",
    "]",
    ",",
    "30",
    "50 EUR",
    "30 days",
    "'x'",
    "+",
    "-",
    "*",
    "<",
    "at 18:00",
    "&&",
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
def test_any_row_of_words_is_read_or_refused_quickly(text):
    problems: list[Problem] = []
    with cost() as taken:
        expression = parse_expression(scalar(text), problems)

    assert (expression is None) == bool(problems)
    assert taken.seconds < 0.05


@settings(max_examples=300)
@given(st.text(max_size=500))
def test_garbage_never_crashes_the_parser(text):
    problems: list[Problem] = []

    expression = parse_expression(scalar(text), problems)

    assert (expression is None) == bool(problems)


def test_a_text_nothing_is_known_about_is_refused_with_the_comparisons_there_are():
    problem = refused("a is b c")

    assert (problem.code, problem.where.column) == ("condition", 8)
    assert problem.help.startswith("compare with 'is', 'is not', 'is at least', 'is at most'")

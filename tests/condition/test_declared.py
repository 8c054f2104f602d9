"""Declared types are read from words, and what is none is told with the nearest that is."""

import pytest

from resolver.condition.declared import DeclaredNames, read_field, read_type
from resolver.condition.types import Choice, Field, ListOf, MoneyType, PairsOf, Record, Text, Time, YesNo
from resolver.source.node import scalar
from resolver.source.problem import Problem

NAMES = DeclaredNames.of("shop", ["order", "line"], ["tracking_code"])


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        ("yes/no", YesNo()),
        ("money", MoneyType()),
        ("order_number", Text("order_number")),
        ("tracking_code", Text("tracking_code")),
        ("one of [small, large]", Choice(("small", "large"))),
        ("order", Record("shop.order")),
        ("list of line", ListOf(Record("shop.line"))),
        ("list of line to order", ListOf(PairsOf(Record("shop.line"), Record("shop.order")))),
    ],
)
def test_a_type_is_read_from_its_words(words: str, type_: object) -> None:
    problems: list[Problem] = []

    assert read_type(scalar(words), NAMES, problems) == type_
    assert problems == []


def test_the_words_behind_a_type_are_read() -> None:
    problems: list[Problem] = []

    assert read_field(scalar("time, may be missing, public"), NAMES, problems) == Field(Time(), True, True)
    assert read_field(scalar("money, split by units"), NAMES, problems) == Field(
        MoneyType(), split_by_units=True
    )
    assert read_field(scalar("order, from shop.order"), NAMES, problems) == Field(
        Record("shop.order"), from_look_up="shop.order"
    )
    assert problems == []


@pytest.mark.parametrize(
    ("words", "code", "message", "column"),
    [
        ("mony", "unknown-word", "'mony' is not a word known here", 1),
        ("list of lin", "unknown-word", "'lin' is not a word known here", 9),
        ("one of small", "wrong-type", "'one of small' is no type", 1),
        ("one of [small, Large]", "bad-name", "'Large' cannot be a name", 16),
        ("one of [small, small]", "written-twice", "'small' is written twice here", 9),
        ("time, may be gone", "unknown-word", "'may be gone' is not a word known here", 7),
        ("one of []", "bad-name", "'' cannot be a name", 1),
    ],
)
def test_words_that_are_no_type_are_told_at_their_place(
    words: str, code: str, message: str, column: int
) -> None:
    problems: list[Problem] = []

    assert read_field(scalar(words), NAMES, problems) is None
    assert [(one.code, one.message, one.where.column) for one in problems] == [(code, message, column)]
    assert problems[0].help

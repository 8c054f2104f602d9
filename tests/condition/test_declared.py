"""The type texts of interfaces and slots are read into types, or refused at the word that is wrong."""

import pytest

from resolver.condition.declared import DeclaredNames, read_field, read_type
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
    Secret,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.source.node import scalar
from resolver.source.problem import Problem

NAMES = DeclaredNames.of("retail", ["order", "line", "variant", "product"], ["tracking_code"])


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("yes/no", YesNo()),
        ("number", Number()),
        ("money", MoneyType()),
        ("one of [a, b_2]", Choice(("a", "b_2"))),
        ("email", Text("email")),
        ("order_number", Text("order_number")),
        ("tracking_code", Text("tracking_code")),
        ("time", Time()),
        ("date", Date()),
        ("duration", Duration()),
        ("days", DaysType()),
        ("secret", Secret()),
        ("order", Record("retail.order")),
        ("list of line", ListOf(Record("retail.line"))),
        ("list of text", ListOf(Text())),
        ("list of line to variant", ListOf(PairsOf(Record("retail.line"), Record("retail.variant")))),
    ],
)
def test_a_type_is_read_from_its_words(text, type_: Type):
    problems: list[Problem] = []

    assert read_type(scalar(text), NAMES, problems) == type_
    assert problems == []
    assert str(type_)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("money, split by units", Field(MoneyType(), split_by_units=True)),
        ("text, may be missing,  public", Field(Text(), may_be_missing=True, public=True)),
        ("one of [a, b], may be missing", Field(Choice(("a", "b")), may_be_missing=True)),
        ("product, from retail.product", Field(Record("retail.product"), from_look_up="retail.product")),
    ],
)
def test_the_words_behind_a_type_are_kept(text, field):
    problems: list[Problem] = []

    assert read_field(scalar(text), NAMES, problems) == field
    assert problems == []


@pytest.mark.parametrize(
    ("text", "code", "column", "repair"),
    [
        ("mony", "unknown-word", 1, "did you mean 'money'?"),
        ("list of lines", "unknown-word", 9, "did you mean 'line'?"),
        ("list of list of text", "unknown-word", 9, ""),
        ("text, may be mising", "unknown-word", 7, "did you mean 'may be missing'?"),
        ("one of [a, B]", "bad-name", 12, "small letters"),
        ("one of [a, and]", "bad-name", 12, "not a reserved word"),
        ("one of [a, a]", "written-twice", 9, "remove one"),
        ("one of a, b", "wrong-type", 1, "one of [small, large]"),
        ("one of []", "bad-name", 1, "small letters"),
    ],
)
def test_a_wrong_word_is_one_problem_at_its_place(text, code, column, repair):
    problems: list[Problem] = []

    assert read_field(scalar(text), NAMES, problems) is None

    assert code in {problem.code for problem in problems}
    assert problems[0].where.column == column
    assert any(repair in problem.help for problem in problems)

"""Mappings are read by declared keys; every problem is collected and none stops the reading."""

from datetime import date
from decimal import Decimal

import pytest

from resolver.source import reader
from resolver.source.load import load
from resolver.source.node import Node
from resolver.source.problem import Problem
from resolver.source.reader import Keys


def node_of(text: str) -> Node:
    root = load(text, "f.yaml").root
    assert root is not None
    return root


def said(problems: list[Problem]) -> list[str]:
    return [
        f"{problem.code} {problem.where.line}:{problem.where.column} {problem.help}" for problem in problems
    ]


def test_unknown_and_missing_keys_are_reported_together_with_the_nearest_known_one():
    problems: list[Problem] = []

    Keys(node_of("titel: x\nzzz: y\n"), problems, required={"title"}, optional={"owner"})

    assert said(problems) == [
        "unknown-word 1:1 did you mean 'title'?",
        "unknown-word 2:1 possible here: owner, title",
        "missing-word 1:1 write 'title: …'",
    ]


def test_a_word_of_a_later_version_is_refused_as_not_supported_yet():
    problems: list[Problem] = []

    Keys(node_of("for_each: x\n"), problems, later={"for_each"})

    assert [problem.code for problem in problems] == ["not-supported-yet"]


def test_each_accessor_reads_its_type_and_gives_the_default_for_an_absent_key():
    problems: list[Problem] = []
    keys = Keys(
        node_of("a: Some text\nb: some_name\nc: yes\nd: 7\ne: 30%\nf: auto\ng: [x, y]\nh: {k: v}\n"),
        problems,
        optional=list("abcdefghz"),
    )

    assert keys.prose("a") == keys.text("a") == "Some text"
    assert keys.name("b") == "some_name"
    assert keys.yes_no("c", default=False) is True
    assert keys.whole("d", 0) == 7
    assert keys.percentage("e", Decimal(1)) == Decimal("0.3")
    assert keys.one_of("f", ["auto", "off"], "off") == "auto"
    assert keys.texts("g") == keys.names("g") == ("x", "y")
    assert [entry.key.text for entry in keys.named("h")] == ["k"]
    assert (keys.text("z", "?"), keys.yes_no("z", default=True), keys.whole("z", 3), keys.items("z")) == (
        "?",
        True,
        3,
        (),
    )
    assert "a" in keys
    assert "z" not in keys
    assert str(keys.place("b")) == "f.yaml:2:4"
    assert problems == []


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (reader.read_yes_no, "true", "wrong-type"),
        (reader.read_yes_no, "[yes]", "wrong-type"),
        (reader.read_whole, "1.5", "wrong-type"),
        (reader.read_whole, "-1", "wrong-type"),
        (reader.read_whole, "9999999999999999999", "wrong-type"),
        (reader.read_decimal, "1e5", "wrong-type"),
        (reader.read_decimal, "1,5", "wrong-type"),
        (reader.read_percentage, "101%", "wrong-type"),
        (reader.read_percentage, "30", "wrong-type"),
        (reader.read_date, "2026-02-30", "wrong-type"),
        (reader.read_date, "tomorrow", "wrong-type"),
        (reader.read_name, "Refund", "bad-name"),
        (reader.read_name, "and", "bad-name"),
        (reader.read_name, "a" * 41, "bad-name"),
        (reader.read_text, "''", "wrong-type"),
        (reader.read_text, "{a: b}", "wrong-type"),
        (reader.read_prose, "Order #5", "text-cut-off"),
        (reader.read_items, "a", "wrong-type"),
        (reader.read_entries, "[a]", "wrong-type"),
    ],
)
def test_a_value_that_its_place_cannot_read_is_one_problem_with_help(read, text, code):
    problems: list[Problem] = []

    read(node_of(f"- {text}").items[0], problems)

    assert [problem.code for problem in problems] == [code]
    assert problems[0].help


def test_a_word_outside_a_closed_set_gets_the_nearest_one():
    problems: list[Problem] = []

    assert reader.read_one_of(node_of("atuo"), ["auto", "off"], problems) is None

    assert said(problems) == ["unknown-word 1:1 did you mean 'auto'?"]


def test_a_day_and_a_decimal_are_read_exactly():
    assert reader.read_date(node_of("2026-12-25"), []) == date(2026, 12, 25)
    assert reader.read_decimal(node_of("12.50"), []) == Decimal("12.50")


def test_something_that_is_no_mapping_is_one_problem_and_reads_as_empty():
    problems: list[Problem] = []
    keys = Keys(node_of("[a]"), problems, required={"title"})

    assert keys.text("title", "?") == "?"
    assert [problem.code for problem in problems] == ["wrong-type"]

"""Templates: text with names in braces and nothing else."""

import pytest

from resolver.source.node import scalar
from resolver.source.problem import Problem
from resolver.source.template import Hole, read_template


def test_a_template_is_its_texts_and_its_names() -> None:
    problems: list[Problem] = []

    parts = read_template(scalar("Order {order.number} is {status}."), problems)

    assert parts == ("Order ", Hole("order.number", 6, 14), " is ", Hole("status", 24, 8), ".")
    assert problems == []


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("{", [1]),
        ("a } b", [3]),
        ("{Name}", [1, 6]),
        ("{a b}", [1, 5]),
        ("{{name}}", [1, 8]),
        ("{}", [1, 2]),
        ("{a.}", [1, 4]),
    ],
)
def test_every_lone_brace_is_told_at_its_place(text: str, columns: list[int]) -> None:
    problems: list[Problem] = []

    read_template(scalar(text), problems)

    assert [problem.where.column for problem in problems] == columns
    assert {problem.code for problem in problems} == {"stray-brace"}

"""When a condition about days changes its answer, as a plain sentence for somebody who plans with a calendar.

Called by `resolver lint --explain` with the day it is typed. It finds the days by asking the condition itself, day by
day, so that business days and holidays are those of the policy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from resolver.condition.calendar import Calendar
from resolver.condition.check import check_condition
from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled, compile_expression
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.syntax import Away, Constant, Name, children
from resolver.condition.types import Date, Field
from resolver.condition.values import Days
from resolver.playbook.plan import Plan, Rule
from resolver.source.node import scalar
from resolver.source.problem import Problem

_FAR = 800


@dataclass(frozen=True, slots=True)
class Due:
    """One comparison with days in a rule, and how its answer goes for one example day."""

    rule: str
    condition: str
    sentence: str


def due_days(plan: Plan, calendar: Calendar, today: date) -> Iterator[Due]:
    """A sentence for every comparison with days that a rule makes, itself or by a computed value."""
    for rule in plan.rules:
        seen: set[tuple[str, str]] = set()
        for source, words, count, ago in _comparisons(plan, rule):
            if (source, words) not in seen:
                seen.add((source, words))
                yield Due(rule.id, f"{source} {words}", _sentence(words, count, today, calendar, ago=ago))


def _comparisons(plan: Plan, rule: Rule) -> Iterator[tuple[str, str, int, bool]]:
    todo = [rule.when] if rule.when is not None else []
    while todo:
        compiled: Compiled = todo.pop(0)
        todo += [plan.computed[name].value for name in compiled.names if name in plan.computed]
        nodes = [compiled.checked.expression.root]
        while nodes:
            node = nodes.pop(0)
            nodes += children(node)
            if not isinstance(node, Away) or not isinstance(node.instant, Name):
                continue
            length = node.length.value if isinstance(node.length, Constant) else None
            if isinstance(length, Days):
                text = compiled.checked.expression.text
                words = " ".join(text[node.instant.end : node.end].split())
                yield node.instant.dotted, words, length.count, node.direction == "ago"


def _sentence(words: str, count: int, today: date, calendar: Calendar, *, ago: bool) -> str:
    """`Monday 23 November 2026: is no at first, becomes yes on Thursday 24 December 2026`."""
    day = today if ago else today + timedelta(days=2 * count + 14)
    answers = list(_answers(words, day, today, calendar))
    said = ["is yes at first" if answers[0] else "is no at first"]
    for later, (before, now) in enumerate(pairwise(answers), 1):
        if before is not now:
            said.append(f"becomes {'yes' if now else 'no'} on {_written(today + timedelta(days=later))}")
    return f"{_written(day)}: {', '.join(said)}"


def _answers(words: str, day: date, start: date, calendar: Calendar) -> Iterator[bool]:
    """The answer on each day from `start` on; the same words as in the file, asked of one day."""
    problems: list[Problem] = []
    expression = parse_expression(scalar(f"day {words}"), problems)
    checked = check_condition(expression, Scope({"day": Field(Date())}), problems) if expression else None
    if checked is None:
        raise ValueError(f"{words} was a condition in the plan and is none alone")
    call = compile_expression(checked).call
    for later in range(_FAR):
        now = calendar.instant(start + timedelta(days=later), time(12))
        yield call(Env({"day": day}, now, calendar)) is True


def _written(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"

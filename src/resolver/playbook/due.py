"""When a condition about days changes its answer, as a plain sentence for somebody who plans with a calendar.

Called by `resolver lint --explain` with the day it is typed, and by `resolver explain` with the day a rule saw.
It finds the days by asking the condition itself, day by day, so business days and holidays are those of the policy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
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
class DayRule:
    """One comparison with days in a rule: `name` is what is compared (`order.due_on`), `words` the rest of it."""

    rule: str
    name: str
    words: str
    count: int
    ago: bool

    @property
    def condition(self) -> str:
        """The comparison as written."""
        return f"{self.name} {self.words}"

    def example(self, today: date) -> date:
        """A day to show the sentence with: today, or so far ahead that the answer still changes."""
        return today if self.ago else today + timedelta(days=2 * self.count + 14)

    def sentence(self, day: date, calendar: Calendar) -> str:
        """`due Friday 6 November 2026: becomes yes on Monday 16 November` for that value of the name."""
        start = day if self.ago else day - timedelta(days=2 * self.count + 14)
        answers = _answers(self.words, day, start, calendar)
        changes = [
            (start + timedelta(days=later), now)
            for later, (before, now) in enumerate(pairwise(answers), 1)
            if before is not now
        ]
        said = ["is yes at first"] if answers[0] else [] if changes else ["is always no"]
        said += [f"becomes {'yes' if now else 'no'} on {_written(at, day)}" for at, now in changes]
        return f"{_spoken(self.name)} {_written(day)}: {', '.join(said)}"


def day_rules(plan: Plan, rule: Rule) -> Iterator[DayRule]:
    """Every comparison with days that a rule makes, itself or by a computed value, each once."""
    seen: set[tuple[str, str]] = set()
    todo = [rule.when] if rule.when is not None else []
    while todo:
        compiled: Compiled = todo.pop(0)
        todo += [plan.computed[name].value for name in compiled.names if name in plan.computed]
        for one in _in(compiled, rule):
            if (one.name, one.words) not in seen:
                seen.add((one.name, one.words))
                yield one


def _in(compiled: Compiled, rule: Rule) -> Iterator[DayRule]:
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
            yield DayRule(rule.id, node.instant.dotted, words, length.count, node.direction == "ago")


@lru_cache(maxsize=256)
def _asked(words: str) -> Compiled:
    """The same words as in the file, to be asked of one day."""
    problems: list[Problem] = []
    expression = parse_expression(scalar(f"day {words}"), problems)
    checked = check_condition(expression, Scope({"day": Field(Date())}), problems) if expression else None
    if checked is None:
        raise ValueError(f"{words} was a condition in the plan and is none alone")
    return compile_expression(checked)


def _answers(words: str, day: date, start: date, calendar: Calendar) -> list[bool]:
    """The answer on each day from `start` on."""
    call = _asked(words).call
    days = (calendar.instant(start + timedelta(days=later), time(12)) for later in range(_FAR))
    return [call(Env({"day": day}, now, calendar)) is True for now in days]


def _spoken(name: str) -> str:
    """What happened on the day: `order.delivered_at` → `delivered`."""
    last = name.rpartition(".")[2]
    return (last[:-3] if last.endswith(("_at", "_on")) else last).replace("_", " ")


def _written(day: date, beside: date | None = None) -> str:
    """A day as people say it; its year only where it differs from the one beside."""
    year = f" {day.year}" if beside is None or beside.year != day.year else ""
    return f"{day:%A} {day.day} {day:%B}{year}"

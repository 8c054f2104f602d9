"""A ticket that really misbehaves: for a failed proof, one played through the engine until the gateway stops it.

Called by `resolver prove` and tests. The prover's example says what to try, what it leaves open is drawn; the first
that goes wrong is made as simple as can be and played again. That ticket, and no other, is the one shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random
from typing import Any

from resolver.condition.describe import describe
from resolver.condition.env import Env
from resolver.condition.types import ListOf
from resolver.decision.outline import outline_of
from resolver.money import Money
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.proof.drawing import NOW, Drawing
from resolver.proof.example import Example
from resolver.proof.simplest import Fact, Simplest
from resolver.proof.trial import Misstep, Told, Trial, Wanted, drawn, misstep

TRIES = 8_000
"""Tickets that are tried before we say that none was found; the first quarter with the policy's own limits."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A played ticket: what matters of it, as people read it, and what came of it.

    `facts` are dotted names with their values, `rule` the one that applied, `action` what the gateway stopped ("" where
    no rule applied) and `check` by which check; `saw` is what that check saw, `trial` the whole ticket.
    """

    facts: Mapping[str, str]
    rule: str
    action: str
    check: str
    problem: str
    trial: Trial
    saw: tuple[str, ...] = ()

    def __str__(self) -> str:
        known = [f"{name} is {value}" for name, value in self.facts.items()]
        ticket = f"{', '.join(known)}; anything else as usual" if known else "any ticket"
        if not self.action:
            return f"{ticket}. Played as a ticket: {self.problem}"
        saw = f" ({'; '.join(self.saw)})" if self.saw else ""
        stopped = f"{self.problem.rstrip('.')}{saw}"
        return (
            f"{ticket}. Played as a ticket: rule '{self.rule}' applies, and the gateway stops it: {stopped}"
        )

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "facts": dict(self.facts),
            "rule": self.rule,
            "action": self.action,
            "stopped_by": self.check,
            "problem": self.problem,
            "saw": list(self.saw),
        }


def witness(
    plan: Plan,
    policy: Policy,
    wanted: Wanted,
    example: Example | None,
    *,
    tries: int = TRIES,
    now: datetime = NOW,
) -> Witness | None:
    """A ticket that is stopped as the failed property says; None where no ticket can show it, or none was found.

    `now` is the day of the ticket: the same plan gives the same one on the same day.
    """
    if not wanted.shows:
        return None
    draw = Drawing(plan, Random(0), example, policy.calendar, now=now)  # noqa: S311  # repeatable on purpose
    for chance in range(tries):
        trial = drawn(draw, policy, chance, other_limits=chance > tries // 4 and chance % 2 == 1)
        wrong = misstep(draw, policy, wanted, trial) if trial is not None else None
        if trial is not None and wrong is not None:
            return _simplest(draw, policy, wanted, trial, wrong)
    return None


def _simplest(draw: Drawing, policy: Policy, wanted: Wanted, trial: Trial, wrong: Misstep) -> Witness:
    says = {
        name: told[-1].value for name, told in wrong.told.items() if draw.plan.slots[name].options is None
        and draw.plan.slots[name].each is None
    }  # fmt: skip
    simplest = Simplest(draw, lambda one: misstep(draw, policy, wanted, one))
    said = replace(trial, says=says)
    found = simplest.of(said if misstep(draw, policy, wanted, said) else trial, policy.limits, wanted.claim)
    last = misstep(draw, policy, wanted, found)
    if last is None:  # every change was kept only because it goes wrong
        raise ValueError(f"{wanted} does not show in the ticket that was found")
    teller = _Teller(draw, policy, found, last)
    facts = dict(teller.facts(list(simplest.matters(found, wanted.claim))))
    return Witness(facts, last.rule, last.action, last.check, last.problem, found, teller.saw(wanted))


# -- telling ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Teller:
    """Says the facts of a trial as people know them."""

    draw: Drawing
    policy: Policy
    trial: Trial
    wrong: Misstep

    def facts(self, matters: Sequence[Fact]) -> Iterator[tuple[str, str]]:
        """Each fact that matters, and what the customer chose, under its dotted name."""
        for fact in matters:
            kind, *path = fact.path
            if kind == "limits":
                yield f"limits.{path[0]}", self._limit(str(path[0]), fact.value)
            elif kind == "customer":
                yield f"customer.{path[0]}", self.shown(fact.value)
            elif kind == "records" and not (isinstance(fact.type, ListOf) and isinstance(fact.value, list)):
                yield self._named(path), self.shown(fact.value)
            elif kind == "says":
                yield str(path[0]), str(fact.value)
        for name, told in self.wrong.told.items():
            if name not in self.trial.says:
                yield name, ", ".join(self._choice(one) for one in told)

    def saw(self, wanted: Wanted) -> tuple[str, ...]:
        """What the comparisons of the requirement saw."""
        step = next(
            (one for one in outline_of(self.draw.plan).actions.values() if one.action == self.wrong.action),
            None,
        )
        env = Env(self.wrong.arguments, self.draw.now, self.policy.calendar)
        claims = [one for one in step.spec.requires if one.source == wanted.claim] if step else []
        return tuple(str(saw) for claim in claims for saw in describe(claim.checked, env))

    def shown(self, value: Any) -> str:
        """A value in words: amounts with their currency, days with how long ago they are."""
        match value:
            case None:
                return "missing"
            case bool():
                return "yes" if value else "no"
            case datetime() | date():
                return self._day(self.policy.calendar.day_of(value) if isinstance(value, datetime) else value)
        return str(value)

    def _limit(self, name: str, amount: Money) -> str:
        """A limit; if it was tried with another amount than the policy's, both."""
        own = self.policy.limits[name].get(amount.currency)
        return str(amount) if own == amount else f"{amount} (in policy.yaml it is {own or 'not there'})"

    def _day(self, day: date) -> str:
        away = (self.policy.calendar.day_of(self.draw.now) - day).days
        count = f"{abs(away)} day{'' if abs(away) == 1 else 's'}"
        near = "today" if away == 0 else f"{count} ago" if away > 0 else f"{count} from now"
        return f"{day:%A} {day.day} {day:%B %Y}, {near}"

    def _named(self, path: Sequence[str | int]) -> str:
        """`order.total`, or for a field of an element `refundable of Blue mug in order.lines`."""
        if not any(isinstance(part, int) for part in path):
            return ".".join(str(part) for part in path)
        place = max(place for place, part in enumerate(path) if isinstance(part, int))
        element: Any = self.trial.records
        for part in path[: place + 1]:
            element = element[part]
        field = ".".join(str(part) for part in path[place + 1 :])
        return f"{field} of {_called(element)} in {self._named(path[:place])}"

    def _choice(self, told: Told) -> str:
        """An element by its name, with the units that were chosen of it."""
        shown = self._element(told.value)
        shown = shown if told.units is None else f"{told.units} × {shown}"
        return f"{self._element(told.element)} → {shown}" if told.element else shown

    def _element(self, key: str) -> str:
        found = (one for record in self.trial.records.values() for one in _elements(record))
        return next((_called(one) for one in found if key in one.values()), key)


def _elements(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Everything in the lists of a record, and in theirs."""
    for value in record.values():
        for element in value if isinstance(value, list) else ():
            if isinstance(element, dict):
                yield element
                yield from _elements(element)


def _called(element: Mapping[str, Any]) -> str:
    name = element.get("name")
    return str(name) if isinstance(name, str) else str(next(iter(element.values()), "one"))

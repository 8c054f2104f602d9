"""The simplest ticket that still goes wrong: small round amounts, days near today, and which of its facts matter.

Used by `witness` on the first trial it finds. Every change is kept only if the trial, played again, goes wrong alike.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from resolver.condition.syntax import Away, Constant, walk
from resolver.condition.types import Choice, Date, ListOf, MoneyType, Number, Record, Text, Time, Type, YesNo
from resolver.condition.values import Amount, Days
from resolver.money import Money
from resolver.playbook.plan import Approve, Plan
from resolver.proof.drawing import Drawing
from resolver.proof.trial import Misstep, Trial

_AMOUNTS = ("0", "10", "20", "50", "100", "5", "1", "0.01")
_NUMBERS = (1, 0, 2, 3)
_FAR = ("0", "0.01", "1", "1000")
"""Amounts that would change what is decided if anything did."""
_CENT = Decimal("0.01")
_ROUNDS = 3
_MOST_MOVED, _MOST_AMOUNTS = 3, 10
"""How many amounts are lowered together, and of how many."""
_OTHER_ANSWERS = 20
_WEEKEND = 3
"""Days more than so many business days take at the most, holidays apart."""
_OWN = 3
"""As long as the path of a record's own field is."""
_WORDS = re.compile(r"\w+")
Path = tuple[str | int, ...]
"""Where a value stands in a trial: `("records", "order", "lines", 0, "refundable")`."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a trial, its declared type, whether it may be missing, and whether it counts the units of a line."""

    path: Path
    type: Type
    value: Any
    may_be_missing: bool = False
    units: bool = False


@dataclass(slots=True)
class Simplest:
    """Makes trials simpler; `goes_wrong` plays one and says how, None if it does not as it should."""

    draw: Drawing
    goes_wrong: Callable[[Trial], Misstep | None]
    own: Mapping[str, Mapping[str, Money]] = field(default_factory=dict)

    def of(self, trial: Trial, limits: Mapping[str, Mapping[str, Money]], claim: str) -> Trial:
        """The same misstep with plainer values; `limits` are the policy's own, which are the plainest."""
        self.own = limits
        trial = self._kept(trial, replace(trial, limits=limits)) or trial
        for _ in range(_ROUNDS):
            before = trial
            trial = self._round(trial)
            if trial == before:
                break
        return self._just_past(trial, claim)

    def matters(self, trial: Trial, claim: str) -> Iterator[Fact]:
        """The facts of which some other value would have changed what happened, and those the claim speaks of."""
        spoken = frozenset(_WORDS.findall(claim))
        for fact in facts_of(self.draw.plan, trial):
            if fact.path[0] == "records" and len(fact.path) == _OWN and fact.path[-1] in spoken:
                yield fact
                continue
            others = [other for other in self._others(fact) if other != fact.value]
            changed = (_with(trial, fact.path, other) for other in others)
            if any(self._fits(one) and self.goes_wrong(one) is None for one in changed):
                yield fact

    # -- simpler --------------------------------------------------------------------------------------------------

    def _round(self, trial: Trial) -> Trial:
        for fact in reversed(list(facts_of(self.draw.plan, trial))):  # elements before what they add up to
            if fact.path[0] == "limits" and trial.limits == self.own:
                continue
            for plainer in self._plainer(fact):
                if plainer == fact.value:
                    break
                changed = _with(trial, fact.path, plainer)
                kept = next((one for one in self._again(changed, fact) if self._kept(trial, one)), None)
                if kept is not None:
                    trial = kept
                    break
        return trial

    def _again(self, trial: Trial, fact: Fact) -> Iterator[Trial]:
        """The trial; with a shorter list also with other answers, because the customer chooses from it."""
        yield trial
        if isinstance(fact.type, ListOf):
            yield from (replace(trial, chance=chance) for chance in range(_OTHER_ANSWERS))

    def _kept(self, trial: Trial, changed: Trial) -> Trial | None:
        same = changed != trial and self._fits(changed) and self.goes_wrong(changed) is not None
        return changed if same else None

    def _fits(self, trial: Trial) -> bool:
        """Whether the records keep what their interfaces promise."""
        types = {name: one.spec.gives.name for name, one in self.draw.plan.look_ups.items()}
        return all(self.draw.is_usable(types[name], one) for name, one in trial.records.items())

    def _plainer(self, fact: Fact) -> Iterator[Any]:
        """Values in the order in which they are plain."""
        match fact.type:
            case MoneyType() if isinstance(fact.value, Money):
                amounts = _AMOUNTS[1:] if fact.path[0] == "limits" else _AMOUNTS
                sign = "-" if fact.value.minor < 0 else ""
                yield from (Money.parse(f"{sign}{amount} {fact.value.currency}") for amount in amounts)
            case Number() if isinstance(fact.value, Decimal):
                numbers = [one for one in _NUMBERS if one or not fact.units]
                yield from (Decimal(number) for number in numbers)
            case YesNo():
                yield from ((False, True) if isinstance(fact.value, bool) else ("no", "yes"))
            case Choice(options=options):
                yield from options
            case Time() | Date() if not isinstance(fact.value, str | None):
                yield from (self._day(fact.type, days) for days in (5, *self._bounds()))
            case ListOf() if isinstance(fact.value, list) and len(fact.value) > 1:
                yield from ([one] for one in fact.value)

    def _others(self, fact: Fact) -> Iterator[Any]:
        """Values that tell whether a fact matters."""
        if fact.may_be_missing:
            yield None
        match fact.type:
            case MoneyType() if isinstance(fact.value, Money):
                yield from (Money.parse(f"{amount} {fact.value.currency}") for amount in _FAR)
            case Time() | Date() if fact.value is None:
                yield self._day(fact.type, 5)
            case Time() | Date() if not isinstance(fact.value, str):
                yield from (self._day(fact.type, days) for days in (*self._bounds(), 400, -400))
            case Text(kind=kind) if fact.path[0] == "records":
                yield "AT" if kind == "country" else "something else"
            case Text() | ListOf():
                return
            case _:
                yield from self._plainer(fact)

    def _day(self, type_: Type, days: int) -> Any:
        at = self.draw.now - timedelta(days=days)
        return at if isinstance(type_, Time) else at.date()

    def _bounds(self) -> Sequence[int]:
        """The days that conditions count, and the days after: where an answer changes."""
        plan = self.draw.plan
        whens = [one.when for one in plan.rules] + [
            step.when for steps in plan.outcomes.values() for step in steps if isinstance(step, Approve)
        ]
        compiled = [one for one in whens if one] + [one.value for one in plan.computed.values()]
        found: dict[int, None] = dict.fromkeys((0, 1))
        for one in compiled:
            for node in walk(one.checked.expression.root):
                length = node.length if isinstance(node, Away) else None
                if isinstance(length, Constant) and isinstance(length.value, Days):
                    sign = 1 if isinstance(node, Away) and node.direction == "ago" else -1
                    count = length.value.count
                    count = count * 7 // 5 + _WEEKEND if length.value.business else count
                    found |= dict.fromkeys((sign * count, sign * (count + 1)))
        return sorted(found, key=abs)

    def _just_past(self, trial: Trial, claim: str) -> Trial:
        """Where a limit is passed, passed by one cent: the amounts behind the payment are lowered together."""
        wrong = self.goes_wrong(trial)
        paid = _paid(wrong) if wrong else None
        if wrong is None or paid is None or wrong.check != "approval":
            return trial
        amounts = [
            one
            for one in facts_of(self.draw.plan, trial)
            if isinstance(one.value, Money)
            and one.value.currency == paid.currency
            and one.path[0] == "records"
        ][:_MOST_AMOUNTS]
        for bound in _limits_below(trial, paid, claim):
            by = paid.amount - bound - _CENT
            for count, sign in product(range(1, _MOST_MOVED + 1), (-1, 1)):
                for some in combinations(amounts, count):
                    moved = trial
                    for fact in some:
                        amount = Money.of(fact.value.amount + sign * by, paid.currency)
                        moved = _with(moved, fact.path, amount)
                    if (kept := self._kept(trial, moved)) is not None and self._pays_less(kept, paid):
                        return kept
        return trial

    def _pays_less(self, trial: Trial, before: Money) -> bool:
        wrong = self.goes_wrong(trial)
        paid = _paid(wrong) if wrong else None
        return paid is not None and paid.minor < before.minor


def _paid(wrong: Misstep) -> Money | None:
    """The amount the action was to be done with."""
    return next((one.money() for one in wrong.arguments.values() if isinstance(one, Amount)), None)


def _limits_below(trial: Trial, paid: Money, claim: str) -> list[Decimal]:
    """The limits that a payment passes by more than a cent: that of the claim, then the highest first."""
    amounts = {
        name: each[paid.currency].amount for name, each in trial.limits.items() if paid.currency in each
    }
    below = [(name, one) for name, one in amounts.items() if one + _CENT < paid.amount]
    below.sort(key=lambda each: (f"limits.{each[0]}" != claim, -each[1]))
    return [one for _, one in below]


# -- the facts of a trial -----------------------------------------------------------------------------------------


def facts_of(plan: Plan, trial: Trial) -> Iterator[Fact]:
    """Every value of a trial, those of list elements behind their list."""
    for name, one in plan.look_ups.items():
        for fact in _of_record(plan, one.spec.gives.name, trial.records.get(name, {}), ("records", name)):
            if fact.path[-1] not in one.spec.takes:  # what it is found by
                yield fact
    for name, value in trial.customer.items():
        yield Fact(("customer", name), YesNo(), value, may_be_missing=True)
    for name, amounts in trial.limits.items():
        for currency, amount in amounts.items():
            yield Fact(("limits", name, currency), MoneyType(), amount)
    for name, value in trial.says.items():
        yield Fact(("says", name), plan.slots[name].type, value)


def _of_record(plan: Plan, type_name: str, record: Mapping[str, Any], path: Path) -> Iterator[Fact]:
    declared = plan.records[type_name]
    for name, one in declared.fields.items():
        if name in (declared.key, declared.owner, declared.contact) or one.from_look_up:
            continue
        if name == declared.units and record.get(name) == 1:
            continue  # one of a thing is as usual
        value, here = record.get(name), (*path, name)
        yield Fact(here, one.type, value, one.may_be_missing, name == declared.units)
        if isinstance(one.type, ListOf) and isinstance(one.type.element, Record) and isinstance(value, list):
            for place, element in enumerate(value):
                yield from _of_record(plan, one.type.element.name, element, (*here, place))


def _with(trial: Trial, path: Path, value: Any) -> Trial:
    """The trial with one value changed; None takes it away."""
    part, *rest = path
    return replace(trial, **{str(part): _changed(getattr(trial, str(part)), rest, value)})


def _changed(inside: Any, path: Sequence[str | int], value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    if isinstance(inside, list):
        return [_changed(one, rest, value) if place == first else one for place, one in enumerate(inside)]
    if not rest and value is None:
        return {name: one for name, one in inside.items() if name != first}
    return {**inside, first: _changed(inside.get(first), rest, value)}

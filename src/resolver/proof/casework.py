"""Test cases worked out by a prover: one for each thing that cases should show, played to see what comes of it.

Called by `resolver test --generate`. A model says what a ticket is like; what it leaves open is drawn by a fixed seed,
and only a ticket that really shows its target when it is played becomes a case.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import z3

from resolver.condition.types import Choice, Date, MoneyType, Number, Text, Time, Type
from resolver.decision.testcase import Case, Given
from resolver.money import Money
from resolver.playbook.plan import Do, LookUp, Plan
from resolver.playbook.policy import Policy
from resolver.proof.case_drawing import CaseDrawing
from resolver.proof.drawing import NOW, OWNER
from resolver.proof.example import Example, example_of
from resolver.proof.played import HERE, Played
from resolver.proof.state import State
from resolver.proof.stops import BUDGET
from resolver.proof.target import Target, fixed, targets_of
from resolver.proof.truth import Formula, Term, Truth
from resolver.ticket import Level

TRIES = 450
"""Tickets drawn from one model until one shows its target: a third each as the model says, with other days, freely."""
_GAPS = 0.15
_AMOUNTS = (100, 10, 0, 500, 1)
_DAYS = (5, 20, 40, 0, -5)


@dataclass(frozen=True, slots=True)
class Casework:
    """The cases, and the names of targets that a model has but no ticket could be drawn for."""

    cases: tuple[Case, ...]
    left: tuple[str, ...]


def work_out(
    plan: Plan, plans: Mapping[str, Plan], policy: Policy, *, tick: Callable[[], None] = lambda: None
) -> Casework:
    """A case for every target of a plan that some ticket can show; the same plan gives the same cases."""
    state = State.of(plan)
    currency = next((code for amounts in policy.limits.values() for code in amounts), "EUR")
    cases: dict[str, Case] = {}
    left: list[str] = []
    for target in list(targets_of(state, policy, currency)):
        tick()
        for turned in (False, True):
            example = _model(state, policy, target, currency, turned=turned)
            if example is None:
                break
            found = Search(plan, plans, policy, target, example, currency).case()
            if found is not None:
                key = repr((found.given, found.happenings))
                same = cases.get(key)
                cases[key] = replace(found, name=f"{same.name} and {found.name}") if same else found
                break
            if turned:
                left.append(target.title)
    return Casework(tuple(cases.values()), tuple(left))


def ticket_for(
    state: State,
    plans: Mapping[str, Plan],
    policy: Policy,
    target: Target,
    currency: str,
    *,
    accepts: Callable[[Played], bool],
    tries: int,
) -> "Ticket | None":
    """A played ticket that shows a target and is accepted, to be played again on other days; None if there is none."""
    for turned in (False, True):
        example = _model(state, policy, target, currency, turned=turned)
        if example is None:
            return None
        search = Search(state.plan, plans, policy, target, example, currency, accepts, tries)
        if (found := search.ticket()) is not None:
            return Ticket(search, *found)
    return None


def _model(state: State, policy: Policy, target: Target, currency: str, *, turned: bool) -> Example | None:
    """What the prover says of a ticket that shows the target, with other values if `turned`; None if there is none."""
    for claim in target.claims:
        solver = z3.Solver()
        solver.set("rlimit", BUDGET)
        solver.add(*state.world.held, claim, fixed(state, policy, currency))
        if solver.check() == z3.sat:
            _settle(state, solver, turned=turned)
            return example_of(state, solver)
    return None


def _settle(state: State, solver: Any, *, turned: bool) -> None:
    """Hold the first value that each path can have, so that a model does not depend on what was asked before."""
    for path, symbol in list(state.world.symbols.items()):
        if "[]" in path or path.startswith("limits."):
            continue
        values = list(_wishes(state, symbol, state.world.types[path]))
        wishes = [symbol.known, *(reversed(values) if turned else values)]
        for place, wish in enumerate(wishes):
            if solver.check(wish) == z3.sat:
                solver.add(wish)
                if place:
                    break
            elif not place:
                break


def _wishes(state: State, symbol: Term | Truth, type_: Type) -> Iterator[Formula]:
    """Values in the order in which they are tried."""
    if isinstance(symbol, Truth):
        yield from (symbol.no, symbol.yes)
        return
    match type_:
        case Choice(options=options):
            yield from (symbol.value == state.world.word(word) for word in options)
        case MoneyType() | Number():
            yield from (symbol.value == amount for amount in _AMOUNTS)
        case Time() | Date():
            yield from (symbol.day == -days for days in _DAYS)


# -- drawing ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Search:
    """Draws tickets for one target until one shows it."""

    plan: Plan
    plans: Mapping[str, Plan]
    policy: Policy
    target: Target
    example: Example
    currency: str
    accepts: Callable[[Played], bool] = lambda _: True
    tries: int = TRIES
    draw: CaseDrawing = field(init=False)
    types: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        specs = (*self.plan.references.values(), *(one.spec for one in self.plan.look_ups.values()))
        self.types = {one.name: one.gives.name for one in specs}
        random = Random(0)  # noqa: S311  # repeatable on purpose
        self.draw = CaseDrawing(self.plan, random, self.example, self.policy.calendar, loyalty=1.0, gaps=0.0)

    def case(self) -> Case | None:
        """The case, or None if no ticket that was drawn shows the target."""
        found = self.ticket()
        if found is None:
            return None
        given, played = found
        return Case(self.target.title, HERE, given, played.happenings, played.expected())

    def play(self, given: Given) -> Played | None:
        """A ticket, played to its end; None if something cannot be played."""
        return Played.of(self.plan, self.plans, self.policy, given, self.draw)

    def ticket(self) -> tuple[Given, Played] | None:
        """What is given and how it went, or None if no ticket that was drawn shows the target."""
        for number in range(self.tries):
            self.draw.other_days = number >= self.tries // 3  # a model says nothing of business days
            freely = number >= self.tries * 2 // 3
            self.draw.loyalty, self.draw.gaps = (0.5, _GAPS) if freely else (1.0, 0.0)
            given = self._given()
            if given is not None and (found := self._shown(given, moved=False)) is not None:
                return found
        return None

    def _given(self) -> Given | None:
        records: dict[str, tuple[dict[str, Any], ...]] = {}
        self.draw.behind = {}
        for name, one in self.plan.look_ups.items():
            drawn = self.draw.record(one.spec.gives.name, name)
            if drawn is None:
                return None
            records[one.spec.name] = ({**drawn, **self._found_by(one, drawn)},)
        for look_up, behind in self.draw.behind.items():
            records[look_up] = (*records.get(look_up, ()), *behind.values())
        customer: dict[str, Any] = {"email": OWNER, "language": self.plan.languages[0]}
        for name, field_ in self.policy.customer_fields.items():
            if self.example.values.get(f"customer.{name}", "-") is not None:
                customer[name] = self.draw.value(field_.type, f"customer.{name}")
        if self.example.values.get("customer.payouts", "-") is None:
            customer["payouts"] = None
        elif payouts := self.draw.payouts():
            customer["payouts"] = payouts
        return Given(self._now(), self._level(), self.plan.languages[0], customer, records)

    def _found_by(self, look_up: LookUp, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """What the customer names a record by stands in it, also where the key of the record is a number they know."""
        slots = self.plan.slots
        named = {name: slots.get(value.source.strip()) for name, value in look_up.arguments.items()}
        return {
            name: self.draw.written(slot)
            for name, slot in named.items()
            if slot is not None and name in drawn and slot.type == Text("order_number")
        }

    def _now(self) -> datetime:
        """When the customer writes: at the target's time of day, if it has one."""
        zone, clock = self.policy.calendar.zone, self.target.clock
        return NOW if clock is None else datetime.combine(NOW.astimezone(zone), clock, zone).astimezone(UTC)

    def _level(self) -> Level:
        acts = (one for steps in self.plan.outcomes.values() for one in steps if isinstance(one, Do))
        levels = [Level.VERIFIED, self.plan.identify, *(one.spec.identity for one in acts)]
        return max(levels, key=lambda level: level.rank)

    def _shown(self, given: Given, *, moved: bool) -> tuple[Given, Played] | None:
        """The ticket, if it shows the target; amounts are moved a little where that makes it so."""
        played = self.play(given)
        if played is None or played.rehearsal.saw is None:
            return None
        miss = self.target.looks(played.rehearsal.saw, played.rule)
        if miss is True and self.accepts(played):
            return given, played
        if isinstance(miss, Decimal) and not moved:
            for changed in self._nudged(given, miss):
                if (found := self._shown(changed, moved=True)) is not None:
                    return found
        return None

    def _nudged(self, given: Given, miss: Decimal) -> Iterator[Given]:
        """The same with one amount changed by what is missing."""
        for name, (record, *others) in given.records.items():
            for sign in (1, -1):
                for changed in _moved(record, miss * sign, self.currency):
                    if self.draw.is_usable(self.types[name], changed):
                        yield replace(given, records={**given.records, name: (changed, *others)})


def _moved(record: Mapping[str, Any], by: Decimal, currency: str) -> Iterator[dict[str, Any]]:
    """The record with each of its amounts moved once, its own and those of its elements."""
    for key, value in record.items():
        if isinstance(value, Money) and value.currency == currency:
            yield {**record, key: Money.of(value.amount + by, currency)}
        if isinstance(value, list):
            for place, one in enumerate(value):
                for changed in _moved(one, by, currency) if isinstance(one, dict) else ():
                    yield {**record, key: [*value[:place], changed, *value[place + 1 :]]}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that shows a target: what is given, how it went, and the search that can play it anew."""

    search: Search
    given: Given
    played: Played

    def at(self, now: datetime) -> "Ticket | None":
        """The same ticket, had the customer written at another time; None if that cannot be played."""
        self.search.draw.random.seed(0)
        given = replace(self.given, now=now)
        played = self.search.play(given)
        return replace(self, given=given, played=played) if played is not None else None

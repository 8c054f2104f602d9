"""The prover and the runtime mean the same: for random conditions and facts, what the runtime says is possible, and
where no list is looked into, nothing else is."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
import z3
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from resolver.condition.calendar import Calendar
from resolver.condition.check import check_condition
from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled, compile_expression
from resolver.condition.parser import parse_expression
from resolver.condition.types import Text, Type
from resolver.condition.values import Amount, PerCurrency, RecordValue, Unknown, Value
from resolver.proof.encode import Place, truth_of
from resolver.proof.truth import Formula, Term, Truth, number
from resolver.proof.world import World
from resolver.source.node import scalar
from tests.condition.conftest import NOW, SCOPE
from tests.proof.random_conditions import CODES, Draw

EACH = 25
"""How many times each condition is evaluated, each time with other facts."""
CALENDAR = Calendar.of("Europe/Berlin")


def compiled(text: str) -> Compiled:
    expression = parse_expression(scalar(text), problems := [])
    checked = check_condition(expression, SCOPE, problems) if expression else None
    assert checked is not None, (text, problems)
    return compile_expression(checked)


class Symbols:
    """The prover's view of the small shop: no facts are promised, `items` are lines of the order."""

    def __init__(self) -> None:
        self.world = World(SCOPE.records, {})
        self.world.lists.sources["items"] = "order.lines"
        self.world.lists.filled.add("items")

    def find(self, name: str) -> tuple[Term | Truth, Type]:
        if name in ("now", "today"):
            return (self.world.now() if name == "now" else self.world.today()), Text()
        type_ = SCOPE.names[name].type
        whole = name in ("order", "ticket", "limits", "customer")
        return self.world.symbol(name, type_, z3.BoolVal(True) if whole else self.world.unbound(name)), type_

    def as_in(self, names: dict[str, Value]) -> list[Formula]:
        """Every symbol as the facts have it; elements of lists are left open."""
        env = Env(names, NOW, CALENDAR)
        found: list[Formula] = []
        for path, symbol in self.world.symbols.items():
            if "[]" not in path:
                found += self._equal(path, symbol, _value_at(names, path), env)
        return found

    def _equal(self, path: str, symbol: Term | Truth, value: Value, env: Env) -> list[Formula]:
        if isinstance(value, PerCurrency):
            return [one for code in CODES for one in self._limit(path, code, value)]
        if isinstance(value, Unknown):
            return [z3.Not(symbol.known)]
        if isinstance(symbol, Truth):
            return [symbol.yes if value else symbol.no]
        return [symbol.known, *self._number(symbol, value, env)]

    def _limit(self, path: str, code: str, value: PerCurrency) -> list[Formula]:
        currency = self.world.currency(code)
        has = z3.Function(f"{path} has", z3.IntSort(), z3.BoolSort())(currency)
        amount = z3.Function(path, z3.IntSort(), z3.RealSort())(currency)
        known = value.amounts.get(code)
        return [z3.Not(has)] if known is None else [has, amount == number(Fraction(known))]

    def _number(self, symbol: Term, value: Value, env: Env) -> list[Formula]:
        match value:
            case Amount():
                currency = self.world.currency(value.currency)
                return [symbol.value == number(Fraction(value.value)), symbol.currency == currency]
            case Decimal():
                return [symbol.value == number(Fraction(value))]
            case str():
                return [symbol.value == self.world.word(value)]
            case datetime():
                minutes = Fraction(int((value - env.now).total_seconds()), 60)
                day = CALENDAR.day_of(value.astimezone(UTC))
                return [symbol.value == number(minutes), symbol.day == (day - env.today).days]
            case date():
                return [symbol.day == (value - env.today).days]
        return []


def _value_at(names: dict[str, Value], path: str) -> Value:
    head, *rest = path.split(".")
    value: Value = names[head]
    for part in rest:
        value = value.fields.get(part, Unknown()) if isinstance(value, RecordValue) else Unknown()
    return value


def agree(seed: int, *, times: int) -> None:
    """One random condition, and what prover and runtime say of it for so many facts."""
    draw = Draw(Random(seed))
    text = draw.condition(lists=seed % 2 == 0)
    note(f"seed {seed}: {text}")
    condition = compiled(text)
    symbols = Symbols()
    found = truth_of(symbols.world, condition.checked, Place(symbols.find))
    solver = z3.Solver()
    for _ in range(times):
        names = draw.names()
        answer = condition.call(Env(names, NOW, CALENDAR))
        said = (
            z3.And(z3.Not(found.yes), z3.Not(found.no))
            if isinstance(answer, Unknown)
            else found.yes
            if answer
            else found.no
        )
        solver.push()
        solver.add(*symbols.as_in(names), *symbols.world.held)
        possible = solver.check(said)
        assert possible == z3.sat, (
            f"seed {seed}: '{text}' is {answer} for {names}, and the prover says it cannot be"
        )
        if " of " not in text.replace("lesser of", ""):
            other = solver.check(z3.Not(said))
            assert other == z3.unsat, (
                f"seed {seed}: '{text}' is {answer} for {names}, and the prover does not know"
            )
        solver.pop()


@given(st.integers(0, 2**32))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_the_runtime_says_is_what_the_prover_expects(seed: int) -> None:
    agree(seed, times=EACH)


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=100_000 // EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_a_hundred_thousand_evaluations_agree(seed: int) -> None:
    """4,000 conditions with 25 sets of facts each."""
    agree(seed, times=EACH)

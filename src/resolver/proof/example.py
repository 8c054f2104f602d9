"""A ticket for which something does not hold, read off a prover's model: short, with round numbers where they do.

Made by `prover`, shown behind `for example:`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import z3

from resolver.condition.types import Choice, Date, MoneyType, Number, Text, Time, Type, YesNo
from resolver.proof.truth import Formula, Term, Truth

if TYPE_CHECKING:
    from resolver.proof.state import State

_COMMON = ("EUR", "USD", "GBP", "CHF", "SEK", "PLN", "DKK", "NOK", "CZK", "CAD", "AUD", "JPY", "INR", "BRL")
_NEAR = 60
"""Days from today that people think of first."""


@dataclass(frozen=True, slots=True)
class Example:
    """What is known of one ticket: path → the value as a test file writes it, None where it is missing."""

    values: Mapping[str, str | None]

    def __str__(self) -> str:
        return ", ".join(
            f"{path} is missing" if value is None else f"{path} is {value}"
            for path, value in self.values.items()
        )


def example_of(
    state: "State", solver: Any, *, other: "State | None" = None, amounts: Sequence[Term] = ()
) -> Example:
    """The example behind a satisfiable question: numbers as small and whole as the question lets them be.

    A slot is shown that is known to `state` or to `other`, a second version; `amounts` should come out whole, too.
    """
    world = state.world
    for symbol in world.symbols.values():
        if isinstance(symbol, Term) and symbol.currency is not None:
            _prefer(solver, symbol.currency <= max(1, len(world.currencies)))
    for amount in amounts:
        _prefer(solver, z3.And(amount.value == z3.ToReal(z3.ToInt(amount.value)), amount.value > 0))
    for path, symbol in list(world.symbols.items()):
        number = isinstance(world.types[path], Number | MoneyType)
        if number and isinstance(symbol, Term) and symbol.value is not None:
            whole = symbol.value == z3.ToReal(z3.ToInt(symbol.value))
            _prefer(solver, z3.And(whole, symbol.value >= 0, symbol.value <= 100))
        elif isinstance(world.types[path], Time | Date) and isinstance(symbol, Term):
            _prefer(solver, z3.And(symbol.day >= -_NEAR, symbol.day <= _NEAR))
    solver.check()
    model = solver.model()
    found = {}
    for path, symbol in world.symbols.items():
        if "[]" in path or path in ("customer", "ticket", "limits"):
            continue
        shown = _shown(state, path, symbol, model, asked=_asked(path, (state, other or state), model))
        if shown is not False:
            found[path] = shown
    return Example({path: value for path, value in found.items() if isinstance(value, str | None)})


def _prefer(solver: Any, wish: Formula) -> None:
    """Hold a wish if the question still has an answer with it."""
    solver.push()
    solver.add(wish)
    if solver.check() != z3.sat:
        solver.pop()


def money_in(state: "State", model: Any, amount: Term) -> str:
    """An amount of the model, as `12.5 EUR`; a currency that nothing names is the next that comes to mind."""
    value = model.eval(amount.value, model_completion=True)
    code = model.eval(amount.currency, model_completion=True).as_long()
    names = {number: name for name, number in state.world.currencies.items()}
    others = [one for one in _COMMON if one not in names.values()]
    return f"{_decimal(value)} {names.get(code) or others[max(0, code - len(names) - 1) % len(others)]}"


def _asked(path: str, states: "Sequence[State]", model: Any) -> bool:
    """Whether a value is there to be seen: of a slot, whether one of the versions asks for it."""
    slots = [state.find(path)[0].known for state in states if path in state.plan.slots]
    return not slots or any(z3.is_true(model.eval(known, model_completion=True)) for known in slots)


def _shown(state: "State", path: str, symbol: Term | Truth, model: Any, *, asked: bool) -> str | bool | None:
    """A value in the notation of test files; None if it is missing, False if there is nothing to show."""
    type_ = state.world.types[path]
    if not asked or not z3.is_true(model.eval(symbol.known, model_completion=True)):
        return None
    if isinstance(symbol, Truth):
        return "yes" if z3.is_true(model.eval(symbol.yes, model_completion=True)) else "no"
    return next(_written(state, type_, symbol, model), False)


def _written(state: "State", type_: Type, symbol: Term, model: Any) -> Iterator[str]:
    if symbol.value is None:
        return
    value = model.eval(symbol.value, model_completion=True)
    match type_:
        case YesNo():
            yield "yes" if z3.is_true(value) else "no"
        case MoneyType():
            yield money_in(state, model, symbol)
        case Number():
            yield _decimal(value)
        case Choice():
            words = {number: word for word, number in state.world.words.items()}
            yield words.get(value.as_long(), "something else")
        case Text():
            words = {number: word for word, number in state.world.words.items()}
            if value.as_long() in words:
                yield words[value.as_long()]
        case Time() | Date():
            day = model.eval(symbol.day, model_completion=True).as_long()
            yield "today" if day == 0 else f"{abs(day)} days {'ago' if day < 0 else 'from now'}"


def _decimal(value: Any) -> str:
    exact = Fraction(value.numerator_as_long(), value.denominator_as_long())
    return f"{float(exact):g}"

"""Says in plain words what each comparison of a condition saw, such as `… is more than 30 days ago: 12 days ago, no`.

Called by explain, handoff notes and approvals, after the decision; it evaluates again and decides nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction

from resolver.condition import instants
from resolver.condition.check import Checked
from resolver.condition.env import Env
from resolver.condition.evaluate import compile_part
from resolver.condition.storage import number_text
from resolver.condition.syntax import (
    Away,
    Compare,
    Constant,
    Contains,
    In,
    Known,
    ListForm,
    Logic,
    Name,
    Not,
    Syntax,
)
from resolver.condition.values import Amount, Days, PerCurrency, RecordValue, Unknown, Value

_DIVISION = Context(prec=12)


@dataclass(frozen=True, slots=True)
class Saw:
    """One comparison as written, what stood on its sides, and how it came out (None is unknown)."""

    comparison: str
    values: tuple[tuple[str, str], ...]
    answer: bool | None

    def __str__(self) -> str:
        seen = ", ".join(
            value if len(self.values) == 1 else f"{name} = {value}" for name, value in self.values
        )
        answer = "unknown" if self.answer is None else "yes" if self.answer else "no"
        return f"{self.comparison}: {seen}, {answer}" if seen else f"{self.comparison}: {answer}"


def describe(checked: Checked, env: Env) -> tuple[Saw, ...]:
    """What every comparison of the condition saw, in reading order."""
    return tuple(_saw(checked, node, env) for node in _comparisons(checked.expression.root))


def show(value: Value) -> str:
    """A value in words for people of the company; customers get theirs through replies."""
    match value:
        case Unknown():
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case Amount():
            return _amount(value)
        case PerCurrency(amounts=amounts):
            return " / ".join(show(Amount(amount, code)) for code, amount in sorted(amounts.items()))
        case RecordValue(type_name=type_name, key=key):
            return f"{type_name} {key}"
        case Decimal() | Fraction():
            return number_text(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case timedelta():
            return f"{value // timedelta(minutes=1)} minutes"
        case tuple():
            return f"{len(value)} element{'' if len(value) == 1 else 's'}"
    return str(value)


def _amount(value: Amount) -> str:
    """The amount with its minor units, or with all it has if it is not rounded; a fraction to twelve digits."""
    money = value.money()
    if money is not None:
        return str(money)
    exact = value.value
    divided = _DIVISION.divide(*map(Decimal, exact.as_integer_ratio()))
    text = number_text(exact) if isinstance(exact, Decimal) else f"about {divided}"
    return f"{text} {value.currency}".strip()


def _comparisons(node: Syntax) -> list[Syntax]:
    if isinstance(node, Logic):
        return [found for operand in node.operands for found in _comparisons(operand)]
    return _comparisons(node.operand) if isinstance(node, Not) else [node]


def _saw(checked: Checked, node: Syntax, env: Env) -> Saw:
    answer = compile_part(checked, node)(env)
    written = checked.expression.source(node)
    values = tuple(
        (checked.expression.source(side), _side(checked, node, side, env))
        for side in _sides(node)
        if not isinstance(side, Constant) and side not in checked.words
    )
    return Saw(written, values, answer if isinstance(answer, bool) else None)


def _sides(node: Syntax) -> tuple[Syntax, ...]:
    match node:
        case Compare(left=left, right=right) | Contains(left=left, right=right):
            return (left, right)
        case Away(instant=side) | In(left=side) | Known(operand=side) | ListForm(source=side):
            return (side,)
        case Name():
            return ()
    return (node,)


def _side(checked: Checked, node: Syntax, side: Syntax, env: Env) -> str:
    value = compile_part(checked, side)(env)
    if not isinstance(node, Away) or isinstance(value, Unknown):
        return show(value)
    length = compile_part(checked, node.length)(env)
    return _distance(env, value, length) if isinstance(length, Days | timedelta) else show(value)


def _distance(env: Env, value: Value, length: Days | timedelta) -> str:
    """How far away it is, counted as the comparison counts: `12 days ago`, `3 business days from now`."""
    if isinstance(value, datetime) and isinstance(length, timedelta):
        passed = (env.now - value) // timedelta(minutes=1)
        return f"{abs(passed)} minutes {'ago' if passed >= 0 else 'from now'}"
    if not isinstance(value, date):  # a datetime is a date, too
        return show(value)
    business = isinstance(length, Days) and length.business
    count = instants.days_away(env, value, "ago", business=business)
    return f"{Days(abs(count), business)} {'ago' if count >= 0 else 'from now'}"

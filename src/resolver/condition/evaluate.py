"""Compiles a checked expression into nested closures and evaluates it; the logic is Kleene's.

Called once per plan for each expression, the result then on every decision. Pure: all it sees is the `Env`.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from resolver.condition import arithmetic, closures, instants
from resolver.condition.check import Checked
from resolver.condition.closures import Step
from resolver.condition.env import Env
from resolver.condition.syntax import (
    Add,
    AtClock,
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
    Pick,
    Rounded,
    Scale,
    Syntax,
    is_zero,
    walk,
)
from resolver.condition.types import MoneyType, Number, Record, Text, Type
from resolver.condition.values import ZERO, Amount, Cause, Days, Unknown, Value, Why

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NEGATED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.ne,
    "<": operator.ge,
    "<=": operator.gt,
    ">": operator.le,
    ">=": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to be evaluated.

    `call(env)` gives its value, or `Unknown` with what was missing; it never raises for values of the declared types.
    """

    type: Type
    names: tuple[str, ...]
    source: str
    checked: Checked
    call: Callable[[Env], Any]


def compile_expression(checked: Checked) -> Compiled:
    """The checked expression as a function of the environment."""
    step = _Compiler(checked).step(checked.expression.root)
    return Compiled(checked.type, checked.names, checked.expression.text, checked, step)


def compile_part(checked: Checked, node: Syntax) -> Callable[[Env], Value]:
    """One node outside list forms as a function of the environment, to show what a comparison saw."""
    return _Compiler(checked).step(node)


class _Compiler:
    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self.types = checked.types
        self.list_name = ""

    def step(self, node: Syntax) -> Step:
        match node:
            case Constant(value=value):
                zero = is_zero(node) and isinstance(self.types[node], MoneyType)
                return closures.fixed(ZERO if zero else value)
            case Name():
                return self._name(node)
            case Not(operand=operand):
                return closures.negation(self.step(operand))
            case Logic(word=word, operands=operands):
                return closures.logic(word, [self.step(operand) for operand in operands])
            case Known(operand=operand, negated=negated):
                return closures.known(self.step(operand), negated=negated)
            case Compare():
                return self._compare(node)
            case Away():
                return self._away(node)
            case In():
                return self._in(node)
            case Contains(left=left, right=right):
                return closures.text_search(self.step(left), self.step(right))
            case ListForm():
                return self._list_form(node)
        return self._computation(node)

    def _computation(self, node: Add | Scale | Rounded | AtClock | Pick) -> Step:
        match node:
            case Add():
                return self._add(node)
            case Scale(operand=operand, operator=sign, factor=factor):
                exact = factor if sign == "*" else arithmetic.simplest(1 / Fraction(factor))
                return closures.applied(arithmetic.scaled(exact), self.step(operand))
            case Rounded(operand=operand, direction=direction):
                return closures.applied(
                    lambda value: arithmetic.rounded(value, direction), self.step(operand)
                )
            case AtClock():
                return self._at_clock(node)
            case Pick():
                return self._pick(node)

    # -- names ----------------------------------------------------------------------------------------------------

    def _name(self, node: Name) -> Step:
        word = self.checked.words.get(node)
        if word is not None:
            return closures.fixed(word)
        head, *rest = node.parts
        if node in self.checked.followed:
            return self._followed(node)
        if node in self.checked.elements:
            element = closures.element(self.list_name)
            parts = rest if head == "it" else node.parts
            if len(parts) == 1:
                return closures.element_field(self.list_name, parts[0])
            return closures.path(element, parts, self.list_name) if parts else element
        if node.dotted == "now":
            return lambda env, it=None: env.now
        if node.dotted == "today":
            return lambda env, it=None: env.names.get("today", env.today)
        if len(rest) == 1:
            return closures.field(head, rest[0])
        return closures.path(closures.root(head), rest, head) if rest else closures.root(head)

    def _followed(self, node: Name) -> Step:
        head, *rest = node.parts
        if node not in self.checked.elements:
            return closures.followed_path(closures.root(head), rest, head)
        parts = rest if head == "it" else node.parts
        return closures.followed_path(closures.element(self.list_name), parts, self.list_name)

    def _causes(self, node: Syntax, why: Why) -> Unknown:
        """Unknown, for the names below the node."""
        names = {
            self._cause(part)
            for part in walk(node)
            if isinstance(part, Name) and part not in self.checked.words
        }
        return Unknown(tuple(Cause(name, why) for name in sorted(names)))

    def _cause(self, name: Name) -> str:
        if name not in self.checked.elements:
            return name.dotted
        return ".".join((self.list_name, *(name.parts[1:] if name.parts[0] == "it" else name.parts)))

    # -- comparisons ----------------------------------------------------------------------------------------------

    def _compare(self, node: Compare) -> Step:
        function = (_NEGATED if node.negated else _OPERATORS)[node.operator]
        left, right = self.step(node.left), self.step(node.right)
        kind = self.types[node.left]
        if isinstance(kind, MoneyType) and is_zero(node.right):
            return closures.money_against_zero(function, left, self._causes(node, "two currencies"))
        if isinstance(kind, MoneyType):
            return closures.money_comparison(function, left, right, self._causes(node, "two currencies"))
        if node.operator == "=" and isinstance(node.right, Name) and node.right in self.checked.words:
            return closures.is_word(left, self.checked.words[node.right], negated=node.negated)
        if isinstance(kind, Record):
            left, right = (
                closures.applied(closures.identity, left),
                closures.applied(closures.identity, right),
            )
        elif Text("email") in (kind, self.types[node.right]):
            left, right = (
                closures.applied(closures.folded_email, left),
                closures.applied(closures.folded_email, right),
            )
        return closures.operation(function, left, right)

    def _in(self, node: In) -> Step:
        words = [self.checked.words.get(option) for option in node.options]
        known = frozenset(word for word in words if word is not None)
        if None not in words:
            inside = closures.membership(self.step(node.left), known)
        else:
            same = [Compare(node.start, node.end, "=", "is", node.left, option) for option in node.options]
            inside = closures.logic("or", [self._compare(comparison) for comparison in same])
        return closures.negation(inside) if node.negated else inside

    def _away(self, node: Away) -> Step:
        instant, length = self.step(node.instant), self.step(node.length)
        out_of_range = self._causes(node, "out of range")
        days = node.length.value if isinstance(node.length, Constant) else None
        if isinstance(days, Days) and not days.business:
            return instants.so_many_days(instant, days.count, node.operator, node.direction, out_of_range)

        def away(env: Env, it: Any = None) -> Any:
            when, how_long = instant(env, it), length(env, it)
            if type(when) is Unknown or type(how_long) is Unknown:
                return closures.first_unknown(when, how_long)
            try:
                return instants.is_away(env, when, how_long, node.operator, node.direction)
            except OverflowError:
                return out_of_range

        return away

    # -- values ---------------------------------------------------------------------------------------------------

    def _add(self, node: Add) -> Step:
        left, right = self.step(node.left), self.step(node.right)
        function = arithmetic.add if node.operator == "+" else arithmetic.subtract
        found = self.types[node]
        if isinstance(found, MoneyType):
            return closures.money_operation(function, left, right, self._causes(node, "two currencies"))
        if isinstance(found, Number):
            return closures.operation(function, left, right)
        return closures.move(
            left, right, 1 if node.operator == "+" else -1, self._causes(node, "out of range")
        )

    def _at_clock(self, node: AtClock) -> Step:
        day, out_of_range = self.step(node.operand), self._causes(node, "out of range")

        def at_clock(env: Env, it: Any = None) -> Any:
            found = day(env, it)
            return (
                found if type(found) is Unknown else instants.at_clock(env, found, node.clock, out_of_range)
            )

        return at_clock

    def _pick(self, node: Pick) -> Step:
        left, right = self.step(node.left), self.step(node.right)
        choose: Callable[..., Any] = min if node.word == "lesser" else max
        if isinstance(self.types[node], MoneyType):
            return closures.money_operation(choose, left, right, self._causes(node, "two currencies"))
        return closures.operation(choose, left, right)

    def _list_form(self, node: ListForm) -> Step:
        source = self.step(node.source)
        self.list_name = node.source.dotted
        keep = self.step(node.filter) if node.filter is not None else closures.fixed(True)
        if node.kind in ("one of", "some of"):
            return closures.options(source, keep)
        if node.kind == "sum" and node.summand is not None:
            return self._sum(node, node.summand, source, keep)
        if node.kind == "count":
            return closures.total(
                source, keep, closures.fixed(arithmetic.ONE), arithmetic.add, arithmetic.NOTHING
            )
        if node.kind == "all":
            return closures.quantified(source, keep, settles_at=False)
        found = closures.quantified(source, keep, settles_at=True)
        return closures.negation(found) if node.kind == "none" else found

    def _sum(self, node: ListForm, summand: Syntax, source: Step, keep: Step) -> Step:
        step = self.step(summand)
        if not isinstance(self.types[node], MoneyType):
            return closures.total(source, keep, step, arithmetic.add, arithmetic.NOTHING)
        mismatch = self._causes(summand, "two currencies")

        def add_money(left: Amount, right: Amount) -> Any:
            if left is ZERO and type(right) is Amount:
                return right
            if left.currency == right.currency:
                return Amount(arithmetic.add(left.value, right.value), left.currency)
            return arithmetic.combined(arithmetic.add, left, right, mismatch)

        return closures.total(source, keep, step, add_money, ZERO)

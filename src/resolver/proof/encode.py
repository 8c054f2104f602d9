"""Reads a checked expression as formulas: the same meaning as `condition.evaluate` gives it, for every ticket at once.

Called by the world for facts and by the prover for conditions. What no formula can say (texts that contain others,
business days) becomes a symbol of which as much is said as surely holds, so that a proof stays one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import z3

from resolver.condition.check import Checked
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
)
from resolver.condition.types import Date, MoneyType, Time, Type
from resolver.condition.values import Amount, Days
from resolver.proof.truth import (
    ANY_CURRENCY,
    TRUE,
    Formula,
    Term,
    Truth,
    aligned,
    as_term,
    as_truth,
    both,
    either,
    number,
    when_known,
)

if TYPE_CHECKING:
    from resolver.proof.world import World

Finder = Callable[[str], tuple[Term | Truth, Type]]
"""What a root name stands for."""
_COMPARE: dict[str, Callable[[Any, Any], Formula]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: its root names, and the list element inside a list form."""

    find: Finder
    element: tuple[Term | Truth, Type] | None = None


def truth_of(world: "World", checked: Checked, place: Place) -> Truth:
    """A condition."""
    return _Encoder(world, checked, place).truth(checked.expression.root)


def value_of(world: "World", checked: Checked, place: Place) -> Term | Truth:
    """An expression of any type."""
    return _Encoder(world, checked, place).value(checked.expression.root)


def part_of(world: "World", checked: Checked, place: Place, node: Syntax) -> Term | Truth:
    """One node of an expression."""
    return _Encoder(world, checked, place).value(node)


@dataclass(frozen=True, slots=True)
class _Encoder:
    world: "World"
    checked: Checked
    place: Place

    def truth(self, node: Syntax) -> Truth:
        return as_truth(self.value(node))

    def term(self, node: Syntax) -> Term:
        return as_term(self.value(node))

    def value(self, node: Syntax) -> Term | Truth:
        match node:
            case Constant():
                return self._constant(node)
            case Name():
                return self._name(node)
            case Not(operand=operand):
                return self.truth(operand).negated()
            case Logic(word=word, operands=operands):
                parts = [self.truth(one) for one in operands]
                return both(parts) if word == "and" else either(parts)
            case Known(operand=operand, negated=negated):
                known = when_known(z3.BoolVal(True), self.value(operand).known)
                return known.negated() if negated else known
            case Compare():
                return self._compare(node)
            case Away():
                return self._away(node)
            case In():
                found = either([self._same(node.left, option) for option in node.options])
                return found.negated() if node.negated else found
            case Contains():
                return self._contains(node)
            case ListForm():
                return self.world.lists.form(self.checked, self.place, node)
        return self._computed(node)

    # -- names and values written out -----------------------------------------------------------------------------

    def _constant(self, node: Constant) -> Term | Truth:
        value, known = node.value, z3.BoolVal(True)
        if isinstance(value, bool):
            return TRUE if value else TRUE.negated()
        if is_zero(node) and isinstance(self.checked.types.get(node), MoneyType):
            return Term(known, number(0), z3.IntVal(ANY_CURRENCY))
        if isinstance(value, Amount):
            return Term(known, number(Fraction(value.value)), z3.IntVal(self.world.currency(value.currency)))
        if isinstance(value, Decimal | Fraction):
            return Term(known, number(Fraction(value)))
        if isinstance(value, timedelta):
            return Term(known, number(Fraction(value // timedelta(minutes=1))))
        return Term(known, z3.IntVal(self.world.word(str(value))))

    def _name(self, node: Name) -> Term | Truth:
        word = self.checked.words.get(node)
        if word is not None:
            return Term(z3.BoolVal(True), z3.IntVal(self.world.word(word)))
        head, *rest = node.parts
        if node in self.checked.elements and self.place.element is not None:
            found, type_ = self.place.element
            rest = rest if head == "it" else list(node.parts)
        else:
            found, type_ = self.place.find(head)
        for part in rest:
            found = as_term(found)
            found, type_ = self.world.field_of(found, type_, part)
        return found

    # -- comparisons ----------------------------------------------------------------------------------------------

    def _compare(self, node: Compare) -> Truth:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Truth) and isinstance(right, Truth):
            found = when_known(z3.And(left.known, right.known), left.yes == right.yes)
        else:
            left = as_term(left)
            right = as_term(right)
            known, first, second, _ = aligned(left, right)
            found = when_known(known, _COMPARE[node.operator](first, second))
        return found.negated() if node.negated else found

    def _same(self, left: Syntax, option: Syntax) -> Truth:
        return self._compare(Compare(option.start, option.end, "=", "is", left, option))

    def _contains(self, node: Contains) -> Truth:
        left, right = self.term(node.left), self.term(node.right)
        opaque = z3.Bool(f"{self._source(node)} / {left.value} {right.value}")
        return when_known(z3.And(left.known, right.known), opaque)

    def _away(self, node: Away) -> Truth:
        instant = self.term(node.instant)
        sign = -1 if node.direction == "ago" else 1
        length = node.length.value if isinstance(node.length, Constant) else None
        if isinstance(length, timedelta):
            passed, count = sign * instant.value, number(Fraction(length // timedelta(minutes=1)))
            near = passed >= 0
        elif isinstance(length, Days):
            passed = self._business(instant, sign) if length.business else sign * instant.day
            side = sign * instant.value if isinstance(self.checked.types.get(node.instant), Time) else passed
            count, near = z3.IntVal(length.count), side >= 0
        else:
            return when_known(instant.known, z3.Bool(self._source(node)))
        holds = _COMPARE[node.operator](passed, count)
        return when_known(instant.known, z3.And(holds, near) if node.operator in ("<", "<=") else holds)

    def _business(self, instant: Term, sign: int) -> Formula:
        """Business days between today and the instant: no more than days, and none where there are no days."""
        passed = z3.simplify(sign * instant.day)
        count = z3.Int(f"business days in {passed}")
        self.world.held += [
            z3.If(passed >= 0, z3.And(count >= 0, count <= passed), z3.And(count <= 0, count >= passed))
        ]
        return count

    # -- computations ---------------------------------------------------------------------------------------------

    def _computed(self, node: Add | Scale | Rounded | AtClock | Pick) -> Term:
        match node:
            case Add():
                return self._add(node)
            case Scale(operand=operand, operator=sign, factor=factor):
                exact = Fraction(factor) if sign == "*" else 1 / Fraction(factor)
                return _each(self.term(operand), lambda one: one * number(exact))
            case Rounded(operand=operand, direction=direction):
                return _each(self.term(operand), lambda one: self._rounded(one, direction))
            case Pick():
                known, left, right, currency = aligned(self.term(node.left), self.term(node.right))
                smaller = left <= right if node.word == "lesser" else left >= right
                return Term(known, z3.If(smaller, left, right), currency)
        return self._at_clock(node)

    def _add(self, node: Add) -> Term:
        left, sign = self.term(node.left), 1 if node.operator == "+" else -1
        length = node.right.value if isinstance(node.right, Constant) else None
        type_ = self.checked.types.get(node)
        if isinstance(type_, Date) and isinstance(length, Days):
            day = (
                left.day + sign * length.count
                if not length.business
                else self._later(left, sign * length.count)
            )
            return Term(left.known, day, day=day)
        if isinstance(type_, Time):
            right = self.term(node.right)
            minutes = z3.simplify(left.value + sign * right.value)
            return self.world.time(f"time {minutes}", z3.And(left.known, right.known), minutes=minutes)
        known, first, second, currency = aligned(left, self.term(node.right))
        return Term(known, first + second if sign > 0 else first - second, currency)

    def _later(self, start: Term, count: int) -> Formula:
        """A day so many business days later (or earlier): at least so many days."""
        day = z3.Int(f"{z3.simplify(start.day)} and {count} business days")
        self.world.held.append(day >= start.day + count if count >= 0 else day <= start.day + count)
        return day

    def _rounded(self, value: Formula, direction: str) -> Formula:
        """Less than one unit away and of the same sign; how many decimals a currency has is left open."""
        exact = z3.simplify(value)
        whole = z3.Real(f"{exact} rounded {direction}")
        if direction == "down":
            near = z3.And(whole <= exact, whole > exact - 1, z3.Implies(exact >= 0, whole >= 0))
        else:
            near = z3.And(whole >= exact, whole < exact + 1, z3.Implies(exact <= 0, whole <= 0))
        self.world.held.append(near)
        return whole

    def _at_clock(self, node: AtClock) -> Term:
        day = self.term(node.operand)
        return self.world.time(f"{z3.simplify(day.day)} at {node.clock}", day.known, day=day.day)

    def _source(self, node: Syntax) -> str:
        return " ".join(self.checked.expression.source(node).split())


def _each(term: Term, change: Callable[[Formula], Formula]) -> Term:
    """The changed value; of a limit the changed one of each currency."""
    per = term.per
    if per is None:
        return Term(term.known, change(term.value), term.currency)

    def changed(currency: Formula) -> Term:
        one = per(currency)
        return Term(one.known, change(one.value), one.currency)

    return Term(term.known, per=changed)

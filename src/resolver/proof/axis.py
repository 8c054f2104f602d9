"""Axes: what conditions look at, each cut into the cells inside which no condition tells a difference (LANGUAGE 14).

Used by `cells`. An axis is a name with its thresholds, or two names and how they stand to each other; one of its cells
may be "unknown". It knows nothing of rules.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from resolver.condition.check import Checked
from resolver.condition.syntax import (
    Away,
    Compare,
    Constant,
    In,
    ListForm,
    Name,
    Syntax,
    is_zero,
    walk,
)
from resolver.condition.types import Choice, Time
from resolver.condition.values import Amount, Days

Kind = Literal["known", "yes/no", "words", "number", "whole", "moment", "money", "relation"]
Cell = bool | str | Fraction | tuple[str, Fraction]
"""What stands for a cell: a word, a number inside it, or a currency with such a number."""

ELSE = "something else"
ANY = ""
"""The currency that is none of those the conditions name."""
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
_TURNED: dict[str, Literal["=", "<", "<=", ">", ">="]] = {
    "=": "=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison: which axis it looks at, what cuts that axis, and its answer in each known cell.

    `answers` gives None where the answer is unknown although the value is known, as between two currencies. `names` are
    the names of the playbook it reads, `options` all words of a choice.
    """

    axis: str
    kind: Kind
    cuts: tuple[Cell, ...]
    answers: Callable[[Cell], bool | None]
    names: tuple[str, ...]
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class Axis:
    """All that conditions look at under one name. `cells` are worked out when every cut is known.

    `may_be_unknown` says whether there is one cell more, behind the others; `follows` that it is unknown where
    something else says so, because it is asked only sometimes.
    """

    name: str
    kind: Kind
    names: tuple[str, ...]
    cuts: set[Cell] = field(default_factory=set)
    options: frozenset[str] = frozenset()
    may_be_unknown: bool = True
    follows: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The known cells, in their order."""
        match self.kind:
            case "known":
                return (True,)
            case "yes/no":
                return (True, False)
            case "relation":
                return (Fraction(-1), Fraction(0), Fraction(1))
            case "words":
                said = sorted(str(cut) for cut in self.cuts)
                return tuple(said) if self.options and self.options <= set(said) else (*said, ELSE)
            case "money":
                return tuple(_money_cells(self.cuts))
        whole = self.kind in ("whole", "moment")
        numbers = _between([one for one in self.cuts if isinstance(one, Fraction)], whole=whole)
        return tuple(sorted({*numbers, *_TODAY}) if self.kind == "moment" else numbers)


_AGO = ", days ago"
_TODAY = (Fraction(-1, 4), Fraction(0), Fraction(1, 4))
"""An instant later today, now and earlier today: 0 days away and yet to come, or over."""


def _between(cuts: Iterable[Fraction], *, whole: bool) -> list[Fraction]:
    """A number in each cell that the cuts make: below the first, on each, between two, above the last."""
    known = sorted(set(cuts))
    if not known:
        return [Fraction(0)]
    found: list[Fraction] = [known[0] - 1]
    for place, cut in enumerate(known):
        found.append(cut)
        after = known[place + 1] if place + 1 < len(known) else None
        if after is None:
            found.append(cut + 1)
        elif not whole:
            found.append((cut + after) / 2)
        elif after - cut > 1:
            found.append(cut + 1)
    return found


def _money_cells(cuts: Iterable[Cell]) -> Iterable[Cell]:
    """The cells of each currency that is named, and of any other, which only a plain 0 cuts."""
    pairs = [cut for cut in cuts if isinstance(cut, tuple)]
    zeros = [number for currency, number in pairs if currency == ANY]
    for currency in sorted({currency for currency, _ in pairs} | {ANY}):
        own = [number for code, number in pairs if code == currency]
        for number in _between([*own, *zeros], whole=False):
            yield (currency, number)


# -- comparisons --------------------------------------------------------------------------------------------------


def atom_of(checked: Checked, node: Syntax) -> Atom:
    """The comparison at a node that is neither `and`, `or`, `not` nor `is known`."""
    names = _names(checked, node)
    match node:
        case Compare():
            return _compare(checked, node, names)
        case In():
            return _in(checked, node, names)
        case Away(instant=instant, length=Constant(value=Days() as days)) if not days.business:
            return _away(checked, node, instant, days.count, names)
        case Name():
            return Atom(node.dotted, "yes/no", (), bool, names)
    return _opaque(checked, node, names)


def axis_of(checked: Checked, node: Syntax) -> Atom | None:
    """The axis of a value that is only asked whether it is known; None if that is no plain name."""
    return Atom(node.dotted, "known", (), bool, _names(checked, node)) if isinstance(node, Name) else None


def _names(checked: Checked, node: Syntax) -> tuple[str, ...]:
    found = (
        one.dotted
        for one in walk(node)
        if isinstance(one, Name) and one not in checked.words and one not in checked.elements
    )
    return tuple(dict.fromkeys(found))


def _opaque(checked: Checked, node: Syntax, names: tuple[str, ...]) -> Atom:
    """A question about a list, a text or hours: yes or no, without any tie to other questions."""
    source = " ".join(checked.expression.source(node).split())
    if isinstance(node, ListForm) and node.kind in ("any", "none"):
        rest = source.partition(" ")[2]
        turned = node.kind == "none"
        return Atom(f"any {rest}", "yes/no", (), lambda cell: bool(cell) is not turned, names)
    return Atom(source, "yes/no", (), bool, names)


def _compare(checked: Checked, node: Compare, names: tuple[str, ...]) -> Atom:
    left, right, operator = node.left, node.right, node.operator
    if isinstance(left, Constant):
        left, right, operator = right, left, _TURNED[operator]
    compare, negated = _OPERATORS[operator], node.negated
    axis = " ".join(checked.expression.source(left).split())
    word = checked.words.get(right)
    if word is not None:
        options = _options(checked, left)
        return Atom(axis, "words", (word,), lambda cell: (cell == word) is not negated, names, options)
    if isinstance(right, Constant):
        return _against_constant(checked, left, right, compare, names, axis=axis, negated=negated)
    other = " ".join(checked.expression.source(right).split())
    turned = other < axis
    first, second = (other, axis) if turned else (axis, other)

    def answers(cell: Cell) -> bool:
        sign = cell if isinstance(cell, Fraction) else Fraction(0)
        return compare(-sign if turned else sign, 0) is not negated

    return Atom(f"{first} against {second}", "relation", (), answers, names)


def _against_constant(
    checked: Checked,
    left: Syntax,
    right: Constant,
    compare: Callable[[Any, Any], bool],
    names: tuple[str, ...],
    *,
    axis: str,
    negated: bool,
) -> Atom:
    value = right.value
    if isinstance(value, bool):
        return Atom(axis, "yes/no", (), lambda cell: compare(cell, value) is not negated, names)
    if isinstance(value, str):
        return Atom(axis, "words", (value,), lambda cell: compare(cell, value) is not negated, names)
    if isinstance(value, Amount) or (is_zero(right) and _is_money(checked, left)):
        currency, number = (
            (value.currency, Fraction(value.value)) if isinstance(value, Amount) else (ANY, Fraction(0))
        )

        def in_currency(cell: Cell) -> bool | None:
            if not isinstance(cell, tuple) or (currency not in (ANY, cell[0])):
                return None
            return compare(cell[1], number) is not negated

        return Atom(axis, "money", ((currency, number),), in_currency, names)
    if isinstance(value, Decimal | Fraction):
        kind: Kind = "whole" if isinstance(left, ListForm) and left.kind == "count" else "number"
        return Atom(
            axis, kind, (Fraction(value),), lambda cell: compare(cell, Fraction(value)) is not negated, names
        )
    if isinstance(value, timedelta):
        minutes = Fraction(value // timedelta(minutes=1))
        return Atom(axis, "number", (minutes,), lambda cell: compare(cell, minutes) is not negated, names)
    return Atom(f"{axis} {value}", "yes/no", (), bool, names)


def _is_money(checked: Checked, node: Syntax) -> bool:
    return type(checked.types.get(node)).__name__ == "MoneyType"


def _options(checked: Checked, node: Syntax) -> tuple[str, ...]:
    """All words a value can be; none of a text, which can be anything."""
    type_ = checked.types.get(node)
    return type_.options if isinstance(type_, Choice) else ()


def _in(checked: Checked, node: In, names: tuple[str, ...]) -> Atom:
    said = [checked.words.get(one) for one in node.options]
    constants = [one.value for one in node.options if isinstance(one, Constant)]
    words = [one for one in (*said, *constants) if isinstance(one, str)]
    axis = " ".join(checked.expression.source(node.left).split())
    if len(words) < len(node.options):
        return _opaque(checked, node, names)
    options = _options(checked, node.left)
    return Atom(axis, "words", tuple(words), lambda cell: (cell in words) is not node.negated, names, options)


def _away(checked: Checked, node: Away, instant: Syntax, count: int, names: tuple[str, ...]) -> Atom:
    """Days counted from today: positive in the past. Less than and at most are about the past, or the future, only."""
    sign = 1 if node.direction == "ago" else -1
    compare, past_only = _OPERATORS[node.operator], node.operator in ("<", "<=")

    def answers(cell: Cell) -> bool:
        away = sign * (cell if isinstance(cell, Fraction) else Fraction(0))
        return compare(int(away), count) and (away >= 0 or not past_only)

    axis = " ".join(checked.expression.source(instant).split())
    kind: Kind = "moment" if isinstance(checked.types.get(instant), Time) else "whole"
    return Atom(f"{axis}{_AGO}", kind, (Fraction(sign * count), Fraction(0)), answers, names)

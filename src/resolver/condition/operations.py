"""Which types can be compared, added and handed over, and the likely repair where they cannot.

Used by the checker alone. It looks at types and plain constants, never at values of facts.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from resolver.condition.syntax import Compare, Constant, Syntax
from resolver.condition.types import (
    Choice,
    Date,
    DaysType,
    Duration,
    ListOf,
    MoneyType,
    Number,
    Record,
    Text,
    Time,
    Type,
    YesNo,
    plain,
)
from resolver.condition.values import Amount, Days, Value

_ORDERED = (Number, MoneyType, Time, Date, Duration)
_CONSTANTS: dict[type, Type] = {
    bool: YesNo(),
    Decimal: Number(),
    Amount: MoneyType(),
    str: Text(),
    timedelta: Duration(),
    Days: DaysType(),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why two types do not go together: the code and the likely repair."""

    code: Literal["cannot-compare", "days-or-hours"]
    remedy: str


def type_of_constant(value: Value) -> Type | None:
    """The type of a value written out in an expression."""
    return _CONSTANTS.get(type(value))


def compare_types(node: Compare, left: Type, right: Type) -> Mismatch | None:
    """Whether the two sides of a comparison fit; None if they do."""
    mismatch = _same_kind(left, right, (node.left, node.right))
    if mismatch:
        return mismatch
    if isinstance(left, DaysType | ListOf):
        return Mismatch("cannot-compare", _ALONE[type(left)])
    if node.words.endswith(("before", "after")):
        timed = isinstance(left, Time | Date)
        return (
            None
            if timed
            else Mismatch("cannot-compare", "'before' and 'after' are for times; write 'is less than'")
        )
    if node.operator == "=":
        never_same = isinstance(left, Time)
        return Mismatch("cannot-compare", "write 'is before' or 'is after'") if never_same else None
    return None if isinstance(left, _ORDERED) else Mismatch("cannot-compare", "write 'is' or 'is not'")


def pick_types(left: Type, right: Type, nodes: tuple[Syntax, Syntax]) -> Mismatch | None:
    """Whether the lesser or greater of the two can be taken."""
    mismatch = _same_kind(left, right, nodes)
    if mismatch or isinstance(left, _ORDERED):
        return mismatch
    return Mismatch("cannot-compare", "take the lesser or greater of numbers, money, times or dates")


def member_types(left: Type, option: Type, nodes: tuple[Syntax, Syntax]) -> Mismatch | None:
    """Whether `left in [option]` can be asked."""
    mismatch = _same_kind(left, option, nodes)
    if mismatch or isinstance(left, Number | MoneyType | Choice | Text | Date | Duration):
        return mismatch
    return Mismatch("cannot-compare", "write 'is' with a single value")


def sum_type(operator: str, left: Type, right: Type, nodes: tuple[Syntax, Syntax]) -> Type | Mismatch:
    """What `left + right` or `left - right` is."""
    match left, right:
        case (Number(), Number()) | (Duration(), Duration()):
            return left
        case MoneyType(), MoneyType():
            if left.per_currency and right.per_currency:
                return Mismatch("cannot-compare", _ALONE[MoneyType])
            return MoneyType(rounded=left.rounded and right.rounded)
        case (Time(), Duration()) | (Date(), DaysType()):
            return left
        case (
            (Time(), DaysType()) | (Date(), Duration()) | (DaysType(), Duration()) | (Duration(), DaysType())
        ):
            return Mismatch("days-or-hours", "add days to a date, minutes and hours to a time")
        case (Time() | Date(), Time() | Date()) if operator == "-":
            return Mismatch("cannot-compare", "write '… is more than 2 days ago' or '… from now'")
        case (MoneyType(), Number()) | (Number(), MoneyType()):
            return Mismatch("cannot-compare", _money_and_number(nodes))
    return Mismatch("cannot-compare", "only numbers, money, and times with a length can be added")


def assignable(actual: Type, expected: Type, node: Syntax) -> bool:
    """Whether a value of the one type may be handed over where the other is declared."""
    if isinstance(actual, MoneyType) and isinstance(expected, MoneyType):
        return actual.rounded and not actual.per_currency
    if isinstance(actual, Choice) and isinstance(expected, Choice):
        return set(actual.options) <= set(expected.options)
    if isinstance(actual, Text) and isinstance(expected, Text):
        return expected.kind in ("text", actual.kind) or isinstance(node, Constant)
    return plain(actual) == expected


def _same_kind(left: Type, right: Type, nodes: tuple[Syntax, Syntax]) -> Mismatch | None:
    if (
        isinstance(left, MoneyType)
        and isinstance(right, MoneyType)
        and left.per_currency
        and right.per_currency
    ):
        return Mismatch("cannot-compare", _ALONE[MoneyType])
    if isinstance(left, Choice) and isinstance(right, Choice):
        common = set(left.options) & set(right.options)
        return None if common else Mismatch("cannot-compare", "they have no word in common")
    if isinstance(left, Record) and isinstance(right, Record):
        return (
            None
            if plain(left) == plain(right)
            else Mismatch("cannot-compare", "compare records of the same type, or their fields")
        )
    if type(left) is type(right):
        return None
    kinds = {type(left), type(right)}
    if kinds == {DaysType, Duration}:
        return Mismatch("days-or-hours", "write both in days, or both in hours")
    return Mismatch("cannot-compare", _repair(kinds, nodes))


def _repair(kinds: set[type], nodes: tuple[Syntax, Syntax]) -> str:
    if kinds == {MoneyType, Number}:
        return _money_and_number(nodes)
    if kinds & {Time, Date} and kinds & {DaysType, Duration}:
        return "add 'ago' or 'from now': '… is more than 30 days ago'"
    if kinds == {Time, Date}:
        return "a moment is 'now' or a day with its clock time: 'now is before order.expected_on at 18:00'"
    if kinds == {Choice, Text}:
        text = next((node.value for node in nodes if isinstance(node, Constant)), None)
        return (
            f"write the word without quotes: {text}"
            if isinstance(text, str)
            else "compare a choice with its words"
        )
    if kinds & {DaysType, Duration} and Number in kinds:
        return "say the unit, for example '30 days'"
    if Text in kinds and kinds & {Number, Date, Time}:
        return "leave out the quotes, or compare with a text"
    if YesNo in kinds:
        return "use the condition alone, or compare it with yes or no"
    if ListOf in kinds:
        return "use 'any of', 'all of', 'count of' or 'sum of'"
    if Record in kinds:
        return "compare one of its fields"
    return "compare values of the same type"


def _money_and_number(nodes: tuple[Syntax, Syntax]) -> str:
    """Whichever side is written out is the one to change; between two names nobody can tell."""
    for value in (node.value for node in nodes if isinstance(node, Constant)):
        if isinstance(value, Decimal):
            return f"say the currency, for example '{value:f} EUR'"
        if isinstance(value, Amount) and isinstance(value.value, Decimal):
            number = value.value.normalize()  # 3 EUR is kept as 3.00
            return f"the other side is a plain number: leave out the currency, for example '{number:f}'"
    return "money goes with money, for example '50 EUR', and a number with a number, for example '3'"


_ALONE: dict[type, str] = {
    DaysType: "days stand only with 'ago', 'from now', or added to a date",
    ListOf: "use 'any of', 'all of', 'count of' or 'sum of'",
    MoneyType: "a limit is compared with an amount, not with another limit",
}

"""What can be compared with what, found out by asking the checker of conditions for every pair of types.

Printed by the reference page. Nothing is listed here but the types and the forms that are tried.
"""

from collections.abc import Mapping

from resolver.condition.check import check_expression
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.types import (
    Choice,
    Date,
    DaysType,
    Duration,
    Field,
    ListOf,
    MoneyType,
    Number,
    Record,
    RecordType,
    Secret,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.source.node import scalar

TYPES: Mapping[str, tuple[Type, str]] = {
    "yes/no": (YesNo(), "`yes` and `no`, and every condition"),
    "number": (Number(), "`3`, `12.5`; `30%` is `0.3`"),
    "money": (MoneyType(), "`50 EUR`: an amount with its currency; a plain `0` fits every currency"),
    "limit": (MoneyType(per_currency=True), "`limits.NAME`: an amount for each currency"),
    "one of […]": (Choice(("small", "large")), "one word of a closed set"),
    "text": (Text(), "`'words'`; also `email`, `phone`, `address`, `country`, `order_number`"),
    "time": (Time(), "a moment, such as `now`"),
    "date": (Date(), "a day of the calendar, such as `today`"),
    "duration": (Duration(), "`15 minutes`, `4 hours`: exact"),
    "days": (DaysType(), "`30 days`, `2 weeks`, `5 business days`: counted in the calendar"),
    "record": (Record("shop.order"), "what a look-up gives; its fields stand behind a dot"),
    "list of text": (ListOf(Text()), "such as `ticket.tags`"),
    "list of records": (ListOf(Record("shop.order")), "such as `order.lines`"),
    "secret": (Secret(), "never shown and never compared"),
}
"""The types there are, by the word they are called here, with what is written or meant."""

PAIRS: Mapping[str, str] = {
    "`is`": "a is b",
    "`is more than` …": "a is more than b",
    "`is before`, `is after`": "a is before b",
    "`in […]`": "a in [b]",
    "`contains`": "a contains b",
    "`ago`, `from now`": "a is more than b ago",
    "`+`, `-`": "a - b",
    "`lesser of`, `greater of`": "lesser of a and b",
}
"""Forms with two sides, as a table heads them and as they are tried."""

ALONE: Mapping[str, str] = {
    "`not`": "not a",
    "`is known`": "a is known",
    "`* 2`, `/ 2`": "a * 2",
    "`rounded down`": "a rounded down",
    "`at 18:00`": "a at 18:00",
    "`any of`, `count of` …": "any of a where it is known",
}
"""Forms with one side."""

_ORDER = RecordType("shop.order", "id", {"id": Field(Text())})


def fits(form: str, left: Type, right: Type) -> bool:
    """Whether the checker takes the form with `a` and `b` of these types."""
    expression = parse_expression(scalar(form), [])
    scope = Scope({"a": Field(left), "b": Field(right)}, {_ORDER.name: _ORDER})
    return expression is not None and check_expression(expression, scope, []) is not None


def compared_with(form: str, left: str) -> tuple[str, ...]:
    """The names of the types that may stand right of the form when `left` stands left."""
    return tuple(name for name, (right, _) in TYPES.items() if fits(form, TYPES[left][0], right))


def taken_alone(form: str) -> tuple[str, ...]:
    """The names of the types of which a form with one side may be asked."""
    return tuple(name for name, (type_, _) in TYPES.items() if fits(form, type_, type_))

"""The values expressions compute with, and `Unknown`, which says what was missing.

Made from facts by `storage`, used by evaluation and decision. Numbers are exact: `Decimal`, or `Fraction` behind a
division that has no finite decimal; there is no float.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from msgspec import Struct

from resolver.money import Money, minor_digits

Why = Literal["missing", "undeclared", "unreadable", "two currencies", "out of range"]

# Every operation of an expression is exact; a result that would need rounding is an error of ours, not a guess.
EXACT = Context(prec=50_000, Emin=-50_000, Emax=50_000, traps=[InvalidOperation, Inexact, Overflow])


class Cause(NamedTuple):
    """One name that was not known and why."""

    name: str
    why: Why


class Unknown(Struct, frozen=True):
    """No value. `causes` name what was missing, sorted, so that a stop can say it. Neither yes nor no."""

    causes: tuple[Cause, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted names that were not known."""
        return tuple(dict.fromkeys(cause.name for cause in self.causes))

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither yes nor no")


UNKNOWN = Unknown()


def unknown(name: str, why: Why = "missing") -> Unknown:
    """An unknown value of that name."""
    return Unknown((Cause(name, why),))


def both_unknown(first: Unknown, second: Unknown) -> Unknown:
    """The unknown value that has the causes of both, in an order that does not depend on theirs."""
    return first if first == second else Unknown(tuple(sorted({*first.causes, *second.causes})))


class Amount(Struct, frozen=True):
    """Money inside an expression: exact, perhaps with more decimals than its currency knows.

    The currency "" belongs to a plain 0 and to the sum of nothing; it fits every currency.
    """

    value: Decimal | Fraction
    currency: str

    @classmethod
    def of(cls, money: Money) -> "Amount":
        """The same amount, ready to be computed with."""
        return cls(money.amount, money.currency)

    def minor(self) -> int | None:
        """The amount in whole minor units; None if it is not rounded or has no currency."""
        if not self.currency or not isinstance(self.value, Decimal):
            return None
        return _minor(self.value, self.currency)

    def money(self) -> Money | None:
        """The amount as money at rest; None if it is not rounded or has no currency."""
        minor = self.minor()
        return None if minor is None else Money(minor, self.currency)

    def rounded(self, direction: Literal["down", "up"]) -> "Amount":
        """The nearest amount of whole minor units that is not more (`down`) or not less (`up`)."""
        digits = minor_digits(self.currency) if self.currency else 0
        if isinstance(self.value, Decimal):
            rounding = ROUND_FLOOR if direction == "down" else ROUND_CEILING
            minor = self.value.scaleb(digits, context=EXACT).to_integral_value(
                rounding=rounding, context=EXACT
            )
            return Amount(minor.scaleb(-digits, context=EXACT), self.currency)
        scaled = self.value * 10**digits
        whole = scaled.__floor__() if direction == "down" else scaled.__ceil__()
        return Amount(Decimal(whole).scaleb(-digits, context=EXACT), self.currency)


@lru_cache(maxsize=4096)  # the same amount is compared, paid and written several times a turn
def _minor(value: Decimal, currency: str) -> int | None:
    exact = value.scaleb(minor_digits(currency), EXACT)
    whole = int(exact)
    return whole if whole == exact else None


ZERO = Amount(Decimal(0), "")
"""A plain 0 read as money."""


class PerCurrency(Struct, frozen=True):
    """A limit: an amount for each of several currencies; compared with money, the one in its currency counts."""

    amounts: Mapping[str, Decimal | Fraction]

    def in_currency(self, currency: str) -> Amount | None:
        """The limit in that currency, or None if it has none."""
        value = self.amounts.get(currency)
        return None if value is None else Amount(value, currency)


class Days(Struct, frozen=True):
    """A number of calendar days, or of business days."""

    count: int
    business: bool = False

    def __str__(self) -> str:
        unit = "business day" if self.business else "day"
        return f"{self.count} {unit}" if self.count == 1 else f"{self.count} {unit}s"


class RecordValue(Struct, frozen=True):
    """A record as read: type name, key, and the fields that were there. Two are the same if type and key are."""

    type_name: str
    key: str
    fields: "Mapping[str, Value]"


class Reference(Struct, frozen=True):
    """A record that is read on first use: by this look-up, with this key. A field declared `from LOOK_UP` holds one."""

    look_up: str
    key: str


class PairValue(Struct, frozen=True):
    """An element of a `list of A to B`."""

    item: "Value"
    to: "Value"


Value = (
    bool
    | Decimal
    | Fraction
    | Amount
    | PerCurrency
    | str
    | datetime
    | date
    | timedelta
    | Days
    | RecordValue
    | Reference
    | PairValue
    | tuple["Value", ...]
    | Unknown
)


def normal_email(text: str) -> str:
    """An e-mail address as it is compared: no spaces around, small letters; nothing else is folded."""
    return text.strip().lower()

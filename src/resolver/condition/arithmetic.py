"""Exact arithmetic on values: numbers, money in one currency, limits in several.

Called by compiled expressions. Results are never rounded on the way; what does not fit together is `Unknown`.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from resolver.condition.values import EXACT, Amount, PerCurrency, Unknown, both_unknown

Exact = Decimal | Fraction
NOTHING = Decimal(0)
ONE = Decimal(1)


def add(left: Exact, right: Exact) -> Exact:
    """The exact sum."""
    if type(left) is Decimal and type(right) is Decimal:
        return EXACT.add(left, right)
    return simplest(Fraction(left) + Fraction(right))


def subtract(left: Exact, right: Exact) -> Exact:
    """The exact difference."""
    if type(left) is Decimal and type(right) is Decimal:
        return EXACT.subtract(left, right)
    return simplest(Fraction(left) - Fraction(right))


def multiply(left: Exact, right: Exact) -> Exact:
    """The exact product."""
    if type(left) is Decimal and type(right) is Decimal:
        return EXACT.multiply(left, right)
    return simplest(Fraction(left) * Fraction(right))


def simplest(value: Fraction) -> Exact:
    """The value as a decimal if it has a finite one, else as a fraction."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return value if rest != 1 else EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def scaled(factor: Exact) -> Callable[[Any], Any]:
    """A function that multiplies a number, money or limit by `factor`."""

    def scale(value: Any) -> Any:
        if type(value) is Amount:
            return Amount(multiply(value.value, factor), value.currency)
        if type(value) is PerCurrency:
            return PerCurrency({code: multiply(amount, factor) for code, amount in value.amounts.items()})
        return value if type(value) is Unknown else multiply(value, factor)

    return scale


def rounded(value: Any, direction: Literal["down", "up"]) -> Any:
    """Money or a limit in whole minor units."""
    if type(value) is PerCurrency:
        whole = {
            code: Amount(amount, code).rounded(direction).value for code, amount in value.amounts.items()
        }
        return PerCurrency(whole)
    return value if type(value) is Unknown else value.rounded(direction)


def aligned(left: Any, right: Any, mismatch: Unknown) -> tuple[Amount, Amount] | Unknown:
    """Both as money in one currency; `mismatch` if there is none. A limit takes the other side's currency."""
    if type(left) is Unknown:
        return both_unknown(left, right) if type(right) is Unknown else left
    if type(right) is Unknown:
        return right
    first = left.in_currency(right.currency) if type(left) is PerCurrency and type(right) is Amount else left
    second = (
        right.in_currency(left.currency) if type(right) is PerCurrency and type(left) is Amount else right
    )
    if type(first) is not Amount or type(second) is not Amount:
        return mismatch
    if first.currency == second.currency or not first.currency or not second.currency:
        return first, second
    return mismatch


def combined(
    operation: Callable[[Exact, Exact], Exact], left: Any, right: Any, mismatch: Unknown
) -> Amount | Unknown:
    """The operation on the values of two amounts of one currency."""
    pair = aligned(left, right, mismatch)
    if isinstance(pair, Unknown):
        return pair
    first, second = pair
    return Amount(operation(first.value, second.value), first.currency or second.currency)

"""Kleene's logic as formulas of a prover: what makes a condition yes, what makes it no; neither of both is unknown.

Used by everything in this package that asks z3. It comes with the extra `prove`; nothing else imports it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

Formula = Any
"""A formula or term of z3, whose stubs know no types."""

ANY_CURRENCY = 0
"""The currency of a plain 0 and of the sum of nothing, which fits every other."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A yes/no: never both."""

    yes: Formula
    no: Formula

    @property
    def known(self) -> Formula:
        """Whether it is one of both."""
        return z3.Or(self.yes, self.no)

    def negated(self) -> "Truth":
        """`not`."""
        return Truth(self.no, self.yes)


TRUE = Truth(z3.BoolVal(True), z3.BoolVal(False))


def both(parts: Sequence[Truth]) -> Truth:
    """`and`."""
    return Truth(z3.And([one.yes for one in parts]), z3.Or([one.no for one in parts]))


def either(parts: Sequence[Truth]) -> Truth:
    """`or`."""
    return Truth(z3.Or([one.yes for one in parts]), z3.And([one.no for one in parts]))


def when_known(known: Formula, holds: Formula) -> Truth:
    """What `holds` says, where it is `known`."""
    return Truth(z3.And(known, holds), z3.And(known, z3.Not(holds)))


@dataclass(frozen=True, slots=True)
class Term:
    """A value that is no yes/no.

    `value` is a number: an amount, minutes from now of a time, the day of a date counted from today, the number that
    stands for a word. `currency` goes with money, `day` with a time. A limit has no value of its own, but `per` each
    currency one. A record or list has a `path`, under which its fields are found; `key` says which record it is.
    """

    known: Formula
    value: Formula = None
    currency: Formula = None
    day: Formula = None
    per: "Callable[[Formula], Term] | None" = None
    path: str = ""

    def within(self, known: Formula) -> "Term":
        """The same, known only if that holds too."""
        per = self.per
        inside = None if per is None else lambda currency: per(currency).within(known)
        return Term(z3.And(self.known, known), self.value, self.currency, self.day, inside, self.path)


def number(value: int | Fraction) -> Formula:
    """A number written out."""
    exact = Fraction(value)
    return z3.RealVal(f"{exact.numerator}/{exact.denominator}")


def aligned(left: Term, right: Term) -> tuple[Formula, Formula, Formula, Formula]:
    """Two values of one type: whether both are known and fit, both values, and the currency they have together."""
    if left.per is not None and right.per is None and right.currency is not None:
        left = left.per(right.currency)
    elif right.per is not None and left.per is None and left.currency is not None:
        right = right.per(left.currency)
    known = z3.And(left.known, right.known)
    if left.per is not None or right.per is not None:
        return z3.BoolVal(False), number(0), number(0), z3.IntVal(ANY_CURRENCY)
    if left.currency is None or right.currency is None:
        return known, left.value, right.value, left.currency
    open_ = [left.currency == right.currency, left.currency == ANY_CURRENCY, right.currency == ANY_CURRENCY]
    together = z3.If(left.currency == ANY_CURRENCY, right.currency, left.currency)
    return z3.And(known, z3.Or(open_)), left.value, right.value, together


def as_term(value: Term | Truth) -> Term:
    """A value that the checker has found to be no yes/no; `TypeError` would be a mistake of ours."""
    if isinstance(value, Term):
        return value
    raise TypeError("a yes/no stands where a value was expected")


def as_truth(value: Term | Truth) -> Truth:
    """A value that the checker has found to be a yes/no."""
    if isinstance(value, Truth):
        return value
    raise TypeError("a value stands where a yes/no was expected")

"""Plural forms: which a language needs for whole numbers, and which one a number takes (CLDR, LANGUAGE 9).

Used by the check of texts and by replies. A language that is not known has `other` only.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from babel import Locale, UnknownLocaleError

_T = TypeVar("_T")


@lru_cache(maxsize=64)
def forms_of(language: str) -> tuple[str, ...]:
    """The forms that whole numbers take in a language, in the order of the first number that takes each."""
    locale = _locale(language)
    if locale is None:
        return ("other",)
    return tuple(dict.fromkeys(str(locale.plural_form(number)) for number in (1, 2, 5, *range(1001))))


def form_for(language: str, number: Decimal | Fraction, forms: Mapping[str, _T]) -> _T:
    """Of these forms the one for a number; `other`, or the last there is, where its own is not among them."""
    locale = _locale(language)
    exact = number if isinstance(number, Decimal) else Decimal(number.numerator) / Decimal(number.denominator)
    name = str(locale.plural_form(exact)) if locale is not None else "other"
    return forms.get(name) or forms.get("other") or tuple(forms.values())[-1]


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None

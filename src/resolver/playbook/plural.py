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


WRITTEN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("en", "de", "fr", "es"), ("one", "other")), "pl": ("one", "few", "many")
}  # fmt: skip
"""The languages that are understood; babel reads for a tenth of a second before it says so."""


@lru_cache(maxsize=64)
def forms_of(language: str) -> tuple[str, ...]:
    """The forms that whole numbers take in a language, in the order of the first number that takes each."""
    return WRITTEN.get(language) or forms_by_babel(language)


def forms_by_babel(language: str) -> tuple[str, ...]:
    """The same, from all that babel knows of the language."""
    locale = _locale(language)
    if locale is None:
        return ("other",)
    numbers = (1, 2, 5, *range(201))  # no rule looks at more than the last two digits
    return tuple(dict.fromkeys(str(locale.plural_form(number)) for number in numbers))


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

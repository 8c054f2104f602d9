"""Words for days as customers write them in five languages: months and weekdays from CLDR, `tomorrow` and the like.

Called by `dates`. All names are folded (`folded`): small letters without accents, one letter for each letter.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale

LANGUAGES = ("en", "de", "fr", "es", "pl")
SHORTEST = 3  # letters of an abbreviation that still says which month or weekday
MONTHS_BESIDE_CLDR = {"sept": 9, "maerz": 3, "jaenner": 1, "janner": 1, "feber": 2, "setiembre": 9}
WEEKDAYS_BESIDE_CLDR = {
    "sonnabend": 5, "poniedzialku": 0, "wtorku": 1, "srode": 2, "srody": 2, "czwartku": 3, "piatku": 4, "sobote": 5,
    "soboty": 5, "niedziele": 6, "niedzieli": 6, "tues": 1, "thurs": 3, "thur": 3,
}  # fmt: skip
FROM_TODAY = {
    "day after tomorrow": 2, "tomorrow": 1, "today": 0, "yesterday": -1, "day before yesterday": -2,
    "ubermorgen": 2, "uebermorgen": 2, "morgen": 1, "heute": 0, "gestern": -1, "vorgestern": -2,
    "apres-demain": 2, "apres demain": 2, "demain": 1, "aujourd'hui": 0, "avant-hier": -2, "hier": -1,
    "pasado manana": 2, "manana": 1, "hoy": 0, "ayer": -1, "anteayer": -2,
    "pojutrze": 2, "jutro": 1, "dzisiaj": 0, "dzis": 0, "wczoraj": -1, "przedwczoraj": -2,
}  # fmt: skip
ELSEWHERE = {"hier": "fr"}  # German: here
"""Words that mean a day in one language only and something else in another."""

_TABLE = {
    code: base for code in range(0x41, 0x250) if (base := unicodedata.normalize("NFKD", chr(code))[0].lower())
}
_TABLE |= {
    ord("ł"): "l",
    ord("Ł"): "l",
    ord("ß"): "s",
    ord("’"): "'",
    ord("‘"): "'",
    ord("–"): "-",
    ord("—"): "-",
}
_TABLE |= {ord("\u00a0"): " ", ord("\u202f"): " ", ord("\u2011"): "-"}


def folded(text: str) -> str:
    """The text in small letters without accents; every letter stays at its place, so spans fit the original."""
    return text.translate(_TABLE)


@cache
def months(language: str) -> Mapping[str, int]:
    """Folded names of months: in full in every language, abbreviated in English and in this one only.

    Abbreviations are words elsewhere: Polish `sie` for August is a German pronoun.
    """
    found = dict(MONTHS_BESIDE_CLDR)
    for known in LANGUAGES:
        for width, name, number in _named(known, "months"):
            if width == "wide" or known in ("en", language):
                found.setdefault(name, number)
    return found


@cache
def weekdays() -> Mapping[str, int]:
    """Folded names of weekdays in full, with their Polish cases; Monday is 0."""
    wide = {name: day for known in LANGUAGES for width, name, day in _named(known, "days") if width == "wide"}
    return wide | WEEKDAYS_BESIDE_CLDR


@cache
def short_weekdays(language: str) -> Mapping[str, int]:
    """Abbreviated weekdays of a language and of English, which say a weekday only beside a date, or if asked for."""
    return {
        name: day
        for known in (language, "en")
        if known in LANGUAGES
        for width, name, day in _named(known, "days")
        if width in ("abbreviated", "short") and len(name) > 1
    }


def _named(language: str, kind: str) -> Iterator[tuple[str, str, int]]:
    """Width, folded name and number of every name CLDR has in a date and standing alone."""
    calendar: Mapping[str, Mapping[str, Mapping[int, str]]] = getattr(Locale(language), kind)
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated", "short"):
            for number, name in calendar[context].get(width, {}).items():
                short = folded(name).rstrip(".")
                if kind == "days" or len(short) >= SHORTEST:
                    yield width, short, number

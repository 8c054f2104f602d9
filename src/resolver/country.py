"""Countries by their ISO 3166 code, and what people call them in the languages our customers write.

Used by understanding, by decision for what a slot may hold, and by connectors for addresses. A name that means two
countries means none.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale

_LANGUAGES = ("en", "de", "fr", "es", "pl")
_CODES = frozenset(str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code)))
_CODES -= {
    "EU",
    "EZ",
    "QO",
    "UN",
    "XA",
    "XB",
    "ZZ",
}  # no countries; XK (Kosovo) stays, shops and carriers use it

_LONGEST_NAME = 5  # words

# What people write and CLDR does not list.
_ALSO = {
    "uk": "GB", "gbr": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "grossbritannien": "GB", "england uk": "GB", "usa": "US", "u s a": "US", "u s": "US",
    "united states of america": "US", "america": "US", "deu": "DE", "ger": "DE", "brd": "DE",
    "federal republic of germany": "DE", "aut": "AT", "che": "CH", "sui": "CH", "suisse": "CH", "svizzera": "CH",
    "fra": "FR", "nld": "NL", "holland": "NL", "the netherlands": "NL", "nederland": "NL", "pol": "PL", "esp": "ES",
    "czech republic": "CZ", "republic of ireland": "IE", "eire": "IE", "italia": "IT", "osterreich": "AT",
    "angleterre": "GB", "grande bretagne": "GB", "inglaterra": "GB", "gran bretana": "GB", "anglia": "GB", "eeuu": "US",
    "ee uu": "US", "schottland": "GB", "uae": "AE", "turkey": "TR", "ivory coast": "CI", "tschechische republik": "CZ",
    "hong kong": "HK", "hongkong": "HK", "macao": "MO", "macau": "MO",
}  # fmt: skip
# Cases: German datives, and the Polish ones that do not follow from the name's last letters.
_CASES = {
    "niederlanden": "NL", "vereinigten staaten": "US", "vereinigten konigreich": "GB", "niemiec": "DE",
    "niemczech": "DE", "polsce": "PL", "polski": "PL", "czech": "CZ", "czechach": "CZ",
    "wloch": "IT", "wloszech": "IT", "wegier": "HU",
    "wegrzech": "HU", "wielkiej brytanii": "GB", "stanow zjednoczonych": "US", "stanach zjednoczonych": "US",
    "litwy": "LT", "litwie": "LT", "lotwy": "LV", "lotwie": "LV", "ukrainy": "UA", "ukrainie": "UA", "chin": "CN",
    "chinach": "CN", "kanady": "CA", "kanadzie": "CA",
}  # fmt: skip


def is_code(text: str) -> bool:
    """Whether this is an ISO code as it is written, in capitals."""
    return text in _CODES


def country_code(text: str) -> str | None:
    """The ISO code of the country that `text` is, in capitals; `None` if it is none."""
    if is_code(text.upper()) and len(text) == 2:
        return text.upper()
    return country_names().get(plain_name(text))


def names_country(text: str, code: str) -> bool:
    """Whether some words of the text are the country with this code."""
    words = text.split()
    runs = (words[at : at + count] for count in range(1, _LONGEST_NAME + 1) for at in range(len(words)))
    return any(country_code(" ".join(run).strip(".,;:!?()")) == code for run in runs)


@cache
def country_names() -> Mapping[str, str]:
    """Every name we know, as `plain_name` writes it, and its code."""
    found: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in _CODES:
                for form in _forms(plain_name(str(name)), language):
                    found.setdefault(form, set()).add(str(code))
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1} | _CASES | _ALSO


def _forms(name: str, language: str) -> tuple[str, ...]:
    """A name and, in Polish, its other cases where the ending says them: Francja, Francji, Francję."""
    if language == "pl" and " " not in name and name.endswith(("ia", "ja")):
        return name, f"{name[:-1]}i", f"{name[:-1]}e"
    return (name,)


def plain_name(text: str) -> str:
    """Lower case, without accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())

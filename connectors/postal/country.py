"""Which country an address names, by its name in the languages our customers write, or by its ISO code.

Called by `address.py`. A name that means two countries means none.
"""

import re
import unicodedata
from functools import cache

from babel import Locale

_LANGUAGES = ("en", "de", "fr", "es", "pl")
_CODES = frozenset(str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code)))
_CODES -= {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}

# What people write and CLDR does not list.
_ALSO = {
    "uk": "GB", "gbr": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "grossbritannien": "GB", "england uk": "GB", "usa": "US", "u s a": "US", "u s": "US",
    "united states of america": "US", "america": "US", "deu": "DE", "ger": "DE", "brd": "DE",
    "federal republic of germany": "DE", "aut": "AT", "che": "CH", "sui": "CH", "suisse": "CH", "svizzera": "CH",
    "fra": "FR", "nld": "NL", "holland": "NL", "the netherlands": "NL", "nederland": "NL", "pol": "PL", "esp": "ES",
    "czech republic": "CZ", "republic of ireland": "IE", "eire": "IE", "italia": "IT", "osterreich": "AT",
}  # fmt: skip


def country_code(text: str) -> str | None:
    """The ISO code of the country that `text` is, in capitals; `None` if it is none."""
    if is_code(text.upper()) and len(text) == 2:
        return text.upper()
    return _names().get(_plain(text))


def is_code(text: str) -> bool:
    """Whether this is an ISO code as it is written, in capitals."""
    return text in _CODES


def ending_in_country(text: str) -> tuple[str, str, bool]:
    """The text without the country at its end, the country's code or "", and whether it was only a code.

    A code counts only in capitals: `de` ends many a street.
    """
    words = text.split()
    for count in range(min(5, len(words) - 1), 0, -1):
        name = " ".join(words[-count:])
        rest = " ".join(words[:-count])
        if found := _names().get(_plain(name)):
            return rest, found, False
        if count == 1 and is_code(name):
            return rest, name, True
    return text, "", False


@cache
def _names() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in _CODES:
                found.setdefault(_plain(str(name)), set()).add(str(code))
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1} | _ALSO


def _plain(text: str) -> str:
    """Lower case, without accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())

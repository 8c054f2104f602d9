"""What a text commits us to word for word: its numbers, amounts, dates, links and addresses.

Used where words are not a playbook's own: an answer may say only what its article says, a rephrased reply only what
the plain one says. In doubt something counts as a claim.
"""

import re
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

_CALENDARS = ("en", "de", "fr", "es", "pl", "it", "nl", "pt")
_SPACE = r"[ \u00a0\u202f]"
_NUMBER = rf"(?:\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)|\d+)(?:[.,:/'-]\d+)*"
_CURRENCY = r"(?:[€$£¥₹]|zł|\b[A-Z]{3}\b|%|\b(?:euros?|dollars?|pounds?|percent|prozent)\b)"
_LINK = (
    r"(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>\"')\]]+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}\b(?:/[^\s<>\"')\]]*)?"
)
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_AMOUNT = rf"{_CURRENCY}{_SPACE}?{_NUMBER}|{_NUMBER}{_SPACE}?{_CURRENCY}"

_WORDS = """
two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty ninety hundred thousand
zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig sechzig neunzig hundert
tausend deux trois quatre cinq sept huit neuf dix onze douze vingt trente quarante cinquante soixante cent mille dos
tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta sesenta noventa cien mil dwa
dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście dwadzieścia trzydzieści sto tysiąc
""".split()
"""Numbers in words, without those that are articles as well."""


def claims(text: str) -> list[str]:
    """Every claim in the text, as written; each part of the text counts for one only, the longest kind first."""
    found: list[str] = []
    for pattern in _patterns():
        kept: list[str] = []
        end = 0
        for match in pattern.finditer(text):
            found.append(one_spaced(match.group().rstrip(".,;:!?")))
            kept += [text[end : match.start()], " \n "]
            end = match.end()
        text = "".join(kept) + text[end:]
    return [*found, *(char for char in text if char.isnumeric())]  # such as a half or a number in a circle


def stands_in(claim: str, text: str) -> bool:
    """Whether the text has the claim word for word, and not as a part of a longer one."""
    before, after = r"(?<![\w])(?<!\d[.,:/'-])", r"(?![\w])(?![.,:/'-]\d)"
    pattern = (
        f"{before if claim[0].isalnum() else ''}{re.escape(claim)}{after if claim[-1].isalnum() else ''}"
    )
    return re.search(pattern, one_spaced(text)) is not None


def one_spaced(text: str) -> str:
    """Spaces of every kind as one plain space."""
    return " ".join(text.split())


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Addresses and links first, then dates, amounts, numbers and numbers in words."""
    months = _names(get_month_names)
    days = _names(get_day_names)
    day = r"\d{1,2}(?:st|nd|rd|th|\.|er)?"
    year = r"(?:,?\s+(?:de\s+)?\d{4})?"
    dates = rf"\b{day}\s+(?:de\s+)?(?:{months}){year}|\b(?:{months})\s+{day}{year}|\b(?:{months}|{days})\b"
    return (
        re.compile(_EMAIL),
        re.compile(_LINK, re.IGNORECASE),
        re.compile(dates, re.IGNORECASE),
        re.compile(_AMOUNT),
        re.compile(_NUMBER),
        re.compile(rf"\b(?:{'|'.join(sorted(set(_WORDS), key=len, reverse=True))})\b", re.IGNORECASE),
    )


def _names(kind: object) -> str:
    """Months or days by name in the languages we write, nominative and as in a date, longest first."""
    found: set[str] = set()
    for language in _CALENDARS:
        for context in ("format", "stand-alone"):
            names = kind(width="wide", context=context, locale=language)  # type: ignore[operator]
            found |= {str(name) for name in names.values() if len(str(name)) > 3}
    return "|".join(re.escape(name) for name in sorted(found, key=len, reverse=True))

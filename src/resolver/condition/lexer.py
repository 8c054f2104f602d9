"""Cuts a condition's text into words, numbers, texts and marks.

Called by the parser only. It reports foreign operators with the word to write instead, and never guesses.
"""

import re
from dataclasses import dataclass
from typing import Literal

from resolver.money import is_currency

TokenKind = Literal["word", "number", "clock", "text", "mark", "end"]

_SPACE = re.compile(r"\s+")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(?![\w:])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?!\w)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_PATTERNS: tuple[tuple[TokenKind, re.Pattern[str]], ...] = (
    ("clock", _CLOCK),
    ("number", _NUMBER),
    ("word", _WORD),
)
_MARKS = ("<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",")
_FOREIGN = {
    "&&": "and", "&": "and", "||": "or", "|": "or", "==": "is", "===": "is", "!=": "is not", "!==": "is not",
    "<>": "is not", "≠": "is not", "!": "not", "~": "not", "=>": ">=", "≥": ">=", "=<": "<=", "≤": "<=", "×": "*",
    "÷": "/", "**": "* with a plain number", "//": "/", ":=": "=", "−": "-",
}  # fmt: skip
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR", "₺": "TRY", "₴": "UAH"}
_SHARED = "$¥"
"""Signs of more than one currency."""
_FIGURE = r"(?P<number>[0-9]+(?:[.,][0-9]+)?)"
_SIGN = rf"(?P<sign>[{''.join(_SIGNS)}]|\b[A-Z]{{3}}(?![A-Za-z_]))"
_FOREIGN_AMOUNT = re.compile(
    rf"{_SIGN}\s*{_FIGURE}(?!\w)|{_FIGURE.replace('number', 'first')}\s*(?P<behind>[{''.join(_SIGNS)}])"
)
"""`€50`, `EUR 50` and `50 €`."""
FOREIGN_WORDS = {
    "xor": "or", "eq": "is", "equals": "is", "equal": "is", "ne": "is not", "isnt": "is not", "gt": "is more than",
    "lt": "is less than", "ge": "is at least", "gte": "is at least", "le": "is at most", "lte": "is at most",
    "has": "contains", "includes": "contains", "greater": "is more than",
    "less": "is less than", "more": "is more than", "before": "is before", "after": "is after", "known": "is known",
    "atleast": "is at least", "atmost": "is at most",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text and where it stands in it."""

    kind: TokenKind
    text: str
    start: int
    end: int


class Misread(Exception):
    """The text is no condition; where and why, with the remedy, and what alone can have been meant there."""

    def __init__(self, code: str, message: str, start: int, end: int, remedy: str, instead: str = "") -> None:
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.remedy = remedy
        self.instead = instead
        super().__init__(message)


def tokens_of(text: str) -> list[Token]:
    """The tokens of the text, closed by one of kind `end`; raises `Misread`."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
            continue
        token = _token(text, at)
        tokens.append(token)
        at = token.end
    return [*tokens, Token("end", "", len(text), len(text))]


def _token(text: str, at: int) -> Token:
    if text[at] in "'\"":
        return _text(text, at)
    if _DAY.match(text, at):
        message = "a calendar day cannot be written in a condition"
        raise Misread(
            "condition", message, at, at + 10, "compare with 'today', a field of a record or a limit"
        )
    _refuse_foreign_amount(text, at)
    for kind, pattern in _PATTERNS:
        found = pattern.match(text, at)
        if found:
            _refuse_capitals(found.group(), at)
            return Token(kind, found.group(), at, found.end())
    _refuse_foreign(text, at)
    mark = next((mark for mark in _MARKS if text.startswith(mark, at)), None)
    if mark is None:
        raise Misread("condition", f"'{text[at]}' has no meaning here", at, at + 1, "put text in quotes")
    return Token("mark", mark, at, at + len(mark))


def _text(text: str, at: int) -> Token:
    found = _TEXT.match(text, at)
    if found is None:
        message = "this does not read as a condition: expected the closing quote of this text"
        raise Misread(
            "condition",
            message,
            at,
            len(text),
            "close the quote; if a '#' stands in it, quote the whole line",
        )
    return Token("text", found.group()[1:-1], at, found.end())


def _refuse_foreign_amount(text: str, at: int) -> None:
    found = _FOREIGN_AMOUNT.match(text, at)
    sign = (found["sign"] or found["behind"]) if found else ""
    if found is None or not is_currency(_SIGNS.get(sign, sign)):
        return
    amount = f"{(found['number'] or found['first']).replace(',', '.')} {_SIGNS.get(sign, sign)}"
    shared = sign in _SHARED
    remedy = f"write '{amount}'" + (", or the currency that is meant" if shared else "")
    message = f"'{found.group()}' is no amount of money"
    raise Misread("condition", message, at, found.end(), remedy, "" if shared else amount)


def _refuse_foreign(text: str, at: int) -> None:
    for length in (3, 2, 1):
        sign = text[at : at + length]
        if sign in _FOREIGN:
            raise Misread(
                "foreign-operator",
                f"'{sign}' has no meaning here",
                at,
                at + len(sign),
                f"write '{_FOREIGN[sign]}'",
                _parted(_FOREIGN[sign], before=text[:at], after=text[at + length :]),
            )


def _parted(word: str, *, before: str, after: str) -> str:
    """The word for a sign, with spaces where letters would touch it; empty if it is more than a word."""
    if " with " in word:
        return ""
    touches = word[0].isalpha()
    left = " " if touches and before and not before[-1].isspace() and before[-1] != "(" else ""
    right = " " if touches and after and not after[0].isspace() else ""
    return f"{left}{word}{right}"


def _refuse_capitals(word: str, at: int) -> None:
    if word in ("AND", "OR", "NOT", "IS", "IN"):
        remedy = f"write '{word.lower()}'"
        raise Misread(
            "foreign-operator", f"'{word}' has no meaning here", at, at + len(word), remedy, word.lower()
        )

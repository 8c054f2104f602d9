"""A message as the pieces that are classified: its sentences, and the clauses of a sentence with two requests.

Called by `intents`. Every piece is a literal span of the text.
"""

import re
from collections.abc import Iterator
from itertools import islice

from resolver.reading import Span

MOST_SENTENCES = 24
WRAPPED_FROM = 50  # a line at least this long that ends without a full stop goes on in the next
END = re.compile(r"[!?]+[\"')\]]*(?=\s)|\.+[\"')\]]*(?=\s+(?![a-zà-ÿ0-9#]))|\n+|;(?=\s)")
ABBREVIATION = re.compile(
    r"(?:\b(?:nr|st|str|ave|rd|dr|mr|mrs|ms|hr|fr|ul|al|ca|bzw|inkl|apt|art|tel)|\b\w)\.$", re.I
)
JOINED = re.compile(
    r",?\s+(?:and|und|et|oraz|but|aber|sowie|then|dann|plus)(?:\s+(?:also|then|auch|dann|außerdem|please|bitte))*\s+"
    r"|,\s+(?=(?:please|bitte|also|i(?:'d|\s+would|\s+want|\s+need)|can\s+(?:i|you)|could\s+you|ich|können|außerdem)\b)",
    re.IGNORECASE,
)
WORD = re.compile(r"\w[\w'’-]*")


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text, in order, without blanks around them; at most 24."""
    return tuple(islice(_sentences(text), MOST_SENTENCES))


def clauses(sentence: Span) -> list[Span]:
    """The parts between "and", "but" and the like, if each has at least two words; else nothing."""
    cuts = list(JOINED.finditer(sentence.text))
    begins = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(sentence.text)]
    parts = [
        part for begin, end in zip(begins, ends, strict=True) for part in _span(sentence.text, begin, end)
    ]
    if len(parts) < 2 or any(len(WORD.findall(part.text)) < 2 for part in parts):
        return []
    return [Span(sentence.start + part.start, sentence.start + part.end, part.text) for part in parts]


def _sentences(text: str) -> Iterator[Span]:
    begin = 0
    for end in END.finditer(text):
        if _goes_on(text, begin, end):
            continue
        yield from _span(text, begin, end.end())
        begin = end.end()
    yield from _span(text, begin, len(text))


def _goes_on(text: str, begin: int, end: re.Match[str]) -> bool:
    """Whether this is no end: an abbreviation, or a line that the mail program wrapped."""
    if end.group().startswith("."):
        return bool(ABBREVIATION.search(text, begin, end.end()))
    if end.group() == "\n":
        return end.start() - begin >= WRAPPED_FROM and text[end.end() : end.end() + 1].islower()
    return False


def _span(text: str, begin: int, end: int) -> Iterator[Span]:
    """The piece without blanks around it, if there is a letter or digit in it."""
    literal = text[begin:end]
    stripped = literal.strip()
    if any(char.isalnum() for char in stripped):
        start = begin + len(literal) - len(literal.lstrip())
        yield Span(start, start + len(stripped), stripped)

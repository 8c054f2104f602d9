"""Countries a message names, in five languages: `Deutschland`, `to the UK`, `do Niemiec`; never an adjective.

Called by `slots`. A bare ISO code counts only as an answer, and a name only with its capital letter, unless it was
asked for: `de`, `us` and `turkey` are words.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from resolver.country import country_names, is_code, plain_name
from resolver.reading import SlotReading, Span

WORD = re.compile(r"[^\W\d_]+")
GAP = re.compile(r"[\s.’'-]{1,3}|, ?")
LONGEST_CODE = 3
SHORT_NAMES = frozenset(("uk", "usa", "uae", "u s", "u s a", "brd", "eeuu", "ee uu"))
"""Short names that need no question; other names of two or three letters are codes."""
NEEDS_A_WORD = frozenset("jersey chad jordan georgia polski togo mali".split())
"""Names that are also something else: they count behind a word such as `to`."""
NO_COUNTRY = (
    "new mexico", "new england", "new jersey", "new south wales", "north america", "south america",
    "latin america", "central america", "guinea pig",
)  # fmt: skip
LEADS = re.compile(
    r"\b(?:to|in|from|for|nach|aus|in die|in der|en|au|aux|a|de|do|z|ze|w|we)\s+(?:the\s+|die\s+|la\s+)?$",
    re.I,
)
OTHER_THAN = re.compile(
    r"\b(?:instead of|rather than|not|statt|anstatt|nicht|au lieu d[eu]|pas|en vez de|en lugar de|no|zamiast|nie)"
    r"\s+(?:\w{1,4}\s+){0,2}$",
    re.IGNORECASE,
)
LOOK_BACK = 40


def countries(text: str, closed: Sequence[Span], *, asked: bool) -> list[SlotReading]:
    """The countries named, in the order of the text, as ISO codes such as `DE`.

    Args:
        text: The message.
        closed: Spans in which no country is meant, such as e-mail and web addresses.
        asked: Whether a country is just what was asked for; then small letters and codes will do.
    """
    return [
        SlotReading("country", code, Span(start, end, text[start:end]))
        for start, end, code in _named(text, asked=asked)
        if not any(span.start < end and start < span.end for span in closed)
        and not OTHER_THAN.search(text, max(0, start - LOOK_BACK), start)
    ]


def _named(text: str, *, asked: bool) -> Iterator[tuple[int, int, str]]:
    """The longest name at each place that is one."""
    words = [(match.start(), match.end(), plain_name(match.group())) for match in WORD.finditer(text)]
    known, at = _by_first_word(), 0
    while at < len(words):
        start = words[at][0]
        for name in known.get(words[at][2], ()):
            last = at + len(name) - 1
            if _stands(name, text, words[at : last + 1]):
                code = country_names().get(" ".join(name))
                if code and _counts(text, start, words[last][1], " ".join(name), asked=asked):
                    yield start, words[last][1], code
                at = last
                break
        else:
            written = text[start : words[at][1]]
            alone = text.strip(" .,!\n") == written
            the_states = written == "US" and text[:start].endswith(("the ", "The "))
            if the_states or (asked and (is_code(written) or (alone and is_code(written.upper())))):
                yield start, words[at][1], written.upper()
        at += 1


def _stands(name: tuple[str, ...], text: str, words: Sequence[tuple[int, int, str]]) -> bool:
    """Whether these words of the text are the name, with nothing but spaces and hyphens between them."""
    gaps = pairwise(words)
    return tuple(word for _, _, word in words) == name and all(
        GAP.fullmatch(text, one[1], other[0]) for one, other in gaps
    )


def _counts(text: str, start: int, end: int, name: str, *, asked: bool) -> bool:
    written = text[start:end]
    if name in SHORT_NAMES:
        return asked or written.isupper()
    if len(name) <= LONGEST_CODE:
        return asked and written.isupper()
    if asked:
        return True
    return written[0].isupper() and (
        name not in NEEDS_A_WORD or LEADS.search(text, max(0, start - LOOK_BACK), start) is not None
    )


@lru_cache(maxsize=1)
def _by_first_word() -> dict[str, list[tuple[str, ...]]]:
    """Names as words, by their first one, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in (*country_names(), *NO_COUNTRY):
        words = tuple(name.split())
        found.setdefault(words[0], []).append(words)
    return {first: sorted(names, key=len, reverse=True) for first, names in found.items()}

"""What may be a name in our files, and which words the language keeps for itself.

Used by readers of files and by the condition language. Knows no file and no type.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

RESERVED = frozenset(
    (
        "and or not is in known contains at least most more less than before after ago from now where any all none "
        "count sum of lesser greater rounded down up yes no it chosen"
    ).split()
)
NAME_LENGTH = 40
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SHOWN = 60
_SURE = 0.75
_SLIP = 0.8


def is_name(text: str) -> bool:
    """Whether `text` may name a slot, record, rule and the like: `[a-z][a-z0-9_]*`, at most 40, not reserved."""
    return len(text) <= NAME_LENGTH and _NAME.fullmatch(text) is not None and text not in RESERVED


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word somebody who wrote `word` most likely meant, or None if nothing is close."""
    if len(word) > _SHOWN:
        return None
    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def only_near(word: str, known: Iterable[str]) -> str:
    """The known word that alone can have been meant by `word`; empty if none or several are close."""
    if len(word) > _SHOWN:
        return ""
    matches = get_close_matches(word, sorted(known), n=2, cutoff=0.6)
    close = len(matches) == 1 and get_close_matches(word, matches, cutoff=_SURE)
    return matches[0] if close else ""


def is_misspelt(word: str, meant: str) -> bool:
    """Whether `word` is `meant` but for a letter or two: `cancel_oder`, not `send_voucher` for `send_invoice`."""
    return bool(get_close_matches(word, [meant], cutoff=_SLIP))


def shown(text: str) -> str:
    """The text in quotes for a message: on one line and cut after 60 characters."""
    flat = " ".join(text.split())
    return f"'{flat}'" if len(flat) <= _SHOWN else f"'{flat[:_SHOWN]}…'"

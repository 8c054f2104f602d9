"""The one-time code in an answer: six digits that are called nothing else. Only looked for while one is waited for.

Called by resolution before a message is read; what is read afterwards has dots in the digits' place, so that the code
reaches neither readings nor facts nor notes.
"""

import re
from collections.abc import Collection

from resolver.understanding.addresses import addresses
from resolver.understanding.order_numbers import CUE, LOOK_BACK

_SIX = re.compile(r"(?<![\w#@/.,+-])(?<!\d )(\d{3})[ \u00a0.-]?(\d{3})(?![\w@/%+-]|[., ]\d)")
DOT = "•"


def code_in(text: str, *, known: Collection[str] = ()) -> str | None:
    """The six digits of the one code that this message names; None if it names none, or nobody can tell which.

    `known` are numbers that the customer named before, such as the order's.
    """
    places = addresses(text)
    found = {
        match[1] + match[2]
        for match in _SIX.finditer(text)
        if not CUE.search(text[max(0, match.start() - LOOK_BACK) : match.start()])
        and not any(place.start <= match.start() < place.end for place in places)
    }
    found -= set(known)
    return found.pop() if len(found) == 1 else None


def hidden(text: str, code: str) -> str:
    """The text with dots in place of the code's digits; every other character keeps its place."""
    spaced = rf"{code[:3]}[ \u00a0.-]?{code[3:]}"
    return re.sub(spaced, lambda match: re.sub(r"\d", DOT, match.group()), text)

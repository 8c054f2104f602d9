"""The ways of tickets of one shape: a tree of lines and questions, and the Python function made of it.

Used by `paths`. Two recordings are the same up to the first question that they answer differently.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from resolver.backtest.playing import Played
from resolver.backtest.recording import Line, Recording
from resolver.backtest.ticket import Archived

Way = Callable[[Archived], tuple[Played, bytes] | None]
"""What came of a ticket and the traces of its turns; None if it answers a question as none did before."""

MAX_BRANCHES = 40
"""Branches inside one another; a way behind more of them is left to the engine."""


@dataclass(slots=True)
class Place:
    """A stretch of lines, and what comes behind it: a question with what follows each answer, or the end."""

    lines: list[Line] = field(default_factory=list)
    asks: str | None = None
    answers: "dict[str, Place]" = field(default_factory=dict)
    ends: str | None = None


def grown(first: Place, recording: Recording, ends: str) -> bool:
    """Whether the recording fits what is there and was added to it; `ends` is what it gives."""
    place, at = first, 0
    new = first.asks is None and first.ends is None
    for one in recording.lines:
        if isinstance(one, Line):
            if new:
                place.lines.append(one)
            elif at >= len(place.lines) or place.lines[at] != one:
                return False
            at += 1
            continue
        if new:
            place.asks = one.code
        elif place.asks != one.code or at != len(place.lines):
            return False
        new = one.answer not in place.answers
        place = place.answers.setdefault(one.answer, Place())
        at = 0
    if new:
        place.ends = ends
    return place.ends == ends


def made(first: Place, names: dict[str, Any]) -> Way:
    """The function. `names` is what stands in its lines under a name."""
    source = ["def way(t):"]
    _write(first, source, " ", MAX_BRANCHES)
    source = _needed(source)
    space: dict[str, Any] = {}
    exec(compile("\n".join(source), "<recorded ways>", "exec"), names, space)  # noqa: S102  # lines of `recording`
    way: Way = space["way"]
    return way


def _needed(source: list[str]) -> list[str]:
    """Without the values that are worked out and never used."""
    made = [_MADE.match(line) for line in source]
    used = Counter(_NAME.findall("\n".join(source)))
    used.subtract([one[1] for one in made if one])
    return [line for line, one in zip(source, made, strict=True) if one is None or used[one[1]]]


_NAME = re.compile(r"\br\d+\b")
_MADE = re.compile(r" *(r\d+) = ")


def _write(place: Place, source: list[str], indent: str, branches: int) -> None:
    """The Python of everything from here on: the first answer goes straight on, the others branch off."""
    while True:
        source += [f"{indent}{one.python}" for one in place.lines]
        if place.ends is not None:
            source.append(f"{indent}return {place.ends}")
            return
        (answer, straight), *others = place.answers.items()
        source.append(f"{indent}if not ({answer}):")
        for other, there in others if branches else ():
            source.append(f"{indent} if {other}:")
            _write(there, source, f"{indent}  ", branches - 1)
        source.append(f"{indent} return None")
        place = straight

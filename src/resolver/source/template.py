"""Reads a template: text with names in braces, such as `Order {order.number}`.

Called for replies, summaries and the `show` of record types. There is no logic in it and nothing is escaped.
"""

import re
from dataclasses import dataclass

from resolver.source.node import ScalarNode
from resolver.source.problem import Problem

_HOLE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\}")


@dataclass(frozen=True, slots=True)
class Hole:
    """A name in braces; `start` and `length` say where it stands in the text."""

    name: str
    start: int
    length: int


def read_template(scalar: ScalarNode, problems: list[Problem]) -> tuple[str | Hole, ...]:
    """The parts of the text in order; every lone brace is a problem and stays as text."""
    parts: list[str | Hole] = []
    end = 0
    for found in _HOLE.finditer(scalar.text):
        _add_text(parts, scalar, end, found.start(), problems)
        parts.append(Hole(found.group(1), found.start(), found.end() - found.start()))
        end = found.end()
    _add_text(parts, scalar, end, len(scalar.text), problems)
    return tuple(parts)


def _add_text(
    parts: list[str | Hole], scalar: ScalarNode, start: int, end: int, problems: list[Problem]
) -> None:
    text = scalar.text[start:end]
    for brace in re.finditer(r"[{}]", text):
        place = scalar.place(start + brace.start())
        message = f"a lone '{brace.group()}'"
        problems.append(
            Problem(
                "stray-brace", message, place, help="only {name} is possible, with a name in small letters"
            )
        )
    if text:
        parts.append(text)

"""The layout of a playbook's file: its top-level keys in the language's order, comments kept with what they are about.

Used by `resolver fmt`. It moves whole lines and changes no character within them, so the plan stays the same.
"""

from dataclasses import dataclass

from resolver.playbook.places import TOP
from resolver.source.load import load
from resolver.source.node import MappingNode
from resolver.source.problem import Problem


@dataclass(frozen=True, slots=True)
class Laid:
    """A file laid out anew, or the problems that keep it from being touched."""

    text: str
    problems: tuple[Problem, ...] = ()


def laid_out(text: str, path: str) -> Laid:
    """The text with its top-level keys in order, and one line break at the end.

    What stands above the first key, parted by an empty line, stays at the top. A comment right above a key moves with
    it. A file that cannot be read, or is no playbook, comes back as it is.
    """
    loaded = load(text, path)
    root = loaded.root
    if loaded.problems or not isinstance(root, MappingNode) or root.key("playbook") is None:
        return Laid(text, loaded.problems)
    lines = text.rstrip("\n").split("\n")
    starts = [_with_comments(lines, entry.key.where.line - 1) for entry in root.entries]
    ends = [*starts[1:], len(lines)]
    blocks = [
        (entry.key.text, lines[start:end])
        for entry, start, end in zip(root.entries, starts, ends, strict=True)
    ]
    order = TOP.names
    ordered = sorted(blocks, key=lambda block: order.index(block[0]) if block[0] in order else len(order))
    if ordered == blocks:
        return Laid(text.rstrip("\n") + "\n")
    laid = [line for _, block in ordered for line in _parted(block)]
    return Laid("\n".join([*lines[: starts[0]], *laid]).rstrip("\n") + "\n")


def _with_comments(lines: list[str], line: int) -> int:
    """Where the comment begins that stands right above this line."""
    while line > 0 and lines[line - 1].startswith("#"):
        line -= 1
    return line


def _parted(block: list[str]) -> list[str]:
    """A block with an empty line behind it if it has several lines, as authors write them."""
    return [*block, ""] if len(block) > 1 and block[-1] else block

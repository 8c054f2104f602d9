"""The tree of a loaded file: mappings, sequences and scalars, each with its place; every scalar stays text.

Made by `load`, read by `reader` and by the condition parser. Knows nothing of what a key means.
"""

import re
from typing import Literal

from msgspec import Struct

from resolver.errors import Where

ScalarStyle = Literal["plain", "'", '"', "|", ">"]

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_ESCAPE_LENGTH = {"x": 4, "u": 6, "U": 10}


def lines_of(text: str) -> list[str]:
    """The lines of a text as YAML counts them, without their breaks."""
    return _LINE_BREAK.split(text)


class ScalarNode(Struct, frozen=True):
    """A text in a file, before its place says how to read it.

    `length` is the run to underline on its first line, `raw` the text as written (quotes, breaks and all),
    `comment` what follows it on the same line behind ` #`, which is often text somebody forgot to quote.
    """

    text: str
    where: Where
    length: int
    style: ScalarStyle = "plain"
    raw: str = ""
    comment: str = ""

    @property
    def quoted(self) -> bool:
        """Whether it was written in quotes or as a block, so that it can only be meant as text."""
        return self.style != "plain"

    def place(self, index: int) -> Where:
        """Where in the file the character at `index` of the text stands."""
        before = lines_of(self.raw[: _raw_index(self, index)])
        column = self.where.column if len(before) == 1 else 1
        return Where(self.where.path, self.where.line + len(before) - 1, column + len(before[-1]))


class SequenceNode(Struct, frozen=True):
    """A list in a file."""

    items: "tuple[Node, ...]"
    where: Where
    length: int


class Entry(Struct, frozen=True):
    """One `key: value` of a mapping."""

    key: ScalarNode
    value: "Node"


class MappingNode(Struct, frozen=True):
    """A mapping in a file, in the order written; a key is there once."""

    entries: tuple[Entry, ...]
    where: Where
    length: int

    def get(self, key: str) -> "Node | None":
        """The value under `key`, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)

    def key(self, key: str) -> ScalarNode | None:
        """The key itself as written, for its place."""
        return next((entry.key for entry in self.entries if entry.key.text == key), None)


Node = ScalarNode | SequenceNode | MappingNode


def scalar(text: str, path: str = "text") -> ScalarNode:
    """A scalar that stands in no file, for texts given on a command line or in a test."""
    return ScalarNode(text=text, where=Where(path), length=max(1, len(text)), raw=text)


def kind_of(node: Node) -> str:
    """What a node is, in the words of a message."""
    if isinstance(node, ScalarNode):
        return "text" if node.text or node.quoted else "nothing"
    return "a list" if isinstance(node, SequenceNode) else "a mapping"


def _raw_index(node: ScalarNode, index: int) -> int:
    """Where in `raw` the character at `index` of the text was written: breaks are folded, escapes are shorter."""
    at = _content_start(node)
    if node.raw.startswith(node.text, at):
        return min(at + index, len(node.raw))  # nothing was folded or escaped
    for position, char in enumerate(node.text):
        if not char.isspace():
            at = _skip_breaks(node, at)
        if position >= index:
            break
        at += _written_length(node, at, char)
    return min(at, len(node.raw))


def _content_start(node: ScalarNode) -> int:
    if node.style in ("'", '"'):
        return 1
    if node.style in ("|", ">"):
        header = _LINE_BREAK.search(node.raw)
        return header.end() if header else len(node.raw)
    return 0


def _skip_breaks(node: ScalarNode, at: int) -> int:
    raw = node.raw
    while at < len(raw) and (raw[at].isspace() or _is_line_joint(node, at)):
        at += 1
    return at


def _is_line_joint(node: ScalarNode, at: int) -> bool:
    return node.style == '"' and node.raw[at] == "\\" and node.raw[at + 1 : at + 2] in ("\n", "\r")


def _written_length(node: ScalarNode, at: int, char: str) -> int:
    if node.style == '"' and node.raw[at : at + 1] == "\\" and not _is_line_joint(node, at):
        return _ESCAPE_LENGTH.get(node.raw[at + 1 : at + 2], 2)
    if node.style == "'" and node.raw[at : at + 2] == "''":
        return 2
    if char.isspace():
        return 1 if node.raw[at : at + 1].isspace() else 0
    return 1

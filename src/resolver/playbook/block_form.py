"""A playbook's file in block form: what stands in braces on one line gets a line for each key, as starters are written.

Used by `resolver fmt --long`. Lists and mappings of single words stay as they are. Texts, quotes and comments stay; the
meaning is compared before and after, and a file whose meaning would change is left as it was.
"""

import re
from collections.abc import Iterator

from resolver.source.document import plain_of
from resolver.source.load import load
from resolver.source.node import Entry, MappingNode, Node, ScalarNode, SequenceNode, lines_of
from resolver.source.problem import has_errors

_CLOSERS = {"{": "}", "[": "]"}
_WIDTH = 100
_COMMENT = re.compile(r"#.*")


def in_block_form(text: str, path: str) -> str:
    """The text in block form; as it is if it cannot be read."""
    root = load(text, path).root
    if root is None:
        return text
    found = _Source(text).in_blocks(root)
    again = load(found, path)
    if has_errors(again.problems) or again.root is None:
        return text
    same = plain_of(again.root, lines=False) == plain_of(root, lines=False)
    return found if same else text


class _Source:
    """The text with the places of its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        for line in lines_of(text)[:-1]:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def in_blocks(self, root: Node) -> str:
        """The text with every collection written out that does not stay on its line, from the last to the first."""
        text = self.text
        for node, indent, behind_key in reversed(list(self._outermost(root))):
            start = self._start(node)
            end = self._end(start)
            lines = [f"{' ' * indent}{line}" for line in self._block(node)]
            inside = [f"{' ' * indent}{one}" for one in self._comments(node, start, end)]
            if behind_key:
                head, tail = text[:start].rstrip(" "), text[end:]
                comment, rest = self._rest(tail)
                text = head + (f" {comment}" if comment else "") + "\n" + "\n".join([*inside, *lines]) + rest
            else:
                text = text[:start] + "\n".join([lines[0].lstrip(" "), *inside, *lines[1:]]) + text[end:]
        return text

    def _rest(self, tail: str) -> tuple[str, str]:
        """The comment behind a collection on its last line, and what follows."""
        line, _, _ = tail.partition("\n")
        comment = line.strip()
        return (comment, tail[len(line) :]) if comment.startswith("#") else ("", tail)

    # -- finding --------------------------------------------------------------------------------------------------

    def _outermost(self, node: Node) -> Iterator[tuple[Node, int, bool]]:
        """The outermost collections in one-line form that are written out: how far they are indented, and where."""
        if isinstance(node, MappingNode):
            for entry in node.entries:
                yield from self._value(entry.value, entry.key.where.column + 1, behind_key=True)
        elif isinstance(node, SequenceNode):
            for item in node.items:
                yield from self._value(item, _column(item), behind_key=False)

    def _value(self, node: Node, indent: int, *, behind_key: bool) -> Iterator[tuple[Node, int, bool]]:
        if isinstance(node, ScalarNode):
            return
        if not self._is_flow(node):
            yield from self._outermost(node)
        elif not self._stays(node) and _parts(node):
            yield node, indent, behind_key

    def _is_flow(self, node: Node) -> bool:
        return self.text[self._start(node) : self._start(node) + 1] in _CLOSERS

    def _stays(self, node: Node) -> bool:
        """Whether a collection in one-line form has nothing but words and is short."""
        words = all(isinstance(one, ScalarNode) and " " not in one.raw for one in _parts(node))
        start = self._start(node)
        source = self.text[start : self._end(start)]
        return words and "\n" not in source and len(source) <= _WIDTH

    def _start(self, node: Node) -> int:
        return self.starts[node.where.line - 1] + node.where.column - 1

    def _end(self, start: int) -> int:
        """Behind the bracket that closes the one at `start`."""
        at, depth, before = start, 0, ""
        while at < len(self.text):
            char = self.text[at]
            if char in "'\"" and before in "[{,:":
                at = self._behind_quote(at)
                before = char
                continue
            if char == "#" and self.text[at - 1].isspace():
                at = self.text.find("\n", at)
                continue
            depth += (char in "[{") - (char in "]}")
            before = before if char.isspace() else char
            at += 1
            if depth == 0:
                return at
        return len(self.text)

    def _behind_quote(self, at: int) -> int:
        quote, place = self.text[at], at + 1
        while place < len(self.text):
            if quote == '"' and self.text[place] == "\\":
                place += 2
                continue
            if self.text[place] == quote:
                if quote == "'" and self.text[place + 1 : place + 2] == "'":
                    place += 2
                    continue
                return place + 1
            place += 1
        return place

    def _comments(self, node: Node, start: int, end: int) -> list[str]:
        """The comments within a collection that goes over several lines."""
        source = self.text[start:end]
        for one in sorted(_scalars(node), key=lambda each: -len(each.raw)):
            source = source.replace(one.raw, "", 1) if one.raw else source
        return [found.group().rstrip() for found in _COMMENT.finditer(source)]

    # -- writing --------------------------------------------------------------------------------------------------

    def _block(self, node: Node) -> list[str]:
        """The lines of a collection, from its own margin."""
        if isinstance(node, MappingNode):
            return [line for entry in node.entries for line in self._entry(entry)]
        items = node.items if isinstance(node, SequenceNode) else ()
        return [line for item in items for line in self._item(item)]

    def _entry(self, entry: Entry) -> list[str]:
        key = f"{entry.key.raw or entry.key.text}:"
        if not isinstance(entry.value, ScalarNode) and not self._stays(entry.value) and _parts(entry.value):
            return [key, *(f"  {line}" for line in self._block(entry.value))]
        return [f"{key} {self._inline(entry.value)}".rstrip()]

    def _item(self, item: Node) -> list[str]:
        if not isinstance(item, ScalarNode) and not self._stays(item) and _parts(item):
            first, *rest = self._block(item)
            return [f"- {first}", *(f"  {line}" for line in rest)]
        return [f"- {self._inline(item)}"]

    def _inline(self, node: Node) -> str:
        if isinstance(node, ScalarNode):
            return " ".join(node.raw.split("\n")) if "\n" not in node.raw else " ".join(node.raw.split())
        start = self._start(node)
        return " ".join(self.text[start : self._end(start)].split())


def _column(node: Node) -> int:
    return node.where.column - 1


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, MappingNode):
        return tuple(entry.value for entry in node.entries)
    return node.items if isinstance(node, SequenceNode) else ()


def _scalars(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
        return
    if isinstance(node, MappingNode):
        yield from (entry.key for entry in node.entries)
    for part in _parts(node):
        yield from _scalars(part)

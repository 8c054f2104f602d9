"""Reads mappings with declared keys and scalars by the type of their place, collecting problems on the way.

Used by every layer that turns a file into frozen types. A reader never stops at a problem: it adds it to the list it
was given and hands back the default, so all errors of a file are shown together.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from resolver.errors import Where
from resolver.source.indentation import glued
from resolver.source.name import is_name, nearest, only_near, shown
from resolver.source.node import Entry, MappingNode, Node, ScalarNode, SequenceNode, kind_of
from resolver.source.problem import Problem

_WHOLE = re.compile(r"[0-9]{1,15}")
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME_HELP = "use small letters, digits and _; not a reserved word; at most 40 characters"


class Keys:
    """One mapping and the keys it may have; unknown and missing keys are reported at once.

    `later` are keys of the language that this version does not support yet, `lines` what to write for a key that is
    missing. A node that is no mapping is reported and
    then reads as an empty one. The accessors give the default where a key is absent or its value unusable.
    """

    def __init__(
        self,
        node: Node,
        problems: list[Problem],
        *,
        required: Collection[str] = (),
        optional: Collection[str] = (),
        later: Collection[str] = (),
        lines: Mapping[str, str] = {},
    ) -> None:
        self.where = node.where
        self.problems = problems
        self.node = node if isinstance(node, MappingNode) else None
        if self.node is None:
            problems.append(wrong_kind(node, "a mapping of keys"))
            return
        for entry in self.node.entries:
            if entry.key.text in later:
                problems.append(not_supported(entry.key))
            elif entry.key.text not in required and entry.key.text not in optional:
                problems.append(unknown_word(entry.key, [*required, *optional]))
        for key in required:
            if self.node.get(key) is None:
                problems.append(missing_word(node, key, lines.get(key, f"{key}: …")))

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def get(self, key: str) -> Node | None:
        """The node under `key`, or None."""
        return self.node.get(key) if self.node else None

    def place(self, key: str) -> Where:
        """Where the value of `key` stands, or the mapping if the key is absent."""
        node = self.get(key)
        return node.where if node else self.where

    def scalar(self, key: str) -> ScalarNode | None:
        """The scalar under `key`, for an expression or a type."""
        node = self.get(key)
        return None if node is None else read_scalar(node, self.problems)

    def text(self, key: str, default: str = "") -> str:
        """A text for machines, such as an id of another system."""
        node = self.get(key)
        return default if node is None else read_text(node, self.problems) or default

    def prose(self, key: str, default: str = "") -> str:
        """A text for people, where a ` #` that cuts it off is an error."""
        node = self.get(key)
        return default if node is None else read_prose(node, self.problems) or default

    def name(self, key: str, default: str = "") -> str:
        """An id of ours."""
        node = self.get(key)
        return default if node is None else read_name(node, self.problems) or default

    def yes_no(self, key: str, *, default: bool) -> bool:
        """`yes` or `no`."""
        node = self.get(key)
        answer = None if node is None else read_yes_no(node, self.problems)
        return default if answer is None else answer

    def whole(self, key: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number between `least` and `most`."""
        node = self.get(key)
        number = None if node is None else read_whole(node, self.problems, least=least, most=most)
        return default if number is None else number

    def day(self, key: str) -> date | None:
        """A calendar day: `2026-11-23`."""
        node = self.get(key)
        return None if node is None else read_date(node, self.problems)

    def percentage(self, key: str, default: Decimal) -> Decimal:
        """A percentage as a hundredth: `30%` is 0.3."""
        node = self.get(key)
        share = None if node is None else read_percentage(node, self.problems)
        return default if share is None else share

    def one_of(self, key: str, words: Collection[str], default: str) -> str:
        """One word of a closed set."""
        node = self.get(key)
        return default if node is None else read_one_of(node, words, self.problems) or default

    def items(self, key: str) -> tuple[Node, ...]:
        """The elements of a list; empty if the key is absent."""
        node = self.get(key)
        return () if node is None else read_items(node, self.problems)

    def entries(self, key: str) -> tuple[Entry, ...]:
        """The entries of a mapping with free keys; empty if the key is absent."""
        node = self.get(key)
        return () if node is None else read_entries(node, self.problems)

    def named(self, key: str) -> tuple[Entry, ...]:
        """The entries of a mapping whose keys are ids of ours; those that are not are reported and left out."""
        return tuple(entry for entry in self.entries(key) if read_name(entry.key, self.problems))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts for people."""
        return tuple(text for item in self.items(key) if (text := read_prose(item, self.problems)))

    def names(self, key: str) -> tuple[str, ...]:
        """A list of ids of ours."""
        return tuple(name for item in self.items(key) if (name := read_name(item, self.problems)))


def read_scalar(node: Node, problems: list[Problem]) -> ScalarNode | None:
    """The node as a scalar that says something."""
    if isinstance(node, ScalarNode) and node.text.strip():
        return node
    problems.append(wrong_kind(node, "a text"))
    return None


def read_text(node: Node, problems: list[Problem]) -> str | None:
    """A text as written, without spaces around it."""
    found = read_scalar(node, problems)
    return found.text.strip() if found else None


def read_prose(node: Node, problems: list[Problem]) -> str | None:
    """A text for people; ` #` behind it means that somebody forgot the quotes."""
    found = read_scalar(node, problems)
    if found and found.comment:
        message = f"everything after ' #' is a comment: {shown(found.comment)} is not part of the text"
        problems.append(Problem("text-cut-off", message, found.where, found.length, help="quote the text"))
    return found.text.strip() if found else None


def read_name(node: Node, problems: list[Problem]) -> str | None:
    """An id of ours: `[a-z][a-z0-9_]*`, at most 40 characters, not a reserved word."""
    found = read_scalar(node, problems)
    if found is None or is_name(found.text):
        return found.text if found else None
    message = f"{shown(found.text)} cannot be a name"
    problems.append(Problem("bad-name", message, found.where, found.length, help=_NAME_HELP))
    return None


def read_yes_no(node: Node, problems: list[Problem]) -> bool | None:
    """`yes` or `no`, nothing else."""
    found = read_scalar(node, problems)
    if found is None or found.text in ("yes", "no"):
        return found.text == "yes" if found else None
    problems.append(wrong_value(found, "yes or no"))
    return None


def read_whole(node: Node, problems: list[Problem], *, least: int = 0, most: int = 1_000_000) -> int | None:
    """A whole number between `least` and `most`."""
    found = read_scalar(node, problems)
    if found is None:
        return None
    if _WHOLE.fullmatch(found.text) and least <= int(found.text) <= most:
        return int(found.text)
    problems.append(wrong_value(found, f"a whole number from {least} to {most}"))
    return None


def read_decimal(node: Node, problems: list[Problem]) -> Decimal | None:
    """A number without sign, at most 15 digits before and 9 behind the point."""
    found = read_scalar(node, problems)
    if found is None:
        return None
    if _DECIMAL.fullmatch(found.text):
        return Decimal(found.text)
    problems.append(wrong_value(found, "a number such as 12 or 12.50"))
    return None


def read_percentage(node: Node, problems: list[Problem]) -> Decimal | None:
    """`30%` as 0.3; from 0 to 100."""
    found = read_scalar(node, problems)
    if found is None:
        return None
    number = found.text.removesuffix("%").strip()
    if found.text.endswith("%") and _DECIMAL.fullmatch(number) and Decimal(number) <= 100:
        return Decimal(number).scaleb(-2)
    problems.append(wrong_value(found, "a percentage from 0% to 100%"))
    return None


def read_date(node: Node, problems: list[Problem]) -> date | None:
    """A day as `2026-12-25`."""
    found = read_scalar(node, problems)
    if found is None:
        return None
    try:
        if _DATE.fullmatch(found.text):
            return date.fromisoformat(found.text)
    except ValueError:
        pass  # such as 2026-02-30; reported below
    problems.append(wrong_value(found, "a day such as 2026-12-25"))
    return None


def read_one_of(node: Node, words: Collection[str], problems: list[Problem]) -> str | None:
    """One word of a closed set."""
    found = read_scalar(node, problems)
    if found is None or found.text in words:
        return found.text if found else None
    problems.append(unknown_word(found, words))
    return None


def read_items(node: Node, problems: list[Problem]) -> tuple[Node, ...]:
    """The elements of a list."""
    if isinstance(node, SequenceNode):
        return node.items
    problems.append(wrong_kind(node, "a list"))
    return ()


def read_entries(node: Node, problems: list[Problem]) -> tuple[Entry, ...]:
    """The entries of a mapping with free keys."""
    if isinstance(node, MappingNode):
        return node.entries
    problems.append(wrong_kind(node, "a mapping of keys"))
    return ()


def missing_word(node: Node, key: str, line: str) -> Problem:
    """The problem of a mapping without a key it needs; `line` is one that would do."""
    message, remedy = f"'{key}' is missing here", f"write '{line}'"
    return Problem("missing-word", message, node.where, node.length, help=remedy)


def unknown_word(found: ScalarNode, known: Iterable[str]) -> Problem:
    """The problem of a word that is not known at its place."""
    words = sorted(known)
    near = nearest(found.text, words)
    remedy = (
        f"did you mean '{near}'?" if near else f"possible here: {', '.join(words)}" if words else "remove it"
    )
    return Problem(
        "unknown-word",
        f"{shown(found.text)} is not a word known here",
        found.where,
        found.length,
        help=remedy,
        instead=only_near(found.text, words),
    )


def not_supported(found: ScalarNode) -> Problem:
    """The problem of a word of the language that this version does not support."""
    message = f"{shown(found.text)} is not supported yet"
    return Problem("not-supported-yet", message, found.where, found.length, help="leave it out for now")


def wrong_value(found: ScalarNode, expected: str) -> Problem:
    """The problem of a scalar that the type of its place cannot read."""
    message = f"this needs {expected}, but it is {shown(found.text)}"
    return Problem("wrong-type", message, found.where, found.length, help=f"write {expected}")


def wrong_kind(node: Node, expected: str) -> Problem:
    """The problem of a node of another kind than its place needs."""
    message = f"this needs {expected}, but it is {kind_of(node)}"
    help_ = f"write {expected}"
    if isinstance(node, ScalarNode) and expected.startswith("a mapping") and not node.quoted:
        key = glued(node.text)
        help_ = (
            f"a space is missing after '{key}'"
            if key
            else help_
            if node.text
            else f"{help_} below it, further right"
        )
    return Problem("wrong-type", message, node.where, node.length, help=help_)

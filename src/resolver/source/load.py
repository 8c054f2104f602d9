"""Reads one YAML file into a tree with positions, or says what is wrong with it.

Called for playbooks, manifests, interfaces, policy and config. The pure-Python parser's events are counted and judged
one by one and the first breach stops, so a hostile file costs little; libyaml, which such files crash, is never used.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

import yaml

from resolver.errors import Where
from resolver.source.indentation import mistake_in, spaces, swallowed
from resolver.source.name import shown
from resolver.source.node import Entry, MappingNode, Node, ScalarNode, ScalarStyle, SequenceNode, lines_of
from resolver.source.problem import Problem
from resolver.source.scan import Scanner

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_EVENTS = 20_000

_COMMENT = re.compile(r"[ \t]+#[ \t]*([^\r\n]*)")
_TAB_INDENT = re.compile(r"^ *\t\s*\S", re.MULTILINE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_STYLES: dict[str, ScalarStyle] = {"'": "'", '"': '"', "|": "|", ">": ">"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as read: its text, its tree (None if it could not be read), and what is wrong with it so far."""

    path: str
    text: str
    root: Node | None
    problems: tuple[Problem, ...] = ()


class _Breach(Exception):
    """The file may not be read any further."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def load(data: bytes | str, path: str) -> Loaded:
    """The tree of a file's content; `path` is what its places are called. Never raises for what the file holds."""
    try:
        text = _decode(data, path)
    except _Breach as breach:
        return Loaded(path, "", None, (breach.problem,))
    builder = _Builder(path, text)
    try:
        _refuse_tabs(text, path)
        root = builder.document()
    except _Breach as breach:
        return Loaded(path, text, None, (*builder.problems, breach.problem))
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # PyYAML lets chr() and int() of escapes through
        return Loaded(path, text, None, (*builder.problems, _not_yaml(error, text, path)))
    return Loaded(path, text, root, tuple(builder.problems))


@lru_cache(maxsize=64)
def load_once(data: bytes | str, path: str) -> Loaded:
    """As `load`, but what was read lately is not read again: of a folder looked at often, only what changed costs."""
    return load(data, path)


def _decode(data: bytes | str, path: str) -> str:
    if isinstance(data, str):
        try:
            data = data.encode()
        except UnicodeEncodeError as error:
            before = error.object[: error.start]
            raise _Breach(_not_utf8(before, path, "half a surrogate pair")) from None
    if len(data) > MAX_BYTES:
        message = f"this file is larger than {MAX_BYTES // 1024} KiB"
        raise _Breach(Problem("too-big", message, Where(path), help="split the file"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = (
            "UTF-16"
            if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            else f"byte {data[error.start]:#04x}"
        )
        before = data.removeprefix(codecs.BOM_UTF8)[: error.start].decode(errors="ignore")
        raise _Breach(_not_utf8(before, path, what)) from None


def _not_utf8(before: str, path: str, what: str) -> Problem:
    lines = lines_of(before)
    where = Where(path, len(lines), len(lines[-1]) + 1)
    return Problem(
        "not-yaml", f"this is not valid YAML: it is not UTF-8 ({what})", where, help="save the file as UTF-8"
    )


def _refuse_tabs(text: str, path: str) -> None:
    tab = _TAB_INDENT.search(text)
    if tab is None:
        return
    lines = lines_of(text[: tab.start()])
    where = Where(path, len(lines), tab.group().index("\t") + 1)
    message = "this is not valid YAML: a tab stands in the indentation"
    raise _Breach(Problem("not-yaml", message, where, help="indent with spaces"))


def _not_yaml(error: Exception, text: str, path: str) -> Problem:
    where, reason = Where(path), "it holds an escape or a number that does not exist"
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        where = Where(path, mark.line + 1, mark.column + 1) if mark else where
        found = mistake_in(text, where.line) if _about_lines(error) else None
        if found is not None:
            where = Where(path, found.line, found.column)
            return Problem("not-yaml", found.message, where, found.length, help=found.remedy)
        reason = " ".join(str(error.problem or error.context or "it cannot be read").split())
    elif isinstance(error, yaml.reader.ReaderError):
        before = lines_of(text[: error.position])
        where, reason = Where(path, len(before), len(before[-1]) + 1), "it holds a control character"
    return Problem(
        "not-yaml",
        f"this is not valid YAML: {reason}",
        where,
        help="quote the text, or look at the indentation",
    )


def _about_lines(error: yaml.MarkedYAMLError) -> bool:
    """Whether it is about keys and lists that stand below each other, not about quotes and brackets."""
    return not any(word in (error.context or "") for word in ("flow", "quoted"))


@dataclass(slots=True)
class _Builder:
    """Builds the tree from the parser's events and refuses what is not part of the language."""

    path: str
    text: str
    problems: list[Problem] = field(default_factory=list)
    depth: int = 0

    def document(self) -> Node | None:
        """The only document of the file."""
        events = self._events()
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse_more_than_one(event, root)
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, events)
        if root is None or (isinstance(root, ScalarNode) and not root.text):
            raise _Breach(
                Problem("not-yaml", "this file is empty", Where(self.path), help="write at least one key")
            )
        return root

    def _events(self) -> Iterator[yaml.Event]:
        """What the parser finds, one by one; all who ask for the next are counted together."""
        for count, event in enumerate(iter(Scanner(self.text).get_event, None), 1):
            if count > MAX_EVENTS:
                message = f"this file holds more than {MAX_EVENTS} values"
                raise _Breach(Problem("too-big", message, self._where(event), help="split the file"))
            yield event

    def _refuse_more_than_one(self, event: yaml.DocumentStartEvent, root: Node | None) -> None:
        if root is not None:
            raise _Breach(
                Problem(
                    "not-allowed-yaml",
                    "a second document is not part of the language",
                    self._where(event),
                    length=3,
                    help="put it in a file of its own",
                )
            )
        if event.version or event.tags:
            raise self._not_allowed(event, "directives are")

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        if (
            isinstance(event, yaml.AliasEvent)
            or getattr(event, "anchor", None)
            or getattr(event, "tag", None)
        ):
            raise self._not_allowed(event, "anchors, aliases and tags are")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"this is nested deeper than {MAX_DEPTH}"
            raise _Breach(Problem("too-deep", message, self._where(event), help="split the file"))
        node = (
            self._sequence(event, events)
            if isinstance(event, yaml.SequenceStartEvent)
            else self._mapping(event, events)
        )
        self.depth -= 1
        return node

    def _sequence(self, start: yaml.Event, events: Iterator[yaml.Event]) -> SequenceNode:
        items = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events))
        return SequenceNode(tuple(items), self._where(start), self._length(start))

    def _mapping(self, start: yaml.Event, events: Iterator[yaml.Event]) -> MappingNode:
        entries: dict[str, Entry] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, events)
            if not isinstance(key, ScalarNode):
                raise self._not_allowed(event, "lists and mappings as a key are")
            entry = Entry(key, self._node(next(events), events))
            if key.text in entries:
                self.problems.append(self._twice(key, entries[key.text].key))
            else:
                entries[key.text] = entry
        return MappingNode(tuple(entries.values()), self._where(start), self._length(start))

    def _twice(self, key: ScalarNode, first: ScalarNode) -> Problem:
        message = f"{shown(key.text)} is written twice here"
        return Problem(
            "written-twice",
            message,
            key.where,
            key.length,
            help=f"remove one; the first is in line {first.where.line}",
        )

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        start, end = _start(event).index, cast(yaml.Mark, event.end_mark).index
        raw = self.text[start:end]
        if _UNPRINTABLE.search(event.value):
            message = "this is not valid YAML: an escape stands for a control character"
            raise _Breach(Problem("not-yaml", message, self._where(event), help="leave it out"))
        style = _STYLES.get(event.style or "", "plain")
        if style == "plain" and "\n" in raw:
            self._refuse_swallowed(event, raw)
        comment = _COMMENT.match(self.text, end) if style == "plain" and raw else None
        return ScalarNode(
            text=str(event.value),
            where=self._where(event),
            length=max(1, len(lines_of(raw)[0])),
            style=style,
            raw=raw,
            comment=comment.group(1) if comment else "",
        )

    def _refuse_swallowed(self, event: yaml.Event, raw: str) -> None:
        """An element that stands further right than the others would be read as more words of the one above."""
        first, below = _start(event), swallowed(raw)
        dash = lines_of(self.text)[first.line][: first.column].rstrip()
        at = len(lines_of(raw)[below]) - len(lines_of(raw)[below].lstrip())
        if not below or dash.strip() != "-" or at < len(dash):
            return
        number = first.line + below + 1
        far = f"{spaces(at + 1 - len(dash))} further right than line {first.line + 1}"
        message = f"line {number} stands {far}, and is read as more text of it"
        help_ = "put them below each other, or put the text in quotes"
        self.problems.append(Problem("not-yaml", message, Where(self.path, number, at + 1), help=help_))

    def _where(self, event: yaml.Event) -> Where:
        return Where(self.path, _start(event).line + 1, _start(event).column + 1)

    def _length(self, event: yaml.Event) -> int:
        start = _start(event).index
        line = self.text[start : start + 400]
        return max(1, len(lines_of(line)[0].rstrip()))

    def _not_allowed(self, event: yaml.Event, what: str) -> _Breach:
        message = f"{what} not part of the language"
        return _Breach(Problem("not-allowed-yaml", message, self._where(event), help="write the value out"))


def _start(event: yaml.Event) -> yaml.Mark:
    """Where the event begins; the parser gives every event a mark, though its types do not say so."""
    return cast(yaml.Mark, event.start_mark)

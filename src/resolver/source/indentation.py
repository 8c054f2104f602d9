"""Says what is wrong with the lines of a file that is no YAML: which stands too far left or right, and what it lacks.

Called by `load` when the parser has given up, with the line where it did; the mistake is often above that. It reads
lines, not YAML, and says nothing where it is not sure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from resolver.source.node import lines_of

_KEY = re.compile(
    r"(?P<indent> *)(?P<dash>- +)?(?:(?P<name>[A-Za-z_][\w.-]*|\"[^\"]*\"|'[^']*'):(?= |$))?(?P<rest>.*)"
)
_GLUED_KEY = re.compile(r" *(?:- +)?(?P<key>[a-z_]+:)[^\s/:]")
_GLUED_DASH = re.compile(r" *(?P<dash>-)[a-z_]+:( |$)")
_BARE = re.compile(r" *(?:- +)?(?P<word>[a-z_][a-z0-9_]*) *(#.*)?")
_NO_COLON = re.compile(r" *(?P<word>[a-z_]+) [^:#]*")
_COLON_INSIDE = re.compile(r" *(?:- +)?[A-Za-z_][\w.-]*: +[^\s'\"\[{|>#][^#]*?(?P<colon>:)(?= |$)")
_BLOCK_TEXT = re.compile(r"(?:^|[: ])[|>][+-]?\d?[+-]? *(#.*)?$")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ABOVE = 2
"""How many lines above the one where the parser gave up can have lacked a colon or a space."""
Kind = Literal["list", "mapping"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in one line: its number, the column and length of what is meant, the sentence and the remedy."""

    line: int
    column: int
    length: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that begins an element or has a key: the columns of both, from 0; whether it waits for what follows."""

    number: int
    dash: int | None
    key: int | None
    name: str
    opens: bool

    @property
    def kind(self) -> Kind:
        """What kind of block it is a part of."""
        return "mapping" if self.dash is None else "list"

    @property
    def at(self) -> int:
        """The column it begins in."""
        return (self.key if self.dash is None else self.dash) or 0

    @property
    def inner(self) -> int:
        """The column that its own key stands in."""
        return self.at if self.key is None else self.key


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that stand below each other, as far as they were read."""

    kind: Kind
    at: int
    lines: list[_Line] = field(default_factory=list)


def mistake_in(text: str, given_up: int) -> Mistake | None:
    """What is wrong at the line where the parser gave up, or shortly above; None where that is not clear."""
    lines = lines_of(text)
    said = [number for number in range(given_up, 0, -1) if _says_something(lines[number - 1 : number])]
    return (
        _lacking(lines, said[: _ABOVE + 1]) or _colon_inside(lines, given_up) or _misplaced(lines, given_up)
    )


def glued(line: str) -> str:
    """The key that lacks the space behind its colon: `en:` of `en:Which order?`; empty if there is none."""
    found = _GLUED_KEY.match(line)
    return found["key"] if found else ""


def swallowed(raw: str) -> int:
    """Which line of a text, from 0, looks like the next element of the list it stands in; 0 if none does."""
    after = enumerate(lines_of(raw)[1:], 1)
    return next((number for number, line in after if line.lstrip().startswith("- ")), 0)


def spaces(count: int) -> str:
    """`one space`, `3 spaces`."""
    return "one space" if count == 1 else f"{count} spaces"


def _says_something(lines: Sequence[str]) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)


# -- what a line lacks ------------------------------------------------------------------------------------------------


def _lacking(lines: Sequence[str], numbers: Sequence[int]) -> Mistake | None:
    """A space behind a colon or dash, or a colon."""
    for number in numbers:
        line = lines[number - 1]
        if (key := glued(line)) and not line.strip().startswith(("'", '"')):
            return _lacks(number, line.index(key), key, f"a space is missing after '{key}'")
        if found := _GLUED_DASH.match(line):
            return _lacks(number, found.start("dash"), "-", "a space is missing after '-'")
    lacking = (_without_colon(lines, number) for number in numbers)
    return next((one for one in lacking if one is not None), None)


def _lacks(number: int, column: int, word: str, message: str) -> Mistake:
    remedy = f"write '{word} …'" if word == "-" or word.endswith(":") else f"write '{word}:'"
    return Mistake(number, column + 1, len(word), message, remedy)


def _without_colon(lines: Sequence[str], number: int) -> Mistake | None:
    line, after = lines[number - 1], _next(lines, number)
    bare, words = _BARE.fullmatch(line), _NO_COLON.fullmatch(line)
    if bare and after is not None and _indent(after) > _indent(line):
        return _lacks(number, bare.start("word"), bare["word"], f"a colon is missing after '{bare['word']}'")
    siblings = [each for each in (_next(lines, number, -1), after) if each is not None]
    beside = [each for each in siblings if (read := _read(each, 0)) and read.key == _indent(line)]
    if words and len(beside) == len(siblings) and siblings:
        message = f"a colon is missing after '{words['word']}'"
        return _lacks(number, words.start("word"), words["word"], message)
    return None


def _next(lines: Sequence[str], number: int, step: int = 1) -> str | None:
    at = number - 1 + step
    while 0 <= at < len(lines):
        if _says_something(lines[at : at + 1]):
            return lines[at]
        at += step
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _colon_inside(lines: Sequence[str], number: int) -> Mistake | None:
    found = _COLON_INSIDE.match(lines[number - 1]) if number <= len(lines) else None
    if found is None:
        return None
    message = "a colon with a space behind it stands in this text"
    return Mistake(number, found.start("colon") + 1, 1, message, "put the text in quotes")


# -- what stands too far left or right --------------------------------------------------------------------------------


def _misplaced(lines: Sequence[str], given_up: int) -> Mistake | None:
    """The first line that stands below no other, if the parser came that far."""
    open_: list[_Block] = []
    before: list[_Block] = []
    previous: _Line | None = None
    read = list(_structure(lines))
    for at, line in enumerate(read):
        if line.number > given_up:
            return None
        kept = _placed(open_, line, previous)
        if kept is None:
            return _told(line, previous, open_, before, read[at + 1 :])
        before, open_, previous = open_, kept, line
    return None


def _placed(open_: Sequence[_Block], line: _Line, previous: _Line | None) -> list[_Block] | None:
    """The blocks that are open behind a line; None if it belongs to none of them."""
    kept = [block for block in open_ if block.at <= line.at]
    while kept and kept[-1].kind != line.kind and line.kind == "mapping" and kept[-1].at == line.at:
        kept.pop()  # a list may begin in the column of its key
    if kept and (kept[-1].kind, kept[-1].at) == (line.kind, line.at):
        kept[-1].lines.append(line)
    elif previous is None or (previous.opens and _may_hold(previous, line)):
        kept.append(_Block(line.kind, line.at, [line]))
    else:
        return None
    if line.dash is not None and line.key is not None:
        kept.append(_Block("mapping", line.key, [line]))
    return kept


def _may_hold(previous: _Line, line: _Line) -> bool:
    return line.at > previous.inner or (line.kind == "list" and line.at == previous.inner)


def _told(
    line: _Line,
    previous: _Line | None,
    open_: Sequence[_Block],
    before: Sequence[_Block],
    after: Sequence[_Line],
) -> Mistake | None:
    if previous is not None and not previous.opens and line.at > previous.inner:
        left = [block for block in before if (block.kind, block.at) == (line.kind, line.at)]
        if left and previous.at < line.at:
            return _apart(previous, left[-1].lines[-1], line.at)
    block = _nearest(line, open_, after)
    if block is None:
        return None
    later = _alike(line, after)
    if len(block.lines) == 1 and later and block.lines[0].dash is None:
        return _apart(block.lines[0], line, line.at)
    return _apart(line, block.lines[-1], block.at)


def _nearest(line: _Line, open_: Sequence[_Block], after: Sequence[_Line]) -> _Block | None:
    """The open block it was most likely meant for; of two as near the one that fits what follows, else the inner."""
    blocks = [block for block in open_ if block.kind == line.kind]
    if not blocks:
        return None
    least = min(abs(block.at - line.at) for block in blocks)
    near = [block for block in blocks if abs(block.at - line.at) == least]
    if after and line.opens:
        near = [block for block in near if block.at < after[0].at] or near
    elif after and any(block.at == after[0].at for block in near):
        near = [block for block in near if block.at == after[0].at]
    return near[-1]


def _alike(line: _Line, after: Sequence[_Line]) -> int:
    """How many lines further down stand below this one."""
    count = 0
    for one in after:
        if one.at < line.at:
            break
        count += (one.kind, one.at) == (line.kind, line.at)
    return count


def _apart(line: _Line, other: _Line, at: int) -> Mistake:
    way = f"{spaces(abs(at - line.at))} further {'left' if line.at < at else 'right'}"
    than = (
        f"line {other.number}"
        if line.dash is not None or not other.name
        else f"'{other.name}:' in line {other.number}"
    )
    message = f"line {line.number} stands {way} than {than}"
    return Mistake(line.number, line.at + 1, max(1, len(line.name)), message, "put them below each other")


# -- reading lines ----------------------------------------------------------------------------------------------------


def _structure(lines: Sequence[str]) -> Iterator[_Line]:
    """The lines with a key or that begin an element, without those inside brackets and long texts."""
    brackets, text_below = 0, -1
    for number, line in enumerate(lines, 1):
        if not _says_something([line]) or (text_below >= 0 and _indent(line) > text_below):
            continue
        text_below = -1
        inside = brackets > 0
        plain = _QUOTED.sub("", line).partition(" #")[0]
        brackets += sum(plain.count(sign) for sign in "[{") - sum(plain.count(sign) for sign in "]}")
        read = None if inside else _read(line, number)
        if read is None:
            continue
        if _BLOCK_TEXT.search(line):
            text_below = read.inner
        yield read


def _read(line: str, number: int) -> _Line | None:
    found = _KEY.match(line)
    if found is None or not (found["dash"] or found["name"]):
        return None
    indent = len(found["indent"])
    key = indent + len(found["dash"] or "") if found["name"] else None
    rest = found["rest"].strip()
    opens = bool(found["name"]) and (not rest or rest.startswith("#"))
    return _Line(number, indent if found["dash"] else None, key, (found["name"] or "").strip("'\""), opens)

"""A problem in a file: code, sentence, place, help; and how it is printed or sent as JSON.

Made by every reader and checker, printed by the command line. Never raised: problems are collected and shown together.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from resolver.errors import Where
from resolver.source.node import lines_of

Severity = Literal["error", "warning", "note"]

_WIDTH = 160  # a longer line is shown as a window around the place


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field that a record does not have: whose (`shop.order`), its name, and the type its use asks for."""

    record: str
    field: str
    type: str


@dataclass(frozen=True, slots=True)
class LackingAction:
    """An action that nobody offers: its name (`shop.send_voucher`), and the type of each argument it was given.

    A type is empty where the argument could not be read.
    """

    name: str
    takes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place, and what the writer of the file can do about it.

    `code` is a word of LANGUAGE 14.1, `length` the number of characters to underline, `example` a counterexample.
    `instead` is what alone can have been meant by the underlined characters; empty if that is for a person to say.
    `lacking` is the field or action that would have to be added, if it is one and no misspelling.
    """

    code: str
    message: str
    where: Where
    length: int = 1
    help: str = ""
    severity: Severity = "error"
    example: str = ""
    instead: str = ""
    lacking: Lacking | LackingAction | None = None

    def to_json(self) -> dict[str, str | int]:
        """The problem as plain JSON data, for `--format json`."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "path": self.where.path,
            "line": self.where.line,
            "column": self.where.column,
            "length": self.length,
            "help": self.help,
            "example": self.example,
            "instead": self.instead,
        }


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether anything in `problems` makes the file unusable; warnings and notes do not."""
    return any(problem.severity == "error" for problem in problems)


def render(problem: Problem, source: str | None) -> str:
    """The problem as people read it: place and sentence, the line with a caret run, example and help.

    `source` is the text of the file; None or a place outside it leaves the line out.
    """
    head = f"{problem.where}: {problem.severity}: {problem.message} [{problem.code}]"
    margin = " " * len(str(problem.where.line))
    parts = [head, *_excerpt(problem, source or "", margin)]
    if problem.example:
        parts.append(f"{margin} = for example: {problem.example}")
    if problem.help:
        parts.append(f"{margin} = help: {problem.help}")
    return "\n".join(parts)


def _excerpt(problem: Problem, source: str, margin: str) -> list[str]:
    lines = lines_of(source)
    if not 1 <= problem.where.line <= len(lines) or not lines[problem.where.line - 1].strip():
        return []
    line, start = _window(lines[problem.where.line - 1], problem.where.column - 1)
    pad = " " * _columns(line[:start])
    carets = "^" * max(1, _columns(line[start : start + problem.length]))
    return [f"{problem.where.line} | {line}", f"{margin} | {pad}{carets}"]


def _window(line: str, start: int) -> tuple[str, int]:
    """The part of a line worth showing, in printable characters, and where the place is in it."""
    clean = "".join(char if char.isprintable() else " " if char == "\t" else "?" for char in line)
    if len(clean) <= _WIDTH:
        return clean, start
    first = max(0, min(start - _WIDTH // 3, len(clean) - _WIDTH))
    cut = clean[first : first + _WIDTH]
    return (f"…{cut}", start - first + 1) if first else (f"{cut}…", start)


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes: East Asian wide characters two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)

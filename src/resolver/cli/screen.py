"""What commands print: data as JSON, tables and progress for people, plain text where nobody looks on.

Results go to standard output, everything else to standard error. Customers' words are shown without control characters,
so that no message can steer a terminal. NO_COLOR is honoured.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any


def say(*lines: str) -> None:
    """Lines of a result."""
    for line in lines:
        print(_harmless(line))


def note(line: str) -> None:
    """A remark that is no result."""
    print(_harmless(line), file=sys.stderr)


def print_json(document: Any) -> None:
    """A result as JSON: indented for a person, one line for a program."""
    print(json.dumps(document, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None), flush=True)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their headers; aligned plain text where the output is no terminal."""
    clean = [[_harmless(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(headers, clean)
        return
    widths = [max(len(row[place]) for row in (headers, *clean)) for place in range(len(headers))]
    for row in (headers, *clean):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def pairs(values: Mapping[str, object]) -> None:
    """Names and values, a line each; what is empty is left out."""
    known = {name: str(value) for name, value in values.items() if value not in (None, "", (), [], {})}
    width = max((len(name) for name in known), default=0)
    say(*(f"{name.ljust(width)}  {value}" for name, value in known.items()))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say that something takes a moment, where somebody looks on."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def progress(what: str, total: int) -> Iterator["Ticks"]:
    """A bar that moves on with each `tick`, where somebody looks on."""
    if not sys.stderr.isatty():
        yield Ticks()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield Ticks(bar, bar.add_task(what, total=total))


class Ticks:
    """Moves a progress bar, or nothing."""

    def __init__(self, bar: Any = None, task: Any = None) -> None:
        self._bar = bar
        self._task = task

    def tick(self, many: int = 1) -> None:
        """One more is done, or so many."""
        if self._bar is not None:
            self._bar.advance(self._task, many)


def _rich_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, header in enumerate(headers):
        drawn.add_column(header, overflow="fold", no_wrap=place == 0)  # the first is what people copy
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


def _harmless(text: str) -> str:
    """The text without characters that move a cursor, change colours or turn the reading direction."""
    return "".join(map(_harmless_one, text))


def _harmless_one(char: str) -> str:
    if char.isprintable() or char in "\n\t":
        return char
    return " " if char.isspace() and char not in "\r\v\f" else "\ufffd"

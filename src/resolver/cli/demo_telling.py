"""What the demo prints: a chapter per ticket in their order, line by line as it happens, then a table and totals.

Tickets are played at once; the lines of a later one are held back until the earlier ones are told. Prints only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDE = 160
_NAME = 10
_STYLES = {
    "resolver": "cyan",
    "shop": "yellow",
    "note": "blue",
    "helpdesk": "magenta",
    "team lead": "magenta",
    "ok": "bold green",
    "NOT OK": "bold red",
}


class Telling:
    """The printed demo. `plain` prints no colours and no boxes, and never wraps."""

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        if plain:
            self._console = Console(color_system=None, force_terminal=False, highlight=False, width=_WIDE)
        else:
            self._console = Console(highlight=False)
        self._chapters: list[Chapter] = []
        self._told = 0

    def line(self, text: str = "", *, style: str = "") -> None:
        """Print a line at once, outside any chapter."""
        self._console.print(escape(text), style=style or None, soft_wrap=True)

    def chapter(self, number: int, title: str) -> "Chapter":
        """Begin the next ticket's chapter; chapters are told in the order they are begun."""
        chapter = Chapter(self)
        self._chapters.append(chapter)
        chapter.add(f"{number:>2}  {title}", "bold")
        return chapter

    def go_on(self) -> None:
        """Print whatever may be printed now."""
        while self._told < len(self._chapters):
            chapter = self._chapters[self._told]
            for text, style in chapter.take():
                self.line(text, style=style)
            if not chapter.closed:
                return
            self.line()
            self._told += 1

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table; in plain its columns are parted by spaces only."""
        table = Table(box=None if self._plain else SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(column)
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self._console.print(table)


@dataclass(slots=True)
class Chapter:
    """The lines of one ticket."""

    telling: Telling
    closed: bool = False
    _waiting: list[tuple[str, str]] = field(default_factory=list)

    def says(self, who: str, text: str, *, quiet: bool = False) -> None:
        """Somebody says or does something; the lines of a longer text stand under each other."""
        first, *rest = [line for line in text.splitlines() if line.strip()] or [""]
        style = "dim" if quiet else _STYLES.get(who, "")
        self.add(f"    {who:<{_NAME}} {first}", style)
        for line in rest:
            self.add(f"    {'':<{_NAME}} {line}", style)

    def notes(self, queue: str, text: str) -> None:
        """The resolver hands the ticket to a queue with an internal note."""
        self.says("resolver", f"hands the ticket to {queue} with this note:")
        self.says("note", text)

    def ends(self, text: str, *, ok: bool) -> None:
        """Nothing more will be said here."""
        self.says("ok" if ok else "NOT OK", text)
        self.closed = True
        self.telling.go_on()

    def add(self, text: str, style: str) -> None:
        """One more line."""
        self._waiting.append((text, style))
        self.telling.go_on()

    def take(self) -> list[tuple[str, str]]:
        """The lines not printed yet."""
        lines, self._waiting = self._waiting, []
        return lines

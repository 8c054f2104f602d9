"""The keys that may stand at one place of a file: what each takes and means, in words for whoever writes it.

Readers take from here which keys there are, editors (`resolver schema`) and the reference page what they mean. A place
reads nothing itself.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

FIRST = "0.1.0"
"""The first release; what is as old as that needs no mark."""
OUTCOME = "OUTCOME"
"""Stands in a line to write for the name of an outcome, which only the file's reader knows."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what stands behind it, what it means in one sentence, and what holds without it (None: required)."""

    name: str
    takes: str
    means: str
    without: str | None = None
    since: str = FIRST


@dataclass(frozen=True)
class Place:
    """The keys of one mapping, in the order in which people write them.

    `stands` says where in the file. `example` shows every key; all examples of one kind of file, one below the other,
    are a whole file that is sound. `free` says what other keys stand beside them, such as languages.
    """

    title: str
    stands: str
    keys: tuple[Key, ...]
    example: str = ""
    free: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every key."""
        return tuple(key.name for key in self.keys)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys without which the file cannot be read."""
        return tuple(key.name for key in self.keys if key.without is None)

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The other keys."""
        return tuple(key.name for key in self.keys if key.without is not None)

    @cached_property
    def lines(self) -> Mapping[str, str]:
        """For each key the line to write, as the example has it: `if_fails: OUTCOME`, `languages: [en, de]`."""
        found = {}
        for key in self.keys:
            shown = re.search(rf"(?:^|[ {{]){key.name}:(?: ([^\n]*))?$", self.example, re.MULTILINE)
            value = OUTCOME if key.takes.startswith("the name of an outcome") else shown and shown[1]
            found[key.name] = f"{key.name}: {value or '…'}"
        return found

    def means(self, name: str) -> str:
        """The sentence about one key; empty for one that is not here."""
        return next((key.means for key in self.keys if key.name == name), "")


def one_of(words: Iterable[str]) -> str:
    """Words of a closed set as a sentence names them: `a`, `b` or `c`."""
    *most, last = [f"`{word}`" for word in words]
    return f"{', '.join(most)} or {last}" if most else last

"""A test case of a playbook: what is given, what happens, what must come of it (LANGUAGE 15). Types only.

Made by `testfile` from `*.test.yaml`, played by `testrun`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from resolver.condition.values import Days
from resolver.decision.effects import Answered, NoAnswer, Performed
from resolver.errors import Where
from resolver.money import Money
from resolver.reading import MoveKind
from resolver.ticket import Level

Fields = Mapping[str, Any]
"""A record's fields as `condition.storage.read_value` takes them; lists of records as tuples of such mappings."""


@dataclass(frozen=True, slots=True)
class Given:
    """The world at the start. `records` by look-up, `results` what actions answer, `limits` over the policy's.

    `codes` says whether a connection sends codes; without one nobody is proven by a code. `answers` are what the
    knowledge base says, by topic, `dry_runs` the actions that are tried before the customer is
    asked, and what trying comes to. `ticket` are the fields of the ticket that a case sets.
    """

    now: datetime
    level: Level
    language: str
    customer: Fields
    records: Mapping[str, tuple[Fields, ...]] = field(default_factory=dict)
    results: Mapping[str, Performed] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, Money]] = field(default_factory=dict)
    codes: bool = False
    answers: Mapping[str, Answered | NoAnswer] = field(default_factory=dict)
    dry_runs: Mapping[str, Performed] = field(default_factory=dict)
    ticket: Fields = field(default_factory=dict)


class Understood(Struct, frozen=True):
    """A value understood for a slot: canonical text, or an element's key and how many units of it (None all).

    `element` is the key of the list element the value is for, where each has one of its own.
    """

    slot: str
    value: str
    units: int | None = None
    element: str = ""


@dataclass(frozen=True, slots=True)
class Writes:
    """The customer writes; `slots` are what was understood of it. Understanding itself is not under test.

    `code` says whether the message brings the code that was sent, or a wrong one.
    """

    text: str
    moves: tuple[MoveKind, ...]
    slots: tuple[Understood, ...]
    where: Where
    code: Literal["right", "wrong"] | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """A member of the team approves or denies."""

    team: str
    approves: bool
    where: Where


@dataclass(frozen=True, slots=True)
class Waits:
    """Time passes; what was waited for until then is over."""

    length: timedelta | Days
    where: Where


@dataclass(frozen=True, slots=True)
class World:
    """The shop changes meanwhile: these fields of the record a look-up finds by that argument."""

    look_up: str
    argument: str
    fields: Fields
    where: Where


@dataclass(frozen=True, slots=True)
class Settles:
    """A pending action becomes final."""

    action: str
    performed: Performed
    where: Where


Happening = Writes | Answers | Waits | World | Settles


@dataclass(frozen=True, slots=True)
class ExpectedAction:
    """An action that must have been done, with those of its arguments that are compared, as canonical JSON."""

    action: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of it; None is not compared, except that an action nobody mentioned fails the case.

    `undone` names the actions that were taken back, with the arguments of the undo.
    """

    rule: str | None = None
    outcome: str | None = None
    stopped_by: str | None = None
    done: tuple[ExpectedAction, ...] | None = None
    undone: tuple[ExpectedAction, ...] | None = None
    asked: tuple[str, ...] | None = None
    replies: tuple[str, ...] | None = None
    last_reply_contains: tuple[str, ...] = ()
    messages: int | None = None
    handoff: str | None = None
    summary_contains: tuple[str, ...] = ()
    ticket: Mapping[str, Any] = field(default_factory=dict)
    disposition: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a file."""

    name: str
    where: Where
    given: Given
    happenings: tuple[Happening, ...]
    expected: Expected


@dataclass(frozen=True, slots=True)
class TestFile:
    """All cases for one playbook; `given` is what they share."""

    __test__ = False  # its name makes pytest look inside

    playbook: str
    path: str
    cases: tuple[Case, ...]
    given: Given | None = None

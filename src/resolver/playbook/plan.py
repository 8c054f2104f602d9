"""A plan: one compiled playbook, immutable, named by the sha256 of its canonical JSON.

Built by `playbook.compile`, executed by `decision`. Everything an expression needs is compiled once here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from resolver.condition.evaluate import Compiled
from resolver.condition.types import Records, Type
from resolver.connector.interface import ActionSpec, LookUpSpec
from resolver.ticket import Level, Status

ANY = "any"
"""The topic of `answer:` that stands for all of them."""


class Mode(StrEnum):
    """What a run may do; `rank` orders them, weakest first."""

    OFF = "off"
    SHADOW = "shadow"
    SUGGEST = "suggest"
    AUTO = "auto"

    @property
    def rank(self) -> int:
        """Position in the order of strength, 0 the weakest."""
        return list(Mode).index(self)

    @property
    def means(self) -> str:
        """What happens in it, in words for people who write playbooks."""
        return _MODES[self]


_MODES = {
    Mode.OFF: "its requests go to the default queue",
    Mode.SHADOW: "it decides and records what it would have done; nothing is written, nothing is done",
    Mode.SUGGEST: "one private note says what it would reply and do, and why; "
    "a colleague's go-ahead does exactly that",
    Mode.AUTO: "it acts",
}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{order.total}` in a text: the dotted name, compiled."""

    name: str
    value: Compiled


Template = tuple[str | Placeholder, ...]


def as_written(template: Template) -> str:
    """The text with its names in braces, as it stands in the file."""
    return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in template)


@dataclass(frozen=True, slots=True)
class Plural:
    """A reply whose text depends on a count: a number, or a list whose elements count. `forms`: language → form."""

    count: Compiled
    forms: Mapping[str, Mapping[str, Template]]


@dataclass(frozen=True, slots=True)
class Options:
    """Where the options of a `one of LIST [where …]` or `some of LIST …` slot come from.

    `list` gives them as a tuple, those whose `where` is not yes left out; `name` is the list's dotted name; `several`
    for `some of`.
    """

    name: str
    list: Compiled
    several: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """`for_each: LIST as ALIAS`: one value for each element. `options` is set where the type is `one of LIST`."""

    list: Compiled
    alias: str
    options: Options | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A value asked from the customer.

    `options` is set for `one of` and `some of LIST`; a plain choice has its words in its type. `labels` are a choice's
    words as people read them: word → language → text. With `each` the slot is a list of pairs.
    """

    name: str
    type: Type
    ask: str
    line: int
    when: Compiled | None = None
    check: Compiled | None = None
    options: Options | None = None
    assume: Compiled | None = None
    prefill: bool = True
    tries: int = 2
    or_else: Compiled | None = None
    if_given_up: str | None = None
    if_none: str | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    each: Each | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """A record read before deciding. `if_fails` None means `if_unsure`."""

    name: str
    find: str
    spec: LookUpSpec
    arguments: Mapping[str, Compiled]
    if_missing: str
    if_fails: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Computed:
    """A named value."""

    name: str
    value: Compiled
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """First rule that is yes wins; `when` None is `otherwise`."""

    id: str
    when: Compiled | None
    then: str
    because: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """What all steps share: the id `playbook/outcome/verb-object` and the line in the file."""

    id: str
    line: int


@dataclass(frozen=True, slots=True)
class Identify(Step):
    """Passes at the level, else (in this release) takes `if_fails`."""

    level: Level
    if_fails: str


@dataclass(frozen=True, slots=True)
class Confirm(Step):
    """Sends the offer and waits for the customer's yes."""

    reply: str
    if_no: str
    if_silent: str | None
    if_unclear: str | None
    within: timedelta | None


@dataclass(frozen=True, slots=True)
class CheckIn(Step):
    """Asks a yes/no question and waits; `if_silent` None goes on with the next step."""

    reply: str
    if_no: str
    if_silent: str | None
    within: timedelta | None


@dataclass(frozen=True, slots=True)
class Approve(Step):
    """Waits for the team if `when` is yes. `within_business_days` counts in the policy's calendar."""

    team: str
    when: Compiled | None
    tell: str | None
    if_denied: str
    if_late: str
    within: timedelta | None
    within_business_days: int | None


@dataclass(frozen=True, slots=True)
class Do(Step):
    """Performs an action through the gateway. `if_refused` maps codes; the key `*` is any code.

    `undo` is the action that takes it back, None if it cannot be undone.
    """

    action: str
    spec: ActionSpec
    arguments: Mapping[str, Compiled]
    result_name: str | None
    if_refused: Mapping[str, str]
    if_pending: str | None
    if_fails: str
    keep: bool
    undo: ActionSpec | None = None


@dataclass(frozen=True, slots=True)
class Answer(Step):
    """Sends what reviewed articles say to the customer's question; `say_first` stands above it."""

    topic: str
    say_first: str | None
    if_no_answer: str


@dataclass(frozen=True, slots=True)
class Reply(Step):
    """Sends a text. `ends` None: resolved after an action, else answered."""

    reply: str
    ends: str | None


@dataclass(frozen=True, slots=True)
class SetTicket(Step):
    """Writes ticket fields; the last writer in a run wins."""

    status: Status | None = None
    priority: str | None = None
    queue: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandOff(Step):
    """Ends the run with a note for people; `tell` None is the built-in sentence to the customer."""

    queue: str
    summary: Template
    tell: str | None
    priority: str | None


@dataclass(frozen=True, slots=True)
class Go(Step):
    """Goes on in another outcome, forward only."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Start(Step):
    """Ends this run and opens another playbook with the shared slots."""

    playbook: str


AnyStep = Identify | Confirm | CheckIn | Approve | Do | Answer | Reply | SetTicket | HandOff | Go | Start


class _Remembers:
    """Room for what the engine works out once per plan. No field of it: a copy with other parts starts anew."""

    __slots__ = ("outline",)
    outline: Any


@dataclass(frozen=True, slots=True)
class Plan(_Remembers):
    """One playbook ready to run. `document` is the canonical JSON from which `compile` rebuilds it.

    `records` has every record type its interfaces declare, `customer` and `ticket` included; `references` the look-ups
    that fields declared `from LOOK_UP` are read by. `plurals` are the replies that have several forms, `polished` those
    that a model may rephrase. A `silent` plan decides and does the same and says nothing: a text that shows an unknown
    value stops the run, every other is empty.
    """

    id: str
    document: str
    playbook: str
    title: str
    owner: str
    mode: Mode
    rollout: Decimal
    languages: tuple[str, ...]
    intent: str | None
    anything_else: bool
    examples: tuple[str, ...]
    not_for: tuple[str, ...]
    identify: Level
    slots: Mapping[str, Slot]
    look_ups: Mapping[str, LookUp]
    computed: Mapping[str, Computed]
    preparation: tuple[str, ...]
    rules: tuple[Rule, ...]
    outcomes: Mapping[str, tuple[AnyStep, ...]]
    if_unsure: str
    if_silent: str | None
    replies: Mapping[str, Mapping[str, Template]]
    records: Records = field(default_factory=dict)
    references: Mapping[str, LookUpSpec] = field(default_factory=dict)
    plurals: Mapping[str, Plural] = field(default_factory=dict)
    polished: frozenset[str] = frozenset()
    silent: bool = False

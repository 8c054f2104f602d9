"""Facts: all that one run knows, and this turn's inputs. The only state the pure engine reads.

Made by `begin`, changed by `moves.take_in`, `engine.advance` and `engine.commit`, stored encrypted by the caller as
`to_json` writes it. Never changed in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from resolver.condition.values import Value
from resolver.decision.effects import (
    Answered,
    Disposition,
    Found,
    LookUpFailed,
    Missing,
    NoAnswer,
    Offer,
    Performed,
)
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.reading import Span
from resolver.ticket import Level, MessageId

Stage = Literal["preparing", "waiting", "walking", "committed", "ended"]
Source = Literal["given", "prefilled", "shared", "assumed"]
Heard = Literal["yes", "approved", "unclear", "question", "other"]
RecordFact = Found | Missing | LookUpFailed

RANK: Mapping[Level, int] = {level: level.rank for level in Level}
"""Strength of the identity levels, computed once."""


@dataclass(frozen=True, slots=True)
class SlotFact:
    """A slot's value with its origin; `value` None while only tries are known. `tries` are questions asked.

    For a slot `one of LIST` the value is the chosen element's key, looked for again in the fresh list each turn.
    An `assumed` value is worked out anew from the facts each time.
    """

    value: Value | None
    source: Source
    message: MessageId | None = None
    span: Span | None = None
    tries: int = 0
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """The next step: its outcome and index."""

    outcome: str
    index: int


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question put to the customer; `options` are (key or word, text as shown), the first numbered `first`.

    `element` is the key of the list element it is about, where each has a value of its own.
    """

    slot: str
    options: tuple[tuple[str, str], ...] = ()
    first: int = 1
    element: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What other runs of the ticket put into the same message: the slots asked (name, type), the numbers used."""

    asked: tuple[tuple[str, str], ...]
    numbers: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the run waits for and until when; `step` None while slots are asked.

    `text` is what the customer was asked, `text_digest` its sha256, which a confirmation carries.
    """

    for_: Literal["customer", "approval", "settlement"]
    step: str | None
    until: datetime | None
    text: str = ""
    text_digest: str = ""


@dataclass(frozen=True, slots=True)
class Proving:
    """A code that was asked for: what for, how many were wrong so far, and whether the run waits for it now.

    With `details` it is no code, but what the customer's record says.
    """

    target: str
    wrong: int = 0
    open: bool = True
    details: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """A question of the customer's own while ours is open (LANGUAGE 5.2).

    `alone`: the message says nothing else; else the rest of it was taken in already.
    """

    message: MessageId
    text: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The customer's yes to exactly this offer, as sent in exactly this text."""

    offer: str
    text_digest: str
    message: MessageId
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A team member's yes to exactly this offer."""

    offer: str
    approver: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a `do` step came to, in which generation, when it was sent and when a pending one settled."""

    performed: Performed
    generation: int
    at: datetime
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """The steps of an offer whose action was tried before anybody was asked, and would not be refused."""

    offer: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """The outcome that a run takes along an edge as soon as what it did before is undone; `reason` names the edge."""

    outcome: str
    reason: str


# What expressions see besides results of actions; when one of these changes, what was worked out is dropped.
_SEEN = frozenset({"slots", "records", "now", "customer", "ticket", "policy"})
_set = object.__setattr__


@dataclass(frozen=True)  # no slots: `changed` copies the dict, several times faster than dataclasses.replace
class Facts:
    """Everything one run knows.

    `position` is the next step, or the waiting one while `waiting` is set; `path` are all outcomes entered so far, from
    index `line` on those of the straight line the run is on. `undone` says, by the step that acted, what became of
    taking it back, `leaving` which edge the run takes once that is done.
    `heard` is what ended a wait whose decision is being taken again. `reason` says which rule, edge or stop led to the
    position; `stopped_by` the missing name or failed check if the run was stopped; `unsure` that it is on the way of
    `if_unsure`, `quiet` that nothing more may be said to the customer. `said` are messages that may name elements of a
    list which is not read yet; kept only where a slot takes such elements. `question` is what the customer wrote at the
    beginning; kept only where the playbook answers questions. `answer` is what the knowledge base said and is not yet
    told, `aside` the customer's own question that it is about while ours is open, `asides` how many of those were
    answered, `repeats` that our question is only put once more. `beside` says what other runs ask in the same message.
    `codes` says whether a connection sends codes, `proving` which one was asked for; `dry_runs` which actions a
    connection can try, `tried` which were.

    What the engine has worked out from these facts is remembered in their `__dict__`, under names that are no fields:
    `settled`, where they lead; `env`, what expressions see; `begun`, a wave that stopped for a record they now have;
    `prepared`, what was worked out before a wait.
    """

    settled: ClassVar[Any] = None
    env: ClassVar[Any] = None
    begun: ClassVar[Any] = None
    prepared: ClassVar[Any] = None

    run: str
    plan: str
    mode: Mode
    policy: Policy
    turn: int
    now: datetime
    level: Level
    language: str
    customer: Mapping[str, Value]
    ticket: Mapping[str, Value]
    stage: Stage = "preparing"
    slots: Mapping[str, SlotFact] = field(default_factory=dict)
    records: Mapping[str, RecordFact] = field(default_factory=dict)
    results: Mapping[str, StepResult] = field(default_factory=dict)
    undone: Mapping[str, StepResult] = field(default_factory=dict)
    position: Position | None = None
    path: tuple[str, ...] = ()
    line: int = 0
    leaving: Leaving | None = None
    rule: str | None = None
    offer: Offer | None = None
    confirmation: Confirmation | None = None
    approval: Approval | None = None
    decisions: int = 0
    waiting: Waiting | None = None
    codes: bool = False
    dry_runs: tuple[str, ...] = ()
    tried: Tried | None = None
    proving: Proving | None = None
    heard: Heard | None = None
    questions: tuple[OpenQuestion, ...] = ()
    beside: Beside | None = None
    last_asked: str = ""
    said: tuple[str, ...] = ()
    asked_again: bool = False
    stops_heard: int = 0
    question: str = ""
    answer: Answered | NoAnswer | None = None
    aside: Aside | None = None
    asides: int = 0
    repeats: bool = False
    reason: str = ""
    stopped_by: str | None = None
    unsure: bool = False
    quiet: bool = False
    ending: Literal["declined", "withdrawn"] | None = None
    disposition: Disposition | None = None

    def changed(self, **changes: Any) -> "Facts":
        """These facts with some fields replaced. What expressions see is remembered while it stays the same."""
        return self.updated(changes)

    def updated(self, changes: Mapping[str, Any]) -> "Facts":
        """The same, the changes in a mapping."""
        known = {**self.__dict__, **changes}
        known["settled"] = known["begun"] = None
        if not _SEEN.isdisjoint(changes):
            known["env"] = None
        new = object.__new__(Facts)
        _set(new, "__dict__", known)
        return new

    def to_json(self) -> str:
        """Canonical JSON of everything; plan and policy are named by their ids."""
        from resolver.decision.stored import write  # stored.py builds Facts, so it cannot be imported above

        return write(self)

    @classmethod
    def from_json(cls, document: str, plan: Plan, policy: Policy) -> "Facts":
        """Read `to_json` back. `Malformed` if it belongs to another plan or policy, or is no such document."""
        from resolver.decision.stored import read  # likewise

        return read(document, plan, policy)

    @property
    def committed(self) -> bool:
        """Whether an action's intent was written: from then on nothing is decided again."""
        return self.stage == "committed" or bool(self.results)


def begin(
    plan: Plan,
    policy: Policy,
    *,
    run: str,
    mode: Mode,
    now: datetime,
    level: Level,
    language: str,
    customer: Mapping[str, Value],
    ticket: Mapping[str, Value],
    shared: Mapping[str, SlotFact] | None = None,
) -> Facts:
    """The facts of a run that starts now, in turn 1; `take_in` of its first message comes next.

    `language` is the customer's as understood, else as the helpdesk knows it; replies fall back to the plan's first.
    """
    known = {
        "run": run, "plan": plan.id, "mode": mode, "policy": policy, "turn": 1, "now": now, "level": level,
        "language": language, "customer": customer, "ticket": ticket, "slots": dict(shared) if shared else {},
        "records": {}, "results": {}, "undone": {},
    }  # fmt: skip
    facts = object.__new__(Facts)  # the other fields are what the class says until they change
    _set(facts, "__dict__", known)
    return facts


def next_turn(
    facts: Facts,
    *,
    now: datetime,
    level: Level,
    language: str,
    customer: Mapping[str, Value],
    ticket: Mapping[str, Value],
) -> Facts:
    """The same run with this turn's inputs. A committed run keeps its frozen ones; only the turn number goes up."""
    turn = facts.turn + 1
    if facts.committed:
        return facts.changed(turn=turn)
    changes = {
        "turn": turn, "now": now, "level": level, "language": language, "customer": customer, "ticket": ticket,
        "beside": None,
    }  # fmt: skip
    return facts.updated(changes)


def shared_slots(plan: Plan, facts: Facts, other: Plan) -> dict[str, SlotFact]:
    """The slots another run starts with: same name and type, value known to this one (LANGUAGE 12)."""
    found = {}
    for name, fact in facts.slots.items():
        slot, there = plan.slots.get(name), other.slots.get(name)
        if slot is None or there is None or fact.value is None or fact.source == "assumed":
            continue
        if slot.type == there.type and slot.options is None and there.options is None:
            found[name] = SlotFact(fact.value, "shared", fact.message, fact.span)
    return found

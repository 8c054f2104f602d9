"""Plays one archived ticket through one version of a playbook, turn by turn, by the engine and checks of production.

Called by `backtest.simulation`. Where the archive has no answer, a confirmation gets a yes and an approval is given,
both counted; a question for a value stays open. Nothing is performed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from resolver.backtest.ticket import Archived, Done
from resolver.condition.storage import number_text
from resolver.condition.values import RecordValue, Value
from resolver.decision import guard, trace
from resolver.decision.effects import (
    Answer,
    Approve,
    Ask,
    CheckIn,
    Confirm,
    Disposition,
    Effect,
    End,
    Found,
    HandOff,
    LookUp,
    Missing,
    NoAnswer,
    Perform,
    Performed,
    Reply,
    Sent,
    StartRun,
    Wait,
)
from resolver.decision.events import Approved, Event, Said
from resolver.decision.facts import Facts, begin, next_turn, shared_slots
from resolver.decision.fake import checked, fits, owned
from resolver.decision.guard import Spent
from resolver.decision.moves import waiting_step
from resolver.decision.referred import look_up_of
from resolver.decision.scenario import Walk
from resolver.playbook import plan as steps
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.reading import Reading
from resolver.ticket import MessageId

_SENT = Sent()
_DONE = Performed("done", external_id="backtest")
_SPEAKS = frozenset({Ask, Confirm, CheckIn, Reply})
_MAY_TELL = frozenset({Approve, HandOff})
_ANSWERS = frozenset({"yes", "no", "unclear", "wants_person", "stops"})


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a playbook: its plan, and by playbook id those that its `start` may open."""

    label: str
    plan: Plan
    plans: Mapping[str, Plan]
    policy: Policy


class Played(NamedTuple):
    """What came of a ticket. `outcome` is the last outcome entered, or `asks SLOT` if a question stays open."""

    outcome: str
    disposition: Disposition | None
    queue: str | None
    done: tuple[Done, ...]
    stopped_by: str | None
    assumed_yes: int
    assumed_approvals: int


def play(version: Version, ticket: Archived, note: Callable[[bytes], object]) -> Played:
    """The ticket from its first message to where the archive ends. `note` takes the trace of each turn."""
    return staged(version, ticket, lambda body: note(encoded(body)), _Values())


def staged(
    version: Version,
    ticket: Archived,
    note: Callable[[dict[str, Any]], object],
    instead: trace.Instead | None = None,
) -> Played:
    """The same, `note` given each turn's line before it is written down; `instead` stands there for values."""
    stage = _Stage(version, ticket, note, instead or _itself)
    for event in stage.events():
        stage.turn(event)
    return stage.played()


def _itself(_name: str, value: Value) -> Any:
    return value


def _other(value: object) -> object:
    """What the encoder does not know by itself."""
    if isinstance(value, Fraction):
        return number_text(value)
    raise TypeError(f"{type(value).__name__} is no value of the language")


encoded = msgspec.json.Encoder(enc_hook=_other).encode
"""A line, or a value as it stands in one."""


class _Values(dict[int, tuple[Value, msgspec.Raw]]):
    """Values stand in these traces as they are: each is hashed at once and kept nowhere. Records are written once."""

    def __call__(self, _name: str, value: Value) -> Any:
        """What stands in the trace."""
        if type(value) is not RecordValue and type(value) is not tuple:
            return value
        known = self.get(id(value))
        if known is None:
            known = self[id(value)] = value, msgspec.Raw(encoded(value))
        return known[1]

    __hash__ = object.__hash__  # type: ignore[assignment]  # one for each ticket


class _Stage:
    """One ticket at work. `_said` has for each turn the facts before and after it, and whether something was said."""

    __slots__ = (
        "_messages", "_said", "_values", "asked", "assumed_approvals", "assumed_yes", "begun", "done", "facts", "note",
        "plan", "queue", "ticket", "version",
    )  # fmt: skip

    def __init__(
        self,
        version: Version,
        ticket: Archived,
        note: Callable[[dict[str, Any]], object],
        instead: trace.Instead,
    ) -> None:
        self.version = version
        self.ticket = ticket
        self.note = note
        self.plan = version.plan
        self.facts = self._begins(version.plan)
        self.begun = False
        self.done: list[Done] = []
        self.queue: str | None = None
        self.asked: tuple[str, ...] = ()
        self.assumed_yes = 0
        self.assumed_approvals = 0
        self._values = instead
        self._messages = 0
        self._said: list[tuple[Facts, Facts, bool]] = []

    # -- what happens -------------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """What the run hears, as long as it goes on: the archived messages, then what is assumed."""
        readings = iter(self.ticket.readings)
        yield Said(next(readings))
        while self.facts.stage != "ended" and (event := self._next(readings)) is not None:
            yield event

    def _next(self, readings: Iterator[Reading]) -> Event | None:
        facts = self.facts
        waiting = facts.waiting
        if waiting is None or waiting.for_ == "settlement":
            return None
        if waiting.for_ == "approval":
            self.assumed_approvals += 1
            return Approved("assumed", facts.offer.id, facts.now) if facts.offer else None
        if not isinstance(waiting_step(self.plan, facts), steps.Confirm | steps.CheckIn):
            reading = next(readings, None)
            return Said(reading) if reading is not None else None
        answer = next((one for one in readings if one.slots or not _ANSWERS.isdisjoint(one.moves)), None)
        if answer is not None:
            return Said(answer)
        self.assumed_yes += 1
        return Said(Reading(_ASSUMED, "", facts.language, moves=("yes",)))

    # -- a turn -------------------------------------------------------------------------------------------------------

    def turn(self, event: Event) -> None:
        """One turn: take in, decide and answer the effects until the run waits or is over."""
        if self.begun:
            self.facts = self._goes_on()
        self.begun = True
        before = self.facts
        walk = Walk(self.plan, before)
        walk.hears(event)
        said, effect = self._walks(walk, said=False)
        while isinstance(effect, StartRun):
            walk = self._started(walk, effect)
            said, effect = self._walks(walk, said=said)
        self._notes(walk)
        self.facts = walk.facts
        self._messages += said
        self._said.append((before, walk.facts, said))

    def _walks(self, walk: Walk, *, said: bool) -> tuple[bool, Effect]:
        """One run to the end of its turn, or to where it starts another; whether something was said to the customer."""
        self.asked = ()
        while True:
            effect = walk.next()
            kind = type(effect)
            if kind is Wait or kind is End:
                return said, effect
            if isinstance(effect, LookUp):
                walk.took(self._read(walk, effect))
            elif isinstance(effect, Perform):
                walk.took(self._perform(walk, effect))
            elif kind is Answer:
                walk.took(_NOT_KNOWN)
            elif kind is StartRun:
                walk.took(_SENT)
                return said, effect
            else:
                said = self._hears_of(walk, effect, said=said)

    def _hears_of(self, walk: Walk, effect: Effect, *, said: bool) -> bool:
        """The customer, or the ticket, gets this; whether the turn says something by now."""
        if isinstance(effect, Ask):
            self.asked = effect.slots
        elif isinstance(effect, HandOff):
            self.queue = effect.queue
        speaks = type(effect) in _SPEAKS or (
            type(effect) in _MAY_TELL and getattr(effect, "tell", None) is not None
        )
        stop = self._silenced(effect) if speaks and not said else None
        walk.took(_SENT if stop is None else stop)
        return said or (speaks and stop is None)

    def _silenced(self, effect: Effect) -> Performed | None:
        """The check that forbids another word; a handoff goes on without one."""
        if self._messages < guard.REPLIES_IN_A_ROW:
            return None
        stop = guard.reply_caps(in_a_row=self._in_a_row(), today=self._messages)
        if stop is None or isinstance(effect, HandOff):
            return None
        return Performed("stopped", stopped_by=stop.check)

    def _in_a_row(self) -> int:
        """The replies since something moved on."""
        count = 0
        for before, after, said in self._said:
            count = 0 if guard.progress(before) != guard.progress(after) else count + said
        return count

    def _read(self, walk: Walk, effect: LookUp) -> Found | Missing:
        for record in self.ticket.records.get(effect.look_up, ()):
            if fits(record, effect.arguments):
                declared = look_up_of(walk.plan, effect.name).gives
                return Found(record, walk.facts.now) if owned(record, declared, walk.facts) else Missing()
        return Missing()

    def _perform(self, walk: Walk, effect: Perform) -> Performed:
        walk.commits(effect)
        stop = checked(walk.plan, walk.facts, effect, self._spent(effect), effect.arguments)
        if stop is not None:
            return Performed("stopped", stopped_by=stop.check)
        self.done.append((effect.action, effect.pays))
        return _DONE

    def _spent(self, effect: Perform) -> Spent:
        """Caps count this ticket only: what was paid to others on that day is not known here."""
        paid = [
            pays.minor
            for action, pays in self.done
            if pays is not None
            and effect.pays is not None
            and (action, pays.currency) == (effect.action, effect.pays.currency)
        ]
        whole = sum(paid)
        return Spent(whole, whole, whole)

    # -- runs -----------------------------------------------------------------------------------------------------

    def _begins(self, plan: Plan, shared: Facts | None = None) -> Facts:
        ticket = self.ticket
        return begin(
            plan,
            self.version.policy,
            run=ticket.id,
            mode=Mode.AUTO,
            now=ticket.opened_at,
            level=ticket.level,
            language=ticket.language,
            customer=ticket.customer,
            ticket=ticket.ticket,
            shared=shared_slots(self.plan, shared, plan) if shared is not None else None,
        )

    def _goes_on(self) -> Facts:
        ticket = self.ticket
        customer: Mapping[str, Value] = ticket.customer
        return next_turn(
            self.facts,
            now=ticket.opened_at,
            level=ticket.level,
            language=ticket.language,
            customer=customer,
            ticket=ticket.ticket,
        )

    def _started(self, walk: Walk, effect: StartRun) -> Walk:
        self._notes(walk)
        plan = self.version.plans[effect.playbook]
        facts = self._begins(plan, walk.facts)
        self.plan = plan
        return Walk(plan, facts)

    def _notes(self, walk: Walk) -> None:
        self.note(trace.body(walk.plan, walk.facts, walk.log, self._values))

    # -- the end --------------------------------------------------------------------------------------------------

    def played(self) -> Played:
        """What came of it."""
        facts = self.facts
        return Played(
            outcome=self._outcome(),
            disposition=facts.disposition,
            queue=self.queue if facts.disposition == "handed_off" else None,
            done=tuple(self.done),
            stopped_by=facts.stopped_by,
            assumed_yes=self.assumed_yes,
            assumed_approvals=self.assumed_approvals,
        )

    def _outcome(self) -> str:
        facts = self.facts
        if facts.stage != "ended" and self.asked:
            name = f"asks {', '.join(self.asked)}"
        else:
            name = facts.path[-1] if facts.path else facts.disposition or "nothing"
        return name if self.plan is self.version.plan else f"{self.plan.playbook}/{name}"


_ASSUMED = MessageId("assumed")
_NOT_KNOWN = NoAnswer("not_archived")  # an archive does not keep what articles said then

"""A ticket to be tried: what it is made of, and how it plays, until the gateway stops it or nothing more happens.

Used by `witness` and `simplest`. The same trial always plays the same: what it leaves open is drawn from its `chance`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from resolver.condition.env import Env
from resolver.condition.types import YesNo
from resolver.condition.values import PairValue, Value
from resolver.decision.effects import Answer, End, LookUp, NoAnswer, Perform, Performed, Prove, Sent, Wait
from resolver.decision.events import Approved, Event, Said
from resolver.decision.facts import Facts, OpenQuestion, begin
from resolver.decision.fake import FakeShop, checked
from resolver.decision.guard import Spent
from resolver.decision.outline import outline_of
from resolver.decision.scenario import Walk
from resolver.decision.testcase import Given
from resolver.money import Money
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.proof.drawing import OWNER, Drawing
from resolver.reading import MoveKind, Reading, SlotReading, Span
from resolver.ticket import Level, MessageId

_MOST_TURNS = 8
_SECOND_THOUGHTS = 0.3
"""How often a customer who is asked for a yes names only a part of what was assumed."""
_NOBODY_SPENT = Spent(0, 0, 0)
_STOPS: Mapping[str, frozenset[str]] = {
    "requirement-not-met": frozenset({"requires"}),
    "over-limit": frozenset({"approval", "approval_above"}),
    "no-rule": frozenset({"no_rule"}),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a trial shall show: the code of a failed property, and of which action and claim ("" for any)."""

    code: str
    action: str = ""
    claim: str = ""

    @property
    def shows(self) -> bool:
        """Whether a ticket can show it at all: other properties are about the text alone."""
        return self.code in _STOPS


@dataclass(frozen=True, slots=True)
class Told:
    """One answer of the customer: the value, how many units of it (None all), and the element it is for."""

    value: str
    units: int | None = None
    element: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """`records` by their names in the playbook, `customer` fields, `limits`; `says` what is answered for a slot."""

    records: Mapping[str, Mapping[str, Any]]
    customer: Mapping[str, Any]
    limits: Mapping[str, Mapping[str, Money]]
    chance: int
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misstep:
    """What went wrong with a trial: the action the gateway stopped ("" for the decision itself), and its check.

    `told` is what the customer answered for each slot, `arguments` what the action was to be done with.
    """

    rule: str
    action: str
    check: str
    problem: str
    arguments: Mapping[str, Value]
    told: Mapping[str, Sequence[Told]]


def drawn(draw: Drawing, policy: Policy, chance: int, *, other_limits: bool) -> Trial | None:
    """A trial from one number; None if the records would break what their interfaces promise."""
    draw.random = Random(chance)  # noqa: S311  # repeatable on purpose
    records = {}
    for name, one in draw.plan.look_ups.items():
        record = draw.record(one.spec.gives.name, name)
        if record is None:
            return None
        records[name] = record
    customer = {
        name: draw.value(one.type, f"customer.{name}")
        for name, one in policy.customer_fields.items()
        if isinstance(one.type, YesNo) and draw.random.random() < 0.5
    }
    return Trial(records, customer, draw.limits(policy) if other_limits else policy.limits, chance)


def misstep(draw: Drawing, policy: Policy, wanted: Wanted, trial: Trial) -> Misstep | None:
    """What goes wrong when the trial is played, if it is what is wanted."""
    draw.random = Random(trial.chance)  # noqa: S311  # repeatable on purpose
    return _Play(draw, replace(policy, limits=trial.limits), trial, wanted).misstep()


@dataclass(slots=True)
class _Play:
    """Played by a customer who answers every question and says yes, and a team that agrees."""

    draw: Drawing
    policy: Policy
    trial: Trial
    wanted: Wanted
    told: dict[str, list[Told]] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.draw.plan

    def misstep(self) -> Misstep | None:
        by_look_up = {
            self.plan.look_ups[name].spec.name: (dict(one),) for name, one in self.trial.records.items()
        }
        given = Given(self.draw.now, Level.CODE, self.plan.languages[0], {}, by_look_up)
        shop, walk = FakeShop(given, self.policy), Walk(self.plan, self._begun())
        event: Event | None = self._says("hello")
        for _ in range(_MOST_TURNS):
            if event is None:
                return None
            walk.hears(event)
            while not isinstance(effect := walk.next(), Wait | End):
                if isinstance(effect, Perform):
                    stop = checked(self.plan, walk.facts, effect, _NOBODY_SPENT, effect.arguments)
                    if stop is not None:
                        return self._wrong(walk, effect, stop.check, stop.problem)
                    walk.commits(effect)
                    walk.took(shop.given.results.get(effect.action, _DONE))
                elif isinstance(effect, LookUp):
                    walk.took(shop.read(self.plan, walk.facts, effect))
                elif isinstance(effect, Prove):
                    return None
                elif isinstance(effect, Answer):
                    walk.took(NoAnswer("no_article"))
                else:
                    walk.took(Sent())
            if isinstance(effect, End):
                return self._wrong(walk, None, walk.facts.stopped_by or "", "no rule applies")
            event = self._answer(walk)
        return None

    def _wrong(self, walk: Walk, effect: Perform | None, check: str, problem: str) -> Misstep | None:
        """The misstep, if it is the one that is wanted."""
        wanted, action = self.wanted, effect.action if effect else ""
        if check not in _STOPS[wanted.code] or (wanted.action and action != wanted.action):
            return None
        if effect is not None and check == "requires" and wanted.claim and self._holds(effect, wanted.claim):
            return None
        arguments = effect.arguments if effect else {}
        return Misstep(walk.facts.rule or "", action, check, problem, arguments, dict(self.told))

    def _holds(self, effect: Perform, claim: str) -> bool:
        """Whether one requirement of the action surely holds."""
        env = Env(effect.arguments, self.draw.now, self.policy.calendar)
        requires = outline_of(self.plan).actions[effect.step].spec.requires
        return next((one.call(env) is True for one in requires if one.source == claim), False)

    def _begun(self) -> Facts:
        customer = {"email": OWNER, "payouts": (), **self.trial.customer}
        ticket: dict[str, Any] = {"channel": "email", "tags": (), "created_at": self.draw.now}
        return begin(
            self.plan, self.policy, run="witness", mode=Mode.AUTO, now=self.draw.now, level=Level.CODE,
            language=self.plan.languages[0], customer=customer, ticket=ticket,
        )  # fmt: skip

    def _answer(self, walk: Walk) -> Event | None:
        """What the customer or the team says to what the run waits for."""
        facts = walk.facts
        if facts.waiting is None or facts.waiting.for_ == "settlement":
            return None
        if facts.waiting.for_ == "approval":
            return Approved("lea@acme.example", facts.offer.id, self.draw.now) if facts.offer else None
        if not facts.questions:
            narrower = self._narrower(facts) if self.draw.random.random() < _SECOND_THOUGHTS else ()
            return self._says("only", slots=narrower) if narrower else self._says("yes", "yes")
        return self._says(
            "it is", slots=[one for question in facts.questions for one in self._told(question)]
        )

    def _narrower(self, facts: Facts) -> Sequence[tuple[str, str, str]]:
        """Some of the elements that were taken for granted, as a customer names them who is asked for a yes."""
        for name, slot in facts.slots.items():
            if slot.source == "assumed" and isinstance(slot.value, tuple) and name not in self.told:
                keys = [str(one.item) for one in slot.value if isinstance(one, PairValue)]
                some = self.draw.random.sample(keys, self.draw.random.randint(1, len(keys))) if keys else []
                return [(name, key, "") for key in some]
        return ()

    def _told(self, question: OpenQuestion) -> Iterator[tuple[str, str, str]]:
        """Answers to one question: slot, value, and the list element it is for."""
        slot = self.plan.slots[question.slot]
        if not question.options:
            written = self.draw.written(slot)
            yield slot.name, self.trial.says.get(slot.name, written), question.element
            return
        keys = [key for key, _ in question.options]
        if self.trial.says.get(slot.name) in keys:
            yield slot.name, self.trial.says[slot.name], question.element
            return
        several = slot.options is not None and slot.options.several
        for key in self.draw.random.sample(keys, self.draw.random.randint(1, len(keys)) if several else 1):
            yield slot.name, key, question.element

    def _in_parts(self, name: str) -> bool:
        slot = self.plan.slots[name]
        return slot.options is not None and slot.options.several

    def _says(self, text: str, *moves: MoveKind, slots: Sequence[tuple[str, str, str]] = ()) -> Said:
        found = []
        for name, _, _ in slots:
            self.told[name] = []  # what is said now takes the place of what was
        for name, value, element in slots:
            start, text = len(text) + 1, f"{text} {value}"
            units = self.draw.random.choice((None, 1)) if self._in_parts(name) else None
            self.told[name].append(Told(value, units, element))
            found.append(SlotReading(name, value, Span(start, len(text), value), units, element))
        return Said(Reading(MessageId("m1"), text, "en", moves=moves, slots=tuple(found)))


_DONE = Performed("done", external_id="witness")

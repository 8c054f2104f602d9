"""A ticket that really misbehaves: for a failed proof, one played through the engine until the gateway stops it.

Called by `resolver prove` and tests. The prover's example says what to try; what it leaves open is drawn by a fixed
seed, so that the same plan always gives the same ticket.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from resolver.condition.types import YesNo
from resolver.condition.values import RecordValue
from resolver.decision.effects import Answer, End, LookUp, NoAnswer, Perform, Performed, Prove, Sent, Wait
from resolver.decision.facts import Facts, OpenQuestion, begin
from resolver.decision.fake import FakeShop, checked
from resolver.decision.guard import Spent
from resolver.decision.moves import Approved, Event, Said
from resolver.decision.scenario import Walk
from resolver.decision.testcase import Given
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.proof.drawing import NOW, OWNER, Drawing
from resolver.proof.example import Example
from resolver.reading import MoveKind, Reading, SlotReading, Span
from resolver.ticket import Level, MessageId

TRIES = 8_000
"""Tickets that are tried before we say that none was found."""
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
class Witness:
    """A played ticket: what the playbook reads of its records, what the customer gave, the check that stopped it."""

    records: Mapping[str, Mapping[str, Any]]
    slots: Mapping[str, str]
    action: str
    check: str

    def __str__(self) -> str:
        given = [f"{name}: {value}" for name, value in self.slots.items()]
        shown = [
            f"{name} {{{', '.join(f'{key}: {_shown(value)}' for key, value in fields.items())}}}"
            for name, fields in self.records.items()
        ]
        return "; ".join(
            [*shown, *given, f"then {self.action or 'the decision'} is stopped by '{self.check}'"]
        )


def witness(
    plan: Plan, policy: Policy, code: str, example: Example | None, *, seed: int = 0, tries: int = TRIES
) -> Witness | None:
    """A ticket that is stopped as the failed property says; None for other codes, or if none was found."""
    stops = _STOPS.get(code)
    if stops is None:
        return None
    draw = Drawing(plan, Random(seed), example, policy.calendar)  # noqa: S311  # repeatable on purpose
    for number in range(tries):
        limits = policy if number % 2 == 0 else replace(policy, limits=draw.limits(policy))
        found = _Play(plan, limits, draw).found(stops)
        if found is not None:
            return found
    return None


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{(NOW - value).days} days ago"
    if isinstance(value, list):
        return f"[{', '.join('{' + ', '.join(f'{k}: {_shown(v)}' for k, v in one.items()) + '}' for one in value)}]"
    return str(value)


# -- playing ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Play:
    """One drawn ticket, played by a customer who answers every question and says yes, and a team that agrees."""

    plan: Plan
    policy: Policy
    draw: Drawing
    given: dict[str, str] = field(default_factory=dict)

    def found(self, stops: frozenset[str]) -> Witness | None:
        """The ticket, if one of these checks stops it."""
        records = {
            name: self.draw.record(one.spec.gives.name, name) for name, one in self.plan.look_ups.items()
        }
        if any(one is None for one in records.values()):
            return None
        known = {name: one for name, one in records.items() if one is not None}
        stopped = self._stopped(known)
        if stopped is None or stopped[1] not in stops:
            return None
        shown = {name: self._read(name, one) for name, one in known.items()}
        amounts = {name: one.get("EUR") for name, one in self.policy.limits.items()}
        named = {name: one for name, one in amounts.items() if one and f"limits.{name}" in self.plan.document}
        return Witness(shown | ({"limits": named} if named else {}), self.given, *stopped)

    def _read(self, name: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that the playbook speaks of."""
        return {key: value for key, value in record.items() if f"{name}.{key}" in self.plan.document}

    def _stopped(self, records: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
        by_look_up = {self.plan.look_ups[name].spec.name: (dict(one),) for name, one in records.items()}
        shop = FakeShop(Given(NOW, Level.CODE, self.plan.languages[0], {}, by_look_up), self.policy)
        walk = Walk(self.plan, self._begun())
        event: Event | None = self._says("hello")
        for _ in range(_MOST_TURNS):
            if event is None:
                return None
            walk.hears(event)
            while not isinstance(effect := walk.next(), Wait | End):
                if isinstance(effect, Perform):
                    stop = checked(self.plan, walk.facts, effect, _NOBODY_SPENT, effect.arguments)
                    if stop is not None:
                        return effect.action, stop.check
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
                return "", walk.facts.stopped_by or ""
            event = self._answer(walk)
        return None

    def _begun(self) -> Facts:
        customer: dict[str, Any] = {"email": OWNER, "payouts": ()}
        for name, one in self.policy.customer_fields.items():
            if isinstance(one.type, YesNo) and self.draw.random.random() < 0.5:
                customer[name] = self.draw.value(one.type, f"customer.{name}")
        ticket: dict[str, Any] = {"channel": "email", "tags": (), "created_at": NOW}
        return begin(
            self.plan, self.policy, run="witness", mode=Mode.AUTO, now=NOW, level=Level.CODE,
            language=self.plan.languages[0], customer=customer, ticket=ticket,
        )  # fmt: skip

    def _answer(self, walk: Walk) -> Event | None:
        """What the customer or the team says to what the run waits for."""
        facts = walk.facts
        if facts.waiting is None or facts.waiting.for_ == "settlement":
            return None
        if facts.waiting.for_ == "approval":
            return Approved("lea@acme.example", facts.offer.id, NOW) if facts.offer else None
        if not facts.questions:
            narrower = self._narrower(facts) if self.draw.random.random() < _SECOND_THOUGHTS else ()
            return self._says("only", slots=narrower) if narrower else self._says("yes", "yes")
        return self._says(
            "it is", slots=[one for question in facts.questions for one in self._told(question)]
        )

    def _narrower(self, facts: Facts) -> Sequence[tuple[str, str, str]]:
        """Some of the elements that were taken for granted, as a customer names them who is asked for a yes."""
        for name, slot in facts.slots.items():
            if slot.source == "assumed" and isinstance(slot.value, tuple) and name not in self.given:
                keys = [one.key for one in slot.value if isinstance(one, RecordValue)]
                some = self.draw.random.sample(keys, self.draw.random.randint(1, len(keys))) if keys else []
                return [(name, key, "") for key in some]
        return ()

    def _told(self, question: OpenQuestion) -> Iterator[tuple[str, str, str]]:
        """Answers to one question: slot, value, and the list element it is for."""
        slot = self.plan.slots[question.slot]
        if not question.options:
            yield slot.name, self.draw.written(slot), question.element
            return
        keys = [key for key, _ in question.options]
        several = slot.options is not None and slot.options.several
        for key in self.draw.random.sample(keys, self.draw.random.randint(1, len(keys)) if several else 1):
            yield slot.name, key, question.element

    def _in_parts(self, name: str) -> bool:
        slot = self.plan.slots[name]
        return slot.options is not None and slot.options.several

    def _says(self, text: str, *moves: MoveKind, slots: Sequence[tuple[str, str, str]] = ()) -> Said:
        found = []
        for name, value, element in slots:
            self.given[name] = f"{self.given[name]}, {value}" if name in self.given else value
            start, text = len(text) + 1, f"{text} {value}"
            units = self.draw.random.choice((None, 1)) if self._in_parts(name) else None
            found.append(SlotReading(name, value, Span(start, len(text), value), units, element))
        return Said(Reading(MessageId("m1"), text, "en", moves=moves, slots=tuple(found)))


_DONE = Performed("done", external_id="witness")

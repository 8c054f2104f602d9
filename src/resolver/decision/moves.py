"""Taking in: how a message, an approval, a timer or a backend's answer changes a run's facts (LANGUAGE 5.2).

Called once at the beginning of a turn, before the engine is asked. Edges that the words of a person or a timer take
at once lead on from the facts as stored; everything else makes the run read its records again and decide anew.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from resolver.condition.evaluate import Compiled
from resolver.condition.values import Value
from resolver.decision.answer import answered, derives, parsed
from resolver.decision.choice import from_readings
from resolver.decision.effects import Performed
from resolver.decision.facts import Approval, Confirmation, Facts, OpenQuestion, SlotFact, Source, StepResult
from resolver.decision.outline import outline_of
from resolver.decision.walk import enter, follow, noted, stop
from resolver.playbook.plan import Approve, Confirm, Do, Plan, Slot
from resolver.reading import Reading, SlotReading, Span

MAX_CORRECTIONS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A message whose moves count: public, the requester's own, from a strong enough channel."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Silence:
    """The patience for an answer is used up."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A member of the team agreed to the offer. After the wait's end, or for another offer, it means nothing."""

    approver: str
    offer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """A member of the team said no."""

    approver: str


@dataclass(frozen=True, slots=True)
class Late:
    """The time for an approval, or for a pending action to settle, is over."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a pending action came to (`done`, `refused` or `unknown`), and when."""

    step: str
    performed: Performed
    at: datetime | None = None


Event = Said | Silence | Approved | Denied | Late | Settled


def take_in(plan: Plan, facts: Facts, event: Event) -> Facts:
    """The facts after one event. An event that means nothing here leaves them as they are."""
    match event:
        case Settled():
            return _settled(plan, facts, event)
        case _ if facts.stage == "ended":
            return facts
        case Said(reading=reading):
            return _said(plan, facts, reading)
        case Silence():
            return _silence(plan, facts)
        case Approved():
            return _approved(facts, event)
        case Denied():
            step = waiting_step(plan, facts)
            return enter(plan, facts, step.if_denied, "if_denied") if isinstance(step, Approve) else facts
        case Late():
            return _late(plan, facts)


def waiting_step(plan: Plan, facts: Facts) -> Confirm | Approve | Do | None:
    """The step whose answer the run waits for; None while it asks for slots or does not wait."""
    if facts.waiting is None or facts.waiting.step is None or facts.position is None:
        return None
    step = plan.outcomes[facts.position.outcome][facts.position.index]
    return step if isinstance(step, Confirm | Approve | Do) else None


def _anew(facts: Facts, **changes: Any) -> Facts:
    """The facts ready to read every record again and decide again."""
    changes["stage"], changes["records"] = "preparing", {}
    return facts.updated(changes)


# -- messages -----------------------------------------------------------------------------------------------------


def _said(plan: Plan, facts: Facts, reading: Reading) -> Facts:
    moves = reading.moves
    if "wants_person" in moves:
        return stop(plan, facts, "wants_person", "wants_person")
    if facts.committed:
        return facts
    if "stops" in moves and facts.waiting is not None:
        if facts.stops_heard or not pays_or_ends(plan):
            return facts.changed(stage="ended", disposition="withdrawn", waiting=None, questions=())
        facts = facts.changed(stops_heard=facts.stops_heard + 1)
        return _unsure_of(plan, facts)
    given = _given(plan, facts, reading)
    if given.slots is not facts.slots:
        for name, fact in given.slots.items():
            if fact.corrections > MAX_CORRECTIONS:
                return stop(plan, facts, f"corrections:{name}", "corrections")
    step = waiting_step(plan, facts)
    if step is None or given.changed:
        return _anew(
            facts, slots=given.slots, waiting=None, heard=None, offer=None, confirmation=None, approval=None
        )
    if isinstance(step, Confirm):
        return _answered(plan, facts, step, reading, unclear=given.ambiguous)
    return _while_approval_waits(facts, moves)


def _answered(plan: Plan, facts: Facts, step: Confirm, reading: Reading, *, unclear: bool) -> Facts:
    said = _ANSWERS.intersection(reading.moves)
    if not said and not unclear and facts.heard == "yes":
        return facts  # the yes came a message before, in the same turn
    if unclear or len(said) != 1 or "unclear" in said:
        return _unsure_of(plan, facts)
    if "no" in said:
        return enter(plan, facts, step.if_no, "if_no")
    if facts.offer is None or facts.waiting is None:
        return facts
    yes = Confirmation(facts.offer.id, facts.waiting.text_digest, reading.message, facts.now)
    return _anew(facts, confirmation=yes, heard="yes")


_ANSWERS = frozenset({"yes", "no", "unclear"})


def _unsure_of(plan: Plan, facts: Facts) -> Facts:
    """A message that answers nothing: after `confirm` asked once more, then `if_unclear`; else read on."""
    step = waiting_step(plan, facts)
    if isinstance(step, Confirm):
        if not facts.asked_again:
            return _anew(facts, heard="unclear")
        if step.if_unclear is None:
            return stop(plan, facts, "if_unclear", "if_unclear")
        return enter(plan, facts, step.if_unclear, "if_unclear")
    if isinstance(step, Approve):
        return _while_approval_waits(facts, ("no",))
    return _anew(facts, waiting=None, heard=None)


def _while_approval_waits(facts: Facts, moves: Collection[str]) -> Facts:
    """Another message: decide again and go on waiting. One that takes the yes back is asked for it anew."""
    if facts.confirmation is not None and "no" in moves and "yes" not in moves:
        return _anew(facts, waiting=None, heard=None, offer=None, confirmation=None, approval=None)
    return _anew(facts, heard="other")


def pays_or_ends(plan: Plan) -> bool:
    """Whether the run could return or end something the customer pays for."""
    actions = outline_of(plan).actions.values()
    return any(step.spec.effect == "money" or step.spec.ends for step in actions)


# -- slots --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Given:
    """The slots after a message; `changed` if a value that stood before is another one now."""

    slots: Mapping[str, SlotFact]
    changed: bool = False
    ambiguous: bool = False


def _given(plan: Plan, facts: Facts, reading: Reading) -> _Given:
    if not reading.slots and not facts.questions:
        return _Given(facts.slots)
    given = _Given(facts.slots)
    open_ = {question.slot: question for question in facts.questions}
    fresh: set[str] = set()
    for name, found, others in _gathered(plan, _assigned(plan, facts, reading, given)):
        slot = plan.slots[name]
        value = from_readings((found, *others)) if _several(slot) else _read(slot, found, reading)
        if value is not None and (slot.prefill or name in open_):
            _set(given, name, value, reading, found.span, asked=name in open_)
            fresh.add(name)
    if open_:
        _answers(plan, [one for name, one in open_.items() if name not in fresh], given, fresh, reading)
    if given.changed:
        _drop_dependents(plan, facts, given, fresh)
    return given


def _several(slot: Slot) -> bool:
    return slot.options is not None and slot.options.several


def _gathered(
    plan: Plan, assigned: Iterable[tuple[str, SlotReading]]
) -> Iterable[tuple[str, SlotReading, list[SlotReading]]]:
    """Readings by slot; what a slot that takes several gets besides the first comes with it."""
    more: dict[str, list[SlotReading]] = {}
    for name, found in assigned:
        if _several(plan.slots[name]):
            more.setdefault(name, []).append(found)
        else:
            yield name, found, []
    for name, (first, *others) in more.items():
        yield name, first, others


def _answers(
    plan: Plan, questions: list[OpenQuestion], given: _Given, fresh: set[str], reading: Reading
) -> None:
    """What the message says to the open questions that understanding found no value for."""
    left = [question for question in questions if not _has(given, question.slot)]
    free = [question for question in left if not question.options]
    for question in left:
        slot = plan.slots[question.slot]
        answer = answered(slot, question, reading, only=len(free) == 1)
        if answer is not None:
            _set(given, slot.name, answer[0], reading, answer[1], asked=True)
            fresh.add(slot.name)


def _has(given: _Given, name: str) -> bool:
    fact = given.slots.get(name)
    return fact is not None and fact.value is not None


def _read(slot: Slot, found: SlotReading, reading: Reading) -> Value | None:
    if slot.options is not None:
        return found.value or None  # a key; whether it is an option is seen when the list is read
    value = parsed(slot.type, found.value)
    return value if value is not None and derives(slot.type, found, reading) else None


def _set(given: _Given, name: str, value: Value, reading: Reading, span: Span, *, asked: bool) -> None:
    before = given.slots.get(name)
    if before is not None and before.value == value and before.source != "assumed":
        return
    tries, corrections = (before.tries, before.corrections) if before else (0, 0)
    if before is not None and before.value is not None:
        given.changed = True
        corrections += 1
    source: Source = "given" if asked else "prefilled"
    fact = SlotFact(value, source, reading.message, span, tries, corrections)
    given.slots = {**given.slots, name: fact}


def _assigned(plan: Plan, facts: Facts, reading: Reading, given: _Given) -> Iterable[tuple[str, SlotReading]]:
    """Which reading is for which slot: by the slot's own name, else by its type, where that is beyond doubt."""
    taken: set[str] = set()
    by_type: dict[str, dict[str, SlotReading]] = {}
    for found in reading.slots:
        if found.slot_type in plan.slots:
            taken.add(found.slot_type)
            yield found.slot_type, found
        else:
            by_type.setdefault(found.slot_type, {}).setdefault(found.value, found)
    if not by_type:
        return
    asked = {question.slot for question in facts.questions}
    for word, values in by_type.items():
        slots = [
            name
            for name, slot in plan.slots.items()
            if slot.options is None and str(slot.type) == word and name not in taken
        ]
        wanted = [name for name in slots if name in asked] or slots
        if len(wanted) == len(values):
            yield from zip(wanted, values.values(), strict=True)
        elif slots:
            given.ambiguous = True


def _drop_dependents(plan: Plan, facts: Facts, given: _Given, fresh: set[str]) -> None:
    """After a correction, what depends on the corrected slot is asked again."""
    before = facts.slots
    corrected = {
        name for name, fact in given.slots.items() if name in before and before[name].value != fact.value
    }
    touched = set(corrected)
    for name in plan.preparation:
        if name not in corrected and _reads(plan, name) & touched:
            touched.add(name)
    for name in touched - corrected - fresh:
        fact = given.slots.get(name)
        if fact is not None:
            given.slots = {**given.slots, name: replace(fact, value=None, span=None, message=None)}


def _reads(plan: Plan, name: str) -> set[str]:
    """The root names that a slot, look-up or computed value is made from."""
    parts: list[Compiled | None]
    if name in plan.slots:
        slot = plan.slots[name]
        listed = slot.options.list if slot.options else None
        parts = [slot.when, slot.check, slot.assume, slot.or_else, listed]
    elif name in plan.look_ups:
        parts = list(plan.look_ups[name].arguments.values())
    else:
        parts = [plan.computed[name].value]
    return {dotted.partition(".")[0] for part in parts if part for dotted in part.names} - {name}


# -- timers, approvers, backends ----------------------------------------------------------------------------------


def _silence(plan: Plan, facts: Facts) -> Facts:
    if facts.waiting is None or facts.waiting.for_ != "customer":
        return facts
    step = waiting_step(plan, facts)
    edge = (step.if_silent if isinstance(step, Confirm) else None) or plan.if_silent
    if edge is not None:
        return enter(plan, facts, edge, "if_silent")
    return facts.changed(stage="ended", disposition="no_reply", waiting=None, questions=())


def _approved(facts: Facts, event: Approved) -> Facts:
    waiting = facts.waiting
    if waiting is None or waiting.for_ != "approval" or waiting.until is None or facts.offer is None:
        return facts
    if event.offer != facts.offer.id or event.at > waiting.until:
        return facts
    approval = Approval(event.offer, event.approver, event.at, waiting.until)
    return _anew(facts, approval=approval, heard="approved")


def _late(plan: Plan, facts: Facts) -> Facts:
    step = waiting_step(plan, facts)
    if isinstance(step, Approve):
        return enter(plan, facts, step.if_late, "if_late")
    if isinstance(step, Do):
        return _settled(plan, facts, Settled(step.id, Performed("unknown")))
    return facts


def _settled(plan: Plan, facts: Facts, event: Settled) -> Facts:
    """A pending action is final. If the run has gone on meanwhile, only a bad end is news: a person hears of it."""
    before = facts.results.get(event.step)
    step = outline_of(plan).actions.get(event.step)
    if before is None or step is None or before.performed.state not in ("pending", "unknown"):
        return facts
    final = StepResult(event.performed, before.generation, before.at, event.at)
    waits = facts.waiting is not None and facts.waiting.step == event.step
    facts = facts.updated(noted(facts, step, final))
    if waits:
        return follow(plan, facts.changed(waiting=None), step, event.performed)
    if event.performed.state == "done" or before.performed.state == "unknown":
        return facts
    reopened = facts.changed(stage="committed", disposition=None)
    return stop(plan, reopened, f"settled_badly:{step.action}", step.action)

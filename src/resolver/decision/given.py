"""What a message gives to a run's slots: values understood, answers to open questions, other elements than offered.

Called by `moves` for each message. It changes slots only; what follows from that the engine decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from resolver.condition.evaluate import Compiled
from resolver.condition.values import Value
from resolver.decision.answer import answered, derives, parsed
from resolver.decision.choice import from_readings, meant, whole_of
from resolver.decision.facts import Facts, OpenQuestion, SlotFact, Source
from resolver.decision.fill import mentioned
from resolver.decision.outline import outline_of
from resolver.decision.pairs import answered_for, as_stored, kept_by, mentioned_for, places_of, read_for
from resolver.decision.prepare import environment, options_now
from resolver.decision.reply import voice_of
from resolver.playbook.plan import Each, Plan, Slot
from resolver.reading import Reading, SlotReading, Span


@dataclass(slots=True)
class Given:
    """The slots after a message; `changed` if a value that stood before is another one now."""

    slots: Mapping[str, SlotFact]
    changed: bool = False
    ambiguous: bool = False


def given_by(plan: Plan, facts: Facts, reading: Reading) -> Given:
    """The slots with what understanding read and what answers open questions; a correction drops its dependents."""
    if not reading.slots and not facts.questions:
        return Given(facts.slots)
    given = Given(facts.slots)
    open_ = {question.slot: question for question in facts.questions}
    fresh: set[str] = set()
    for name, found, others in _gathered(plan, _assigned(plan, facts, reading, given)):
        slot = plan.slots[name]
        if slot.each is not None:
            if slot.prefill or name in open_:
                _set_each(
                    given, slot, read_for(slot, (found, *others), reading), reading, asked=name in open_
                )
                fresh.add(name)
            continue
        value = from_readings((found, *others)) if _several(slot) else _read(slot, found, reading)
        if value is not None and (slot.prefill or name in open_):
            _set(given, name, value, reading, found.span, asked=name in open_)
            fresh.add(name)
    if open_:
        _answers(plan, [one for one in facts.questions if one.slot not in fresh], given, fresh, reading)
    if given.changed:
        _drop_dependents(plan, facts, given, fresh)
    return given


def names_others(plan: Plan, facts: Facts, reading: Reading, given: Given) -> None:
    """While an offer waits: other elements of a list than those in it, named in the answer, change the offer."""
    for slot in outline_of(plan).named_in_messages:
        if slot.each is not None:
            _names_others_for(plan, facts, slot, slot.each, reading, given)
            continue
        before, now = facts.slots.get(slot.name), given.slots.get(slot.name)
        if before is None or before != now or not (options := options_now(plan, facts, slot)):
            continue
        value = mentioned(plan, facts, slot, options, reading.text)
        if value is not None and meant(slot, before.value, options, plan.records) != meant(
            slot, value, options, plan.records
        ):
            fact = SlotFact(
                value, "given", reading.message, whole_of(reading.text), before.tries, before.corrections + 1
            )
            given.slots, given.changed = {**given.slots, slot.name: fact}, True


def _names_others_for(
    plan: Plan, facts: Facts, slot: Slot, each: Each, reading: Reading, given: Given
) -> None:
    """The same for a value that each element has."""
    before, now = facts.slots.get(slot.name), given.slots.get(slot.name)
    places = places_of(slot, each, environment(plan, facts))
    if before is not None and before == now and places:
        named = mentioned_for(places, [reading.text], voice_of(plan, facts))
        _set_each(given, slot, named, reading, asked=True)


def _several(slot: Slot) -> bool:
    return slot.each is not None or (slot.options is not None and slot.options.several)


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
    plan: Plan, questions: list[OpenQuestion], given: Given, fresh: set[str], reading: Reading
) -> None:
    """What the message says to the open questions that understanding found no value for."""
    for name in dict.fromkeys(question.slot for question in questions if question.element):
        mine = [question for question in questions if question.slot == name]
        found = answered_for(plan.slots[name], mine, reading)
        if found:
            _set_each(given, plan.slots[name], found, reading, asked=True)
            fresh.add(name)
    left = [question for question in questions if not question.element and not _has(given, question.slot)]
    free = [question for question in left if not question.options]
    for question in left:
        slot = plan.slots[question.slot]
        answer = answered(slot, question, reading, only=len(free) == 1)
        if answer is not None:
            _set(given, slot.name, answer[0], reading, answer[1], asked=True)
            fresh.add(slot.name)


def _has(given: Given, name: str) -> bool:
    fact = given.slots.get(name)
    return fact is not None and fact.value is not None


def _read(slot: Slot, found: SlotReading, reading: Reading) -> Value | None:
    if slot.options is not None:
        return found.value or None  # a key; whether it is an option is seen when the list is read
    value = parsed(slot.type, found.value)
    return value if value is not None and derives(slot.type, found, reading) else None


def _set(given: Given, name: str, value: Value, reading: Reading, span: Span, *, asked: bool) -> None:
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


def _set_each(given: Given, slot: Slot, found: Mapping[str, Value], reading: Reading, *, asked: bool) -> None:
    """Values for some elements; one that had another before is a correction."""
    before = given.slots.get(slot.name)
    kept = kept_by(before)
    if not found or all(kept.get(key) == value for key, value in found.items()):
        return
    tries, corrections = (before.tries, before.corrections) if before else (0, 0)
    if any(key in kept and kept[key] != value for key, value in found.items()):
        given.changed = True
        corrections += 1
    source: Source = "given" if asked else "prefilled"
    pairs = as_stored({**kept, **found})
    fact = SlotFact(pairs, source, reading.message, whole_of(reading.text), tries, corrections)
    given.slots = {**given.slots, slot.name: fact}


def _assigned(plan: Plan, facts: Facts, reading: Reading, given: Given) -> Iterable[tuple[str, SlotReading]]:
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
    kinds = {str(plan.slots[name].type) for name in asked}
    if "time" in kinds and "date" not in kinds:
        by_type.pop("date", None)  # the day in an answer to `when shall we call?` is the call's
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


def _drop_dependents(plan: Plan, facts: Facts, given: Given, fresh: set[str]) -> None:
    """After a correction, what depends on the corrected slot is asked again."""
    before = facts.slots
    corrected = {
        name for name, fact in given.slots.items() if name in before and before[name].value != fact.value
    }
    touched = set(corrected)
    for name in plan.preparation:
        if name not in corrected and reads(plan, name) & touched:
            touched.add(name)
    for name in touched - corrected - fresh:
        fact = given.slots.get(name)
        if fact is not None:
            given.slots = {**given.slots, name: replace(fact, value=None, span=None, message=None)}


def reads(plan: Plan, name: str) -> set[str]:
    """The root names that a slot, look-up or computed value is made from, without its own."""
    parts: list[Compiled | None]
    if name in plan.slots:
        slot = plan.slots[name]
        listed = slot.options.list if slot.options else None
        parts = [slot.when, slot.check, slot.assume, slot.or_else, listed]
        if slot.each is not None:
            parts += [slot.each.list, slot.each.options.list if slot.each.options else None]
    elif name in plan.look_ups:
        parts = list(plan.look_ups[name].arguments.values())
    else:
        parts = [plan.computed[name].value]
    return {dotted.partition(".")[0] for part in parts if part for dotted in part.names} - {name}

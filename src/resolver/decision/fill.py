"""Filling a slot: from messages, by what it assumes, by a question, or by the edge it names (LANGUAGE 4, 5.1).

Called by `prepare` for each slot in the plan's order. What is found goes into the wave; nothing is read or said here.
"""

from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled
from resolver.condition.values import PairValue, RecordValue, Unknown, Value
from resolver.decision.choice import meant, named_in, stored, whole_of
from resolver.decision.facts import Facts, OpenQuestion, SlotFact
from resolver.decision.pairs import Place, as_stored, kept_by, meant_for, mentioned_for, places_of
from resolver.decision.reply import show_record, voice_of
from resolver.decision.wave import Edge, Wave
from resolver.playbook.plan import Each, Plan, Slot


def options_of(slot: Slot, env: Env) -> tuple[RecordValue, ...] | None:
    """What the slot may be chosen from; None while its list is unknown."""
    listed = slot.options.list.call(env) if slot.options is not None else ()
    return None if type(listed) is Unknown else tuple(one for one in listed if isinstance(one, RecordValue))


def mentioned(
    plan: Plan, facts: Facts, slot: Slot, options: tuple[RecordValue, ...], text: str
) -> Value | None:
    """The element or elements a message names by the words they are shown with; None if it names none clearly."""
    voice = voice_of(plan, facts)
    named = named_in([(one.key, show_record(one, voice)) for one in options], text)
    if slot.options is not None and slot.options.several:
        return named or None
    return named[0].item if len(named) == 1 else None


def fill(plan: Plan, facts: Facts, slot: Slot, wave: Wave) -> None:
    """Give the slot its value, or note the question for it, or the edge that is taken without one."""
    fact = wave.slots.get(slot.name)
    if slot.when is not None and (needed := slot.when.call(wave.env)) is not True:
        if needed is False and fact is not None and fact.value is not None:
            wave.keep(slot.name, SlotFact(None, fact.source, tries=fact.tries, corrections=fact.corrections))
        return
    if slot.each is not None:
        _fill_each(plan, facts, slot, slot.each, wave)
        return
    options = options_of(slot, wave.env)
    if options is None:
        return
    wave.options[slot.name] = options
    if (
        options
        and facts.said
        and slot.prefill
        and (fact is None or (fact.source == "assumed" and not fact.tries))
    ):
        fact = _from_messages(plan, facts, slot, options, wave) or fact
    if fact is not None and fact.value is not None and fact.source != "assumed":
        fits = _accepts(slot, meant(slot, fact.value, options, plan.records), wave)
        if fits is not False:
            return
        fact = _dropped(fact)
        wave.keep(slot.name, fact)
    _fill_missing(plan, facts, slot, fact, options, wave)


def _from_messages(
    plan: Plan, facts: Facts, slot: Slot, options: tuple[RecordValue, ...], wave: Wave
) -> SlotFact | None:
    """What the customer named before the list was read, the latest message first."""
    for text in reversed(facts.said):
        value = mentioned(plan, facts, slot, options, text)
        if value is not None:
            wave.keep(slot.name, SlotFact(value, "prefilled", span=whole_of(text)))
            return wave.slots[slot.name]
    return None


def _accepts(slot: Slot, value: Value | None, wave: Wave) -> bool | None:
    """Give the slot this value if its check holds; None: the check is unknown, so is the slot."""
    if value is None or type(value) is Unknown:
        return False
    wave.names[slot.name] = value
    if slot.check is None or (holds := slot.check.call(wave.env)) is True:
        return True
    del wave.names[slot.name]
    return None if type(holds) is Unknown else False


def _fill_missing(
    plan: Plan, facts: Facts, slot: Slot, fact: SlotFact | None, options: tuple[RecordValue, ...], wave: Wave
) -> None:
    if slot.options is not None and not options:
        wave.take(_without(plan, slot, "if_none", slot.if_none))
        return
    tries = fact.tries if fact else 0
    if (
        tries == 0
        and slot.assume is not None
        and _assume(plan, slot, slot.assume.call(wave.env), options, fact, wave)
    ):
        return
    if _may_ask(facts, slot, tries):
        wave.questions.append(OpenQuestion(slot.name, tuple((one.key, one.key) for one in options)))
    elif slot.or_else is None or not _assume(plan, slot, slot.or_else.call(wave.env), options, fact, wave):
        wave.take(_without(plan, slot, "if_given_up", slot.if_given_up))


def _without(plan: Plan, slot: Slot, key: str, outcome: str | None) -> Edge:
    """The edge the slot names for the lack of a value; where it names none, the run stops for it."""
    return Edge(outcome or plan.if_unsure, f"{key}:{slot.name}", None if outcome else slot.name)


def _may_ask(facts: Facts, slot: Slot, tries: int) -> bool:
    """Whether the question may be put: what is only put once more is no further try."""
    return tries < slot.tries or (facts.repeats and tries > 0)


def _assume(
    plan: Plan,
    slot: Slot,
    value: Value,
    options: tuple[RecordValue, ...],
    fact: SlotFact | None,
    wave: Wave,
) -> bool:
    candidate = meant(slot, value, options, plan.records)
    if candidate is None or _accepts(slot, candidate, wave) is not True:
        return False
    tries, corrections = (fact.tries, fact.corrections) if fact else (0, 0)
    assumed = SlotFact(stored(slot, candidate), "assumed", tries=tries, corrections=corrections)
    if fact != assumed:
        wave.keep(slot.name, assumed)
    return True


# -- slots with a value for each element --------------------------------------------------------------------------


def _fill_each(plan: Plan, facts: Facts, slot: Slot, each: Each, wave: Wave) -> None:
    places = places_of(slot, each, wave.env)
    if places is None:
        return
    if each.options is not None and any(not place.options for place in places):
        wave.take(_without(plan, slot, "if_none", slot.if_none))
        return
    fact = wave.slots.get(slot.name)
    kept = _kept(plan, facts, slot, places, wave)
    tries = fact.tries if fact else 0
    if tries == 0 and slot.assume is not None:
        kept = _taken_for(slot, slot.assume, places, kept)
    if not _may_ask(facts, slot, tries) and slot.or_else is not None:
        kept = _taken_for(slot, slot.or_else, places, kept)
    pairs = [(place, meant_for(slot, place, kept.get(place.element.key))) for place in places]
    whole = tuple(PairValue(place.element, value) for place, value in pairs if value is not None)
    if len(whole) == len(pairs):
        fits = _accepts(slot, whole, wave)
        if fits is not False:
            return
        wave.keep(slot.name, _dropped(fact))
        pairs, tries = [(place, None) for place in places], max(1, tries)
    if _may_ask(facts, slot, tries):
        wave.questions += [
            OpenQuestion(slot.name, element=place.element.key) for place, value in pairs if value is None
        ]
    else:
        wave.take(_without(plan, slot, "if_given_up", slot.if_given_up))


def _kept(plan: Plan, facts: Facts, slot: Slot, places: list[Place], wave: Wave) -> dict[str, Value]:
    """What the slot has for elements that are still there, and what earlier messages name for the others."""
    fact = wave.slots.get(slot.name)
    before = kept_by(fact)
    kept = {place.element.key: before[place.element.key] for place in places if place.element.key in before}
    if slot.prefill and facts.said and (fact is None or not fact.tries):
        missing = [place for place in places if place.element.key not in kept]
        named = mentioned_for(missing, reversed(facts.said), voice_of(plan, facts))
        if named:
            kept |= named
            wave.keep(slot.name, SlotFact(as_stored(kept), "prefilled"))
    return kept


def _taken_for(slot: Slot, value: Compiled, places: list[Place], kept: dict[str, Value]) -> dict[str, Value]:
    return {place.element.key: kept.get(place.element.key, value.call(place.env)) for place in places}


def _dropped(fact: SlotFact | None) -> SlotFact:
    """A value whose check failed counts as a try."""
    if fact is None:
        return SlotFact(None, "given", tries=1)
    counted = fact.tries + 1 if fact.source == "prefilled" else fact.tries
    return SlotFact(None, fact.source, tries=max(1, counted), corrections=fact.corrections)

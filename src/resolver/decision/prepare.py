"""Preparing: one wave over slots, look-ups and computed values, in the plan's order (LANGUAGE 4, 5).

Called by the engine on every decision. It says which record to read, what to ask or which edge to take; all of it
follows from plan and facts alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled
from resolver.condition.values import PairValue, PerCurrency, RecordValue, Unknown, Value
from resolver.decision import effects, proving
from resolver.decision.choice import meant, named_in, stored, whole_of
from resolver.decision.effects import Found, LookUpFailed, Missing
from resolver.decision.facts import RANK, Facts, OpenQuestion, RecordFact, SlotFact
from resolver.decision.outline import outline_of
from resolver.decision.pairs import Place, as_stored, kept_by, meant_for, mentioned_for, places_of
from resolver.decision.referred import look_up_of, next_reference, referred
from resolver.decision.reply import show_record, voice_of
from resolver.playbook.plan import Computed, Each, LookUp, Plan, Slot
from resolver.playbook.policy import Policy
from resolver.ticket import Level


class Edge(NamedTuple):
    """An outcome to go to without the rules: why, and if the run was stopped, by what."""

    outcome: str
    reason: str
    stopped_by: str | None = None


@dataclass(slots=True)
class Wave:
    """What one pass over the preparation found. `slots` is the facts' own mapping until something in it changes.

    `next` is where in the preparation it goes on if it stopped early for the record of `look_up`, else None. `reads`
    are the look-ups it has asked for, `options` what slots may be chosen from.
    """

    env: Env
    names: dict[str, Value]
    slots: Mapping[str, SlotFact]
    look_up: effects.LookUp | None = None
    edge: Edge | None = None
    prove: effects.Prove | None = None
    questions: list[OpenQuestion] = field(default_factory=list)
    next: int | None = None
    reads: dict[str, effects.LookUp] = field(default_factory=dict)
    options: dict[str, tuple[RecordValue, ...]] = field(default_factory=dict)

    def keep(self, name: str, fact: SlotFact) -> None:
        """Remember another fact about a slot."""
        self.slots = {**self.slots, name: fact}


@dataclass(slots=True)
class Prepared:
    """A preparation that left nothing to ask: what it saw, and all that was worked out from it.

    Remembered with the facts. After a wait whose answer changes nothing that expressions see, all of it holds as soon
    as every record was read again and is the very same: so it is not worked out twice. `chosen`, `offers` and
    `told` are filled by whoever works them out.
    """

    env: Env
    reads: Mapping[str, effects.LookUp]
    records: Mapping[str, RecordFact]
    seen: tuple[Any, ...]
    options: Mapping[str, tuple[RecordValue, ...]]
    chosen: Any = None
    offers: dict[Any, Any] = field(default_factory=dict)
    told: dict[Any, Any] = field(default_factory=dict)

    def sees(self, facts: Facts) -> bool:
        """Whether expressions would see the same from these facts, but for the records."""
        return facts.slots is self.seen[0] and not facts.results and self.seen == _seen(facts)

    def again(self, facts: Facts) -> Wave | None:
        """The wave that asks for the next record, or the last one; `None` if expressions see something else now."""
        if not self.sees(facts):
            return None
        for name, look_up in self.reads.items():
            fact, before = facts.records.get(name), self.records[name]
            if fact is None:
                return Wave(self.env, {}, facts.slots, look_up=look_up)
            if type(fact) is not Found or type(before) is not Found or fact.record is not before.record:
                return None
        facts.__dict__["env"] = self.env
        return Wave(self.env, {}, facts.slots)


def _seen(facts: Facts) -> tuple[Any, ...]:
    """Everything but the records that preparing depends on, what is most likely to have changed first."""
    return (
        facts.slots, facts.said, facts.now, facts.level, facts.language, facts.codes, facts.policy.id,
        facts.customer, facts.ticket,
    )  # fmt: skip


def environment(plan: Plan, facts: Facts) -> Env:
    """What expressions see: the facts with everything that follows from them. Remembered with the facts."""
    remembered: Env | None = facts.env
    if remembered is not None:
        return remembered
    prepared: Prepared | None = facts.prepared
    if prepared is not None and facts.records is prepared.records and prepared.sees(facts):
        facts.__dict__["env"] = prepared.env
        return prepared.env
    wave = _begin(plan, facts)
    _pass(plan, facts, wave, 0, whole=True)
    facts.__dict__["env"] = wave.env
    return wave.env


def prepare(plan: Plan, facts: Facts) -> Wave:
    """One wave. At most one of look-up, edge and questions matters, in this order; none of them: ready to decide.

    It stops at the first look-up, since nothing behind it matters before the record is there; `engine.advance` hands it
    to the facts that have the record, and it goes on from there.
    """
    begun: Wave | None = facts.begun
    prepared: Prepared | None = facts.prepared
    if begun is None and prepared is not None:
        same = prepared.again(facts)
        if same is not None:
            return same
    if begun is None:
        wave, first = _begin(plan, facts), 0
    else:
        facts.__dict__["begun"] = None  # nobody else goes on with it
        wave, first = begun, begun.next or 0
        wave.look_up = wave.next = None
    outline = outline_of(plan)
    _pass(plan, facts, wave, first)
    if len(wave.questions) > 1:
        wave.questions.sort(key=lambda question: outline.slot_order[question.slot])
    if wave.look_up is None and (reference := next_reference(plan, facts, wave.env)) is not None:
        wave.look_up, wave.next = reference, None
        return wave
    _prove(plan, facts, wave)
    if wave.next is None:
        facts.__dict__["env"] = wave.env
    return wave


def remember(plan: Plan, facts: Facts, wave: Wave) -> Prepared | None:
    """What was worked out, remembered with the facts if it is certain to come out the same again."""
    before: Prepared | None = facts.prepared
    if before is not None and before.env is wave.env:
        return before
    steady = outline_of(plan).steady and not facts.results and wave.reads.keys() == facts.records.keys()
    made = Prepared(wave.env, wave.reads, facts.records, _seen(facts), wave.options) if steady else None
    facts.__dict__["prepared"] = made
    return made


def _begin(plan: Plan, facts: Facts) -> Wave:
    names: dict[str, Value] = {
        "customer": RecordValue("customer", "", facts.customer),
        "ticket": RecordValue("ticket", "", facts.ticket),
        "limits": limits_of(facts.policy),
    }
    if facts.results:
        _add_results(plan, facts, names)
    return Wave(Env(names, facts.now, facts.policy.calendar, referred(plan, facts)), names, facts.slots)


def _pass(plan: Plan, facts: Facts, wave: Wave, first: int, *, whole: bool = False) -> None:
    """Go through the preparation from `first` as far as no look-up is pending, or the whole of it."""
    names, env, records = wave.names, wave.env, facts.records
    for index, one in enumerate(outline_of(plan).preparation[first:], first):
        if isinstance(one, Computed):
            names[one.name] = one.value.call(env)
        elif isinstance(one, Slot):
            _fill(plan, facts, one, wave)
        elif type(fact := records.get(one.name)) is Found:
            names[one.name] = fact.record
        else:
            _read(plan, one, fact, wave)
            if wave.look_up is not None and not whole:
                wave.next = index
                return


def limits_of(policy: Policy) -> RecordValue:
    """The policy's limits as the record `limits`."""
    remembered = _LIMITS.get(policy.id)
    if remembered is not None and remembered[0] is policy:
        return remembered[1]
    amounts: dict[str, Value] = {
        name: PerCurrency({currency: money.amount for currency, money in each.items()})
        for name, each in policy.limits.items()
    }
    record = RecordValue("limits", "", amounts)
    if len(_LIMITS) > 64:
        _LIMITS.clear()
    _LIMITS[policy.id] = (policy, record)
    return record


_LIMITS: dict[str, tuple[Policy, RecordValue]] = {}


def _add_results(plan: Plan, facts: Facts, names: dict[str, Value]) -> None:
    for step in outline_of(plan).results:
        result = facts.results.get(step.id)
        if result is not None and step.result_name is not None:
            external = result.performed.external_id or ""
            names[step.result_name] = RecordValue("result", external, result.performed.gives)


def _read(plan: Plan, look_up: LookUp, fact: Missing | LookUpFailed | Found | None, wave: Wave) -> None:
    if fact is None:
        if wave.look_up is None:
            wave.look_up = look_up_effect(look_up, wave.env)
            if wave.look_up is not None:
                wave.reads[look_up.name] = wave.look_up
    elif wave.edge is None or not wave.edge.reason.startswith("if_missing"):
        if isinstance(fact, Missing):
            wave.edge = Edge(look_up.if_missing, f"if_missing:{look_up.name}")
        elif look_up.if_fails is not None:
            wave.edge = Edge(look_up.if_fails, f"if_fails:{look_up.name}")
        else:
            wave.edge = Edge(plan.if_unsure, f"if_fails:{look_up.name}", look_up.name)


def look_up_effect(look_up: LookUp, env: Env) -> effects.LookUp | None:
    """The look-up if all it needs is known."""
    arguments: dict[str, Value] = {}
    for name, compiled in look_up.arguments.items():
        value = compiled.call(env)
        if type(value) is not Unknown:
            arguments[name] = value
        elif not look_up.spec.takes[name].may_be_missing:
            return None
    return effects.LookUp(look_up.name, look_up.find, arguments, look_up.spec.identity)


def _prove(plan: Plan, facts: Facts, wave: Wave) -> None:
    """Below the level a look-up or the playbook demands, who writes is proven first, or a person takes over.

    A record that is missing is proven for like one that was found: the two are never told apart.
    """
    level, look_up = RANK[facts.level], wave.look_up
    if look_up is not None and level < RANK[look_up.identity]:
        wave.look_up = None
        _demand(plan, facts, wave, look_up, look_up.identity)
    elif look_up is None and level < RANK[plan.identify]:
        wave.prove = proving.asks_account(plan, facts, plan.identify, step=None)
        if wave.prove is not None:
            return
        for one in proving.owned(plan, facts.policy, plan.identify):
            read = facts.records.get(one.name)
            wanted = look_up_effect(one, wave.env) if read is not None else None
            if wanted is not None and not isinstance(read, LookUpFailed):
                return _demand(plan, facts, wave, wanted, plan.identify)
        proof = Edge(plan.if_unsure, f"identity:{plan.identify}", "identity")
        if _private_record(plan, facts):
            wave.edge = proof
        elif not wave.questions:
            _take(wave, proof)


def _demand(plan: Plan, facts: Facts, wave: Wave, look_up: effects.LookUp, level: Level) -> None:
    """Ask for details of the record or a code sent to its contact; where that cannot be, stop in any case."""
    wave.prove = proving.asks_account(plan, facts, level, step=None)
    if wave.prove is not None:
        return
    can = any(one.name == look_up.name for one in proving.owned(plan, facts.policy, level))
    wave.prove = proving.asks(plan, facts, look_up, level, step=None) if can else None
    if wave.prove is None:
        wave.edge = Edge(plan.if_unsure, f"identity:{level}", "identity")


def _private_record(plan: Plan, facts: Facts) -> bool:
    """Whether a record that belongs to somebody was read."""
    return any(
        isinstance(fact, Found) and look_up_of(plan, name).gives.owner not in ("", "nobody")
        for name, fact in facts.records.items()
    )


# -- slots --------------------------------------------------------------------------------------------------------


def options_of(slot: Slot, env: Env) -> tuple[RecordValue, ...] | None:
    """What the slot may be chosen from; None while its list is unknown."""
    listed = slot.options.list.call(env) if slot.options is not None else ()
    return None if type(listed) is Unknown else tuple(one for one in listed if isinstance(one, RecordValue))


def options_now(plan: Plan, facts: Facts, slot: Slot) -> tuple[RecordValue, ...] | None:
    """`options_of` by the facts' own environment; listed once for what is prepared."""
    env = environment(plan, facts)
    prepared: Prepared | None = facts.prepared
    if prepared is None or prepared.env is not env or slot.name not in prepared.options:
        return options_of(slot, env)
    return prepared.options[slot.name]


def mentioned(
    plan: Plan, facts: Facts, slot: Slot, options: tuple[RecordValue, ...], text: str
) -> Value | None:
    """The element or elements a message names by the words they are shown with; None if it names none clearly."""
    voice = voice_of(plan, facts)
    named = named_in([(one.key, show_record(one, voice)) for one in options], text)
    if slot.options is not None and slot.options.several:
        return named or None
    return named[0].item if len(named) == 1 else None


def _fill(plan: Plan, facts: Facts, slot: Slot, wave: Wave) -> None:
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
        counted = fact.tries + 1 if fact.source == "prefilled" else fact.tries
        fact = SlotFact(None, fact.source, tries=max(1, counted), corrections=fact.corrections)
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
        _take(
            wave,
            Edge(slot.if_none or plan.if_unsure, f"if_none:{slot.name}", None if slot.if_none else slot.name),
        )
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
        given_up = slot.if_given_up
        edge = Edge(given_up or plan.if_unsure, f"if_given_up:{slot.name}", None if given_up else slot.name)
        _take(wave, edge)


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
        outcome = slot.if_none or plan.if_unsure
        _take(wave, Edge(outcome, f"if_none:{slot.name}", None if slot.if_none else slot.name))
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
        given_up = slot.if_given_up
        outcome = given_up or plan.if_unsure
        _take(wave, Edge(outcome, f"if_given_up:{slot.name}", None if given_up else slot.name))


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


def _take(wave: Wave, edge: Edge) -> None:
    if wave.edge is None:
        wave.edge = edge

"""Preparing: one wave over slots, look-ups and computed values, in the plan's order (LANGUAGE 4, 5).

Called by the engine on every decision. It says which record to read, what to ask or which edge to take; all of it
follows from plan and facts alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from resolver.condition.env import Env
from resolver.condition.values import PerCurrency, RecordValue, Unknown, Value
from resolver.decision import effects, proving
from resolver.decision.effects import Found, LookUpFailed, Missing
from resolver.decision.facts import RANK, Facts, RecordFact
from resolver.decision.fill import fill, options_of
from resolver.decision.outline import outline_of
from resolver.decision.referred import look_up_of, next_reference, referred
from resolver.decision.wave import Edge, Wave
from resolver.playbook.plan import Computed, LookUp, Plan, Slot
from resolver.playbook.policy import Policy
from resolver.ticket import Level


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
            fill(plan, facts, one, wave)
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
            wave.take(proof)


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


def options_now(plan: Plan, facts: Facts, slot: Slot) -> tuple[RecordValue, ...] | None:
    """`options_of` by the facts' own environment; listed once for what is prepared."""
    env = environment(plan, facts)
    prepared: Prepared | None = facts.prepared
    if prepared is None or prepared.env is not env or slot.name not in prepared.options:
        return options_of(slot, env)
    return prepared.options[slot.name]

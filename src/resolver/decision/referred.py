"""Records behind references: which of them a run still has to read, and those it has (LANGUAGE 10, `from LOOK_UP`).

Used by `prepare` and the engine. A record is read on first use, with the field's value as key, and kept for the turn;
like every other it is read again in the next one.
"""

from resolver.condition.env import Env, Referred
from resolver.condition.storage import read_value
from resolver.condition.values import Reference, Unknown, Value, unknown
from resolver.connector.interface import LookUpSpec
from resolver.decision import effects
from resolver.decision.effects import Found
from resolver.decision.facts import RANK, Facts
from resolver.playbook.plan import Plan

MAX_READ = 50
"""More references than that are not followed in one turn; what they lead to stays unknown."""


def name_of(reference: Reference) -> str:
    """What the record is called among the facts' records; no name in a playbook has a colon."""
    return f"{reference.look_up}:{reference.key}"


def look_up_of(plan: Plan, name: str) -> LookUpSpec:
    """The look-up behind a name among the facts' records: the playbook's own, or that of a reference."""
    own = plan.look_ups.get(name)
    return own.spec if own else plan.references[name.partition(":")[0]]


def look_ups_of(plan: Plan) -> dict[str, LookUpSpec]:
    """Every look-up a run of this plan may do, by its full name."""
    return {**plan.references, **{one.find: one.spec for one in plan.look_ups.values()}}


def referred(plan: Plan, facts: Facts) -> Referred:
    """The references' records as far as they were read; one that is missing or failed is unknown."""
    if not plan.references:
        return Referred()
    known: dict[Reference, Value] = {}
    for name, fact in facts.records.items():
        look_up, colon, key = name.partition(":")
        if colon:
            known[Reference(look_up, key)] = fact.record if isinstance(fact, Found) else unknown(look_up)
    return Referred(known)


def next_reference(plan: Plan, facts: Facts, env: Env) -> effects.LookUp | None:
    """The look-up of the first record that an expression asked for and that may be read now; None if there is none."""
    if not env.referred.wanted or len(env.referred.known) >= MAX_READ:
        return None
    for reference in env.referred.wanted:
        spec = plan.references[reference.look_up]
        argument = next(name for name, one in spec.takes.items() if not one.may_be_missing)
        key = read_value(spec.takes[argument].type, reference.key, plan.records, name=argument)
        if not isinstance(key, Unknown) and RANK[facts.level] >= RANK[spec.identity]:
            return effects.LookUp(name_of(reference), reference.look_up, {argument: key}, spec.identity)
    return None

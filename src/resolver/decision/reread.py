"""The look-ups behind the records that a run has, as they are read again before an action is sent. Pure.

Used by resolution for a run that was committed in an earlier turn: it reads nothing any more, and the gateway still
wants to know how its records were found.
"""

from collections.abc import Iterator

from resolver.condition.storage import read_value
from resolver.condition.values import Unknown
from resolver.decision import effects
from resolver.decision.effects import Found
from resolver.decision.facts import Facts
from resolver.decision.prepare import environment, look_up_effect
from resolver.playbook.plan import Plan


def look_ups_behind(plan: Plan, facts: Facts) -> Iterator[effects.LookUp]:
    """The look-up of each record that was found, with the arguments it was found by."""
    env = environment(plan, facts)
    for name, fact in facts.records.items():
        if not isinstance(fact, Found):
            continue
        own = plan.look_ups.get(name)
        effect = look_up_effect(own, env) if own is not None else _of_reference(plan, name)
        if effect is not None:
            yield effect


def _of_reference(plan: Plan, name: str) -> effects.LookUp | None:
    """A record behind a reference is named by its look-up and key."""
    look_up, _, key = name.partition(":")
    spec = plan.references[look_up]
    argument = next(one for one, takes in spec.takes.items() if not takes.may_be_missing)
    value = read_value(spec.takes[argument].type, key, plan.records, name=argument)
    return (
        None
        if isinstance(value, Unknown)
        else effects.LookUp(name, look_up, {argument: value}, spec.identity)
    )

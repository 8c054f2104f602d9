"""Which playbooks can pay for which kind of record: for pages, and for whoever asks whether one pays twice.

Called with compiled plans; it looks at what their actions declare and evaluates nothing.
"""

from collections.abc import Iterable, Iterator

from resolver.condition.evaluate import Compiled
from resolver.condition.types import Record
from resolver.playbook.plan import Do, Plan


def paying_steps(plan: Plan) -> Iterator[Do]:
    """The steps of a playbook that move money."""
    for steps in plan.outcomes.values():
        yield from (step for step in steps if isinstance(step, Do) and step.spec.effect == "money")


def record_of(step: Do) -> Record | None:
    """The type of the record that an action is about."""
    argument = step.spec.takes.get(step.spec.record or "")
    return argument.type if argument and isinstance(argument.type, Record) else None


def others_that_pay(plan: Plan, step: Do, plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """The other playbooks that can move money for the same kind of record."""
    record = record_of(step)
    return tuple(
        one
        for one in plans
        if one.playbook != plan.playbook
        and record is not None
        and record.name in {found.name for each in paying_steps(one) if (found := record_of(each))}
    )


def looks_at_payouts(plan: Plan) -> bool:
    """Whether a rule asks what was paid for this very record before."""
    conditions: list[Compiled] = [rule.when for rule in plan.rules if rule.when is not None]
    conditions += [one.value for one in plan.computed.values()]
    return any("customer.payouts" in one.names and "record is " in one.source for one in conditions)

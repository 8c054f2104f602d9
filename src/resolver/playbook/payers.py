"""Which playbooks can pay for which kind of record: for pages, and for whoever asks whether one pays twice.

Called with compiled plans; it looks at what their actions declare and evaluates nothing.
"""

from collections.abc import Iterable, Iterator, Mapping

from resolver.condition.evaluate import Compiled
from resolver.condition.types import Record
from resolver.money import Money
from resolver.playbook.plan import Do, Go, Plan
from resolver.playbook.policy import ActionPolicy, Policy


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


def smallest_caps(said: ActionPolicy) -> dict[str, Money]:
    """What one payment can come to at most by the policy's caps, for each currency that has one."""
    found: dict[str, Money] = {}
    for amounts in said.caps().values():
        for currency, amount in amounts.items():
            found[currency] = min(amount, found.get(currency, amount), key=lambda one: one.minor)
    return found


def keeps_below(plan: Plan, step: Do, caps: Mapping[str, Money], policy: Policy) -> bool:
    """Whether a rule that pays nothing by this action compares its amount with a limit no higher than the caps."""
    amounts = {name for argument in step.arguments.values() for name in argument.names}
    for rule in plan.rules:
        names = rule.when.names if rule.when is not None else ()
        if not amounts & set(names) or _leads_to(plan, rule.then, step.action):
            continue
        for limit in (name.removeprefix("limits.") for name in names if name.startswith("limits.")):
            most = policy.limits.get(limit, {})
            if all(code in most and most[code].minor <= cap.minor for code, cap in caps.items()):
                return True
    return False


def _leads_to(plan: Plan, outcome: str, action: str) -> bool:
    """Whether the line of an outcome, `go` followed, performs an action."""
    for step in plan.outcomes[outcome]:
        if isinstance(step, Do) and step.action == action:
            return True
        if isinstance(step, Go):
            return _leads_to(plan, step.outcome, action)
    return False

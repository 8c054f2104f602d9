"""Which playbooks can pay for which kind of record: for pages, and for whoever asks whether one pays twice.

Called with compiled plans; it looks at what their actions declare and evaluates nothing.
"""

from collections.abc import Iterable, Iterator, Mapping

from resolver.condition.evaluate import Compiled
from resolver.condition.syntax import Compare, Constant, walk
from resolver.condition.types import Record
from resolver.condition.values import Amount
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


def paid_before(plan: Plan, step: Do) -> str:
    """The condition that something was paid for this record before, or that nobody knows; it never stops."""
    value = step.arguments.get(step.spec.record or "")
    type_ = plan.records.get(value.type.name) if value and isinstance(value.type, Record) else None
    record = f"{value.source}.{type_.key}" if value and type_ else "…"
    return f"customer.payouts is not known or any of customer.payouts where (record is {record})"


def smallest_caps(said: ActionPolicy) -> dict[str, Money]:
    """What one payment can come to at most by the policy's caps, for each currency that has one."""
    found: dict[str, Money] = {}
    for amounts in said.caps().values():
        for currency, amount in amounts.items():
            found[currency] = min(amount, found.get(currency, amount), key=lambda one: one.minor)
    return found


def above_caps(plan: Plan, step: Do, caps: Mapping[str, Money], policy: Policy) -> dict[str, Money]:
    """The caps that one payment may pass: those that no rule which does not pay by this action keeps it below.

    Where an amount is compared with one that is not there in its currency, the rule stops: nothing is paid either.
    """
    amounts = {name for argument in step.arguments.values() for name in argument.names}
    left = dict(caps)
    for rule in plan.rules:
        if rule.when is None or not amounts & set(rule.when.names) or _leads_to(plan, rule.then, step.action):
            continue
        for bound in _bounds(rule.when, policy):
            kept = [code for code, cap in left.items() if code not in bound or bound[code].minor <= cap.minor]
            left = {code: cap for code, cap in left.items() if code not in kept}
    return left


def _bounds(when: Compiled, policy: Policy) -> Iterator[Mapping[str, Money]]:
    """What a condition compares amounts with: the policy's limits, and amounts written out."""
    limits = (name.removeprefix("limits.") for name in when.names if name.startswith("limits."))
    yield from (policy.limits[name] for name in limits if policy.limits.get(name))
    for node in walk(when.checked.expression.root):
        if isinstance(node, Compare) and node.operator in (">", ">=") and not node.negated:
            value = node.right.value if isinstance(node.right, Constant) else None
            amount = value.money() if isinstance(value, Amount) else None
            if amount is not None and amount.minor > 0:
                yield {amount.currency: amount}


def _leads_to(plan: Plan, outcome: str, action: str) -> bool:
    """Whether the line of an outcome, `go` followed, performs an action."""
    for step in plan.outcomes[outcome]:
        if isinstance(step, Do) and step.action == action:
            return True
        if isinstance(step, Go):
            return _leads_to(plan, step.outcome, action)
    return False

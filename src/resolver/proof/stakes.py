"""Three example tickets where money is at stake: the last day it is paid, the day it is not, the amount at the limit.

Called by `resolver lint --explain` with the prover installed. Each ticket is worked out from the playbook and played
through the engine; what the customer reads is what production would write.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from babel import Locale

from resolver.condition.evaluate import Compiled
from resolver.condition.values import Unknown
from resolver.decision.approval_sheet import value_of
from resolver.decision.reply import show, voice_of
from resolver.playbook.due import day_rules
from resolver.playbook.payers import paying_steps
from resolver.playbook.plan import Approve, Do, Go, Plan, Rule
from resolver.playbook.policy import Policy
from resolver.proof.casework import Ticket, ticket_for
from resolver.proof.played import Played
from resolver.proof.state import State
from resolver.proof.target import Target, targets_of

MOST = 3
_BRITISH = Locale("en", "GB")
_BOUNDS = {
    "is exactly limits.": "exactly at the limit",
    "above limits.": "a cent above the limit",
    "below limits.": "a cent below the limit",
}
"""The end of a target's name, and what it is called for people."""
_TRIES = 150
_FAR = 250
"""Days to which a ticket is moved, each way, until a rule changes its answer."""


@dataclass(frozen=True, slots=True)
class Example:
    """One ticket: `has` is what the customer has by dotted name, `told` what the customer reads, in its order."""

    title: str
    has: Mapping[str, str]
    asked: tuple[str, ...]
    rule: str
    because: str
    paid: str
    told: tuple[str, ...]
    ticket: str

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def examples(plan: Plan, plans: Mapping[str, Plan], policy: Policy) -> tuple[Example, ...]:
    """At most three tickets; none for a playbook that moves no money."""
    paying = [rule for rule in plan.rules if rule.when is not None and _pays(plan, rule)]
    if not paying:
        return ()
    currency = next((code for amounts in policy.limits.values() for code in amounts), "EUR")
    state = State.of(plan)
    targets = list(targets_of(state, policy, currency))
    found: list[Example] = []
    for rule in paying:
        ticket = _find(state, plans, policy, targets, f"rule {rule.id}", currency)
        found += _edges(ticket, plan, rule) if ticket else []
    found = [*found[: MOST - 1], *_limits(state, plans, policy, targets, currency), *found[MOST - 1 :]]
    for rule in plan.rules if len(found) < MOST else ():
        unpaid = _find(state, plans, policy, targets, f"rule {rule.id}", currency, paid=False)
        if unpaid is not None and rule.id not in {one.rule for one in found}:
            found.append(_told(unpaid, plan, "a ticket that is not paid"))
    return tuple(found[:MOST])


def _pays(plan: Plan, rule: Rule) -> bool:
    """Whether the outcome of a rule, or one it goes on with, moves money."""
    paying = {step.id for step in paying_steps(plan)}
    todo, seen = [rule.then], set[str]()
    while todo:
        outcome = todo.pop()
        seen.add(outcome)
        steps = plan.outcomes[outcome]
        if any(isinstance(step, Do) and step.id in paying for step in steps):
            return True
        todo += [step.outcome for step in steps if isinstance(step, Go) and step.outcome not in seen]
    return False


def _find(
    state: State,
    plans: Mapping[str, Plan],
    policy: Policy,
    targets: Sequence[Target],
    name: str,
    currency: str,
    *,
    paid: bool = True,
) -> Ticket | None:
    target = next((one for one in targets if one.name == name), None)
    if target is None:
        return None
    return ticket_for(
        state, plans, policy, target, currency, accepts=lambda one: _was_paid(one) is paid, tries=_TRIES
    )


def _was_paid(played: Played) -> bool:
    return any(one.minor > 0 for one in played.paid)


# -- days and amounts -------------------------------------------------------------------------------------------------


def _edges(ticket: Ticket, plan: Plan, rule: Rule) -> list[Example]:
    """The days between which the rule stops paying, or starts; the ticket as it is where no day matters."""
    if any(True for one in plan.rules for _ in day_rules(plan, one)):
        for step, on, off in (
            (1, "last day allowed", "first day not"),
            (-1, "first day allowed", "day before"),
        ):
            if (pair := _turn(ticket, rule, step)) is not None:
                return [_told(pair[0], plan, f"the {on}"), _told(pair[1], plan, f"the {off}")]
    return [_told(ticket, plan, "a ticket that is paid")]


def _turn(ticket: Ticket, rule: Rule, step: int) -> tuple[Ticket, Ticket] | None:
    """The ticket on the last day the rule decides it, and on the next, day by day in that direction."""
    before = ticket
    for later in range(1, _FAR):
        after = ticket.at(ticket.given.now + timedelta(days=step * later))
        if after is None:
            return None
        if after.played.rule != rule.id:
            return before, after
        before = after
    return None


def _limits(
    state: State, plans: Mapping[str, Plan], policy: Policy, targets: Sequence[Target], currency: str
) -> Iterator[Example]:
    """The amount exactly at a limit, and a cent above it where there is room for one more."""
    for words, title in _BOUNDS.items():
        for target in targets:
            if words not in target.name or not _of_money(state.plan, target.name):
                continue
            ticket = _find(state, plans, policy, [target], target.name, currency)
            if ticket is not None:
                yield _told(ticket, state.plan, f"the amount {title}")
                break


def _of_money(plan: Plan, name: str) -> bool:
    """Whether a bound is one of a rule that pays, or of an approval before a payment."""
    paying = [f"(rule {rule.id})" for rule in plan.rules if _pays(plan, rule)]
    lines = {step.id.split("/")[1] for step in paying_steps(plan)}
    return name.endswith((*paying, *(f"(approval in {one})" for one in lines)))


# -- telling ----------------------------------------------------------------------------------------------------------


def _told(ticket: Ticket, plan: Plan, title: str) -> Example:
    played, rehearsal = ticket.played, ticket.played.rehearsal
    rule = next((one for one in plan.rules if one.id == played.rule), None)
    status = rehearsal.ticket.status.value if rehearsal.ticket.status else "as it was"
    queue = f", to {rehearsal.policy.queues.get(rehearsal.hand_off.queue, '')}" if rehearsal.hand_off else ""
    return Example(
        title=title,
        has=_has(ticket, plan),
        asked=tuple(rehearsal.asked),
        rule=played.rule or "none",
        because=rule.because if rule else "",
        paid=_paid(played),
        told=tuple(" ".join(one.split()) for one in rehearsal.messages),
        ticket=f"{status.replace('_', ' ')}{queue}",
    )


def _paid(played: Played) -> str:
    amounts = ", ".join(map(str, played.paid)) or "nothing"
    return f"{amounts}, after an approval" if played.approved else amounts


def _has(ticket: Ticket, plan: Plan) -> dict[str, str]:
    """What the rules look at, as the customer's record, answers and day of writing have it."""
    facts, env = ticket.played.rehearsal.facts, ticket.played.rehearsal.saw
    if facts is None or env is None:
        return {}
    # days as the sentences beside the rules write them
    voice = replace(voice_of(plan, facts), locale=_BRITISH)
    calendar = ticket.search.policy.calendar
    found = {"writes on": show(calendar.day_of(ticket.given.now), voice)}
    for name in _looked_at(plan):
        value = value_of(name, env)
        if not isinstance(value, Unknown) and value != ():
            found[name] = show(value, voice, name)
    return found


def _looked_at(plan: Plan) -> list[str]:
    """The dotted names behind the rules and approvals: fields of records, answers and amounts worked out."""
    conditions: list[Compiled] = [rule.when for rule in plan.rules if rule.when is not None]
    conditions += [
        step.when
        for steps in plan.outcomes.values()
        for step in steps
        if isinstance(step, Approve) and step.when is not None
    ]
    found: list[str] = []
    while conditions:
        for name in conditions.pop(0).names:
            if name in plan.computed:
                conditions.append(plan.computed[name].value)
                shown = str(plan.computed[name].value.type) != "yes/no"
            else:
                shown = not name.startswith("limits.") and name != "customer.payouts"
            if shown and name not in found:
                found.append(name)
    return found

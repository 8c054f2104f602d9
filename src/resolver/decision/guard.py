"""The checks in front of every action, pure: the gateway runs them live, tests run them in memory.

Each returns None, or the `Stop` that names the check and says why. What cannot be known does not hold.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from resolver.condition.env import Env
from resolver.condition.one_step import one_step
from resolver.condition.values import Unknown, Value
from resolver.connector.interface import ActionSpec
from resolver.decision.effects import Act, Offer, Perform, Undo
from resolver.decision.engine import settle
from resolver.decision.facts import RANK, Facts
from resolver.decision.offer import action_text
from resolver.decision.outline import outline_of
from resolver.decision.prepare import environment
from resolver.decision.undo import can_be_taken_back, undo_of
from resolver.money import Money
from resolver.playbook.plan import Do, Plan
from resolver.playbook.policy import SILENT, ActionPolicy, Policy
from resolver.ticket import Level

REPLIES_IN_A_ROW = 3
REPLIES_A_DAY = 12


@dataclass(frozen=True, slots=True)
class Stop:
    """A check that does not hold: its name (for `stopped_by`) and a sentence for people."""

    check: str
    problem: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What the ledger counts already in the action's currency, minor units, open and unknown intents included."""

    ticket: int
    customer_and_day: int
    day: int


def requirements(
    spec: ActionSpec, arguments: Mapping[str, Value], *, now: datetime, policy: Policy
) -> Stop | None:
    """Every `requires` of the action holds for these arguments; unknown does not hold."""
    env = Env(arguments, now, policy.calendar)
    for condition in spec.requires:
        answer = condition.call(env)
        if answer is True:
            continue
        why = f": {', '.join(answer.names)} is not known" if isinstance(answer, Unknown) else ""
        return Stop("requires", f"{spec.name} requires '{condition.source}', which does not hold{why}.")
    return None


def identity(perform: Act, level: Level) -> Stop | None:
    """The customer is proven to the level the action demands."""
    if RANK[level] >= RANK[perform.required_identity]:
        return None
    return Stop(
        "identity", f"{perform.action} needs a customer who is {perform.required_identity}, not {level}."
    )


def kill_switch(switches: frozenset[str], *, action: str | None, playbook: str) -> Stop | None:
    """None of `all`, `action:NAME`, `playbook:NAME` is pulled; `action` None for a reply."""
    names = {"all", f"playbook:{playbook}"} | ({f"action:{action}"} if action else set())
    pulled = sorted(names & switches)
    return Stop("kill_switch", f"The kill switch {pulled[0]} is pulled.") if pulled else None


def may_act(plan: Plan, facts: Facts, effect: Act) -> Stop | None:
    """Somebody agreed to this action; or it takes back one that was agreed to and done."""
    return undo(plan, facts, effect) if isinstance(effect, Undo) else consent(plan, facts, effect)


def withdrawn(switches: frozenset[str], *, plan: str) -> Stop | None:
    """The plan was not withdrawn: what it decides is not carried out any more."""
    return Stop("withdrawn", f"The plan {plan[:8]} was withdrawn.") if f"plan:{plan}" in switches else None


def consent(plan: Plan, facts: Facts, perform: Perform) -> Stop | None:
    """The customer's yes and the team's approval are for exactly this offer, wherever one is required.

    Where the run made an offer, the action must stand in it, word for word, whether or not a yes was required.
    """
    facts, _, _ = settle(plan, facts)
    step = outline_of(plan).actions.get(perform.step)
    if step is None:
        return Stop("offer", f"The plan has no step {perform.step}.")
    stop = _in_offer(facts, perform)
    if stop is None and needs_confirmation(step.spec, facts.policy):
        stop = _confirmed(facts, perform)
    if stop is None:
        stop = _approved(plan, facts, perform, step)
    return stop


def undo(plan: Plan, facts: Facts, effect: Undo) -> Stop | None:
    """An undo belongs to what the run has done, word for word, and pays out no more than was agreed to without it.

    The customer's yes to the action covers taking it back; money that leaves by it is approved like any other.
    """
    step = outline_of(plan).actions.get(effect.of)
    if (
        step is None
        or not can_be_taken_back(facts, step)
        or effect != undo_of(facts, step, environment(plan, facts))
    ):
        return Stop("undo", f"{effect.action} takes back nothing that this run has done.")
    needed = approval_above(facts.policy, effect.action, plan.playbook, effect.pays)
    if isinstance(needed, Unknown):
        return Stop("approval_above", f"The policy has no approval limit for {effect.action}.")
    if needed and facts.approval is None:
        return Stop("approval", f"{effect.pays} needs the approval of a team.")
    return None


def needs_confirmation(spec: ActionSpec, policy: Policy) -> bool:
    """Whether the customer must have said yes: interface or policy demand it."""
    return policy.confirm_always or spec.needs_confirmation


def approval_above(policy: Policy, action: str, playbook: str, pays: Money | None) -> bool | Unknown:
    """Whether this payment needs an approval; unknown if the limit has no amount in its currency."""
    if pays is None:
        return False
    names = policy.actions.get(action, SILENT).approval_above
    name = names.get(playbook) or names.get("otherwise")
    if name == "never":
        return False
    limit = policy.limits.get(name, {}).get(pays.currency) if name else None
    return Unknown() if limit is None else pays.minor > limit.minor


def limits(policy: ActionPolicy, pays: Money | None, spent: Spent) -> Stop | None:
    """The payment keeps within per_ticket, per_customer_and_day and per_day; no cap in its currency stops, too."""
    if pays is None or pays.minor <= 0:
        return None
    caps = (
        ("per_ticket", policy.per_ticket, spent.ticket),
        ("per_customer_and_day", policy.per_customer_and_day, spent.customer_and_day),
        ("per_day", policy.per_day, spent.day),
    )
    for name, amounts, already in caps:
        if not amounts:
            continue
        cap = amounts.get(pays.currency)
        if cap is None:
            return Stop(name, f"{name} has no amount in {pays.currency}.")
        if already + pays.minor > cap.minor:
            return Stop(
                name, f"{pays} more would exceed {name} of {cap}; {Money(already, pays.currency)} is counted."
            )
    return None


def reply_caps(*, in_a_row: int, today: int) -> Stop | None:
    """One more public reply is allowed after so many in a row without progress and so many today."""
    if today >= REPLIES_A_DAY:
        return Stop("replies_a_day", f"The ticket got {REPLIES_A_DAY} replies today.")
    if in_a_row >= REPLIES_IN_A_ROW:
        return Stop("replies_in_a_row", f"{REPLIES_IN_A_ROW} replies in a row brought nothing new.")
    return None


def progress(facts: Facts) -> tuple[object, ...]:
    """What counts as progress between two replies: a slot value, a confirmation, an approval, an action."""
    values = tuple(
        sorted((name, str(fact.value)) for name, fact in facts.slots.items() if fact.value is not None)
    )
    results = tuple((step, result.performed.state) for step, result in facts.results.items())
    return (values, facts.confirmation, facts.approval, results)


def _in_offer(facts: Facts, perform: Perform) -> Stop | None:
    if facts.offer is None:
        return None if perform.offer is None else Stop("offer", "The run made no offer.")
    if perform.offer != facts.offer.id or not _is_whole(facts.offer):
        return Stop("offer", "The action belongs to another offer than the run's.")
    text = action_text(perform.step, perform.action, perform.arguments)
    # nothing but an action can begin like one: quotes in a value are escaped
    if text in facts.offer.document:
        return None
    action = json.loads(text)
    if action not in json.loads(facts.offer.document)["actions"]:
        return Stop("offer", f"{perform.action} is not in the offer with these values.")
    return None


@one_step
def _is_whole(offer: Offer) -> bool:
    """Whether the offer is the one that its id was made of."""
    return sha256(offer.document.encode()).hexdigest() == offer.id


def _confirmed(facts: Facts, perform: Perform) -> Stop | None:
    if facts.confirmation is None:
        return Stop("confirmation", f"{perform.action} needs the customer's yes.")
    if perform.offer is None or facts.confirmation.offer != perform.offer:
        return Stop("confirmation", "The customer said yes to another offer.")
    return None


def _approved(plan: Plan, facts: Facts, perform: Perform, step: Do) -> Stop | None:
    approval = facts.approval
    if approval is not None and approval.offer != perform.offer:
        return Stop("approval", "The approval is for another offer.")
    if approval is not None and approval.at > approval.expires_at:
        return Stop("approval", "The approval came too late.")
    needed = approval_above(facts.policy, perform.action, plan.playbook, perform.pays)
    if isinstance(needed, Unknown):
        currency = perform.pays.currency if perform.pays else ""
        return Stop("approval_above", f"The policy has no approval limit for {step.action} in {currency}.")
    if needed and approval is None:
        return Stop("approval", f"{perform.pays} needs the approval of a team.")
    return None

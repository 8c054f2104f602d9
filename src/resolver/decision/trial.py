"""The dry run: which action of an offer is tried before anybody is asked, and what a refusal leads to (LANGUAGE 6).

Asked by `walk` at a step that waits for a yes. Whether an action can be tried stands in the facts; nothing is moved.
"""

from resolver.condition.env import Env
from resolver.condition.values import Unknown
from resolver.decision.effects import DryRun, Offer, Performed
from resolver.decision.facts import Facts, Tried
from resolver.decision.offer import actions_below, arguments_of
from resolver.playbook.plan import Do, Plan


def next_trial(plan: Plan, facts: Facts, env: Env, offer: Offer) -> DryRun | None:
    """The next action of the offer to be tried; None where all were, or nothing can be."""
    if not facts.dry_runs or facts.position is None:
        return None
    tried = facts.tried.steps if facts.tried is not None and facts.tried.offer == offer.id else ()
    for step in actions_below(plan, facts.position):
        if step.action in facts.dry_runs and step.id not in tried:
            arguments = arguments_of(step, env)
            if not isinstance(arguments, Unknown):
                return DryRun(step.id, step.action, arguments, offer)
    return None


def noted_trial(facts: Facts, effect: DryRun) -> Tried:
    """What is tried by now."""
    before = facts.tried
    steps = before.steps if before is not None and before.offer == effect.offer.id else ()
    return Tried(effect.offer.id, (*steps, effect.step))


def edge_of(step: Do, result: Performed) -> str:
    """Where a refusal of an action leads, tried or sent."""
    return step.if_refused.get(result.code or "") or step.if_refused.get("*") or step.if_fails

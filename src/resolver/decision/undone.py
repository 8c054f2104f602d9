"""What becomes of taking an action back: the run takes its edge, waits for the end, or goes to people (LANGUAGE 7).

Called by `engine` and `moves` with what came back. What could not be taken back is never tried again by itself.
"""

from datetime import datetime, timedelta

from resolver.decision.effects import Performed, Undo
from resolver.decision.facts import Facts, StepResult, Waiting
from resolver.decision.undo import undone_by
from resolver.decision.walk import stop
from resolver.playbook.plan import Do, Plan


def after_undo(plan: Plan, facts: Facts, effect: Undo, result: Performed) -> Facts:
    """The facts after an action was to be taken back. One that could not be is a matter for people."""
    step = undone_by(plan, effect.step)
    if step is None:
        raise ValueError(f"{effect.step} takes back nothing")
    noted = StepResult(result, effect.generation, facts.now)
    facts = facts.changed(undone={**facts.undone, step.id: noted})
    if result.state == "pending":
        within = step.undo.settles_within if step.undo else None
        until = facts.now + (within or timedelta(days=1))
        return facts.changed(waiting=Waiting("settlement", effect.step, until))
    return facts if result.state == "done" else _failed(plan, facts, step, result)


def undo_settled(plan: Plan, facts: Facts, step_id: str, performed: Performed, at: datetime | None) -> Facts:
    """The facts once an undo that was accepted is final; where the run has gone on, only a bad end is news."""
    step = undone_by(plan, step_id)
    before = facts.undone.get(step.id) if step is not None else None
    if step is None or before is None or before.performed.state not in ("pending", "unknown"):
        return facts
    final = StepResult(performed, before.generation, before.at, at)
    waits = facts.waiting is not None and facts.waiting.step == step_id
    facts = facts.changed(undone={**facts.undone, step.id: final})
    if waits:
        facts = facts.changed(waiting=None)
        return facts if performed.state == "done" else _failed(plan, facts, step, performed)
    if performed.state == "done" or before.performed.state == "unknown":
        return facts
    return reopened(plan, facts, f"undo_failed:{step.action}", performed.stopped_by or step.action)


def reopened(plan: Plan, facts: Facts, reason: str, stopped_by: str) -> Facts:
    """The facts of a run that goes to people after all; where it was over already the customer is told nothing."""
    quiet = facts.quiet or facts.stage == "ended"
    facts = facts.changed(stage="committed", disposition=None, ending=None, quiet=quiet)
    return stop(plan, facts, reason, stopped_by)


def _failed(plan: Plan, facts: Facts, step: Do, performed: Performed) -> Facts:
    return stop(plan, facts, f"undo_failed:{step.action}", performed.stopped_by or step.action)

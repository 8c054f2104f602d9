"""Compensation: which finished actions a run takes back when a later one does not happen, and how (LANGUAGE 7). Pure.

Asked by `walk` where a run leaves along an edge, and by `guard` before an undo is sent.
"""

from resolver.condition.env import Env
from resolver.condition.values import RecordValue, Unknown, Value, unknown
from resolver.decision.effects import Undo
from resolver.decision.facts import Facts
from resolver.decision.offer import arguments_of, pays_of
from resolver.decision.outline import outline_of
from resolver.playbook.plan import Do, Plan
from resolver.playbook.policy import SILENT


def finished(plan: Plan, facts: Facts) -> tuple[Do, ...]:
    """The actions of the straight line the run is on that are done and will be taken back, the latest first."""
    line = [step for outcome in facts.path[facts.line :] for step in plan.outcomes[outcome]]
    found = [step for step in line if isinstance(step, Do) and can_be_taken_back(facts, step)]
    return tuple(reversed(found))


def is_undone(facts: Facts, step: str) -> bool:
    """Whether what this step did was taken back."""
    back = facts.undone.get(step)
    return back is not None and back.performed.state == "done"


def next_undo(plan: Plan, facts: Facts, env: Env) -> Undo | Unknown | None:
    """What is taken back next, None when nothing is left; unknown if a value for it is."""
    return next((undo_of(facts, step, env) for step in finished(plan, facts)), None)


def undo_of(facts: Facts, step: Do, env: Env) -> Undo | Unknown:
    """The action that takes back what a step did, with the values from before."""
    spec, done = step.undo, facts.results[step.id]
    before = arguments_of(step, env)
    if spec is None or isinstance(before, Unknown):
        return before if isinstance(before, Unknown) else unknown(step.action)
    around = env.with_names(before)
    arguments: dict[str, Value] = {name: one.call(around) for name, one in step.spec.undo_with.items()}
    for name, value in arguments.items():
        if isinstance(value, Unknown):
            return unknown(f"{step.action}.{name}")
    pays = pays_of(spec, arguments, env)
    if isinstance(pays, Unknown):
        return pays
    record = arguments.get(spec.record) if spec.record else None
    return Undo(
        step=undo_id(step.id),
        of=step.id,
        generation=done.generation,
        action=spec.name,
        arguments=arguments,
        pays=pays,
        record=record if isinstance(record, RecordValue) else None,
        offer=facts.offer.id if facts.offer else None,
        required_identity=facts.policy.actions.get(spec.name, SILENT).demands(spec.identity),
    )


def undo_id(step: str) -> str:
    """The step id under which an action is taken back: `playbook/outcome/undo-action`."""
    line, _, verb = step.rpartition("/")
    return f"{line}/{_UNDO}{verb.removeprefix(_DO)}"


def undone_by(plan: Plan, step: str) -> Do | None:
    """The step whose action this id takes back; None if it is no such id."""
    line, _, verb = step.rpartition("/")
    if not verb.startswith(_UNDO):
        return None
    return outline_of(plan).actions.get(f"{line}/{_DO}{verb.removeprefix(_UNDO)}")


def can_be_taken_back(facts: Facts, step: Do) -> bool:
    """Whether a step is done, can be taken back, and nobody has tried yet."""
    result = facts.results.get(step.id)
    done = result is not None and result.performed.state == "done"
    return done and step.undo is not None and not step.keep and step.id not in facts.undone


_DO, _UNDO = "do-", "undo-"

"""The `if_…` edges of a plan, and which of them a played ticket took.

Used by `coverage` and by whoever proposes cases. An edge counts only where the playbook says it; what falls back to
`if_unsure` is that one edge. Nothing of this is kept with a run.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from resolver.decision.effects import DryRun, Effect
from resolver.decision.facts import Facts
from resolver.playbook.plan import (
    Answer,
    AnyStep,
    Approve,
    CheckIn,
    Confirm,
    Do,
    Identify,
    LookUp,
    Plan,
    Slot,
    Step,
)

ANY_CODE = "*"
WHOLE = ""
"""Where an edge of the playbook itself stands: `if_unsure`, `if_silent`."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way out: `at` is a step's id, a slot, a look-up or the playbook itself, `code` that of `if_refused`."""

    at: str
    key: str
    to: str
    line: int
    code: str = ""

    def __str__(self) -> str:
        place = self.at.partition("/")[2] if "/" in self.at else self.at
        code = f" {'any code' if self.code == ANY_CODE else self.code}" if self.code else ""
        return " ".join(part for part in (place, f"{self.key}{code}") if part)

    @property
    def title(self) -> str:
        """The edge as the name of a case: `shop.refund in pay_back, if_fails: hand_over`."""
        outcome, _, step = self.at.partition("/")[2].partition("/")
        place = f"{step.partition('-')[2]} in {outcome}, " if step else f"{self.at}, " if self.at else ""
        code = f" {self.code}" if self.code and self.code != ANY_CODE else ""
        return f"{place}{self.key}{code}, leads to {self.to}"


def edges_of(plan: Plan) -> tuple[Edge, ...]:
    """Every edge that the playbook says, in the order of its file."""
    found = [edge for slot in plan.slots.values() for edge in _of_slot(slot)]
    found += [edge for look_up in plan.look_ups.values() for edge in _of_look_up(look_up)]
    found += [edge for steps in plan.outcomes.values() for step in steps for edge in _of_step(step)]
    found += [Edge(WHOLE, "if_unsure", plan.if_unsure, 0)]
    found += [Edge(WHOLE, "if_silent", plan.if_silent, 0)] if plan.if_silent else []
    return tuple(found)


def _of_slot(slot: Slot) -> Iterator[Edge]:
    for key, to in (("if_given_up", slot.if_given_up), ("if_none", slot.if_none)):
        if to is not None:
            yield Edge(slot.name, key, to, slot.line)


def _of_look_up(look_up: LookUp) -> Iterator[Edge]:
    yield Edge(look_up.name, "if_missing", look_up.if_missing, look_up.line)
    if look_up.if_fails is not None:
        yield Edge(look_up.name, "if_fails", look_up.if_fails, look_up.line)


def _of_step(step: AnyStep) -> Iterator[Edge]:
    for key, to in _ways(step):
        if to is not None:
            yield Edge(step.id, key, to, step.line)
    for code, to in step.if_refused.items() if isinstance(step, Do) else ():
        yield Edge(step.id, "if_refused", to, step.line, code)


def _ways(step: AnyStep) -> tuple[tuple[str, str | None], ...]:
    match step:
        case Identify(if_fails=fails):
            return (("if_fails", fails),)
        case Confirm():
            return (("if_no", step.if_no), ("if_silent", step.if_silent), ("if_unclear", step.if_unclear))
        case CheckIn():
            return (("if_no", step.if_no), ("if_silent", step.if_silent))
        case Approve():
            return (("if_denied", step.if_denied), ("if_late", step.if_late))
        case Do():
            return (("if_pending", step.if_pending), ("if_fails", step.if_fails))
        case Answer():
            return (("if_no_answer", step.if_no_answer),)
    return ()


def taken(plan: Plan, before: Facts, after: Facts, effect: Effect | None) -> Edge | None:
    """The edge that led from one moment of a run to the next; None if a rule did, or nothing was entered.

    `effect` is the one whose result came between.
    """
    if len(after.path) == len(before.path) or after.reason.startswith("rule:"):
        return None
    key, _, word = after.reason.partition(":")
    at, key = _place(plan, before, effect, key, word)
    edges = edges_of(plan)
    if after.unsure and not before.unsure:
        at, key = WHOLE, "if_unsure"
    elif key == "if_silent" and not any(_is(one, at, key, word) for one in edges):
        at = WHOLE
    matching = [one for one in edges if _is(one, at, key, word)] or _passed(after, key, edges)
    return next((one for one in matching if one.code == word), matching[0] if matching else None)


def _passed(after: Facts, key: str, edges: tuple[Edge, ...]) -> list[Edge]:
    """The edges of the outcome before the last that lead there: it was entered and left in one go."""
    *_, left, entered = ("", *after.path)
    line = f"/{left}/"
    return [one for one in edges if one.key == key and one.to == entered and line in one.at]


def _place(plan: Plan, before: Facts, effect: Effect | None, key: str, word: str) -> tuple[str, str]:
    """Where an edge of that reason stands, and what the playbook calls it."""
    step = effect.step if isinstance(effect, DryRun) else _standing(plan, before)
    match key:
        case "would_refuse":
            return step, "if_refused"
        case "uncertain":
            return step, "if_fails"
        case "no_answer":
            return step, "if_no_answer"
        case "identity":
            return step, "if_fails"
        case "if_missing" | "if_none" | "if_given_up":
            return word, key
        case "if_fails":
            return word, key
    return step, key


def _is(edge: Edge, at: str, key: str, code: str) -> bool:
    return edge.at == at and edge.key == key and edge.code in ("", code, ANY_CODE)


def _standing(plan: Plan, facts: Facts) -> str:
    """The step a run stands at."""
    if facts.position is None:
        return WHOLE
    steps: tuple[Step, ...] = plan.outcomes[facts.position.outcome]
    return steps[facts.position.index].id if facts.position.index < len(steps) else WHOLE

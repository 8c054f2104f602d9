"""Every way from a rule to an action, with what surely holds there and whether a team has approved.

Made for one plan by `prover`. An approval counts on the straight line behind its step only: an edge leaves the offer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import z3

from resolver.playbook.plan import (
    Answer,
    AnyStep,
    Approve,
    CheckIn,
    Confirm,
    Do,
    Go,
    HandOff,
    Identify,
    Plan,
    Rule,
    Start,
)
from resolver.proof.state import State
from resolver.proof.truth import Formula

MOST = 2000


@dataclass(frozen=True, slots=True)
class Arrival:
    """An action reached from a rule. `holds` is what every ticket that comes here has in common."""

    rule: Rule
    do: Do
    holds: Formula
    approved: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """What a rule is like: what tickets have that come to it, to its yes, and to its stop."""

    rule: Rule
    before: Formula
    applies: Formula
    stops: Formula


def rules_of(state: State) -> Iterator[Reached]:
    """Every rule in order: the ones before it said no."""
    before: Formula = z3.BoolVal(True)
    for rule in state.plan.rules:
        found = state.truth(rule.when)
        unknown = z3.And(z3.Not(found.yes), z3.Not(found.no))
        yield Reached(rule, before, z3.And(before, found.yes), z3.And(before, unknown))
        before = z3.And(before, found.no)


def arrivals(state: State, reached: Reached) -> Iterator[Arrival]:
    """Every action on every way from a rule."""
    todo: list[tuple[str, bool, Formula]] = [(reached.rule.then, False, reached.applies)]
    seen: set[tuple[str, bool, str]] = set()
    while todo and len(seen) < MOST:
        outcome, approved, holds = todo.pop()
        mark = (outcome, approved, str(hash(holds)))
        if mark in seen:
            continue
        seen.add(mark)
        yield from _line(state, reached.rule, outcome, [(approved, holds)], todo)


def _line(
    state: State,
    rule: Rule,
    outcome: str,
    ways: list[tuple[bool, Formula]],
    todo: list[tuple[str, bool, Formula]],
) -> Iterator[Arrival]:
    for step in state.plan.outcomes[outcome]:
        for approved, holds in ways:
            todo += [(edge, False, holds) for edge in edges_of(state.plan, step)]
            if isinstance(step, Go):
                todo.append((step.outcome, approved, holds))
            if isinstance(step, Do):
                yield Arrival(rule, step, holds, approved)
        if isinstance(step, Approve):
            ways = _behind(state, step, ways)
        if isinstance(step, Go | HandOff | Start):
            return


def _behind(state: State, step: Approve, ways: list[tuple[bool, Formula]]) -> list[tuple[bool, Formula]]:
    """Behind an approval: approved where it was needed, as before where it was not."""
    needed = state.truth(step.when)
    return [
        *((True, z3.And(holds, needed.yes)) for _, holds in ways),
        *((approved, z3.And(holds, needed.no)) for approved, holds in ways if step.when is not None),
    ]


def edges_of(plan: Plan, step: AnyStep) -> tuple[str, ...]:
    """Where a step can lead besides the next one."""
    found: list[str | None] = []
    match step:
        case Identify():
            found = [step.if_fails]
        case Confirm():
            found = [step.if_no, step.if_silent or plan.if_silent, step.if_unclear]
        case CheckIn():
            found = [step.if_no, step.if_silent]
        case Approve():
            found = [step.if_denied, step.if_late]
        case Answer():
            found = [step.if_no_answer]
        case Do():
            found = [*step.if_refused.values(), step.if_pending, step.if_fails]
    return tuple(dict.fromkeys(one for one in found if one))

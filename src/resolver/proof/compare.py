"""Two versions of a playbook over every ticket there can be (LANGUAGE 14, P16): proven alike, or tickets that differ.

Called by `resolver diff`. Both are read over the same symbols; texts and reasons play no part, what is done does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import z3

from resolver.money import Money
from resolver.playbook.plan import AnyStep, Approve, Do, Go, Plan, Rule
from resolver.proof.arrivals import rules_of
from resolver.proof.example import Example, example_of, money_in
from resolver.proof.state import State
from resolver.proof.stops import BUDGET, Lacks, lacks_of
from resolver.proof.truth import Formula, Term, Truth, as_term

STOP = "(stops)"
"""What stands for the rule where a version stops because something is missing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one version decides for a set of tickets: a rule or `STOP`, the outcome it leads to, and where it stops."""

    rule: str
    outcome: str
    stops_at: Rule | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """Tickets that two versions decide differently: what each decides, one of them, and what each pays for it.

    `what` says where they part: `outcome`, `approval` or the name of an argument. `pays` are the amounts of the
    example, None where nothing is paid, `lacks` what each stops for. `example` None: it could not be decided whether
    there is such a ticket.
    """

    before: Decision
    after: Decision
    what: str
    example: Example | None
    pays: tuple[str | None, str | None] = (None, None)
    lacks: tuple[str, str] = ("", "")


def changes(before: Plan, after: Plan, limits: Mapping[str, Mapping[str, Money]]) -> Iterator[Change]:
    """Every way in which the decisions of two versions can part, each with a ticket; none if they are alike.

    `limits` are the policy's, and neither version can be played with others.
    """
    written = {name: tuple(amounts) for name, amounts in limits.items()}
    old = State.of(before, beside=after, limits=written, amounts=limits)
    new = State(after, old.world, tag="new ")
    for slot in after.slots.values():
        new.find(slot.name)
    for first, mine in _decisions(old):
        for second, theirs in _decisions(new):
            here = z3.And(mine, theirs)
            if _acts(before, first.outcome) == _acts(after, second.outcome):
                yield from _parted(old, new, first, second, here)
            elif change := _change(old, new, first, second, "outcome", here):
                yield change


def _decisions(state: State) -> Iterator[tuple[Decision, Formula]]:
    for one in rules_of(state):
        yield Decision(one.rule.id, one.rule.then), one.applies
        if one.rule.when is not None:
            yield Decision(STOP, state.plan.if_unsure, one.rule), one.stops


def _parted(old: State, new: State, first: Decision, second: Decision, here: Formula) -> Iterator[Change]:
    """The same steps may still be done with other values, or need an approval where they did not."""
    steps = zip(_line(old.plan, first.outcome), _line(new.plan, second.outcome), strict=False)
    for mine, theirs in steps:
        if isinstance(mine, Approve) and isinstance(theirs, Approve):
            differ = old.truth(mine.when).yes != new.truth(theirs.when).yes
            if change := _change(old, new, first, second, "approval", z3.And(here, differ)):
                yield change
        elif isinstance(mine, Do) and isinstance(theirs, Do):
            for name in mine.arguments:
                unlike = _unlike(old.value(mine.arguments[name]), new.value(theirs.arguments[name]))
                if change := _change(old, new, first, second, name, z3.And(here, unlike)):
                    yield change


def _unlike(mine: Term | Truth, theirs: Term | Truth) -> Formula:
    if isinstance(mine, Truth) and isinstance(theirs, Truth):
        return z3.Or(mine.yes != theirs.yes, mine.no != theirs.no)
    mine, theirs = as_term(mine), as_term(theirs)
    unlike = [mine.known != theirs.known]
    if mine.path != theirs.path:
        unlike.append(z3.BoolVal(True))
    elif mine.value is not None and theirs.value is not None:
        unlike.append(mine.value != theirs.value)
    return z3.Or(unlike)


def _change(
    old: State, new: State, first: Decision, second: Decision, what: str, here: Formula
) -> Change | None:
    solver = z3.Solver()
    solver.set("rlimit", BUDGET)
    solver.add(here)
    pays = [_paid(old, first), _paid(new, second)]
    lacks = [
        lacks_of(state, one.stops_at) if one.stops_at else {} for state, one in ((old, first), (new, second))
    ]
    solver.add(*old.world.held)  # all of it: every question above may have added something
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        return Change(first, second, what, None)
    example = example_of(old, solver, other=new, amounts=[one for one in pays if one is not None])
    told = [None if one is None else money_in(old, solver.model(), one) for one in pays]
    missing = [_lacked(solver.model(), one) for one in lacks]
    return Change(first, second, what, example, (told[0], told[1]), (missing[0], missing[1]))


def _lacked(model: Any, lacks: Lacks) -> str:
    """What the example lacks, without what it lacks only because of something else."""
    found = [one for one, here in lacks.items() if z3.is_true(model.eval(here, model_completion=True))]
    own = [one for one in found if not one.follows]
    return " and ".join(dict.fromkeys(one.says for one in own or found))


def _paid(state: State, decision: Decision) -> Term | None:
    """What the first paying action of an outcome pays."""
    for step in _line(state.plan, decision.outcome):
        if isinstance(step, Do) and step.spec.pays is not None:
            values = {name: (state.value(value), value.type) for name, value in step.arguments.items()}
            return as_term(state.bound(values).value(step.spec.pays))
    return None


def _line(plan: Plan, outcome: str) -> Iterator[AnyStep]:
    """The steps if nothing goes wrong, `go` followed."""
    for step in plan.outcomes[outcome]:
        yield step
        if isinstance(step, Go):
            yield from _line(plan, step.outcome)


# -- what an outcome does -------------------------------------------------------------------------------------------

_LEADS = frozenset(
    (
        "if_no",
        "if_silent",
        "if_unclear",
        "if_denied",
        "if_late",
        "if_fails",
        "if_pending",
        "if_no_answer",
        "outcome",
    )
)
_LEFT_OUT = frozenset(("id", "line", "spec", "arguments", "when", "summary", "tell", "say_first"))
"""Words, places, and what is compared by value instead."""


def _acts(plan: Plan, outcome: str | None) -> tuple[Any, ...] | None:
    """What an outcome does, ready to be compared: its steps, the outcomes they lead to written out, without words."""
    if outcome is None:
        return None
    return tuple((type(step).__name__, *_told(plan, step)) for step in plan.outcomes[outcome])


def _told(plan: Plan, step: AnyStep) -> Iterator[Any]:
    for one in fields(step):
        value = getattr(step, one.name)
        if one.name == "if_refused":
            yield sorted((code, _acts(plan, name)) for code, name in value.items())
        elif one.name in _LEADS:
            yield _acts(plan, value)
        elif one.name not in _LEFT_OUT:
            yield value

"""Walks every way through the outcomes and says what holds at each step: what was done, confirmed, proven, said.

Used by the checks of proofs P3, P6, P7, P11, P12 and P13. Ways that arrive at an outcome with the same state are one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from resolver.playbook.graph import LAST_VERBS, acts, entries, straight_line
from resolver.playbook.syntax import Edge, PlaybookSyntax, StepSyntax
from resolver.source.node import ScalarNode
from resolver.ticket import Level

MAX_PATHS = 2000
MAX_ACTIONS = 4


@dataclass(frozen=True, slots=True)
class State:
    """What holds on a way at one place. Actions are named by their step's place in the file.

    `level` is what the customer was surely proven to be, `confirmed` whether a confirm stands above on the straight
    line, `waited` the last step that waits behind an action, `checked` the last `check_in`. `back` are the actions of
    the straight line, `go` followed, that are taken back if a later one does not happen.
    """

    level: Level
    done: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    uncertain: frozenset[str] = frozenset()
    confirmed: bool = False
    waited: ScalarNode | None = None
    checked: ScalarNode | None = None
    replied: bool = False

    @property
    def acted(self) -> frozenset[str]:
        """Actions that happened, may happen, or may have happened."""
        return self.done | self.pending | self.uncertain


@dataclass(frozen=True, slots=True)
class Visit:
    """One step on one way, with what held before it."""

    outcome: str
    index: int
    step: StepSyntax
    state: State


@dataclass(frozen=True, slots=True)
class LineEnd:
    """A way that ends because the outcome has no further step."""

    outcome: str
    state: State


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways: every step visited, every end without a last verb; `too_many` if the limit stopped the walk."""

    visits: tuple[Visit, ...]
    ends: tuple[LineEnd, ...]
    too_many: bool


def walk(playbook: PlaybookSyntax, undoable: Collection[str] = ()) -> Ways:
    """All ways through a playbook whose outcomes do not lead back; `undoable` are the actions that can be undone."""
    todo = list(_starts(playbook))
    seen = set(todo)
    visits: list[Visit] = []
    ends: list[LineEnd] = []
    while todo and len(seen) <= MAX_PATHS:
        outcome, state = todo.pop(0)
        if outcome not in playbook.outcomes:
            continue
        for visit in _line(playbook, outcome, state, undoable):
            if isinstance(visit, LineEnd):
                ends.append(visit)
                continue
            visits.append(visit)
            for following in _leaving(playbook, visit):
                if following not in seen:
                    seen.add(following)
                    todo.append(following)
    return Ways(tuple(visits), tuple(ends), len(seen) > MAX_PATHS)


def _starts(playbook: PlaybookSyntax) -> Iterator[tuple[str, State]]:
    """Where ways begin. A way before the rules that acts is wrong as a whole and left out."""
    level = Level(playbook.identify)
    found: dict[tuple[str, State], None] = {}
    for entry in entries(playbook):
        if entry.key != "then" and acts(playbook, entry.outcome.text):
            continue
        unproven = entry.key in ("if_missing", "if_fails", "if_unsure")
        state = State(Level.ANONYMOUS if unproven else level, replied=entry.key == "if_silent")
        found[entry.outcome.text, state] = None
    yield from found


def _line(
    playbook: PlaybookSyntax, outcome: str, state: State, undoable: Collection[str]
) -> Iterator[Visit | LineEnd]:
    for index, step in enumerate(playbook.outcomes[outcome].steps):
        yield Visit(outcome, index, step, state)
        if step.verb.text in LAST_VERBS:
            return
        state = after(step, state, undoable)
    yield LineEnd(outcome, state)


def after(step: StepSyntax, state: State, undoable: Collection[str]) -> State:
    """What holds behind the step if it went well."""
    match step.verb.text:
        case "identify":
            level = max(Level(step.object.text), state.level, key=lambda one: one.rank)
            return replace(_waiting(step, state), level=level)
        case "confirm":
            return replace(_waiting(step, state), confirmed=True)
        case "approve":
            return _waiting(step, state)
        case "check_in":
            return replace(state, checked=step.verb, replied=True)
        case "do":
            kept = state.kept | {place(step)} if step.keep else state.kept
            takes_back = step.object.text in undoable and not step.keep
            back = state.back | {place(step)} if takes_back else state.back
            return replace(state, done=state.done | {place(step)}, kept=kept, back=back)
        case "reply" | "answer":
            return replace(state, replied=True)
    return state


def _waiting(step: StepSyntax, state: State) -> State:
    return replace(state, waited=step.verb) if state.acted else state


def place(step: StepSyntax) -> str:
    """The name of an action's step in a `State`."""
    return f"{step.object.text}@{step.object.where.line}:{step.object.where.column}"


def _leaving(playbook: PlaybookSyntax, visit: Visit) -> Iterator[tuple[str, State]]:
    step, state = visit.step, visit.state
    if step.verb.text == "go":
        yield step.object.text, state
    for edge in step.edges:
        yield edge.outcome.text, _state_on(edge, step, state)
    if step.verb.text in ("confirm", "approve"):
        yield from _refused_before(playbook, visit)
    if step.verb.text in ("confirm", "check_in") and playbook.if_unsure and not step.has("if_unclear"):
        yield playbook.if_unsure.text, replace(_checked(step, state), confirmed=False, back=frozenset())


def _refused_before(playbook: PlaybookSyntax, visit: Visit) -> Iterator[tuple[str, State]]:
    """A connector may try what is offered: a refusal then leads on before anything of it was agreed to or done."""
    state = replace(visit.state, confirmed=False, back=frozenset())
    for step in straight_line(playbook, visit.outcome, visit.index + 1):
        if step.verb.text == "do":
            for edge in step.edges:
                if edge.key in ("if_refused", "if_fails"):
                    yield edge.outcome.text, state


def _checked(step: StepSyntax, state: State) -> State:
    return replace(state, checked=step.verb) if step.verb.text == "check_in" else state


def _state_on(edge: Edge, step: StepSyntax, state: State) -> State:
    left = replace(_checked(step, state), confirmed=False, back=frozenset())
    if step.verb.text == "do" and edge.key in ("if_refused", "if_fails"):
        left = replace(left, done=state.done - state.back)
    if edge.key == "if_silent":
        return replace(left, replied=True)
    if edge.key == "if_pending":
        return replace(left, pending=state.pending | {place(step)})
    if edge.key == "if_fails" and step.verb.text == "do":
        return replace(left, uncertain=state.uncertain | {place(step)})
    return left

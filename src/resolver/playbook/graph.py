"""How the outcomes of a playbook hang together: what leads where, what is reached, what leads back.

Used by the checks. It looks at the shape only, never at conditions or types.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from resolver.playbook.syntax import Edge, PlaybookSyntax, StepSyntax
from resolver.source.node import ScalarNode

LAST_VERBS = ("hand_off", "go", "start")
"""Verbs behind which nothing of the same outcome is reached."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word that leads into the outcomes from outside: a rule's, or one that needs no rule."""

    key: str
    outcome: ScalarNode


def before_rules(playbook: PlaybookSyntax) -> Iterator[Entry]:
    """Everything that leads to an outcome before or beside the rules."""
    words: list[tuple[str, ScalarNode | None]] = []
    for slot in playbook.slots:
        words += [("if_given_up", slot.if_given_up), ("if_none", slot.if_none)]
    for look_up in playbook.look_ups:
        words += [("if_missing", look_up.if_missing), ("if_fails", look_up.if_fails)]
    words += [("if_unsure", playbook.if_unsure), ("if_silent", playbook.if_silent)]
    return (Entry(key, word) for key, word in words if word)


def entries(playbook: PlaybookSyntax) -> Iterator[Entry]:
    """Everything that leads into the outcomes: rules first, then what needs no rule."""
    for rule in playbook.rules:
        if rule.then:
            yield Entry("then", rule.then)
    yield from before_rules(playbook)


def edges(step: StepSyntax) -> Iterator[Edge]:
    """Where a step leads besides the next step of its outcome."""
    yield from step.edges
    if step.verb.text == "go":
        yield Edge("go", step.object)


def reached(playbook: PlaybookSyntax, start: str) -> frozenset[str]:
    """Every outcome that can be reached from the outcome `start`, itself included."""
    found: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name in found or name not in playbook.outcomes:
            continue
        found.add(name)
        todo += [edge.outcome.text for step in playbook.outcomes[name].steps for edge in edges(step)]
    return frozenset(found)


def acts(playbook: PlaybookSyntax, start: str) -> bool:
    """Whether an action can be reached from the outcome `start`."""
    steps = (step for name in reached(playbook, start) for step in playbook.outcomes[name].steps)
    return any(step.verb.text == "do" for step in steps)


def straight_line(playbook: PlaybookSyntax, outcome: str, start: int = 0) -> tuple[StepSyntax, ...]:
    """The steps from `start` on if nothing goes wrong, `go` followed; a circle ends it."""
    line: list[StepSyntax] = []
    seen = set()
    while outcome in playbook.outcomes and outcome not in seen:
        seen.add(outcome)
        steps = playbook.outcomes[outcome].steps[start:]
        outcome, start = "", 0
        for step in steps:
            line.append(step)
            if step.verb.text in LAST_VERBS:
                outcome = step.object.text if step.verb.text == "go" else ""
                break
    return tuple(line)


def circle(playbook: PlaybookSyntax) -> tuple[ScalarNode, tuple[str, ...]] | None:
    """The first edge that leads back, with the way it closes; None if all edges go forward."""
    done: set[str] = set()
    for start in playbook.outcomes:
        found = _circle_from(playbook, start, (), done)
        if found:
            return found
    return None


def _circle_from(
    playbook: PlaybookSyntax, name: str, path: tuple[str, ...], done: set[str]
) -> tuple[ScalarNode, tuple[str, ...]] | None:
    path = (*path, name)
    for step in playbook.outcomes[name].steps:
        for edge in edges(step):
            target = edge.outcome.text
            if target in path:
                return edge.outcome, (*path[path.index(target) :], target)
            if target in playbook.outcomes and target not in done:
                found = _circle_from(playbook, target, path, done)
                if found:
                    return found
    done.add(name)
    return None


def hands_off(playbook: PlaybookSyntax, outcome: str, memo: dict[str, bool] | None = None) -> bool:
    """Whether every way through the outcome ends in a handoff."""
    memo = {} if memo is None else memo
    if outcome not in playbook.outcomes:
        return True  # reported elsewhere
    if outcome not in memo:
        memo[outcome] = True  # a circle is reported elsewhere
        memo[outcome] = _line_hands_off(playbook, playbook.outcomes[outcome].steps, memo)
    return memo[outcome]


def _line_hands_off(playbook: PlaybookSyntax, steps: tuple[StepSyntax, ...], memo: dict[str, bool]) -> bool:
    for step in steps:
        if not all(hands_off(playbook, edge.outcome.text, memo) for edge in edges(step)):
            return False
        if step.verb.text in LAST_VERBS:
            return step.verb.text != "start"
    return False

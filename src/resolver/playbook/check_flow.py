"""Checks the flow of a playbook: where it leads and how it ends, and what must follow an action.

Proofs P2, P3, P6, P11, P12 and P13, called by `check` once for a playbook. It looks at steps and edges, never at the
values of conditions.
"""

from collections.abc import Iterable

from resolver.connector.interface import ActionSpec
from resolver.playbook.finding import Subject
from resolver.playbook.graph import LAST_VERBS, acts, before_rules, circle, hands_off, reached, straight_line
from resolver.playbook.paths import MAX_ACTIONS, MAX_PATHS, State, Visit
from resolver.playbook.policy import SILENT
from resolver.playbook.syntax import StepSyntax
from resolver.source.node import ScalarNode


def check_flow(subject: Subject) -> None:
    """Report circles, dead and silent ends, actions that are left half done, and replies that may lie."""
    _circle(subject)
    _unreachable(subject)
    _unsure(subject)
    _before_rules(subject)
    _rules(subject)
    _actions(subject)
    if subject.ways:
        _endings(subject)
        _visits(subject)
        _truth(subject)


# -- shape --------------------------------------------------------------------------------------------------------


def _circle(subject: Subject) -> None:
    found = circle(subject.playbook)
    if found:
        word, way = found
        subject.report(
            "circle", f"'{way[0]}' leads back to itself: {' → '.join(way)}", word, "edges go forward only"
        )


def _unreachable(subject: Subject) -> None:
    playbook = subject.playbook
    starts = [rule.then for rule in playbook.rules if rule.then] + [
        one.outcome for one in before_rules(playbook)
    ]
    found = {name for start in starts for name in reached(playbook, start.text)}
    for name, outcome in playbook.outcomes.items():
        if name not in found:
            message = f"outcome '{name}' can never be reached"
            subject.report("unreachable", message, outcome.name, "remove it, or let a rule lead there")
        last = next((index for index, step in enumerate(outcome.steps) if step.verb.text in LAST_VERBS), None)
        if last is not None and last + 1 < len(outcome.steps):
            verb = outcome.steps[last].verb.text
            message = f"nothing behind '{verb}:' can ever be reached"
            subject.report(
                "unreachable", message, outcome.steps[last + 1].verb, f"remove it, or move it above '{verb}:'"
            )


def _unsure(subject: Subject) -> None:
    """`if_unsure` and an action's `if_fails` lead to people."""
    word = subject.playbook.if_unsure
    if word and not hands_off(subject.playbook, word.text):
        subject.report(
            "unsure-must-hand-off", "'if_unsure' must end in a handoff", word, "let it 'hand_off:'"
        )
    for _, step in subject.playbook.steps():
        fails = step.edge("if_fails")
        if step.verb.text == "do" and fails and not hands_off(subject.playbook, fails.text):
            message = "'if_fails' must end in a handoff, because nobody can tell what happened"
            subject.report("unsure-must-hand-off", message, fails, "let it 'hand_off:'")


def _before_rules(subject: Subject) -> None:
    for entry in before_rules(subject.playbook):
        if acts(subject.playbook, entry.outcome.text):
            message = f"'{entry.outcome.text}' is reached before the rules and contains an action"
            subject.report("acts-before-rules", message, entry.outcome, "let a rule lead there")


def _rules(subject: Subject) -> None:
    rules = subject.playbook.rules
    closed: ScalarNode | None = None
    for rule in rules:
        if closed:
            message = f"rule '{rule.id.text}' can never apply; the rules above cover it: {closed.text}"
            subject.report("never-used", message, rule.id, "change the order or remove it")
        line = straight_line(subject.playbook, rule.then.text) if rule.then else ()
        if rule.because is None and any(_declines(step) for step in line):
            message = f"rule '{rule.id.text}' declines or hands off without a reason"
            subject.report(
                "missing-because", message, rule.id, "write 'because: …', a sentence for your colleagues"
            )
        if rule.when is None:
            closed = closed or rule.id
            _acts_by_default(subject, rule.then, line)
    if rules and closed is None:
        message = "some tickets may match no rule; they go to 'if_unsure'"
        unsure = subject.playbook.if_unsure
        remedy = (
            f"add a last rule: 'otherwise: {unsure.text if unsure else 'OUTCOME'}', an outcome that hands off"
        )
        subject.report("no-rule", message, rules[-1].id, remedy, severity="warning")


def _declines(step: StepSyntax) -> bool:
    return step.verb.text == "hand_off" or (step.verb.text == "reply" and step.ends == "declined")


def _acts_by_default(subject: Subject, word: ScalarNode | None, line: Iterable[StepSyntax]) -> None:
    action = next((step.object.text for step in line if step.verb.text == "do"), None)
    if action and word:
        message = f"{action} is done when no rule fits"
        remedy = "let a rule lead there; 'otherwise' hands off"
        subject.report("acts-by-default", message, word, remedy, severity="warning")


# -- actions ------------------------------------------------------------------------------------------------------


def _actions(subject: Subject) -> None:
    for _, step in subject.playbook.steps():
        spec = subject.vocabulary.actions.get(step.object.text) if step.verb.text == "do" else None
        if spec is None:
            continue
        if spec.result == "may be pending" and not step.has("if_pending"):
            message = f"{spec.name} may stay pending for {_length(spec)}"
            remedy = "write 'if_pending: OUTCOME', an outcome whose reply says that it is on its way"
            subject.report("pending-ignored", message, step.object, remedy)
        policy = subject.policy
        if policy and spec.effect == "money":
            said = policy.actions.get(spec.name)
            if said is None or not said.approval_above:
                message = f"policy.yaml does not say above what {spec.name} needs approval"
                subject.report(
                    "no-approval-policy",
                    message,
                    step.object,
                    "add 'approval_above:' there, under 'actions:'",
                )


def _length(spec: ActionSpec) -> str:
    length = spec.settles_within
    if length is None:
        return "a while"
    if length.days:
        return f"{length.days} days"
    return f"{int(length.total_seconds()) // 60} minutes"


# -- ways ---------------------------------------------------------------------------------------------------------


def _endings(subject: Subject) -> None:
    """Every way ends in a reply, a handoff or `start`."""
    for end in subject.ways.ends if subject.ways else ():
        if not end.state.replied:
            outcome = subject.playbook.outcomes[end.outcome]
            message = f"'{end.outcome}' can end without a reply or a handoff"
            subject.report("silent-ending", message, outcome.name, "add 'reply:' or 'hand_off:'")
    if subject.ways and subject.ways.too_many:
        message = f"there are more than {MAX_PATHS} ways through this playbook"
        subject.report("too-big", message, subject.playbook.playbook, "split the file")


def _visits(subject: Subject) -> None:
    for visit in subject.ways.visits if subject.ways else ():
        if visit.step.verb.text == "do":
            _half_done(subject, visit)
            _identified(subject, visit)
            if visit.state.waited:
                message = "a step that waits stands between two actions"
                remedy = "move it up, or 'start' a new playbook"
                subject.report("wait-after-do", message, visit.state.waited, remedy)
            elif visit.state.checked:
                message = "an action stands behind 'check_in:', where nothing may be done any more"
                remedy = "let it 'start' a playbook that does it"
                subject.report("wait-after-do", message, visit.state.checked, remedy)
            if len(visit.state.acted) >= MAX_ACTIONS:
                message = f"there are more than {MAX_ACTIONS} actions on one way"
                subject.report(
                    "too-big", message, visit.step.object, "split the playbook and 'start' the second"
                )


def _half_done(subject: Subject, visit: Visit) -> None:
    before = visit.state.acted - visit.state.kept - visit.state.back
    if not before:
        return
    first = min(before).partition("@")[0]
    for edge in visit.step.edges:
        if edge.key in ("if_refused", "if_fails") and not hands_off(subject.playbook, edge.outcome.text):
            message = f"if {visit.step.object.text} fails, {first} stays done and nobody is told"
            subject.report("half-done", message, edge.outcome, f"let '{edge.key}' hand off")


def _identified(subject: Subject, visit: Visit) -> None:
    spec = subject.vocabulary.actions.get(visit.step.object.text)
    if spec is None:
        return
    actions = subject.policy.actions if subject.policy else {}
    needed = actions.get(spec.name, SILENT).demands(spec.identity)
    if visit.state.level.rank < needed.rank:
        message = f"{spec.name} needs level {needed}, here it may be {visit.state.level}"
        subject.report("not-identified", message, visit.step.object, "raise 'identify:' or add a step")


def _truth(subject: Subject) -> None:
    """A reply is sent only where the same was done, is pending and is uncertain on all ways."""
    states: dict[str, set[tuple[frozenset[str], frozenset[str], frozenset[str]]]] = {}
    places: dict[str, ScalarNode] = {}
    for visit in subject.ways.visits if subject.ways else ():
        said = visit.step.object if visit.step.verb.text == "reply" else visit.step.say_first
        if said is not None:
            states.setdefault(said.text, set()).add(_claims(visit.state))
            places.setdefault(said.text, said)
    for name, found in states.items():
        reply = subject.playbook.replies.get(name)
        if len(found) < 2 or reply is None or reply.always_true:
            continue
        actions = {one.partition("@")[0] for state in found for part in state for one in part}
        message = f"'{name}' is sent both when {' and '.join(sorted(actions))} is done and when it is not"
        subject.report("reply-may-lie", message, places[name], "use two replies, or 'always_true: yes'")


def _claims(state: State) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a reply can speak of: by action, wherever in the file it stands."""
    return _actions_of(state.done), _actions_of(state.pending), _actions_of(state.uncertain)


def _actions_of(places: frozenset[str]) -> frozenset[str]:
    return frozenset(one.partition("@")[0] for one in places)

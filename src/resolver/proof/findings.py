"""What was found out about the rules of a plan, as problems at their places in the file.

Called by `lint` with plans that compiled; it changes nothing.
"""

from collections.abc import Iterator

from resolver.errors import Where
from resolver.playbook.plan import Plan, Rule
from resolver.proof.cells import judge
from resolver.source.problem import Problem


def findings(plan: Plan, path: str, text: str) -> Iterator[Problem]:
    """Rules that can never apply, and rules that stop for a missing value."""
    judged = judge(plan)
    if judged is None:
        return
    for one in judged.rules:
        where, length = _place(one.rule, path, text)
        if not one.can_apply and (one.rule.when is not None or not _hands_off(plan, one.rule)):
            above = f"; the rules above cover it: {', '.join(one.covered_by)}" if one.covered_by else ""
            message = f"rule '{one.rule.id}' can never apply{above}"
            yield Problem("never-used", message, where, length, help="change the order or remove it")
        elif one.stops_for:
            missing = ", ".join(one.stops_for)
            message = f"rule '{one.rule.id}' stops if {missing} is missing"
            remedy = f"add '{one.stops_for[0]} is known and …' if that is meant"
            yield Problem("may-stop", message, where, length, help=remedy, severity="note")


def _hands_off(plan: Plan, rule: Rule) -> bool:
    return any("/hand_off-" in step.id for step in plan.outcomes[rule.then])


def _place(rule: Rule, path: str, text: str) -> tuple[Where, int]:
    """The rule's name in the file."""
    lines = text.splitlines()
    line = lines[rule.line - 1] if 0 < rule.line <= len(lines) else ""
    column = line.find(rule.id, line.find("rule:") + 5)
    return Where(path, rule.line, max(0, column) + 1), len(rule.id)

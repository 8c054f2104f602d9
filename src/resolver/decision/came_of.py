"""What came of a played ticket, as a test case says it. Used by whoever writes cases that nobody wrote by hand."""

from collections.abc import Mapping
from typing import Any

from resolver.condition.storage import to_offer
from resolver.condition.values import RecordValue
from resolver.decision.rehearsal import Rehearsal
from resolver.decision.testcase import Expected, ExpectedAction
from resolver.playbook.plan import Do, Plan


def rule_of(rehearsal: Rehearsal, plan: Plan) -> str | None:
    """The rule of the tested playbook that decided last."""
    own = {one.id for one in plan.rules}
    return next((rule for rule in reversed(rehearsal.rules) if rule in own), None)


def came_of(rehearsal: Rehearsal, plan: Plan) -> Expected:
    """Everything that a case compares."""
    own = {one.action for steps in plan.outcomes.values() for one in steps if isinstance(one, Do)}
    queue = rehearsal.hand_off.queue if rehearsal.hand_off else None
    return Expected(
        rule=rule_of(rehearsal, plan),
        outcome=next((one for one in reversed(rehearsal.path) if one in plan.outcomes), None),
        stopped_by=(rehearsal.stopped_by or "").partition(", ")[0] or None,
        done=tuple(
            ExpectedAction(one.action, _arguments(one.arguments) if one.action in own else {})
            for one in rehearsal.shop.done
        ),
        undone=tuple(ExpectedAction(name, {}) for name in rehearsal.shop.names_undone) or None,
        asked=tuple(rehearsal.asked),
        replies=tuple(rehearsal.replies),
        handoff=queue,
        ticket={"status": str(rehearsal.ticket.status.value)} if rehearsal.ticket.status else {},
        disposition=rehearsal.facts.disposition if rehearsal.facts else None,
    )


def _arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Records by their keys, everything else as in an offer."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if isinstance(value, RecordValue):
            found[name] = value.key
        elif isinstance(value, tuple):
            if all(isinstance(one, RecordValue) for one in value):
                found[name] = [one.key for one in value]
        else:
            found[name] = to_offer(value)
    return found

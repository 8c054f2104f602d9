"""Triggers: business rules that look at every change of a ticket and notify webhooks or change the ticket again.

The desk asks after each change which actions follow. A field or operator that is not imitated is refused when the
trigger is made, so that no rule silently never fires.
"""

from collections.abc import Callable

from connectors.zendesk.sandbox_parts.changes import Applied
from connectors.zendesk.sandbox_parts.inputs import TicketInput
from connectors.zendesk.sandbox_parts.problems import invalid
from connectors.zendesk.sandbox_parts.records import Action, Condition, Ticket, Trigger

NOTIFY = "notification_webhook"
ACTIONS = (NOTIFY, "status", "priority", "group_id", "assignee_id", "current_tags", "remove_tags")
OPERATORS = ("is", "is_not", "includes", "not_includes", "changed", "not_changed", "present", "not_present")


def check(trigger: Trigger) -> None:
    """Refuse a trigger that could never do what it says.

    Raises:
        Problem: 422 that names the condition or action that is not imitated.
    """
    for condition in [*trigger.every, *trigger.some]:
        if condition.field not in _READERS:
            raise invalid("conditions", f"{condition.field} is not imitated; known: {', '.join(_READERS)}")
        if condition.operator not in OPERATORS:
            raise invalid("conditions", f"operator {condition.operator} is not imitated")
    if not trigger.actions:
        raise invalid("actions", "a trigger needs at least one", "BlankValue")
    for action in trigger.actions:
        if action.field not in ACTIONS:
            raise invalid("actions", f"{action.field} is not imitated; known: {', '.join(ACTIONS)}")
        if action.field == NOTIFY and not (isinstance(action.value, list) and len(action.value) == 2):
            raise invalid("actions", "notification_webhook takes a list of the webhook's id and the body")


def fires(trigger: Trigger, applied: Applied) -> bool:
    """Whether all of `all` and, where there are some, any of `any` hold for this change."""
    if not trigger.active:
        return False
    every = all(_holds(condition, applied) for condition in trigger.every)
    return every and (not trigger.some or any(_holds(condition, applied) for condition in trigger.some))


def as_change(actions: list[Action]) -> TicketInput | None:
    """The change of the ticket that the actions ask for, without the notifications; none when there is none."""
    wanted, any_set = TicketInput(), False
    for action in actions:
        if action.field == NOTIFY:
            continue
        any_set = True
        value = str(action.value)
        if action.field == "current_tags":
            wanted.additional_tags = value
        elif action.field in ("group_id", "assignee_id"):
            setattr(wanted, action.field, int(value) if value else None)
        else:
            setattr(wanted, action.field, value)
    return wanted if any_set else None


def _holds(condition: Condition, applied: Applied) -> bool:
    value = _READERS[condition.field](applied)
    if condition.operator in ("changed", "not_changed"):
        changed = any(change.name == condition.field for change in applied.changed)
        return changed == (condition.operator == "changed")
    if condition.operator in ("present", "not_present"):
        return bool(value) == (condition.operator == "present")
    if condition.operator in ("includes", "not_includes"):
        found = bool(set(condition.value.split()) & set(value.split()))
        return found == (condition.operator == "includes")
    return (value.lower() == condition.value.lower()) == (condition.operator == "is")


def _update_type(applied: Applied) -> str:
    return "Create" if applied.created else "Change"


def _comment_kind(applied: Applied) -> str:
    return "" if applied.comment is None else str(applied.comment.public).lower()


def _role(applied: Applied) -> str:
    return "agent" if applied.actor.user.is_staff else "end_user"


def _of_ticket(read: Callable[[Ticket], object]) -> Callable[[Applied], str]:
    return lambda applied: str(read(applied.ticket) or "")


_READERS: dict[str, Callable[[Applied], str]] = {
    "update_type": _update_type,
    "comment_is_public": _comment_kind,
    "current_user": lambda applied: str(applied.actor.user.id),
    "current_user_id": lambda applied: str(applied.actor.user.id),
    "role": _role,
    "status": _of_ticket(lambda ticket: ticket.status),
    "priority": _of_ticket(lambda ticket: ticket.priority),
    "group_id": _of_ticket(lambda ticket: ticket.group_id),
    "assignee_id": _of_ticket(lambda ticket: ticket.assignee_id),
    "requester_id": _of_ticket(lambda ticket: ticket.requester_id),
    "current_tags": _of_ticket(lambda ticket: " ".join(ticket.tags)),
    "via_channel": _of_ticket(lambda ticket: ticket.via.channel),
}

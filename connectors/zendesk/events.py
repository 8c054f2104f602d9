"""What a verified delivery is about: the ticket, the comment, when, and the id that makes it one of a kind.

Called by the connector's `parse`. Two bodies arrive here: Zendesk's own envelope of an event subscription, and the
body of our trigger (README.md). They ring a bell and no more: texts, states and people in them are never read.
Source: developer.zendesk.com/api-reference/webhooks/event-types (read 2026-11-23).
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.zendesk.strict_json import Json, read
from resolver.errors import Malformed
from resolver.ticket import Delivery, MessageId, TicketId

INVOCATION_ID = "x-zendesk-webhook-invocation-id"
TRIGGER_KIND = "trigger"

# Event types that can matter to a run; every other one is answered 200 and forgotten.
_PREFIX = "zen:event-type:"
OUR_KINDS = frozenset(
    {
        "messaging_ticket.message_added",
        "ticket.agent_assignment_changed",
        "ticket.comment_added",
        "ticket.comment_made_private",
        "ticket.comment_redacted",
        "ticket.created",
        "ticket.group_assignment_changed",
        "ticket.marked_as_spam",
        "ticket.merged",
        "ticket.permanently_deleted",
        "ticket.requester_changed",
        "ticket.soft_deleted",
        "ticket.status_changed",
        "ticket.tags_changed",
    }
)

_NUMBER = re.compile(r"[0-9]{1,20}")
_EVENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(\.[0-9]{1,6})?[0-9]*(Z|[+-][0-9]{2}:?[0-9]{2})"
)
_SUBJECT = "zen:ticket:"
_REMEDY = "the delivery is dropped; if Zendesk itself sent it, report it with its invocation id"


def parse(headers: Mapping[str, str], body: bytes, *, own: int | None = None) -> tuple[Delivery, ...]:
    """The delivery in this request, or nothing for a topic that is none of ours or for what `own` did itself.

    Raises:
        Malformed: No unambiguous JSON object, or an id in it that cannot be one.
    """
    envelope = read(body)
    if envelope.get("resolver") == TRIGGER_KIND:
        return (_of_trigger(envelope, headers, body),)
    kind = envelope.get("type")
    if not isinstance(kind, str) or kind.removeprefix(_PREFIX) not in OUR_KINDS:
        return ()
    if own is not None and str(_object(envelope, "detail").get("actor_id")) == str(own):
        return ()  # the echo of our own update: nothing to fetch the ticket for
    return (_of_subscription(envelope, kind.removeprefix(_PREFIX)),)


def _of_subscription(envelope: Mapping[str, Json], kind: str) -> Delivery:
    ticket = _number(_object(envelope, "detail").get("id"), "detail.id")
    subject = envelope.get("subject")
    if ticket is None:
        raise _bad("detail.id")
    # Chat messages name their conversation as subject; a ticket named twice must be the same one.
    if isinstance(subject, str) and subject.startswith(_SUBJECT) and subject != _SUBJECT + ticket:
        raise Malformed("The delivery names two different tickets.", remedy=_REMEDY)
    comment = _number(_object(_object(envelope, "event"), "comment").get("id"), "event.comment.id")
    return Delivery(
        event_id=_event_id(envelope.get("id"), "id"),
        kind=kind,
        ticket=TicketId(ticket),
        message_id=None if comment is None else MessageId(comment),
        occurred_at=_instant(envelope.get("time")),
    )


def _of_trigger(envelope: Mapping[str, Json], headers: Mapping[str, str], body: bytes) -> Delivery:
    """A trigger's body has no event id of its own: the invocation is the event, also when it is delivered again."""
    ticket = _number(envelope.get("ticket_id"), "ticket_id")
    if ticket is None:
        raise _bad("ticket_id")
    invocation = headers.get(INVOCATION_ID)
    # Without the header equal bodies are one event; they hold the ticket and the second of its last change.
    given = hashlib.sha256(body).hexdigest() if invocation is None else invocation
    return Delivery(
        event_id=_event_id(given, INVOCATION_ID),
        kind=TRIGGER_KIND,
        ticket=TicketId(ticket),
        occurred_at=_instant(envelope.get("updated_at")),
    )


def _object(parent: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """A part of the envelope; one that is missing or null is empty."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _bad(name)
    return value


def _number(value: Json, name: str) -> str | None:
    """An id in its one spelling. Events write numbers as text, and "", "0" and null for none."""
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise _bad(name)
    return text.lstrip("0") or None


def _event_id(value: Json, name: str) -> str:
    if not isinstance(value, str) or not _EVENT_ID.fullmatch(value):
        raise _bad(name)
    return value


def _instant(value: Json) -> datetime | None:
    """When it happened, to the microsecond (Zendesk gives nanoseconds); `None` where that cannot be read."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{fraction or ''}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _bad(name: str) -> Malformed:
    return Malformed(f"{name} of the delivery cannot be an id.", remedy=_REMEDY)

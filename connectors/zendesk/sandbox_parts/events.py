"""The fixed bodies of event subscriptions: one envelope per thing that happened to a ticket.

The desk calls it for every change. Unlike REST, ids are strings, words are in UPPER CASE, and "none" is "", "0" or
null, whichever the field has; there are no custom fields and no e-mail address in it.
Source: developer.zendesk.com, Webhook event types, Ticket events (read 2026-11-23).
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from connectors.zendesk.sandbox_parts.changes import Applied, Changed
from connectors.zendesk.sandbox_parts.records import JsonObject, Ticket
from connectors.zendesk.sandbox_parts.shapes import BRAND_ID, FORM_ID, STATUS_IDS, when
from connectors.zendesk.sandbox_parts.state import State
from connectors.zendesk.sandbox_parts.ulid import new_ulid

VERSION = "2022-11-06"
KINDS = {
    "status": "status_changed",
    "priority": "priority_changed",
    "type": "type_changed",
    "subject": "subject_changed",
    "assignee_id": "agent_assignment_changed",
    "group_id": "group_assignment_changed",
    "requester_id": "requester_changed",
    "organization_id": "organization_changed",
    "external_id": "external_id_changed",
    "email_cc_ids": "email_ccs_changed",
    "tags": "tags_changed",
}
# Via types as events name them, where REST has another word.
CHANNELS = {"email": "mail", "web": "web_form", "api": "web_service"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its type, the ticket it is about, and the body every subscribed webhook gets."""

    type: str
    ticket_id: int
    body: str


def events_of(state: State, applied: Applied) -> list[Event]:
    """What a change announces: created first, then the comment, then every field that changed."""
    happened: list[tuple[str, JsonObject]] = [("ticket.created", {})] if applied.created else []
    if applied.comment is not None:
        happened.append(("ticket.comment_added", {"comment": _comment(state, applied)}))
    happened += [_change(state, changed) for changed in applied.changed]
    if applied.comment is not None and applied.ticket.via.channel == "native_messaging":
        happened.append(("messaging_ticket.message_added", _message(state, applied)))
    return announce(state, applied.ticket, applied.actor.user.id, happened)


def announce(
    state: State, ticket: Ticket, actor_id: int, happened: Iterable[tuple[str, JsonObject]]
) -> list[Event]:
    """Envelopes of one sequence; the ticket is shown as it is now."""
    now = state.now()
    sequence = new_ulid(now)
    return [
        Event(kind, ticket.id, _envelope(state, ticket, actor_id, kind, event, sequence, position, now))
        for position, (kind, event) in enumerate(happened, start=1)
    ]


def _envelope(
    state: State,
    ticket: Ticket,
    actor_id: int,
    kind: str,
    event: JsonObject,
    sequence: str,
    position: int,
    now: datetime,
) -> str:
    meta = {"sequence": {"id": sequence, "position": position}}
    envelope: JsonObject = {
        "type": f"zen:event-type:{kind}",
        "account_id": state.account.account_id,
        "id": str(uuid.uuid4()),
        "time": f"{now:%Y-%m-%dT%H:%M:%S.%f}000Z",
        "zendesk_event_version": VERSION,
        "subject": f"zen:ticket:{ticket.id}",
        "detail": _detail(ticket, actor_id),
        "event": {**event, "meta": meta},
    }
    return msgspec.json.encode(envelope).decode()


def _detail(ticket: Ticket, actor_id: int) -> JsonObject:
    return {
        "actor_id": str(actor_id),
        "assignee_id": str(ticket.assignee_id or ""),
        "brand_id": str(BRAND_ID),
        "created_at": when(ticket.created_at),
        "custom_status": str(STATUS_IDS[ticket.status]),
        "description": ticket.description,
        "external_id": ticket.external_id,
        "form_id": str(FORM_ID),
        "group_id": str(ticket.group_id or 0),
        "id": str(ticket.id),
        "is_public": ticket.is_public,
        "organization_id": str(ticket.organization_id or ""),
        "priority": (ticket.priority or "").upper(),
        "requester_id": str(ticket.requester_id),
        "status": ticket.status.upper(),
        "subject": ticket.subject,
        "submitter_id": str(ticket.submitter_id),
        "tags": ticket.tags,
        "type": (ticket.kind or "").upper(),
        "updated_at": when(ticket.updated_at),
        "via": {"channel": CHANNELS.get(ticket.via.channel, ticket.via.channel)},
    }


def _comment(state: State, applied: Applied) -> JsonObject:
    comment = applied.comment
    if comment is None:
        return {}
    author = state.users.rows[comment.author_id]
    return {
        "id": str(comment.id),
        "body": comment.body,
        "is_public": comment.public,
        "author": {"id": str(author.id), "is_staff": author.is_staff, "name": author.name},
    }


def _message(state: State, applied: Applied) -> JsonObject:
    comment = _comment(state, applied)
    author = state.users.rows[applied.comment.author_id] if applied.comment else applied.actor.user
    kind = "agent" if author.is_staff else "end_user"
    return {
        "actor": {"id": str(author.id), "name": author.name, "type": kind},
        "conversation_id": f"conversation-{applied.ticket.id}",
        "message": {"id": comment.get("id"), "body": comment.get("body")},
    }


def _change(state: State, changed: Changed) -> tuple[str, JsonObject]:
    if changed.name.isdigit():
        return "ticket.custom_field_changed", _custom(state, changed)
    kind = f"ticket.{KINDS[changed.name]}"
    if changed.name == "tags":
        before, after = _listed(changed.previous), _listed(changed.current)
        added = [tag for tag in after if tag not in before]
        return kind, {"tags_added": added, "tags_removed": [tag for tag in before if tag not in after]}
    if changed.name == "email_cc_ids":
        return kind, {"current": _listed(changed.current), "previous": _listed(changed.previous)}
    upper = changed.name in ("status", "priority", "type")
    return kind, {"current": _text(changed.current, upper), "previous": _text(changed.previous, upper)}


def _custom(state: State, changed: Changed) -> JsonObject:
    definition = state.fields.rows[int(changed.name)]
    return {
        "current": {"value": changed.current},
        "previous": {"value": changed.previous},
        "custom_field": {"id": changed.name, "title": definition.title, "type": definition.kind},
    }


def _listed(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else []


def _text(value: object, upper: bool) -> str:
    text = "" if value is None else str(value)
    return text.upper() if upper else text

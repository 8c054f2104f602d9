"""A ticket as a test or a person wants to see it: names instead of ids, comments and audits with it.

Control methods, the control API and the pages use it; the imitated API never does.
"""

from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.records import Audit, Comment, JsonObject, Ticket, User
from connectors.zendesk.sandbox_parts.shapes import when


def brief(desk: Desk, ticket: Ticket) -> JsonObject:
    """The ticket without its comments and audits."""
    state = desk.state
    group, assignee = state.group(ticket.group_id), state.user(ticket.assignee_id)
    return {
        "id": ticket.id,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "type": ticket.kind,
        "tags": list(ticket.tags),
        "group": group.name if group else None,
        "assignee": assignee.name if assignee else None,
        "assignee_id": ticket.assignee_id,
        "requester": person(state.user(ticket.requester_id)),
        "channel": ticket.via.channel,
        "external_id": ticket.external_id,
        "custom_fields": {
            field.title: ticket.custom.get(field.id) for field in state.fields if field.of == "ticket"
        },
        "ccs": [person(state.user(number)) for number in ticket.email_cc_ids],
        "created_at": when(ticket.created_at),
        "updated_at": when(ticket.updated_at),
        "deleted": ticket.deleted,
        "merged_into": ticket.merged_into,
        "followup_of": ticket.followup_of,
    }


def whole(desk: Desk, ticket: Ticket) -> JsonObject:
    """The ticket with its comments and audits, oldest first."""
    state = desk.state
    return {
        **brief(desk, ticket),
        "description": ticket.description,
        "comments": [_comment(desk, comment) for comment in state.comments_of(ticket.id)],
        "audits": [_audit(desk, audit) for audit in state.audits_of(ticket.id)],
    }


def person(user: User | None) -> JsonObject | None:
    """Who somebody is, in short."""
    if user is None:
        return None
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "verified": user.verified,
        "locale": user.locale,
    }


def _audit(desk: Desk, audit: Audit) -> JsonObject:
    author = desk.state.users.rows[audit.author_id]
    lines = [_line(desk, event) for event in audit.events]
    return {**desk.shapes.audit(audit), "author": author.name, "lines": lines}


def _line(desk: Desk, event: JsonObject) -> str:
    if event["type"] == "Comment":
        return "Public comment" if event["public"] else "Internal note"
    field = str(event["field_name"])
    title = field.removesuffix("_id").replace("_", " ").capitalize()
    if field.isdigit():
        title = desk.state.fields.rows[int(field)].title
    now = _named(desk, field, event["value"])
    if "previous_value" not in event:
        return f"{title}: {now}"
    return f"{title}: {_named(desk, field, event['previous_value'])} → {now}"


def _named(desk: Desk, field: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or "none"
    if field in ("assignee_id", "requester_id") and isinstance(value, str):
        user = desk.state.user(int(value))
        return user.name if user else value
    if field == "group_id" and isinstance(value, str):
        group = desk.state.group(int(value))
        return group.name if group else value
    return str(value) if value not in (None, "") else "none"


def _comment(desk: Desk, comment: Comment) -> JsonObject:
    author = desk.state.users.rows[comment.author_id]
    return {
        "id": comment.id,
        "author": author.name,
        "author_id": author.id,
        "staff": author.is_staff,
        "bot": author.id == desk.state.account.bot_id,
        "public": comment.public,
        "body": comment.body,
        "html_body": comment.html_body,
        "channel": comment.via.channel,
        "flags": list(comment.flags),
        "metadata": comment.metadata,
        "created_at": when(comment.created_at),
    }

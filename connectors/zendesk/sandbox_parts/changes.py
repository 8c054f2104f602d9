"""One change of one ticket: what was asked for becomes a new ticket, an audit, perhaps a comment.

The desk calls it under the state's lock and stores what comes out; nothing is stored here, so a refused change
leaves no trace. Rules of the vendor (closed is immutable, safe updates, reopening, membership) live here.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from msgspec import UNSET

from connectors.zendesk.sandbox_parts import bodies, placeholders, problems
from connectors.zendesk.sandbox_parts.inputs import CommentInput, EmailCcInput, TicketInput, as_tags
from connectors.zendesk.sandbox_parts.records import Audit, Comment, JsonObject, Ticket, User, Value, Via
from connectors.zendesk.sandbox_parts.state import State

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
KINDS = ("question", "incident", "problem", "task")
MOST_COMMENTS = 5000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a ticket and how: the updater, the channel, and what the helpdesk doubts about them."""

    user: User
    via: Via
    flags: tuple[int, ...] = ()
    from_mail: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of the ticket that has a new value; `name` is the vendor's, a number for a custom field."""

    name: str
    previous: Value | list[int]
    current: Value | list[int]


@dataclass(slots=True)
class Applied:
    """A change that is ready to be stored and announced."""

    ticket: Ticket
    audit: Audit
    actor: Actor
    created: bool = False
    comment: Comment | None = None
    changed: list[Changed] = field(default_factory=list)


def update(state: State, old: Ticket, wanted: TicketInput, actor: Actor, *, needs_assignee: bool) -> Applied:
    """The change of an existing ticket.

    Raises:
        Problem: 422 for a closed ticket or a value that cannot be stored, 409 for a stale safe update.
    """
    if old.status == "closed":
        raise problems.invalid("status", "closed prevents ticket update")
    check_stamp(old, wanted.safe_update, wanted.updated_stamp)
    applied = _begin(state, msgspec.structs.replace(old), actor, wanted.metadata)
    _set_fields(state, applied, wanted, needs_assignee=needs_assignee)
    if wanted.comment is not None:
        _add_comment(state, applied, _comment_of(wanted), author=None)
    return applied


def create(state: State, new: Ticket, wanted: TicketInput, actor: Actor, *, needs_assignee: bool) -> Applied:
    """The first change of a ticket that was just made; its first comment is its description."""
    applied = _begin(state, new, actor, wanted.metadata)
    applied.created = True
    _record(state, applied, "subject", None, new.subject)
    _set_fields(state, applied, wanted, needs_assignee=needs_assignee)
    comment = _comment_of(wanted)
    _add_comment(state, applied, comment, author=state.user(comment.author_id or new.submitter_id))
    if applied.comment is None:
        raise problems.invalid("description", "cannot be blank", "BlankValue")
    new.description = applied.comment.body
    new.is_public = applied.comment.public
    return applied


def check_stamp(ticket: Ticket, safe_update: object, stamp: str | None) -> None:
    """Refuse with 409 when a safe update was asked for with another stamp than the ticket's.

    `safe_update: false` acts like true, only leaving it out switches it off (vendor documentation, "Tickets").
    """
    if safe_update is UNSET or stamp is None:
        return
    try:
        seen = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise problems.invalid("updated_stamp", "is not a date") from error
    if seen.tzinfo is None:
        seen = seen.replace(tzinfo=UTC)
    if seen.replace(microsecond=0) != ticket.updated_at:
        raise problems.conflict()


def _begin(state: State, ticket: Ticket, actor: Actor, metadata: JsonObject | None) -> Applied:
    now = state.stamp()
    ticket.updated_at = now
    ticket.generated_at = state.now()
    audit = Audit(
        id=state.new_id("audit"),
        ticket_id=ticket.id,
        author_id=actor.user.id,
        via=actor.via,
        created_at=now,
        metadata=dict(metadata or {}),
        flags=list(actor.flags),
    )
    return Applied(ticket=ticket, audit=audit, actor=actor)


def _set_fields(state: State, applied: Applied, wanted: TicketInput, *, needs_assignee: bool) -> None:
    ticket = applied.ticket
    if wanted.subject is not UNSET:
        _set(state, applied, "subject", wanted.subject or "")
    if wanted.priority is not UNSET:
        _set(state, applied, "priority", _one_of("priority", wanted.priority, PRIORITIES))
    if wanted.type is not UNSET:
        _set(state, applied, "type", _one_of("type", wanted.type, KINDS))
    if wanted.external_id is not UNSET:
        _set(state, applied, "external_id", wanted.external_id)
    if not applied.created and wanted.requester_id is not UNSET and wanted.requester_id is not None:
        _set_requester(state, applied, wanted.requester_id)
    _set_people(state, applied, wanted)
    _set_tags(state, applied, wanted)
    for entry in wanted.custom_fields or []:
        _set_custom(state, applied, entry.id, entry.value)
    if wanted.email_ccs:
        _set_ccs(state, applied, wanted.email_ccs)
    status = ticket.status if wanted.status is UNSET or wanted.status is None else wanted.status
    _one_of("status", status, STATUSES)
    if status == "solved" and ticket.assignee_id is None and needs_assignee:
        raise problems.invalid("assignee", "is required when solving a ticket", "BlankValue")
    if status == "new" and ticket.assignee_id is not None:
        status = "open"
    _set(state, applied, "status", status)


def _one_of(name: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is not None and value not in known:
        raise problems.invalid(name, f"{value} is not one of {', '.join(known)}")
    return value


def _set(state: State, applied: Applied, name: str, value: Value) -> None:
    attribute = "kind" if name == "type" else name
    previous: Value = getattr(applied.ticket, attribute)
    if previous != value or (applied.created and name == "status"):
        _record(state, applied, name, previous, value)
    setattr(applied.ticket, attribute, value)


def _record(
    state: State, applied: Applied, name: str, previous: Value | list[int], current: Value | list[int]
) -> None:
    event: JsonObject = {"id": state.new_id("event"), "type": "Create", "field_name": name}
    event["value"] = _shown(current)
    if not applied.created:
        event["type"] = "Change"
        event["previous_value"] = _shown(previous)
        applied.changed.append(Changed(name, previous, current))
    applied.audit.events.append(event)


def _shown(value: Value | list[int]) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _set_requester(state: State, applied: Applied, user_id: int) -> None:
    requester = state.user(user_id)
    if requester is None:
        raise problems.invalid("requester", "is not a user")
    _set(state, applied, "requester_id", requester.id)
    _set(state, applied, "organization_id", requester.organization_id)


def _set_people(state: State, applied: Applied, wanted: TicketInput) -> None:
    ticket = applied.ticket
    group_id = ticket.group_id if wanted.group_id is UNSET else wanted.group_id
    if group_id is not None and state.group(group_id) is None:
        raise problems.invalid("group", "is not a group")
    assignee_id = ticket.assignee_id if wanted.assignee_id is UNSET else wanted.assignee_id
    if wanted.assignee_email:
        found = state.user_by_email(wanted.assignee_email)
        assignee_id = found.id if found else 0
    if assignee_id is not None:
        assignee = state.user(assignee_id)
        if assignee is None or not assignee.is_staff:
            raise problems.invalid("assignee", "is not an agent")
        group_id = group_id if group_id is not None else assignee.default_group_id
        if group_id not in assignee.group_ids:
            if wanted.assignee_id is not UNSET or wanted.assignee_email:
                raise problems.invalid("assignee", "is not a member of the group")
            assignee_id = None
    _set(state, applied, "group_id", group_id)
    _set(state, applied, "assignee_id", assignee_id)


def _set_tags(state: State, applied: Applied, wanted: TicketInput) -> None:
    previous = applied.ticket.tags
    tags = previous if wanted.tags is UNSET else as_tags(wanted.tags)
    added, removed = as_tags(wanted.additional_tags), as_tags(wanted.remove_tags)
    current = [tag for tag in dict.fromkeys([*tags, *added]) if tag not in removed]
    if current != previous:
        _record(state, applied, "tags", previous, current)
    applied.ticket.tags = current


def _set_custom(state: State, applied: Applied, field_id: int, value: Value) -> None:
    definition = state.fields.get(field_id)
    if definition is None or definition.of != "ticket":
        return  # the vendor ignores values for fields that do not exist
    previous = applied.ticket.custom.get(field_id)
    if previous == value:
        return
    _record(state, applied, str(field_id), previous, value)
    applied.ticket.custom = {**applied.ticket.custom, field_id: value}


def _set_ccs(state: State, applied: Applied, wanted: list[EmailCcInput]) -> None:
    previous = applied.ticket.email_cc_ids
    current = list(previous)
    for entry in wanted:
        user = state.user(entry.user_id) or (
            state.user_by_email(entry.user_email) if entry.user_email else None
        )
        if user is None:
            raise problems.invalid("email_ccs", "is not a user")
        current = [number for number in current if number != user.id]
        if entry.action != "delete":
            current.append(user.id)
    if current != previous:
        _record(state, applied, "email_cc_ids", previous, current)
    applied.ticket.email_cc_ids = current


def _comment_of(wanted: TicketInput) -> CommentInput:
    if isinstance(wanted.comment, CommentInput):
        return wanted.comment
    return CommentInput(body=wanted.comment or wanted.description)


def _add_comment(state: State, applied: Applied, wanted: CommentInput, *, author: User | None) -> None:
    ticket, audit, actor = applied.ticket, applied.audit, applied.actor
    if not (wanted.html_body or wanted.body):
        return
    if len(state.comments_of(ticket.id)) >= MOST_COMMENTS:
        raise problems.invalid("comments", f"a ticket holds at most {MOST_COMMENTS}", "TooManyComments")
    author = author or (state.user(wanted.author_id) if wanted.author_id else actor.user)
    if author is None:
        raise problems.invalid("author", "is not a user")
    body, html_body = _texts(state, ticket, wanted, author, actor)
    if not body and not wanted.html_body:
        return
    public = wanted.public if wanted.public is not UNSET else ticket.is_public
    comment = Comment(
        id=state.new_id("comment"),
        ticket_id=ticket.id,
        audit_id=audit.id,
        author_id=author.id,
        body=body,
        html_body=html_body,
        public=public,
        via=actor.via,
        created_at=audit.created_at,
        flags=list(actor.flags),
        metadata=audit.metadata,
    )
    applied.comment = comment
    ticket.is_public = ticket.is_public or public
    audit.events.insert(0, _comment_event(comment))


def _texts(state: State, ticket: Ticket, wanted: CommentInput, author: User, actor: Actor) -> tuple[str, str]:
    if wanted.html_body:
        markup = wanted.html_body
        if author.is_staff:
            markup = placeholders.expand(markup, state, ticket, actor.user)
        return bodies.from_html(markup)
    text = wanted.body or ""
    if actor.from_mail:
        return bodies.from_mail(text)
    if author.is_staff:
        text = placeholders.expand(text, state, ticket, actor.user)
    return bodies.from_body(text)


def _comment_event(comment: Comment) -> JsonObject:
    return {
        "id": comment.id,
        "type": "Comment",
        "author_id": comment.author_id,
        "body": comment.body,
        "html_body": comment.html_body,
        "plain_body": comment.body,
        "public": comment.public,
        "attachments": [],
        "audit_id": comment.audit_id,
    }

"""The ticket endpoints: show, list, create, update, comments, audits, tags, merge, incremental export.

`api` serves what stands in ENDPOINTS. Changes go through the desk; here requests are read and answers shaped.
"""

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

from connectors.zendesk.sandbox_parts.calls import Answer, Call, Endpoint, listed
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.inputs import (
    MergeInput,
    TagsInput,
    TicketInput,
    as_tags,
    parse,
    parse_in,
)
from connectors.zendesk.sandbox_parts.paging import cursor_value, make_cursor
from connectors.zendesk.sandbox_parts.problems import Problem, not_found
from connectors.zendesk.sandbox_parts.records import Comment, JsonObject, KeyedCreation, Ticket

KEY_LIFE = timedelta(hours=2)  # vendor documentation, "Idempotency"
MOST_EXPORTED = 1000


def show(desk: Desk, call: Call) -> Answer:
    """GET /tickets/{id}."""
    return Answer({"ticket": desk.shapes.ticket(desk.ticket(call.id()))})


def index(desk: Desk, call: Call) -> Answer:
    """GET /tickets, all or those of one external id; this, not search, is what finds a ticket at once."""
    tickets = [ticket for ticket in desk.state.tickets if not ticket.deleted]
    if "external_id" in call.query:
        tickets = [ticket for ticket in tickets if ticket.external_id == call.query["external_id"]]
    sort = call.query.get("sort", "id")
    if sort.lstrip("-") == "updated_at":
        tickets.sort(key=lambda ticket: (ticket.updated_at, ticket.id), reverse=sort.startswith("-"))
    elif sort == "-id":
        tickets.reverse()
    return Answer(listed(desk, call, "tickets", tickets, desk.shapes.ticket, lambda ticket: ticket.id))


def show_many(desk: Desk, call: Call) -> Answer:
    """GET /tickets/show_many for a list of ids."""
    wanted = {int(text) for text in call.query.get("ids", "").split(",") if text.isdigit()}
    tickets = [ticket for ticket in desk.state.tickets if ticket.id in wanted and not ticket.deleted]
    return Answer(listed(desk, call, "tickets", tickets, desk.shapes.ticket, lambda ticket: ticket.id))


def create(desk: Desk, call: Call) -> Answer:
    """POST /tickets, the one endpoint that knows an Idempotency-Key."""
    key = call.headers.get("idempotency-key")
    if key is None:
        return _create(desk, call)
    digest = hashlib.sha256(call.raw).hexdigest()
    known = desk.state.creations.get(key)
    if known is not None and desk.state.now() - known.created_at < KEY_LIFE:
        if known.digest != digest:
            raise Problem(400, "IdempotentRequestError", "This Idempotency-Key came with another body before")
        return Answer(msgspec.json.decode(known.answer), 201, {"x-idempotency-lookup": "hit"})
    made = _create(desk, call)
    text = msgspec.json.encode(made.body).decode()
    desk.state.save(KeyedCreation(key=key, digest=digest, answer=text, created_at=desk.state.now()))
    return Answer(made.body, 201, {**made.headers, "x-idempotency-lookup": "miss"})


def _create(desk: Desk, call: Call) -> Answer:
    applied = desk.create(parse_in(call.body, "ticket", TicketInput), call.actor)
    ticket = desk.shapes.ticket(applied.ticket)
    return Answer(
        {"ticket": ticket, "audit": desk.shapes.audit(applied.audit)}, 201, {"Location": str(ticket["url"])}
    )


def update(desk: Desk, call: Call) -> Answer:
    """PUT /tickets/{id}: reply, status, tags, fields, queue and marker in one."""
    applied = desk.update(call.id(), parse_in(call.body, "ticket", TicketInput), call.actor)
    return Answer({"ticket": desk.shapes.ticket(applied.ticket), "audit": desk.shapes.audit(applied.audit)})


def delete(desk: Desk, call: Call) -> Answer:
    """DELETE /tickets/{id}, softly."""
    desk.delete(call.id(), call.actor)
    return Answer(None, 204)


def comments(desk: Desk, call: Call) -> Answer:
    """GET /tickets/{id}/comments, with the people only when `include=users` asks for them."""
    ticket = desk.ticket(call.id())
    records = desk.state.comments_of(ticket.id)
    if call.query.get("sort") == "-created_at" or call.query.get("sort_order") == "desc":
        records.reverse()
    answer = listed(desk, call, "comments", records, desk.shapes.comment, lambda comment: comment.id)
    if "users" in call.query.get("include", "").split(","):
        answer["users"] = _people(desk, ticket, records)
    return Answer(answer)


def _people(desk: Desk, ticket: Ticket, records: list[Comment]) -> list[JsonObject]:
    numbers = dict.fromkeys([*(comment.author_id for comment in records), *ticket.email_cc_ids])
    return [desk.shapes.user(desk.state.users.rows[number]) for number in numbers]


def audits(desk: Desk, call: Call) -> Answer:
    """GET /tickets/{id}/audits; the marker of an update is in `metadata.custom`."""
    records = desk.state.audits_of(desk.ticket(call.id()).id)
    if call.query.get("sort") == "-created_at" or call.query.get("sort_order") == "desc":
        records.reverse()
    return Answer(listed(desk, call, "audits", records, desk.shapes.audit, lambda audit: audit.id))


def audit(desk: Desk, call: Call) -> Answer:
    """GET /tickets/{id}/audits/{audit_id}."""
    found = desk.state.audits.get(call.id("audit_id"))
    if found is None or found.ticket_id != desk.ticket(call.id()).id:
        raise not_found()
    return Answer({"audit": desk.shapes.audit(found)})


def tags(desk: Desk, call: Call) -> Answer:
    """GET, POST (set), PUT (add), DELETE (remove) /tickets/{id}/tags."""
    ticket = desk.ticket(call.id())
    if call.method == "GET":
        return Answer({"tags": ticket.tags})
    wanted = parse(call.body, TagsInput)
    change = TicketInput(safe_update=wanted.safe_update, updated_stamp=wanted.updated_stamp)
    if call.method == "POST":
        change.tags = as_tags(wanted.tags)
    elif call.method == "PUT":
        change.additional_tags = as_tags(wanted.tags)
    else:
        change.remove_tags = as_tags(wanted.tags)
    applied = desk.update(ticket.id, change, call.actor)
    if call.method == "DELETE":
        return Answer(None, 204)
    return Answer({"tags": applied.ticket.tags}, 201 if call.method == "POST" else 200)


def merge(desk: Desk, call: Call) -> Answer:
    """POST /tickets/{id}/merge; the job is done when the answer comes."""
    wanted = parse(call.body, MergeInput)
    desk.merge(call.id(), wanted, call.actor)
    results = [
        {"id": number, "action": "update", "status": "Updated", "success": True} for number in wanted.ids
    ]
    return Answer(
        {
            "job_status": {
                "id": f"merge-{call.id()}",
                "job_type": "Ticket merge",
                "url": desk.shapes.url(f"job_statuses/merge-{call.id()}.json"),
                "total": len(results),
                "progress": len(results),
                "status": "completed",
                "message": None,
                "results": results,
            }
        }
    )


def export(desk: Desk, call: Call) -> Answer:
    """GET /incremental/tickets/cursor: every ticket changed since, deleted ones too, the last minute left out."""
    position = _position(call)
    until = desk.state.now() - timedelta(seconds=desk.settings.export_lag_s)
    size = min(
        int(text) if (text := call.query.get("per_page", "")).isdigit() else MOST_EXPORTED, MOST_EXPORTED
    )
    keep = call.query.get("exclude_deleted") != "true"
    changed = _changed(desk, position, until, keep)
    shown = changed[: max(size, 1)]
    last = _place(shown[-1]) if shown else position
    cursor = make_cursor(f"{last[0]}|{last[1]}")
    return Answer(
        {
            "tickets": [desk.shapes.ticket(ticket) for ticket in shown],
            "after_cursor": cursor,
            "after_url": desk.shapes.url(f"incremental/tickets/cursor.json?cursor={cursor}"),
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(shown) == len(changed),
        }
    )


def _changed(desk: Desk, position: tuple[float, int], until: datetime, keep_deleted: bool) -> list[Ticket]:
    found = [
        ticket
        for ticket in desk.state.tickets
        if _place(ticket) > position and ticket.generated_at <= until and (keep_deleted or not ticket.deleted)
    ]
    return sorted(found, key=_place)


def _place(ticket: Ticket) -> tuple[float, int]:
    return ticket.generated_at.timestamp(), ticket.id


def _position(call: Call) -> tuple[float, int]:
    try:
        if "cursor" in call.query:
            moment, _, number = cursor_value(call.query["cursor"]).partition("|")
            return float(moment), int(number)
        start = datetime.fromtimestamp(int(call.query["start_time"]), UTC)
    except KeyError as error:
        raise Problem(400, "InvalidValue", "start_time is needed for the first page") from error
    except (ValueError, OverflowError, OSError) as error:
        raise Problem(400, "InvalidValue", "start_time or cursor cannot be read") from error
    return start.timestamp(), 0


ENDPOINTS = (
    Endpoint("GET", "/tickets", index),
    Endpoint("POST", "/tickets", create),
    Endpoint("GET", "/tickets/show_many", show_many),
    Endpoint("GET", "/tickets/{id}", show),
    Endpoint("PUT", "/tickets/{id}", update, limit="tickets-update"),
    Endpoint("DELETE", "/tickets/{id}", delete),
    Endpoint("GET", "/tickets/{id}/comments", comments),
    Endpoint("GET", "/tickets/{id}/audits", audits, resource=""),
    Endpoint("GET", "/tickets/{id}/audits/{audit_id}", audit, resource=""),
    Endpoint("GET", "/tickets/{id}/tags", tags),
    Endpoint("POST", "/tickets/{id}/tags", tags, limit="tickets-update"),
    Endpoint("PUT", "/tickets/{id}/tags", tags, limit="tickets-update"),
    Endpoint("DELETE", "/tickets/{id}/tags", tags, limit="tickets-update"),
    Endpoint("POST", "/tickets/{id}/merge", merge),
    Endpoint("GET", "/incremental/tickets/cursor", export, limit="incremental-exports"),
)

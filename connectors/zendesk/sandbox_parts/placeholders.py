"""Expansion of `{{…}}` in texts that staff wrote, and in the bodies of triggers.

The vendor expands placeholders whenever an agent authors a comment, so that customer text echoed by a bot can
leak data: that danger is imitated here, not hidden. Unknown placeholders vanish; end users' texts stay as they are.
Source: developer.zendesk.com, Ticket Comments, "Bodies" (read 2026-11-23).
"""

import json
import re
from collections.abc import Callable

from connectors.zendesk.sandbox_parts.records import Comment, Ticket, User
from connectors.zendesk.sandbox_parts.state import State

_PLACEHOLDER = re.compile(r"(?P<escape>\\{1,2})?\{\{\s*(?P<name>[^{}]*?)\s*\}\}")
_CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r"ticket\.ticket_field_(\d+)")


def expand(text: str, state: State, ticket: Ticket, current_user: User | None) -> str:
    """The text with every placeholder replaced; what stands in `<code>` or after a backslash stays."""
    known = _values(state, ticket, current_user)
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _replace(part, known, str) for index, part in enumerate(parts))


def expand_json(text: str, state: State, ticket: Ticket, current_user: User | None) -> str:
    """Like `expand`, for a JSON text: values are escaped so that it stays JSON."""
    return _replace(text, _values(state, ticket, current_user), lambda value: json.dumps(value)[1:-1])


def _replace(text: str, known: Callable[[str], str], encode: Callable[[str], str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match["escape"]:
            return match[0].lstrip("\\")
        return encode(known(match["name"]))

    return _PLACEHOLDER.sub(value, text)


def _values(state: State, ticket: Ticket, current_user: User | None) -> Callable[[str], str]:
    comments = state.comments_of(ticket.id)
    table = {
        "ticket.id": str(ticket.id),
        "ticket.title": ticket.subject,
        "ticket.description": ticket.description,
        "ticket.status": ticket.status.capitalize(),
        "ticket.priority": (ticket.priority or "").capitalize(),
        "ticket.tags": " ".join(ticket.tags),
        "ticket.external_id": ticket.external_id or "",
        "ticket.created_at_with_timestamp": f"{ticket.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "ticket.updated_at_with_timestamp": f"{ticket.updated_at:%Y-%m-%dT%H:%M:%SZ}",
        "ticket.latest_comment": _latest(comments, public_only=False),
        "ticket.latest_public_comment": _latest(comments, public_only=True),
        "ticket.group.name": group.name if (group := state.group(ticket.group_id)) else "",
        **_person("ticket.requester", state.user(ticket.requester_id)),
        **_person("ticket.assignee", state.user(ticket.assignee_id)),
        **_person("current_user", current_user),
    }

    def known(name: str) -> str:
        field = _FIELD.fullmatch(name)
        if field:
            return str(ticket.custom.get(int(field[1])) or "")
        return table.get(name, "")

    return known


def _latest(comments: list[Comment], *, public_only: bool) -> str:
    return next((c.body for c in reversed(comments) if c.public or not public_only), "")


def _person(prefix: str, user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    return {
        f"{prefix}.id": str(user.id),
        f"{prefix}.name": user.name,
        f"{prefix}.first_name": user.name.split(" ")[0],
        f"{prefix}.email": user.email or "",
    }

"""The one update a write-back becomes: text made safe, words translated, the condition and the marker on it.

The helpdesk sends what this returns. Pure: names of queues and fields are already ids when they come here.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.zendesk.conversation import clean
from resolver.errors import Malformed
from resolver.ticket import Status, Ticket, WriteBack

MARKER = "resolver_op"  # key of the update's metadata; find_receipt looks for it in the audits

STATUSES = {
    Status.OPEN: "open",
    Status.PENDING: "pending",
    Status.ON_HOLD: "hold",
    Status.SOLVED: "solved",
    Status.CLOSED: "closed",
}
PRIORITIES = ("low", "normal", "high", "urgent")

# A second brace, or a percent sign at one, becomes an entity: Zendesk expands {{…}} and {%…%} in what agents write,
# so that a customer's text echoed by the bot could read the ticket out.
_BRACES = re.compile(r"(?<=\{)[{%]|(?<=[}%])\}")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of this account that one update needs."""

    bot: int
    group: int | None = None
    fields: Mapping[str, int] | None = None


def body(ticket: Ticket, write: WriteBack, *, updated_stamp: str, ids: Ids) -> dict[str, object]:
    """The attributes of the one PUT, without the ticket's id.

    Raises:
        Malformed: Two texts in one update, or a priority Zendesk does not have; a fault of the caller.
    """
    changes: dict[str, object] = {
        "safe_update": True,
        "updated_stamp": updated_stamp,
        "metadata": {MARKER: write.marker},
    }
    changes |= _comment(write)
    if write.status is not None:
        changes["status"] = STATUSES[write.status]
    if write.priority is not None:
        changes["priority"] = _priority(write.priority)
    if ids.group is not None:
        changes["group_id"] = ids.group
    changes |= _assignee(ticket, write, ids.bot)
    if write.add_tags:
        changes["additional_tags"] = list(write.add_tags)
    if write.remove_tags:
        changes["remove_tags"] = list(write.remove_tags)
    if write.fields:
        numbers = ids.fields or {}
        changes["custom_fields"] = [
            {"id": numbers[name], "value": value} for name, value in write.fields.items()
        ]
    return changes


def as_html(text: str) -> str:
    """Plain text as HTML that shows it and nothing else: a paragraph per block, no link, no placeholder."""
    blocks = [block.strip("\n") for block in _BLANK_LINES.split(clean(text))]
    return "".join(f"<p>{_line_breaks(block)}</p>" for block in blocks if block.strip())


def _line_breaks(block: str) -> str:
    escaped = html.escape(block, quote=False)
    return _BRACES.sub(lambda found: f"&#{ord(found[0])};", escaped).replace("\n", "<br>")


def _comment(write: WriteBack) -> dict[str, object]:
    if write.public is not None and write.private is not None:
        raise Malformed(
            f"The write-back {write.marker} has a public and a private text.",
            remedy="send two updates, the note first: Zendesk takes one comment an update",
        )
    text = write.private if write.public is None else write.public
    if text is None:
        return {}
    return {"comment": {"html_body": as_html(text), "public": write.public is not None}}


def _priority(word: str) -> str:
    if word not in PRIORITIES:
        raise Malformed(f"Zendesk has no priority {word!r}.", remedy=f"write one of {', '.join(PRIORITIES)}")
    return word


def _assignee(ticket: Ticket, write: WriteBack, bot: int) -> dict[str, object]:
    """Solving needs an assignee: the bot stands in where nobody is, and lets go as soon as it is not solved."""
    if write.status in (Status.SOLVED, Status.CLOSED):
        needs_one = ticket.assignee is None or write.release
        return {"assignee_id": bot} if needs_one else {}
    bot_lets_go = ticket.assignee == str(bot) and write.status is not None
    return {"assignee_id": None} if write.release or bot_lets_go else {}

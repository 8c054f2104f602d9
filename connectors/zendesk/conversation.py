"""The comments of a ticket as messages: who wrote each, how it came in, and whether Zendesk doubts the author.

The helpdesk builds tickets with it. Pure: it reads records and asks nobody.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.zendesk.payloads import AuditRecord, CommentRecord, Metadata, TicketRecord, UserRecord, Via
from resolver.ticket import Author, Channel, Message, MessageId, TicketId

# Comment flags whose author Zendesk does not vouch for. 11 is a comment somebody made in the author's name.
# Source: developer.zendesk.com, Ticket Comments, "Comment flags" (read 2026-11-23).
UNTRUSTED_FLAGS = frozenset({0, 2, 3, 11, 14, 17, 20, 21, 22})
NOT_SIGNED_IN_FLAG = 3
GENERATED_FLAG = 4  # answering it would be a mail loop

_BY_RULE = frozenset({"rule", "system"})
_AUTOMATIC_HEADERS = frozenset({"auto-submitted", "x-autoreply", "x-auto-response-suppress", "x-autorespond"})
_CHANNELS = {
    "email": Channel.EMAIL,
    "mail": Channel.EMAIL,  # the word of webhooks and triggers
    "web": Channel.FORM,
    "web_form": Channel.FORM,
    "web_widget": Channel.FORM,
    "mobile": Channel.FORM,
    "mobile_sdk": Channel.FORM,
    "help_center": Channel.PORTAL,
    "chat": Channel.MESSENGER,
    "messaging": Channel.MESSENGER,
    "native_messaging": Channel.MESSENGER,
    "voice": Channel.VOICE,
    "phone": Channel.VOICE,
    "twitter": Channel.SOCIAL,
    "facebook": Channel.SOCIAL,
    "instagram_dm": Channel.SOCIAL,
    "whatsapp": Channel.SOCIAL,
    "line": Channel.SOCIAL,
    "sms": Channel.SOCIAL,
    "any_channel": Channel.SOCIAL,
}
_MERGED_INTO = re.compile(r"#([0-9]{1,20})")
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class People:
    """Who is who on one ticket."""

    bot_id: int
    requester_id: int
    users: Mapping[int, UserRecord]

    def is_staff(self, user_id: int | None) -> bool:
        """Whether this is a person of the company: an agent or admin who is not the bot."""
        user = None if user_id is None else self.users.get(user_id)
        return user_id != self.bot_id and user is not None and user.is_staff


def clean(text: str) -> str:
    """The text without what no store takes: control characters and halves of surrogate pairs."""
    plain = _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.encode("utf-8", "replace").decode("utf-8")


def channel_of(via: Via | None) -> Channel:
    """Our word for a vendor's channel; what nobody knows is taken for the API, which proves nothing."""
    return _CHANNELS.get(str(via.channel).lower(), Channel.API) if via else Channel.API


def channel_of_ticket(record: TicketRecord) -> Channel:
    """How the ticket came in; Zendesk marks its own messaging apart from the channel's name."""
    return Channel.MESSENGER if record.from_messaging_channel else channel_of(record.via)


def messages(comments: Sequence[CommentRecord], people: People) -> tuple[Message, ...]:
    """All comments of a ticket, the oldest first, as messages."""
    return tuple(
        _message(comment, people, doubts=_doubts(comment, first=place == 0))
        for place, comment in enumerate(comments)
    )


def _doubts(comment: CommentRecord, *, first: bool) -> frozenset[int]:
    """The flags that say somebody else may have written this.

    That whoever opens a ticket by a form was not signed in says only what a form proves anyway, and the level says
    it: nothing. Anything later must come from the requester's address, because a form is open to everybody.
    """
    doubts = UNTRUSTED_FLAGS & flags_of(comment.metadata)
    by_form = first and channel_of(comment.via) is Channel.FORM
    return doubts - {NOT_SIGNED_IN_FLAG} if by_form else doubts


def _message(comment: CommentRecord, people: People, *, doubts: frozenset[int]) -> Message:
    text = next((body for body in (comment.plain_body, comment.body) if body is not None), "")
    return Message(
        id=MessageId(str(comment.id)),
        author=_author(comment, people),
        author_id=str(comment.author_id),
        text=clean(text),
        public=comment.public,
        created_at=comment.created_at,
        channel=channel_of(comment.via),
        trusted=not doubts,
        html=None if comment.html_body is None else clean(comment.html_body),
    )


def _author(comment: CommentRecord, people: People) -> Author:
    if comment.author_id == people.bot_id:
        return Author.RESOLVER
    if comment.author_id < 1 or _is_automatic(comment):
        return Author.AUTOMATIC
    if people.is_staff(comment.author_id):
        return Author.STAFF
    if comment.author_id == people.requester_id:
        return Author.REQUESTER
    # Somebody Zendesk no longer knows: only staff writes notes that the customer does not see.
    is_unknown = comment.author_id not in people.users
    return Author.STAFF if is_unknown and not comment.public else Author.OTHER_CUSTOMER


def _is_automatic(comment: CommentRecord) -> bool:
    by_rule = comment.via is not None and comment.via.channel in _BY_RULE
    if by_rule or GENERATED_FLAG in flags_of(comment.metadata):
        return True
    metadata = comment.metadata or Metadata()
    names = [*(metadata.system or ()), *(metadata.custom or ())]
    return any(name.lower().replace("_", "-") in _AUTOMATIC_HEADERS for name in names)


def flags_of(metadata: Metadata | None) -> frozenset[int]:
    """What Zendesk remarks about a comment."""
    return frozenset(metadata.flags or ()) if metadata else frozenset()


def staff_stamp(audits: Sequence[AuditRecord], ticket: TicketRecord, people: People) -> str:
    """A text that changes when a person of the company does anything to the ticket, or gets it.

    Business rules, other customers and the resolver itself leave it as it is; so does the bot as assignee.
    """
    by_staff = max((audit.id for audit in audits if is_by_staff(audit, people)), default=0)
    assignee = ticket.assignee_id if ticket.assignee_id not in (None, people.bot_id) else 0
    return f"{by_staff}/{assignee}"


def is_by_staff(audit: AuditRecord, people: People) -> bool:
    """Whether a person of the company made this update; one that a rule made in their name does not count."""
    return not is_by_rule(audit) and people.is_staff(audit.author_id)


def is_by_rule(audit: AuditRecord) -> bool:
    """Whether a trigger or automation made this update."""
    return (audit.author_id or 0) < 1 or (audit.via is not None and audit.via.channel in _BY_RULE)


def merged_into(ticket: TicketRecord, comments: Sequence[CommentRecord], people: People) -> TicketId | None:
    """The ticket this one was merged into, where it can be told.

    Zendesk closes it, tags it `closed_by_merge` and adds a comment that names the other one; what customers write
    is not read.
    """
    if ticket.status != "closed" or "closed_by_merge" not in (ticket.tags or ()):
        return None
    for comment in reversed(comments):
        by_merge = comment.via is not None and comment.via.rel == "merge"
        if by_merge or _author(comment, people) in (Author.STAFF, Author.RESOLVER, Author.AUTOMATIC):
            named = _MERGED_INTO.search(comment.plain_body or comment.body or "")
            if named is not None and int(named[1]) != ticket.id:
                return TicketId(str(int(named[1])))
    return None

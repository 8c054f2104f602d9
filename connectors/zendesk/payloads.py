"""The parts of Zendesk's JSON we read, as frozen types; everything else in an answer is ignored.

Made by the client at the edge, read by the rest of the connector. Ids are numbers in REST answers, and zenpy hands
over null for whatever an answer left out: hence the many optional fields.
Source: developer.zendesk.com/api-reference/ticketing (read 2026-11-23).
"""

from datetime import datetime
from typing import TypeVar

import msgspec

T = TypeVar("T")

FieldValue = str | int | float | bool | list[str] | None


class ViaSource(msgspec.Struct, frozen=True, rename={"origin": "from"}):
    """Where something came from; `origin` holds an address for mail, a ticket for merges."""

    origin: dict[str, object] | None = None
    rel: str | None = None


class Via(msgspec.Struct, frozen=True):
    """How something came in; `channel` is a number in very old records."""

    channel: str | int | None = None
    source: ViaSource | None = None

    @property
    def rel(self) -> str | None:
        """What kind of source it is, such as `merge` or `trigger`."""
        return self.source.rel if self.source else None


class CustomField(msgspec.Struct, frozen=True):
    """The value of one custom ticket field."""

    id: int
    value: FieldValue = None


class TicketRecord(msgspec.Struct, frozen=True):
    """A ticket without its conversation."""

    id: int
    status: str
    created_at: datetime
    updated_at: str  # kept as written: it goes back as `updated_stamp`
    requester_id: int
    submitter_id: int | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    subject: str | None = None
    priority: str | None = None
    via: Via | None = None
    tags: list[str] | None = None
    custom_fields: list[CustomField] | None = None
    from_messaging_channel: bool | None = None


class Metadata(msgspec.Struct, frozen=True):
    """What the helpdesk and the writer attached; `custom` of an audit is what an update sent as `metadata`."""

    flags: list[int] | None = None
    custom: dict[str, object] | None = None
    system: dict[str, object] | None = None


class CommentRecord(msgspec.Struct, frozen=True):
    """One comment; `plain_body` is the most sanitised of the three texts."""

    id: int
    author_id: int
    created_at: datetime
    public: bool
    plain_body: str | None = None
    body: str | None = None
    html_body: str | None = None
    via: Via | None = None
    metadata: Metadata | None = None


class UserRecord(msgspec.Struct, frozen=True):
    """An end user, agent or admin."""

    id: int | None  # null for the anonymous user that `users/me` names when nobody is logged in
    role: str | None = None
    name: str | None = None
    email: str | None = None
    locale: str | None = None
    verified: bool | None = None
    suspended: bool | None = None
    external_id: str | None = None
    organization_id: int | None = None
    tags: list[str] | None = None
    user_fields: dict[str, FieldValue] | None = None

    @property
    def is_staff(self) -> bool:
        """Whether Zendesk counts this user as staff."""
        return self.role in ("agent", "admin")


class OrganizationRecord(msgspec.Struct, frozen=True):
    """The company of an end user."""

    id: int
    tags: list[str] | None = None
    organization_fields: dict[str, FieldValue] | None = None


class NamedRecord(msgspec.Struct, frozen=True):
    """A group by its `name`, or a ticket field by its `title`."""

    id: int
    name: str | None = None
    title: str | None = None


class AuditEvent(msgspec.Struct, frozen=True):
    """One thing an update did; those of type `Comment` carry the comment's id."""

    id: int | None = None
    type: str | None = None


class AuditRecord(msgspec.Struct, frozen=True):
    """One update of a ticket: who, when, what, and the marker in `metadata.custom`."""

    id: int
    author_id: int | None = None
    created_at: str | None = None
    events: list[AuditEvent] | None = None
    metadata: Metadata | None = None
    via: Via | None = None

    @property
    def comment_id(self) -> int | None:
        """The comment this update added."""
        return next((event.id for event in self.events or () if event.type == "Comment"), None)


class UpdatedTicket(msgspec.Struct, frozen=True):
    """What the answer to an update says of the ticket."""

    id: int
    updated_at: str


class UpdateAnswer(msgspec.Struct, frozen=True):
    """The answer to an update; without both parts it proves nothing."""

    ticket: UpdatedTicket
    audit: AuditRecord


class PageMeta(msgspec.Struct, frozen=True):
    """Where a list goes on."""

    has_more: bool = False
    after_cursor: str | None = None


class CommentsPage(msgspec.Struct, frozen=True):
    """One page of comments with their authors."""

    comments: list[CommentRecord]
    users: list[UserRecord] = []
    meta: PageMeta = PageMeta()


class AuditsPage(msgspec.Struct, frozen=True):
    """One page of audits; archived tickets come on a single page without `meta`."""

    audits: list[AuditRecord]
    meta: PageMeta = PageMeta()


class TokenAnswer(msgspec.Struct, frozen=True):
    """An access token; `expires_in` is missing for clients made before lifetimes were enforced."""

    access_token: str
    expires_in: int | None = None


def convert(value: object, kind: type[T]) -> T:
    """`value` as `kind`.

    Raises:
        msgspec.ValidationError: It is something else.
    """
    return msgspec.convert(value, kind, strict=False)

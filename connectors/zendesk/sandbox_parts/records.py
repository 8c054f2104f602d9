"""What the sandbox remembers: users, tickets, comments, audits, webhooks and the like.

Every part of the sandbox reads and changes these; only `state` stores them. They hold facts in our own form,
never the vendor's JSON, which `shapes` and `events` make of them.
"""

from datetime import datetime
from typing import TypeAlias

import msgspec

Value: TypeAlias = str | int | float | bool | list[str] | None
JsonObject: TypeAlias = dict[str, object]


class Identity(msgspec.Struct):
    """One address or number under which a user is known."""

    id: int
    kind: str
    value: str
    verified: bool
    primary: bool
    created_at: datetime


class User(msgspec.Struct):
    """An end user, agent or admin."""

    id: int
    name: str
    email: str | None
    role: str
    created_at: datetime
    updated_at: datetime
    verified: bool = True
    locale: str = "en-US"
    phone: str | None = None
    external_id: str | None = None
    organization_id: int | None = None
    default_group_id: int | None = None
    group_ids: list[int] = []
    identities: list[Identity] = []
    tags: list[str] = []
    user_fields: dict[str, Value] = {}
    suspended: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether the helpdesk counts this user as staff."""
        return self.role in ("agent", "admin")


class Organization(msgspec.Struct):
    """A company that end users belong to."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    domain_names: list[str] = []
    external_id: str | None = None
    tags: list[str] = []
    organization_fields: dict[str, Value] = {}


class Group(msgspec.Struct):
    """A queue of tickets with the agents who serve it."""

    id: int
    name: str
    created_at: datetime
    default: bool = False


class Field(msgspec.Struct):
    """The definition of a custom field of tickets, users or organisations (`of` says which)."""

    id: int
    of: str
    key: str
    title: str
    kind: str
    created_at: datetime
    options: list[str] = []
    requester_can_edit: bool = False


class Via(msgspec.Struct):
    """How something came in: the vendor's `via` object."""

    channel: str
    rel: str | None = None
    source_from: dict[str, Value] = {}
    source_to: dict[str, Value] = {}


class Ticket(msgspec.Struct):
    """One ticket; its comments and audits are records of their own."""

    id: int
    subject: str
    description: str
    status: str
    requester_id: int
    submitter_id: int
    via: Via
    created_at: datetime
    updated_at: datetime
    generated_at: datetime
    priority: str | None = None
    kind: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    external_id: str | None = None
    recipient: str | None = None
    is_public: bool = True
    tags: list[str] = []
    custom: dict[int, Value] = {}
    email_cc_ids: list[int] = []
    followup_ids: list[int] = []
    followup_of: int | None = None
    merged_into: int | None = None
    deleted: bool = False


class Comment(msgspec.Struct):
    """A public reply or an internal note, with the flags that say how far its author can be trusted."""

    id: int
    ticket_id: int
    audit_id: int
    author_id: int
    body: str
    html_body: str
    public: bool
    via: Via
    created_at: datetime
    flags: list[int] = []
    metadata: JsonObject = {}


class Audit(msgspec.Struct):
    """One update of a ticket: who, through what, with which events; `metadata` is what the caller sent along."""

    id: int
    ticket_id: int
    author_id: int
    via: Via
    created_at: datetime
    events: list[JsonObject] = []
    metadata: JsonObject = {}
    flags: list[int] = []


class Webhook(msgspec.Struct):
    """Where deliveries go and how they are signed."""

    id: str
    name: str
    endpoint: str
    secret: str
    created_at: datetime
    updated_at: datetime
    status: str = "active"
    http_method: str = "POST"
    request_format: str = "json"
    subscriptions: list[str] = []
    authentication: JsonObject | None = None
    custom_headers: dict[str, str] = {}


class Condition(msgspec.Struct):
    """One line of a trigger's conditions."""

    field: str
    operator: str
    value: str = ""


class Action(msgspec.Struct):
    """One line of a trigger's actions; `value` is a list of the webhook's id and the body for a notification."""

    field: str
    value: str | list[str]


class Trigger(msgspec.Struct):
    """A business rule that runs on every change of a ticket."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    every: list[Condition] = []
    some: list[Condition] = []
    actions: list[Action] = []
    active: bool = True


class Attempt(msgspec.Struct):
    """One try of one delivery, as the invocation log shows it."""

    id: str
    completed_at: datetime
    status: str
    status_code: int | None
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_body: str


class Invocation(msgspec.Struct):
    """One delivery to one webhook, from being accepted to its last attempt."""

    id: str
    webhook_id: str
    event_type: str
    ticket_id: int | None
    body: str
    accepted_at: datetime
    status: str = "accepted"
    attempts: list[Attempt] = []


class Token(msgspec.Struct):
    """An OAuth access token."""

    token: str
    user_id: int
    scope: str
    expires_at: datetime


class KeyedCreation(msgspec.Struct):
    """What was answered under an Idempotency-Key, with the digest of the body it came with."""

    key: str
    digest: str
    answer: str
    created_at: datetime

"""What callers may send, as types; parsed at the edge, read by `changes` and the API parts.

Attributes nobody knows are ignored, as the vendor does ("the REST API is permissive"); a value of the wrong type is
a 400 that names it. UNSET means not sent, which differs from null.
"""

from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from connectors.zendesk.sandbox_parts.problems import Problem
from connectors.zendesk.sandbox_parts.records import JsonObject, Value

T = TypeVar("T")


class CommentInput(msgspec.Struct):
    """A comment to add."""

    body: str | None = None
    html_body: str | None = None
    public: bool | UnsetType = UNSET
    author_id: int | None = None


class CustomFieldInput(msgspec.Struct):
    """A value for a custom ticket field."""

    id: int
    value: Value = None


class RequesterInput(msgspec.Struct):
    """The person a ticket is created for; made a user when the address is new."""

    email: str | None = None
    name: str = ""
    locale_id: int | None = None


class EmailCcInput(msgspec.Struct):
    """A person put on copy or taken off."""

    user_email: str | None = None
    user_id: int | None = None
    action: str = "put"


class TicketInput(msgspec.Struct):
    """Everything one create or update of a ticket can ask for."""

    subject: str | UnsetType | None = UNSET
    description: str | None = None
    comment: CommentInput | str | None = None
    status: str | UnsetType | None = UNSET
    priority: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    tags: list[str] | str | UnsetType | None = UNSET
    additional_tags: list[str] | str | None = None
    remove_tags: list[str] | str | None = None
    custom_fields: list[CustomFieldInput] | None = None
    assignee_id: int | UnsetType | None = UNSET
    assignee_email: str | None = None
    group_id: int | UnsetType | None = UNSET
    organization_id: int | UnsetType | None = UNSET
    requester_id: int | UnsetType | None = UNSET
    requester: RequesterInput | None = None
    submitter_id: int | None = None
    external_id: str | UnsetType | None = UNSET
    recipient: str | None = None
    email_ccs: list[EmailCcInput] | None = None
    via_followup_source_id: int | None = None
    metadata: JsonObject | None = None
    safe_update: bool | UnsetType | None = UNSET
    updated_stamp: str | None = None


class TagsInput(msgspec.Struct):
    """The body of the tag endpoints."""

    tags: list[str] | str = []
    safe_update: bool | UnsetType | None = UNSET
    updated_stamp: str | None = None


class UserInput(msgspec.Struct):
    """A user to create or change."""

    name: str | None = None
    email: str | None = None
    role: str | None = None
    verified: bool | None = None
    locale: str | None = None
    phone: str | None = None
    external_id: str | None = None
    organization_id: int | UnsetType | None = UNSET
    tags: list[str] | None = None
    user_fields: dict[str, Value] | None = None


class OrganizationInput(msgspec.Struct):
    """An organisation to create or change."""

    name: str | None = None
    domain_names: list[str] | None = None
    external_id: str | None = None
    tags: list[str] | None = None
    organization_fields: dict[str, Value] | None = None


class FieldInput(msgspec.Struct):
    """A custom field to define."""

    title: str
    type: str = "text"
    key: str | None = None
    editable_in_portal: bool = False


class WebhookInput(msgspec.Struct):
    """A webhook to create or change."""

    name: str | None = None
    endpoint: str | None = None
    http_method: str | None = None
    request_format: str | None = None
    status: str | None = None
    subscriptions: list[str] | None = None
    authentication: JsonObject | UnsetType | None = UNSET
    custom_headers: dict[str, str] | None = None


class ConditionInput(msgspec.Struct):
    """One line of a trigger's conditions; numbers and booleans are as good as their words."""

    field: str
    operator: str
    value: str | int | bool | list[str | int] | None = ""


class ActionInput(msgspec.Struct):
    """One line of a trigger's actions."""

    field: str
    value: str | int | list[str | int] | None = ""


class ConditionsInput(msgspec.Struct):
    """The conditions of a trigger: all of one list and any of the other."""

    all: list[ConditionInput] | None = None
    any: list[ConditionInput] | None = None


class TriggerInput(msgspec.Struct):
    """A trigger to create or change."""

    title: str
    conditions: ConditionsInput
    actions: list[ActionInput]
    active: bool = True


class MergeInput(msgspec.Struct):
    """Tickets to merge into another one."""

    ids: list[int]
    target_comment: str | None = None
    source_comment: str | None = None
    target_comment_is_public: bool = False
    source_comment_is_public: bool = False


class TokenInput(msgspec.Struct):
    """The body of the token endpoint."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: object = "read write"
    expires_in: int | None = None


def parse(value: object, kind: type[T]) -> T:
    """The value as this type.

    Raises:
        Problem: 400, naming the attribute that has the wrong type.
    """
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, {"title": "Invalid attribute", "message": str(error)}) from error


def parse_in(body: JsonObject, envelope: str, kind: type[T]) -> T:
    """The object under `envelope` as this type; its absence is a 400, like a wrong attribute."""
    if not isinstance(body.get(envelope), dict):
        raise Problem(
            400, {"title": "Invalid attribute", "message": f"Send an object {envelope!r} in the body"}
        )
    return parse(body[envelope], kind)


def as_tags(value: list[str] | str | None) -> list[str]:
    """Tags as the vendor keeps them: lower case, no blanks, each once, in the order sent."""
    words = value.replace(",", " ").split() if isinstance(value, str) else list(value or [])
    return list(dict.fromkeys(word.strip().lower().replace(" ", "_") for word in words if word.strip()))

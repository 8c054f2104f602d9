"""Users, identities, organisations, groups and custom fields.

`api` serves what stands in ENDPOINTS. Searching users by `email:` finds them at once, as the vendor's does for users.
"""

from collections.abc import Callable

import msgspec
from msgspec import UNSET

from connectors.zendesk.sandbox_parts.calls import Answer, Call, Endpoint, listed
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.inputs import (
    FieldInput,
    OrganizationInput,
    UserInput,
    as_tags,
    parse_in,
)
from connectors.zendesk.sandbox_parts.problems import invalid, not_found
from connectors.zendesk.sandbox_parts.records import JsonObject, Organization, User
from connectors.zendesk.sandbox_parts.seeds import new_field, new_identity, new_user

ROLES = ("end-user", "agent", "admin")


def _user(desk: Desk, call: Call) -> User:
    user = desk.state.users.get(call.id())
    if user is None:
        raise not_found()
    return user


def _users(desk: Desk, call: Call, users: list[User]) -> Answer:
    return Answer(listed(desk, call, "users", users, desk.shapes.user, lambda user: user.id))


def me(desk: Desk, call: Call) -> Answer:
    """GET /users/me: the bot."""
    return Answer({"user": desk.shapes.user(call.caller)})


def show_user(desk: Desk, call: Call) -> Answer:
    """GET /users/{id}."""
    return Answer({"user": desk.shapes.user(_user(desk, call))})


def users(desk: Desk, call: Call) -> Answer:
    """GET /users, all or those of the roles asked for."""
    roles = {value for key, value in call.query.items() if key in ("role", "role[]")}
    return _users(desk, call, [user for user in desk.state.users if not roles or user.role in roles])


def many_users(desk: Desk, call: Call) -> Answer:
    """GET /users/show_many for a list of ids."""
    wanted = {int(text) for text in call.query.get("ids", "").split(",") if text.isdigit()}
    return _users(desk, call, [user for user in desk.state.users if user.id in wanted])


def search_users(desk: Desk, call: Call) -> Answer:
    """GET /users/search by `email:…`, a name, or an external id."""
    if "external_id" in call.query:
        wanted = call.query["external_id"].lower()
        found = [user for user in desk.state.users if (user.external_id or "").lower() == wanted]
        return _users(desk, call, found)
    query = call.query.get("query", "").strip().strip('"')
    word, _, value = query.partition(":")
    if word == "email":
        user = desk.state.user_by_email(value.strip().strip('"'))
        return _users(desk, call, [user] if user else [])
    text = query.lower()
    hits = [
        user for user in desk.state.users if text in user.name.lower() or text in (user.email or "").lower()
    ]
    return _users(desk, call, hits)


def create_user(desk: Desk, call: Call) -> Answer:
    """POST /users."""
    wanted = parse_in(call.body, "user", UserInput)
    if not wanted.name:
        raise invalid("name", "cannot be blank", "BlankValue")
    if wanted.email and desk.state.user_by_email(wanted.email):
        raise invalid("email", f"{wanted.email} is already being used by another user", "DuplicateValue")
    user = new_user(desk.state, wanted.name, wanted.email, verified=bool(wanted.verified))
    _apply(desk, user, wanted)
    return Answer({"user": desk.shapes.user(user)}, 201)


def update_user(desk: Desk, call: Call) -> Answer:
    """PUT /users/{id}; another e-mail address becomes a second identity, not the first."""
    wanted = parse_in(call.body, "user", UserInput)
    user = msgspec.structs.replace(_user(desk, call))  # a refused change must leave the user alone
    if wanted.email and wanted.email.lower() != (user.email or "").lower():
        if desk.state.user_by_email(wanted.email):
            raise invalid("email", f"{wanted.email} is already being used by another user", "DuplicateValue")
        other = new_identity(desk.state, "email", wanted.email, verified=False, primary=not user.email)
        user.identities = [*user.identities, other]
        user.email = user.email or wanted.email
    user.name = wanted.name or user.name
    user.verified = user.verified if wanted.verified is None else wanted.verified
    _apply(desk, user, wanted)
    return Answer({"user": desk.shapes.user(user)})


def _apply(desk: Desk, user: User, wanted: UserInput) -> None:
    if wanted.role is not None:
        if wanted.role not in ROLES:
            raise invalid("role", f"{wanted.role} is not one of {', '.join(ROLES)}")
        user.role = wanted.role
        groups = [group.id for group in desk.state.groups]
        user.group_ids = groups if user.is_staff else []
        user.default_group_id = groups[0] if user.is_staff and groups else None
    if wanted.organization_id is not UNSET:
        if (
            wanted.organization_id is not None
            and desk.state.organizations.get(wanted.organization_id) is None
        ):
            raise invalid("organization", "is not an organization")
        user.organization_id = wanted.organization_id
    user.locale = wanted.locale or user.locale
    user.phone = wanted.phone or user.phone
    user.external_id = wanted.external_id or user.external_id
    user.tags = user.tags if wanted.tags is None else as_tags(wanted.tags)
    user.user_fields = {**user.user_fields, **(wanted.user_fields or {})}
    user.updated_at = desk.state.stamp()
    desk.state.save(user)


def identities(desk: Desk, call: Call) -> Answer:
    """GET /users/{id}/identities."""
    user = _user(desk, call)
    return Answer(
        listed(
            desk,
            call,
            "identities",
            user.identities,
            lambda identity: desk.shapes.identity(user, identity),
            lambda identity: identity.id,
        )
    )


def organizations(desk: Desk, call: Call) -> Answer:
    """GET /organizations."""
    records = list(desk.state.organizations)
    shape = desk.shapes.organization
    return Answer(listed(desk, call, "organizations", records, shape, lambda organization: organization.id))


def _organization(desk: Desk, call: Call) -> Organization:
    organization = desk.state.organizations.get(call.id())
    if organization is None:
        raise not_found()
    return organization


def show_organization(desk: Desk, call: Call) -> Answer:
    """GET /organizations/{id}."""
    return Answer({"organization": desk.shapes.organization(_organization(desk, call))})


def create_organization(desk: Desk, call: Call) -> Answer:
    """POST /organizations."""
    wanted = parse_in(call.body, "organization", OrganizationInput)
    if not wanted.name:
        raise invalid("name", "cannot be blank", "BlankValue")
    now = desk.state.stamp()
    organization = Organization(
        id=desk.state.new_id("organization"), name=wanted.name, created_at=now, updated_at=now
    )
    _change_organization(desk, organization, wanted)
    return Answer({"organization": desk.shapes.organization(organization)}, 201)


def update_organization(desk: Desk, call: Call) -> Answer:
    """PUT /organizations/{id}."""
    organization = _organization(desk, call)
    _change_organization(desk, organization, parse_in(call.body, "organization", OrganizationInput))
    return Answer({"organization": desk.shapes.organization(organization)})


def _change_organization(desk: Desk, organization: Organization, wanted: OrganizationInput) -> None:
    organization.name = wanted.name or organization.name
    if wanted.domain_names is not None:
        organization.domain_names = wanted.domain_names
    organization.external_id = wanted.external_id or organization.external_id
    organization.tags = organization.tags if wanted.tags is None else as_tags(wanted.tags)
    organization.organization_fields = {
        **organization.organization_fields,
        **(wanted.organization_fields or {}),
    }
    organization.updated_at = desk.state.stamp()
    desk.state.save(organization)


def tags_of(read: Callable[[Desk, Call], User | Organization]) -> Callable[[Desk, Call], Answer]:
    """GET …/{id}/tags of users and organisations."""
    return lambda desk, call: Answer({"tags": read(desk, call).tags})


def groups(desk: Desk, call: Call) -> Answer:
    """GET /groups, the queues."""
    records = list(desk.state.groups)
    return Answer(listed(desk, call, "groups", records, desk.shapes.group, lambda group: group.id))


def show_group(desk: Desk, call: Call) -> Answer:
    """GET /groups/{id}."""
    group = desk.state.group(call.id())
    if group is None:
        raise not_found()
    return Answer({"group": desk.shapes.group(group)})


def memberships(desk: Desk, call: Call) -> Answer:
    """GET /group_memberships: who serves which queue."""
    records: list[JsonObject] = [
        {
            "id": user.id * 10 + position,
            "user_id": user.id,
            "group_id": group_id,
            "default": group_id == user.default_group_id,
        }
        for user in desk.state.users
        for position, group_id in enumerate(user.group_ids)
    ]
    return Answer(listed(desk, call, "group_memberships", records, dict, lambda record: record["id"]))


def fields(of: str) -> Callable[[Desk, Call], Answer]:
    """GET /ticket_fields, /user_fields, /organization_fields."""

    def handle(desk: Desk, call: Call) -> Answer:
        records = [field for field in desk.state.fields if field.of == of]
        return Answer(listed(desk, call, f"{of}_fields", records, desk.shapes.field, lambda field: field.id))

    return handle


def create_field(of: str) -> Callable[[Desk, Call], Answer]:
    """POST /ticket_fields, /user_fields, /organization_fields."""

    def handle(desk: Desk, call: Call) -> Answer:
        wanted = parse_in(call.body, f"{of}_field", FieldInput)
        field = new_field(desk.state, of, wanted.title, desk.state.stamp(), wanted.type)
        field.key = wanted.key or field.key
        field.requester_can_edit = wanted.editable_in_portal
        desk.state.save(field)
        return Answer({f"{of}_field": desk.shapes.field(field)}, 201)

    return handle


_FIELD_ENDPOINTS = tuple(
    endpoint
    for of in ("ticket", "user", "organization")
    for endpoint in (
        Endpoint("GET", f"/{of}_fields", fields(of), resource=f"{of}s"),
        Endpoint("POST", f"/{of}_fields", create_field(of), resource=f"{of}s"),
    )
)

ENDPOINTS = (
    Endpoint("GET", "/users/me", me, resource="users"),
    Endpoint("GET", "/users", users, resource="users"),
    Endpoint("POST", "/users", create_user, resource="users"),
    Endpoint("GET", "/users/search", search_users, resource="users"),
    Endpoint("GET", "/users/show_many", many_users, resource="users"),
    Endpoint("GET", "/users/{id}", show_user, resource="users"),
    Endpoint("PUT", "/users/{id}", update_user, resource="users", limit="users-update"),
    Endpoint("GET", "/users/{id}/identities", identities, resource="users"),
    Endpoint("GET", "/users/{id}/tags", tags_of(_user), resource="users"),
    Endpoint("GET", "/organizations", organizations, resource="organizations"),
    Endpoint("POST", "/organizations", create_organization, resource="organizations"),
    Endpoint("GET", "/organizations/{id}", show_organization, resource="organizations"),
    Endpoint("PUT", "/organizations/{id}", update_organization, resource="organizations"),
    Endpoint("GET", "/organizations/{id}/tags", tags_of(_organization), resource="organizations"),
    Endpoint("GET", "/groups", groups),
    Endpoint("GET", "/groups/{id}", show_group),
    Endpoint("GET", "/group_memberships", memberships),
    *_FIELD_ENDPOINTS,
)

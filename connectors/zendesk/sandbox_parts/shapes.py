"""The vendor's JSON of every record, as REST answers show it: lower-case words, numbers as ids.

The API parts call it. What webhooks carry looks different and is made in `events`.
Shapes follow the vendor's OpenAPI description; a test checks them against it where it is at hand.
"""

from datetime import datetime

from connectors.zendesk.sandbox_parts.records import (
    Attempt,
    Audit,
    Comment,
    Field,
    Group,
    Identity,
    Invocation,
    JsonObject,
    Organization,
    Ticket,
    Trigger,
    User,
    Value,
    Via,
    Webhook,
)
from connectors.zendesk.sandbox_parts.state import State

BRAND_ID = 360_007_770_001
FORM_ID = 360_008_880_001
STATUS_IDS = {
    status: 360_009_990_001 + index
    for index, status in enumerate(("new", "open", "pending", "hold", "solved", "closed", "deleted"))
}
# Flags whose comments the helpdesk does not trust; the others only inform (vendor, "Comment flags").
UNTRUSTED_FLAGS = frozenset({0, 2, 3, 14, 17, 20, 21, 22})


def when(moment: datetime) -> str:
    """ISO 8601 in whole seconds, UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


class Shapes:
    """Makes JSON of records; knows the account's name for the links in it."""

    def __init__(self, state: State, subdomain: str) -> None:
        self._state = state
        self.root = f"https://{subdomain}.zendesk.com"

    def url(self, path: str) -> str:
        """A link as the vendor writes it, with the account's public name."""
        return f"{self.root}/api/v2/{path}"

    def via(self, via: Via) -> JsonObject:
        """How something came in."""
        return {
            "channel": via.channel,
            "source": {"from": via.source_from, "to": via.source_to, "rel": via.rel},
        }

    def ticket(self, ticket: Ticket) -> JsonObject:
        """A ticket as `GET /tickets/{id}` shows it."""
        status = "deleted" if ticket.deleted else ticket.status
        custom = self._custom_fields(ticket)
        return {
            "url": self.url(f"tickets/{ticket.id}.json"),
            "id": ticket.id,
            "external_id": ticket.external_id,
            "via": self.via(ticket.via),
            "created_at": when(ticket.created_at),
            "updated_at": when(ticket.updated_at),
            "generated_timestamp": int(ticket.generated_at.timestamp()),
            "type": ticket.kind,
            "subject": ticket.subject,
            "raw_subject": ticket.subject,
            "description": ticket.description,
            "priority": ticket.priority,
            "status": status,
            "custom_status_id": STATUS_IDS[status],
            "recipient": ticket.recipient,
            "requester_id": ticket.requester_id,
            "submitter_id": ticket.submitter_id,
            "assignee_id": ticket.assignee_id,
            "organization_id": ticket.organization_id,
            "group_id": ticket.group_id,
            "collaborator_ids": ticket.email_cc_ids,
            "follower_ids": [],
            "email_cc_ids": ticket.email_cc_ids,
            "forum_topic_id": None,
            "problem_id": None,
            "has_incidents": False,
            "is_public": ticket.is_public,
            "due_at": None,
            "tags": ticket.tags,
            "custom_fields": custom,
            "fields": custom,
            "satisfaction_rating": {"score": "unoffered"},
            "sharing_agreement_ids": [],
            "followup_ids": ticket.followup_ids,
            "ticket_form_id": FORM_ID,
            "brand_id": BRAND_ID,
            "allow_channelback": False,
            "allow_attachments": True,
            "from_messaging_channel": ticket.via.channel == "native_messaging",
        }

    def _custom_fields(self, ticket: Ticket) -> list[dict[str, Value]]:
        return [
            {"id": field.id, "value": ticket.custom.get(field.id)}
            for field in self._state.fields
            if field.of == "ticket"
        ]

    def comment(self, comment: Comment) -> JsonObject:
        """A comment with its flags in `metadata`, which has none when there are none."""
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
            "via": self.via(comment.via),
            "created_at": when(comment.created_at),
            "metadata": _metadata(comment.metadata, comment.flags),
        }

    def audit(self, audit: Audit) -> JsonObject:
        """An audit; `metadata.custom` is what the caller sent as `ticket.metadata`."""
        return {
            "id": audit.id,
            "ticket_id": audit.ticket_id,
            "created_at": when(audit.created_at),
            "author_id": audit.author_id,
            "metadata": _metadata(audit.metadata, audit.flags),
            "events": audit.events,
            "via": self.via(audit.via),
        }

    def user(self, user: User) -> JsonObject:
        """A user as an admin sees them."""
        return {
            "id": user.id,
            "url": self.url(f"users/{user.id}.json"),
            "name": user.name,
            "email": user.email,
            "created_at": when(user.created_at),
            "updated_at": when(user.updated_at),
            "time_zone": "UTC",
            "iana_time_zone": "Etc/UTC",
            "phone": user.phone,
            "shared_phone_number": None,
            "photo": None,
            "locale_id": 1,
            "locale": user.locale,
            "organization_id": user.organization_id,
            "role": user.role,
            "role_type": 4 if user.role == "admin" else None,
            "verified": user.verified,
            "external_id": user.external_id,
            "tags": user.tags,
            "alias": "",
            "active": True,
            "shared": False,
            "shared_agent": False,
            "last_login_at": None,
            "two_factor_auth_enabled": None,
            "signature": None,
            "details": "",
            "notes": "",
            "custom_role_id": None,
            "moderator": user.is_staff,
            "ticket_restriction": None if user.is_staff else "requested",
            "only_private_comments": False,
            "restricted_agent": not user.is_staff,
            "suspended": user.suspended,
            "default_group_id": user.default_group_id,
            "report_csv": False,
            "user_fields": self._fields_of("user", user.user_fields),
        }

    def identity(self, user: User, identity: Identity) -> JsonObject:
        """An address or number of a user, and whether it is verified."""
        moment = when(identity.created_at)
        return {
            "url": self.url(f"users/{user.id}/identities/{identity.id}.json"),
            "id": identity.id,
            "user_id": user.id,
            "type": identity.kind,
            "value": identity.value,
            "verified": identity.verified,
            "verified_at": moment if identity.verified else None,
            "primary": identity.primary,
            "created_at": moment,
            "updated_at": moment,
            "undeliverable_count": 0,
            "deliverable_state": "deliverable",
        }

    def organization(self, organization: Organization) -> JsonObject:
        """An organisation."""
        return {
            "url": self.url(f"organizations/{organization.id}.json"),
            "id": organization.id,
            "name": organization.name,
            "shared_tickets": False,
            "shared_comments": False,
            "external_id": organization.external_id,
            "created_at": when(organization.created_at),
            "updated_at": when(organization.updated_at),
            "domain_names": organization.domain_names,
            "details": "",
            "notes": "",
            "group_id": None,
            "tags": organization.tags,
            "organization_fields": self._fields_of("organization", organization.organization_fields),
        }

    def _fields_of(self, of: str, values: dict[str, Value]) -> dict[str, Value]:
        known: dict[str, Value] = {field.key: None for field in self._state.fields if field.of == of}
        return {**known, **values}

    def group(self, group: Group) -> JsonObject:
        """A group."""
        return {
            "url": self.url(f"groups/{group.id}.json"),
            "id": group.id,
            "is_public": True,
            "name": group.name,
            "description": "",
            "default": group.default,
            "deleted": False,
            "created_at": when(group.created_at),
            "updated_at": when(group.created_at),
        }

    def field(self, field: Field) -> JsonObject:
        """The definition of a custom field."""
        moment = when(field.created_at)
        shape: JsonObject = {
            "url": self.url(f"{field.of}_fields/{field.id}.json"),
            "id": field.id,
            "type": field.kind,
            "title": field.title,
            "raw_title": field.title,
            "description": "",
            "raw_description": "",
            "position": 9999,
            "active": True,
            "regexp_for_validation": None,
            "created_at": moment,
            "updated_at": moment,
        }
        if field.of == "ticket":
            shape |= {
                "required": False,
                "visible_in_portal": field.requester_can_edit,
                "editable_in_portal": field.requester_can_edit,
                "required_in_portal": False,
                "title_in_portal": field.title,
                "raw_title_in_portal": field.title,
                "collapsed_for_agents": False,
                "agent_can_edit": True,
                "removable": True,
                "tag": None,
            }
        else:
            shape |= {"key": field.key, "system": False}
        return shape

    def webhook(self, webhook: Webhook) -> JsonObject:
        """A webhook; its signing secret has an endpoint of its own."""
        shape: JsonObject = {
            "id": webhook.id,
            "name": webhook.name,
            "status": webhook.status,
            "endpoint": webhook.endpoint,
            "http_method": webhook.http_method,
            "request_format": webhook.request_format,
            "subscriptions": webhook.subscriptions,
            "created_at": when(webhook.created_at),
            "updated_at": when(webhook.updated_at),
            "created_by": str(self._state.account.bot_id),
            "updated_by": str(self._state.account.bot_id),
            "custom_headers": webhook.custom_headers or None,
        }
        if webhook.authentication:
            hidden = {key: webhook.authentication[key] for key in webhook.authentication if key != "data"}
            shape["authentication"] = hidden
        return shape

    def invocation(self, invocation: Invocation) -> JsonObject:
        """One line of a webhook's invocation log."""
        last = invocation.attempts[-1] if invocation.attempts else None
        return {
            "id": invocation.id,
            "status": invocation.status,
            "status_code": last.status_code if last else None,
            "latest_completed_at": when(last.completed_at) if last else None,
        }

    def attempt(self, invocation: Invocation, attempt: Attempt) -> JsonObject:
        """One try of a delivery with what was sent and what came back."""
        return {
            "id": attempt.id,
            "invocation_id": invocation.id,
            "status": attempt.status,
            "status_code": attempt.status_code,
            "completed_at": when(attempt.completed_at),
            "request": {"headers": _headers(attempt.request_headers), "payload": invocation.body},
            "response": {"headers": _headers(attempt.response_headers), "payload": attempt.response_body},
        }

    def trigger(self, trigger: Trigger) -> JsonObject:
        """A trigger with its conditions and actions."""
        return {
            "url": self.url(f"triggers/{trigger.id}.json"),
            "id": trigger.id,
            "title": trigger.title,
            "raw_title": trigger.title,
            "active": trigger.active,
            "default": False,
            "position": 1,
            "category_id": "1",
            "description": "",
            "conditions": {
                "all": [{"field": c.field, "operator": c.operator, "value": c.value} for c in trigger.every],
                "any": [{"field": c.field, "operator": c.operator, "value": c.value} for c in trigger.some],
            },
            "actions": [{"field": action.field, "value": action.value} for action in trigger.actions],
            "created_at": when(trigger.created_at),
            "updated_at": when(trigger.updated_at),
        }


def _metadata(custom: JsonObject, flags: list[int]) -> JsonObject:
    trusted = not UNTRUSTED_FLAGS.intersection(flags)
    shape: JsonObject = {"system": {"client": "sandbox", "ip_address": "127.0.0.1"}, "custom": custom}
    if flags:
        shape["flags"] = flags
        shape["flags_options"] = {str(flag): {"trusted": flag not in UNTRUSTED_FLAGS} for flag in flags}
        shape["trusted"] = trusted
    return shape


def _headers(headers: dict[str, str]) -> list[JsonObject]:
    return [{"key": key, "value": value} for key, value in headers.items()]

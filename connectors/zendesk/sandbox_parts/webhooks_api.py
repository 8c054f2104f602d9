"""Webhooks and triggers: registering, signing secrets, trying out, the invocation log.

`api` serves what stands in ENDPOINTS. A change of a webhook answers 204 without a body, as recorded traffic shows.
"""

import secrets
from base64 import b64encode
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from connectors.zendesk.sandbox_parts import triggers
from connectors.zendesk.sandbox_parts.calls import Answer, Call, Endpoint, listed
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.inputs import (
    ActionInput,
    ConditionInput,
    TriggerInput,
    WebhookInput,
    parse,
    parse_in,
)
from connectors.zendesk.sandbox_parts.problems import invalid, not_found
from connectors.zendesk.sandbox_parts.records import Action, Condition, JsonObject, Trigger, Webhook
from connectors.zendesk.sandbox_parts.signature import TEST_SECRET
from connectors.zendesk.sandbox_parts.ulid import new_ulid

CONDITIONAL = "conditional_ticket_events"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STATUSES = ("active", "inactive")


def new_webhook(
    desk: Desk, name: str, endpoint: str, subscriptions: list[str], secret: str | None = None
) -> Webhook:
    """A webhook that is not saved yet, with a signing secret of its own."""
    now = desk.state.stamp()
    return Webhook(
        id=new_ulid(desk.state.now()),
        name=name,
        endpoint=endpoint,
        secret=secret or new_secret(),
        created_at=now,
        updated_at=now,
        subscriptions=subscriptions,
    )


def new_secret() -> str:
    """A signing secret as the vendor makes them: base64, but used as the literal text."""
    return b64encode(secrets.token_bytes(32)).decode()


def check_endpoint(endpoint: str) -> None:
    """Refuse with 422 what is not an address deliveries can be posted to."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise invalid("endpoint", "is not a valid address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise invalid("endpoint", "is not a valid address")


def create(desk: Desk, call: Call) -> Answer:
    """POST /webhooks; either event types or trigger use, never both."""
    wanted = parse_in(call.body, "webhook", WebhookInput)
    for name in ("name", "endpoint", "http_method", "request_format"):
        if not getattr(wanted, name):
            raise invalid(name, "cannot be blank", "BlankValue")
    webhook = new_webhook(desk, wanted.name or "", wanted.endpoint or "", [])
    _apply(desk, webhook, wanted)
    return Answer({"webhook": desk.shapes.webhook(webhook)}, 201)


def _apply(desk: Desk, webhook: Webhook, wanted: WebhookInput) -> None:
    check_endpoint(wanted.endpoint or webhook.endpoint)
    subscriptions = webhook.subscriptions if wanted.subscriptions is None else wanted.subscriptions
    _check_subscriptions(webhook, subscriptions)
    if wanted.http_method is not None and wanted.http_method not in METHODS:
        raise invalid("http_method", f"is not one of {', '.join(METHODS)}")
    if wanted.status is not None and wanted.status not in STATUSES:
        raise invalid("status", f"is not one of {', '.join(STATUSES)}")
    for name, value in (wanted.custom_headers or {}).items():
        if not (name.isascii() and value.isascii() and f"{name}{value}".isprintable()):
            raise invalid("custom_headers", f"{name!r} cannot be sent as a header")
    webhook.name = wanted.name or webhook.name
    webhook.endpoint = wanted.endpoint or webhook.endpoint
    webhook.http_method = wanted.http_method or webhook.http_method
    webhook.request_format = wanted.request_format or webhook.request_format
    webhook.status = wanted.status or webhook.status
    webhook.subscriptions = subscriptions
    if wanted.authentication is not UNSET:
        webhook.authentication = wanted.authentication
    if wanted.custom_headers is not None:
        webhook.custom_headers = wanted.custom_headers
    webhook.updated_at = desk.state.stamp()
    desk.state.save(webhook)


def _check_subscriptions(webhook: Webhook, wanted: list[str]) -> None:
    for subscription in wanted:
        if subscription != CONDITIONAL and not subscription.startswith("zen:event-type:"):
            raise invalid("subscriptions", f"{subscription} is not an event type")
    if CONDITIONAL in wanted and len(wanted) > 1:
        raise invalid("subscriptions", "a webhook serves triggers or event types, not both")
    before = CONDITIONAL in webhook.subscriptions
    if webhook.subscriptions and before != (CONDITIONAL in wanted):
        raise invalid("subscriptions", "the kind of a webhook cannot be changed")


def _webhook(desk: Desk, call: Call) -> Webhook:
    webhook = desk.state.webhooks.get(call.parameters["id"])
    if webhook is None:
        raise not_found()
    return webhook


def show(desk: Desk, call: Call) -> Answer:
    """GET /webhooks/{id}."""
    return Answer({"webhook": desk.shapes.webhook(_webhook(desk, call))})


def index(desk: Desk, call: Call) -> Answer:
    """GET /webhooks, always by cursor."""
    wanted = call.query.get("filter[name_contains]", "").lower()
    records = [webhook for webhook in desk.state.webhooks if wanted in webhook.name.lower()]
    paged = replace(call, query={"page[size]": "100", **call.query})
    return Answer(listed(desk, paged, "webhooks", records, desk.shapes.webhook, lambda webhook: webhook.id))


def change(desk: Desk, call: Call) -> Answer:
    """PUT or PATCH /webhooks/{id}."""
    _apply(desk, _webhook(desk, call), parse_in(call.body, "webhook", WebhookInput))
    return Answer(None, 204)


def delete(desk: Desk, call: Call) -> Answer:
    """DELETE /webhooks/{id}."""
    desk.state.remove(_webhook(desk, call))
    return Answer(None, 204)


def secret(desk: Desk, call: Call) -> Answer:
    """GET or POST (reset) /webhooks/{id}/signing_secret."""
    webhook = _webhook(desk, call)
    if call.method == "POST":
        webhook.secret = new_secret()
        desk.state.save(webhook)
    shape: JsonObject = {"secret": webhook.secret, "algorithm": "SHA256"}
    return Answer({"signing_secret": shape}, 201 if call.method == "POST" else 200)


async def try_out(desk: Desk, call: Call) -> Answer:
    """POST /webhooks/test: one delivery, signed with the webhook's secret or, before it is saved, the public one."""
    given = call.body.get("request")
    wanted = parse(given if isinstance(given, dict) else {}, WebhookInput)
    known = desk.state.webhooks.get(call.query.get("webhook_id", ""))
    if known is None and not wanted.endpoint:
        raise invalid("endpoint", "cannot be blank", "BlankValue")
    endpoint = wanted.endpoint or (known.endpoint if known else "")
    check_endpoint(endpoint)
    webhook = new_webhook(desk, "test", endpoint, [], known.secret if known else TEST_SECRET)
    webhook.id = known.id if known else webhook.id
    webhook.http_method = wanted.http_method or webhook.http_method
    payload = given.get("payload", "{}") if isinstance(given, dict) else "{}"
    text = payload if isinstance(payload, str) else msgspec.json.encode(payload).decode()
    outcome, _ = await desk.courier.send(webhook, new_ulid(desk.state.now()), text)
    headers = [{"key": key, "value": value} for key, value in outcome.headers.items()]
    response: JsonObject = {"headers": headers, "payload": outcome.body, "status": outcome.status_code}
    return Answer({"response": response})


def invocations(desk: Desk, call: Call) -> Answer:
    """GET /webhooks/{id}/invocations, newest first, perhaps of one status."""
    webhook = _webhook(desk, call)
    wanted = call.query.get("filter[status]")
    records = [
        invocation
        for invocation in desk.state.invocations
        if invocation.webhook_id == webhook.id and wanted in (None, invocation.status)
    ]
    records.reverse()
    paged = replace(call, query={"page[size]": "100", **call.query})
    return Answer(
        listed(desk, paged, "invocations", records, desk.shapes.invocation, lambda invocation: invocation.id)
    )


def attempts(desk: Desk, call: Call) -> Answer:
    """GET /webhooks/{id}/invocations/{invocation_id}/attempts."""
    found = desk.state.invocations.get(call.parameters["invocation_id"])
    if found is None or found.webhook_id != _webhook(desk, call).id:
        raise not_found()
    shapes = [desk.shapes.attempt(found, attempt) for attempt in found.attempts]
    return Answer({"attempts": shapes})


def create_trigger(desk: Desk, call: Call) -> Answer:
    """POST /triggers."""
    wanted = parse_in(call.body, "trigger", TriggerInput)
    now = desk.state.stamp()
    trigger = Trigger(
        id=desk.state.new_id("trigger"),
        title=wanted.title,
        created_at=now,
        updated_at=now,
        every=[_condition(entry) for entry in wanted.conditions.all or []],
        some=[_condition(entry) for entry in wanted.conditions.any or []],
        actions=[_action(entry) for entry in wanted.actions],
        active=wanted.active,
    )
    triggers.check(trigger)
    for action in trigger.actions:
        if action.field == triggers.NOTIFY and not _serves_triggers(desk, action):
            raise invalid("actions", "notification_webhook needs a webhook made for triggers")
    desk.state.save(trigger)
    return Answer({"trigger": desk.shapes.trigger(trigger)}, 201)


def _condition(wanted: ConditionInput) -> Condition:
    value = wanted.value
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, list):
        value = " ".join(str(part) for part in value)
    return Condition(wanted.field, wanted.operator, "" if value is None else str(value))


def _action(wanted: ActionInput) -> Action:
    if isinstance(wanted.value, list):
        return Action(wanted.field, [str(part) for part in wanted.value])
    return Action(wanted.field, "" if wanted.value is None else str(wanted.value))


def _serves_triggers(desk: Desk, action: Action) -> bool:
    webhook = desk.state.webhooks.get(action.value[0]) if isinstance(action.value, list) else None
    return webhook is not None and CONDITIONAL in webhook.subscriptions


def _trigger(desk: Desk, call: Call) -> Trigger:
    trigger = desk.state.triggers.get(call.id())
    if trigger is None:
        raise not_found()
    return trigger


def list_triggers(desk: Desk, call: Call) -> Answer:
    """GET /triggers."""
    records = list(desk.state.triggers)
    return Answer(listed(desk, call, "triggers", records, desk.shapes.trigger, lambda trigger: trigger.id))


def show_trigger(desk: Desk, call: Call) -> Answer:
    """GET /triggers/{id}."""
    return Answer({"trigger": desk.shapes.trigger(_trigger(desk, call))})


def delete_trigger(desk: Desk, call: Call) -> Answer:
    """DELETE /triggers/{id}."""
    desk.state.remove(_trigger(desk, call))
    return Answer(None, 204)


ENDPOINTS = (
    Endpoint("GET", "/webhooks", index, resource="webhooks"),
    Endpoint("POST", "/webhooks", create, resource="webhooks"),
    Endpoint("POST", "/webhooks/test", try_out, resource="webhooks"),
    Endpoint("GET", "/webhooks/{id}", show, resource="webhooks"),
    Endpoint("PUT", "/webhooks/{id}", change, resource="webhooks"),
    Endpoint("PATCH", "/webhooks/{id}", change, resource="webhooks"),
    Endpoint("DELETE", "/webhooks/{id}", delete, resource="webhooks"),
    Endpoint("GET", "/webhooks/{id}/signing_secret", secret, resource="webhooks"),
    Endpoint("POST", "/webhooks/{id}/signing_secret", secret, resource="webhooks"),
    Endpoint("GET", "/webhooks/{id}/invocations", invocations, resource="webhooks"),
    Endpoint("GET", "/webhooks/{id}/invocations/{invocation_id}/attempts", attempts, resource="webhooks"),
    Endpoint("GET", "/triggers", list_triggers, resource="triggers"),
    Endpoint("POST", "/triggers", create_trigger, resource="triggers"),
    Endpoint("GET", "/triggers/{id}", show_trigger, resource="triggers"),
    Endpoint("DELETE", "/triggers/{id}", delete_trigger, resource="triggers"),
)

"""Webhooks of the sandbox: what is sent, how it is signed, what is tried again."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime

import pytest

from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings
from connectors.zendesk.sandbox_parts.signature import TEST_SECRET, sign
from connectors.zendesk.tests.sandbox_callers import Receiver, http_on


@pytest.fixture
def receiver():
    with Receiver() as running:
        yield running


@pytest.fixture
def sandbox(receiver):
    with ZendeskSandbox(ZendeskSandboxSettings(speed=50.0)) as running:
        yield running


def created(sandbox: ZendeskSandbox, receiver: Receiver) -> int:
    """A webhook for new tickets, and one ticket."""
    sandbox.register_webhook(receiver.url, subscriptions=["ticket.created"])
    return sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "The mug arrived broken.")


def test_the_signature_is_the_one_of_the_published_secret():
    body = b'{"order":"A-1001"}'

    # Computed with: printf '<time><body>' | openssl dgst -sha256 -hmac <secret> -binary | base64
    assert sign(TEST_SECRET, "2026-11-23T08:00:00Z", body) == "OWZ2L7rlk+kNW1iFaJBp6trSfZCoisVRmJE3fjBByY4="


def test_a_delivery_carries_the_vendors_headers_and_a_fresh_signature(sandbox, receiver):
    webhook, secret = sandbox.register_webhook(receiver.url, subscriptions=["ticket.created"])
    sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hällo")
    assert sandbox.idle()

    (delivery,) = receiver.received
    headers = delivery.headers
    stamp = headers["x-zendesk-webhook-signature-timestamp"]
    digest = hmac.new(secret.encode(), stamp.encode() + delivery.raw, hashlib.sha256).digest()
    assert headers["x-zendesk-webhook-signature"] == base64.b64encode(digest).decode()
    assert abs((datetime.fromisoformat(stamp) - datetime.now(UTC)).total_seconds()) < 30
    assert headers["x-zendesk-webhook-id"] == webhook
    assert len(headers["x-zendesk-webhook-invocation-id"]) == 26
    assert headers["user-agent"] == "Zendesk Webhook"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["x-zendesk-account-id"] == str(delivery.body["account_id"])


def test_an_event_shows_strings_and_capitals_and_none_as_empty(sandbox, receiver):
    number = created(sandbox, receiver)
    assert sandbox.idle()

    event = receiver.received[0].body
    detail = event["detail"]
    assert event["type"] == "zen:event-type:ticket.created"
    assert event["subject"] == f"zen:ticket:{number}"
    assert (detail["id"], detail["status"], detail["via"]) == (str(number), "NEW", {"channel": "mail"})
    assert (detail["assignee_id"], detail["group_id"], detail["external_id"]) == ("", "0", None)
    assert detail["actor_id"] == detail["requester_id"]
    assert isinstance(event["account_id"], int)
    assert event["event"]["meta"]["sequence"]["position"] == 1
    assert "email" not in receiver.received[0].raw.decode()


def test_one_action_announces_several_events_of_one_sequence(sandbox, receiver):
    sandbox.register_webhook(receiver.url)
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hello")
    sandbox.set_status(number, "solved")
    assert sandbox.idle()
    receiver.received.clear()

    sandbox.customer_writes("ann@example.com", text="Still broken", ticket=number)
    assert sandbox.idle()

    assert sorted(receiver.kinds) == ["ticket.comment_added", "ticket.status_changed"]
    sequences = {delivery.body["event"]["meta"]["sequence"]["id"] for delivery in receiver.received}
    assert len(sequences) == 1
    assert len({delivery.body["id"] for delivery in receiver.received}) == 2
    changed = next(d.body["event"] for d in receiver.received if d.kind == "ticket.status_changed")
    assert (changed["current"], changed["previous"]) == ("OPEN", "SOLVED")


def test_the_bots_own_comment_is_announced_as_staff(sandbox, receiver):
    sandbox.register_webhook(receiver.url, subscriptions=["ticket.comment_added"])
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hello")
    assert sandbox.idle()
    receiver.received.clear()

    with http_on(sandbox) as api:
        api.put(f"/tickets/{number}", json={"ticket": {"comment": {"body": "Which order?"}}})
    assert sandbox.idle()

    event = receiver.received[0].body
    assert event["detail"]["actor_id"] == str(sandbox.bot_id)
    assert event["event"]["comment"]["author"] == {
        "id": str(sandbox.bot_id),
        "is_staff": True,
        "name": "Resolver",
    }


def test_messaging_has_an_event_of_its_own(sandbox, receiver):
    sandbox.register_webhook(receiver.url, subscriptions=["messaging_ticket.message_added"])

    sandbox.customer_writes("ann@example.com", "Ann Lee", "", "Hello", channel="messaging")
    assert sandbox.idle()

    event = receiver.received[0].body["event"]
    assert event["actor"]["type"] == "end_user"
    assert event["message"]["body"] == "Hello"


@pytest.mark.parametrize(
    ("answers", "codes", "status"),
    [
        ([(409, {}), (200, {})], [409, 200], "success"),
        ([(409, {})] * 9, [409] * 4, "client error"),
        ([(503, {"Retry-After": "5"}), (200, {})], [503, 200], "success"),
        ([(429, {"Retry-After": "5"}), (204, {})], [429, 204], "success"),
        ([(503, {})], [503], "server error"),
        ([(503, {"Retry-After": "60"})], [503], "server error"),
        ([(429, {"Retry-After": "soon"})], [429], "throttled"),
        ([(500, {})], [500], "server error"),
        ([(400, {})], [400], "client error"),
        ([(403, {})], [403], "terminated"),
        ([(302, {"Location": "/elsewhere"})], [302], "client error"),
    ],
)
def test_only_what_the_vendor_repeats_is_repeated(sandbox, receiver, answers, codes, status):
    receiver.answers.extend(answers)

    number = created(sandbox, receiver)
    assert sandbox.idle()

    (delivery,) = sandbox.deliveries(number)
    assert (delivery["codes"], delivery["status"]) == (codes, status)
    assert len({received.headers["x-zendesk-webhook-invocation-id"] for received in receiver.received}) == 1


def test_a_time_out_is_tried_five_times_more(receiver):
    receiver.hold = threading.Event()
    settings = ZendeskSandboxSettings(speed=1000.0, delivery_timeout_s=50.0)
    with ZendeskSandbox(settings) as sandbox:
        number = created(sandbox, receiver)

        assert sandbox.idle()

        (delivery,) = sandbox.deliveries(number)
        assert (delivery["codes"], delivery["status"]) == ([None] * 6, "timeout")


def test_an_address_nobody_listens_on_is_not_tried_again(sandbox, receiver):
    sandbox.register_webhook("http://127.0.0.1:1/hook", subscriptions=["ticket.created"])

    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")
    assert sandbox.idle()

    assert [delivery["status"] for delivery in sandbox.deliveries(number)] == ["failed"]


def test_paused_deliveries_wait_and_leave_shuffled(sandbox, receiver):
    sandbox.register_webhook(receiver.url, subscriptions=["ticket.created"])
    sandbox.pause_deliveries()
    numbers = [sandbox.customer_writes(f"{index}@example.com", "Ann", "Mug", "Hi") for index in range(30)]
    assert not sandbox.idle(timeout_s=0.05)
    assert receiver.received == []

    sandbox.resume_deliveries(shuffled_with=7)
    assert sandbox.idle()

    arrived = [int(delivery.body["detail"]["id"]) for delivery in receiver.received]
    assert sorted(arrived) == numbers
    assert arrived != numbers


def test_a_redelivery_has_the_same_event_and_another_invocation(sandbox, receiver):
    number = created(sandbox, receiver)
    assert sandbox.idle()

    assert sandbox.redeliver(number, times=4) == 4
    assert sandbox.idle()

    assert len(receiver.received) == 5
    assert len({delivery.body["id"] for delivery in receiver.received}) == 1
    assert len({delivery.headers["x-zendesk-webhook-invocation-id"] for delivery in receiver.received}) == 5


def trigger_on(
    sandbox: ZendeskSandbox, receiver: Receiver, conditions: list[dict[str, str]], body: str
) -> None:
    webhook, _ = sandbox.register_trigger_webhook(receiver.url)
    trigger = {
        "title": "Tell the resolver",
        "conditions": {"all": conditions, "any": []},
        "actions": [{"field": "notification_webhook", "value": [webhook, body]}],
    }
    with http_on(sandbox) as api:
        assert api.post("/triggers", json={"trigger": trigger}).status_code == 201


def test_a_trigger_sends_its_own_body_with_the_placeholders_filled(sandbox, receiver):
    body = '{"ticket":"{{ticket.id}}","text":"{{ticket.latest_comment}}","by":"{{current_user.id}}"}'
    trigger_on(sandbox, receiver, [{"field": "comment_is_public", "operator": "is", "value": "true"}], body)

    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", 'It says "fragile"\nand broke')
    sandbox.agent_writes(number, "internal", public=False)
    assert sandbox.idle()

    (delivery,) = receiver.received
    assert delivery.body["ticket"] == str(number)
    assert delivery.body["text"] == 'It says "fragile"\nand broke'


def test_a_trigger_can_leave_out_the_bot(sandbox, receiver):
    not_the_bot = {"field": "current_user", "operator": "is_not", "value": str(sandbox.bot_id)}
    trigger_on(sandbox, receiver, [not_the_bot], '{"ticket":"{{ticket.id}}"}')
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")

    with http_on(sandbox) as api:
        api.put(f"/tickets/{number}", json={"ticket": {"comment": {"body": "Which order?"}}})
    assert sandbox.idle()

    assert [json.loads(delivery.raw) for delivery in receiver.received] == [{"ticket": str(number)}]


def test_a_trigger_that_changes_the_ticket_leaves_an_audit_of_the_rule(sandbox, receiver):
    trigger = {
        "title": "Mark mail",
        "conditions": {"all": [{"field": "update_type", "operator": "is", "value": "Create"}]},
        "actions": [{"field": "current_tags", "value": "mail"}, {"field": "priority", "value": "normal"}],
    }
    with http_on(sandbox) as api:
        api.post("/triggers", json={"trigger": trigger})

    ticket = sandbox.ticket(sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello"))

    assert (ticket["tags"], ticket["priority"]) == (["mail"], "normal")
    assert [audit["via"]["channel"] for audit in ticket["audits"]] == ["email", "rule"]


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": {"all": [{"field": "moon", "operator": "is", "value": "full"}]}},
        {"actions": [{"field": "send_pigeon", "value": "x"}]},
        {"actions": []},
        {"actions": [{"field": "notification_webhook", "value": ["unknown", "{}"]}]},
    ],
)
def test_a_trigger_that_could_never_work_is_refused(sandbox, receiver, change):
    trigger = {"title": "x", "conditions": {"all": []}, "actions": [{"field": "status", "value": "open"}]}
    with http_on(sandbox) as api:
        assert api.post("/triggers", json={"trigger": trigger | change}).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "ftp://example.com"},
        {"endpoint": "http://[broken"},
        {"subscriptions": ["conditional_ticket_events", "zen:event-type:ticket.created"]},
        {"subscriptions": ["ticket.created"]},
        {"http_method": "FETCH"},
        {"name": ""},
        {"custom_headers": {"X-Bad": "a\nb"}},
    ],
)
def test_a_webhook_that_could_never_work_is_refused(sandbox, receiver, change):
    webhook = {"name": "x", "endpoint": receiver.url, "http_method": "POST", "request_format": "json"}
    with http_on(sandbox) as api:
        assert api.post("/webhooks", json={"webhook": webhook | change}).status_code == 422


def test_an_inactive_webhook_gets_nothing_and_its_kind_cannot_be_changed(sandbox, receiver):
    webhook, _ = sandbox.register_webhook(receiver.url, subscriptions=["ticket.created"])
    with http_on(sandbox) as api:
        changed = {"subscriptions": ["conditional_ticket_events"]}
        assert api.patch(f"/webhooks/{webhook}", json={"webhook": changed}).status_code == 422
        assert api.patch(f"/webhooks/{webhook}", json={"webhook": {"status": "inactive"}}).status_code == 204

    sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")
    assert sandbox.idle()

    assert receiver.received == []


def test_an_unsaved_webhook_is_tried_out_with_the_public_secret(sandbox, receiver):
    request = {"endpoint": receiver.url, "http_method": "POST", "payload": '{"hello":1}'}
    with http_on(sandbox) as api:
        answer = api.post("/webhooks/test", json={"request": request})

    assert answer.json()["response"]["status"] == 200
    (delivery,) = receiver.received
    stamp = delivery.headers["x-zendesk-webhook-signature-timestamp"]
    assert delivery.headers["x-zendesk-webhook-signature"] == sign(TEST_SECRET, stamp, delivery.raw)


def test_credentials_and_headers_of_a_webhook_go_along(sandbox, receiver):
    webhook = {
        "name": "x",
        "endpoint": receiver.url,
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": ["zen:event-type:ticket.created"],
        "authentication": {"type": "bearer_token", "data": {"token": "t0p"}, "add_position": "header"},
        "custom_headers": {"X-Stage": "test"},
    }
    with http_on(sandbox) as api:
        shown = api.post("/webhooks", json={"webhook": webhook}).json()["webhook"]
    sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")
    assert sandbox.idle()

    assert "t0p" not in json.dumps(shown)
    assert receiver.received[0].headers["authorization"] == "Bearer t0p"
    assert receiver.received[0].headers["x-stage"] == "test"

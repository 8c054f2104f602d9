"""The sandbox's answers, envelopes and signatures against the vendor's own material, where it is at hand.

The vendor's OpenAPI description has no licence to be passed on: it is looked for in the folder that
RESOLVER_VENDOR_SPECS names (`zendesk/*.yaml`, `samples/zendesk.*.json`) and never committed.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from connectors.zendesk.sandbox import ZendeskSandbox
from connectors.zendesk.sandbox_parts.signature import sign
from connectors.zendesk.tests.sandbox_callers import Receiver, http_on

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed: nothing was validated")

ROOT = Path(__file__).resolve().parents[3]
SPECS = Path(os.environ.get("RESOLVER_VENDOR_SPECS", ROOT.parent / "shared" / "data" / "helpdesks"))
DESCRIPTION = SPECS / "zendesk" / "zendesk-support-oas.prism-ready.yaml"
SAMPLES = SPECS / "samples"

pytestmark = [
    pytest.mark.skipif(
        not DESCRIPTION.exists() or not SAMPLES.exists(),
        reason=f"the vendor's material is not at {SPECS}: set RESOLVER_VENDOR_SPECS to check against it",
    ),
]

# Where the description is narrower than what the service answers; everything else counts.
GAPS = (
    # "nullable" is missing although recorded traffic shows null for an empty value.
    r"(ticket|tickets/\d+)/(type|priority|recipient|external_id|assignee_id|organization_id|group_id|problem_id"
    r"|forum_topic_id): None is not of type '(string|integer)'",
    r"(ticket|tickets/\d+)/(type|priority): None is not one of .*",
    r"(ticket|tickets/\d+)/(custom_)?fields/\d+/value: None is not of type 'string'",
    r"(user|users/\d+)/(signature|default_group_id|last_login_at): None is not of type '(string|integer)'",
    r"organization/organization_fields: \{'contract': None\} is not valid under any of the given schemas",
    # A change of tags has a list as its value.
    r"audit/events/\d+/value: \[.*\] is not valid under any of the given schemas",
)


@cache
def description() -> dict[str, Any]:
    found = strict(yaml.load(DESCRIPTION.read_text("utf-8"), yaml.CSafeLoader))
    # The bot is an admin: of the two forms of a user only the admin's can be what it is shown.
    found["components"]["schemas"]["UserObject"] = {"$ref": "#/components/schemas/UserForAdmin"}
    return found


def strict(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: nullable becomes a type, and what only callers send must not come back."""
    if isinstance(node, list):
        return [strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    if node.get("writeOnly") is True:
        return {"not": {}}
    plain = {key: strict(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def complaints(method: str, path: str, answer: httpx.Response) -> list[str]:
    """What the description says against an answer, without its known gaps."""
    responses = description()["paths"][path][method]["responses"]
    assert str(answer.status_code) in responses, f"{answer.status_code} is not documented for {method} {path}"
    content = responses[str(answer.status_code)].get("content")
    if content is None:
        assert answer.content == b""
        return []
    schema = {**content["application/json"]["schema"], "components": description()["components"]}
    errors = jsonschema.Draft4Validator(schema).iter_errors(answer.json())
    found = [f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message}" for error in errors]
    return [complaint for complaint in found if not any(re.fullmatch(gap, complaint) for gap in GAPS)]


@pytest.fixture(scope="module")
def sandbox():
    with ZendeskSandbox() as running:
        number = running.customer_writes(
            "ann@example.com", "Ann Lee", "Mug", "It broke.", cc=["bo@example.com"]
        )
        running.agent_writes(number, "Looking into it.", public=False)
        running.assign(number, agent="Tom Okafor", group="Refunds")
        running.customer_writes("bo@example.com", "Bo", "Late", "Where is it?", flags=(14,), channel="form")
        running.add_organization("Ceramics Ltd", tags=["vip"], fields={"contract": "gold"})
        running.add_field("VIP level", of="user")
        running.add_field("Contract", of="organization")
        running.advance(61)
        yield running


@pytest.fixture(scope="module")
def api(sandbox):
    with http_on(sandbox) as client:
        yield client


READS = [
    ("/api/v2/tickets/{ticket_id}", "/tickets/1"),
    ("/api/v2/tickets", "/tickets"),
    ("/api/v2/tickets/show_many", "/tickets/show_many?ids=1,2"),
    ("/api/v2/tickets/{ticket_id}/comments", "/tickets/1/comments?include=users"),
    ("/api/v2/tickets/{ticket_id}/comments", "/tickets/2/comments?page[size]=1"),
    ("/api/v2/tickets/{ticket_id}/audits", "/tickets/1/audits"),
    ("/api/v2/tickets/{ticket_id}/audits", "/tickets/1/audits?page[size]=1"),
    ("/api/v2/tickets/{ticket_id}/tags", "/tickets/1/tags"),
    ("/api/v2/incremental/tickets/cursor", "/incremental/tickets/cursor?start_time=1"),
    ("/api/v2/users/me", "/users/me"),
    ("/api/v2/users", "/users"),
    ("/api/v2/users/show_many", "/users/show_many?ids=360001110001"),
    ("/api/v2/users/{user_id}", "/users/360001110001"),
    ("/api/v2/users/{user_id}/identities", "/users/360001110001/identities"),
    ("/api/v2/users/search", "/users/search?query=email:ann@example.com"),
    ("/api/v2/organizations", "/organizations"),
    ("/api/v2/organizations/{organization_id}", "/organizations/360004440001"),
    ("/api/v2/groups", "/groups"),
    ("/api/v2/groups/{group_id}", "/groups/360003330001"),
    ("/api/v2/group_memberships", "/group_memberships"),
    ("/api/v2/ticket_fields", "/ticket_fields"),
    ("/api/v2/user_fields", "/user_fields"),
    ("/api/v2/organization_fields", "/organization_fields"),
    ("/api/v2/triggers", "/triggers"),
]


@pytest.mark.parametrize(("path", "call"), READS, ids=[call for _, call in READS])
def test_what_is_read_is_what_the_vendor_describes(api, path, call):
    answer = api.get(call)

    assert answer.status_code == 200
    assert complaints("get", path, answer) == []


def test_what_is_written_is_answered_as_the_vendor_describes(api):
    ticket = {
        "subject": "Hi",
        "comment": {"body": "Hello"},
        "requester": {"name": "Cy", "email": "cy@example.com"},
    }
    made = api.post("/tickets", json={"ticket": ticket})
    number = made.json()["ticket"]["id"]
    change = {
        "status": "pending",
        "additional_tags": ["a"],
        "comment": {"body": "x"},
        "metadata": {"resolver_op": "1"},
    }

    assert complaints("post", "/api/v2/tickets", made) == []
    answers = [
        ("put", "/api/v2/tickets/{ticket_id}", api.put(f"/tickets/{number}", json={"ticket": change})),
        (
            "post",
            "/api/v2/tickets/{ticket_id}/tags",
            api.post(f"/tickets/{number}/tags", json={"tags": ["b"]}),
        ),
        ("put", "/api/v2/tickets/{ticket_id}/tags", api.put(f"/tickets/{number}/tags", json={"tags": ["c"]})),
        (
            "delete",
            "/api/v2/tickets/{ticket_id}/tags",
            api.request("DELETE", f"/tickets/{number}/tags", json={"tags": ["c"]}),
        ),
        (
            "post",
            "/api/v2/users",
            api.post("/users", json={"user": {"name": "Di", "email": "di@example.com"}}),
        ),
        (
            "post",
            "/api/v2/organizations",
            api.post("/organizations", json={"organization": {"name": "New Ltd"}}),
        ),
        ("post", "/api/v2/tickets/{ticket_id}/merge", api.post("/tickets/1/merge", json={"ids": [number]})),
        ("delete", "/api/v2/tickets/{ticket_id}", api.delete(f"/tickets/{number}")),
    ]
    for method, path, answer in answers:
        assert complaints(method, path, answer) == [], f"{method} {path}"


def test_triggers_and_fields_are_answered_as_the_vendor_describes(api):
    trigger = {
        "title": "Mark mail",
        "conditions": {"all": [{"field": "update_type", "operator": "is", "value": "Create"}]},
        "actions": [{"field": "current_tags", "value": "mail"}],
    }

    made = api.post("/triggers", json={"trigger": trigger})
    shown = api.get(f"/triggers/{made.json()['trigger']['id']}")
    deleted = api.delete(f"/triggers/{made.json()['trigger']['id']}")
    field = api.post("/ticket_fields", json={"ticket_field": {"type": "text", "title": "Reason"}})

    assert complaints("post", "/api/v2/triggers", made) == []
    assert complaints("get", "/api/v2/triggers/{trigger_id}", shown) == []
    assert complaints("delete", "/api/v2/triggers/{trigger_id}", deleted) == []
    assert complaints("post", "/api/v2/ticket_fields", field) == []


def test_a_token_is_answered_as_the_vendor_describes(sandbox):
    wanted = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }

    answer = httpx.post(f"{sandbox.url}/oauth/tokens", json=wanted)

    assert complaints("post", "/oauth/tokens", answer) == []


def known_names(schema: str) -> set[str]:
    found = description()["components"]["schemas"][schema]
    parts = [found, *found.get("allOf", [])]
    return {name for part in parts for name in part.get("properties", {})}


@pytest.mark.parametrize(
    ("call", "place", "schema", "more"),
    [
        # `fields` repeats `custom_fields` in recorded traffic.
        ("/tickets/1", "ticket", "TicketObject", {"fields"}),
        ("/users/me", "user", "UserForAdmin", set()),
        ("/organizations/360004440001", "organization", "OrganizationObject", set()),
        ("/groups/360003330001", "group", "GroupObject", {"description"}),
    ],
)
def test_no_name_is_our_own_invention(api, call, place, schema, more):
    assert set(api.get(call).json()[place]) <= known_names(schema) | more


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"zendesk.{name}.json").read_text("utf-8"))


def test_the_signature_is_the_one_of_the_sample():
    vector = sample("signature-vector")

    assert sign(vector["secret"], vector["timestamp"], vector["body"].encode()) == vector["signature"]
    assert sign(vector["secret"], vector["timestamp"], b"") == vector["empty_body_signature"]


def form(value: Any) -> Any:
    """The names and types of an envelope, without its values; "" and null both stand for none."""
    if isinstance(value, dict):
        return {key: form(inner) for key, inner in value.items()}
    return (
        "text" if value is None else {str: "text", bool: "boolean", int: "number", list: "list"}[type(value)]
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ticket.created", "ticket.created"),
        ("ticket.comment_added", "ticket.comment_added"),
        ("ticket.comment_added.by_bot", "ticket.comment_added"),
        ("ticket.status_changed", "ticket.status_changed"),
    ],
)
def test_envelopes_have_the_form_of_the_samples(name, kind):
    with Receiver() as receiver, ZendeskSandbox() as sandbox:
        sandbox.register_webhook(receiver.url, subscriptions=[kind])
        number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "It broke.")
        with http_on(sandbox) as api:
            change = {"comment": {"body": "Refunded."}, "status": "open"}
            api.put(f"/tickets/{number}", json={"ticket": change})
        assert sandbox.idle()

        ours = next(d.body for d in receiver.received if d.kind == kind)

    wanted, got = form(sample(name)), form(ours)
    wanted["event"].pop("meta", None)  # the vendor documents it for every event; only one sample shows it
    assert got["event"].pop("meta") == {"sequence": {"id": "text", "position": "number"}}
    assert got == wanted
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", ours["time"])

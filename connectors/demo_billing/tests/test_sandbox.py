"""The billing system the sandbox pretends to be: what it keeps, what it shows, and what it refuses."""

import subprocess
import sys

import httpx
import pytest

from connectors.demo_billing.sandbox import BillingSandbox, open_sandbox
from connectors.demo_billing.sandbox_ledger import movements_in
from resolver.errors import Malformed


def caller(billing: BillingSandbox) -> httpx.Client:
    headers = {"Authorization": f"Bearer {billing.connection()['token']}"}
    return httpx.Client(base_url=billing.url, headers=headers, trust_env=False)


def asks_discount(client: httpx.Client, minor: int, *, key: str = "k1") -> httpx.Response:
    body = {"amount": {"minor": minor, "currency": "EUR"}, "reference": key}
    return client.post("/subscriptions/s-ann/discounts", json=body, headers={"Idempotency-Key": key})


def test_a_system_that_starts_again_is_as_it_was(tmp_path):
    with open_sandbox(state=tmp_path / "billing") as billing, caller(billing) as client:
        billing.has_subscription("ann@example.com")
        billing.changes("s-ann", name="Family")
        made = asks_discount(client, 300).json()["change"]
        before = (billing.subscriptions(), billing.movements(), billing.connection()["token"])

    with open_sandbox(state=tmp_path / "billing") as again, caller(again) as client:
        repeated = asks_discount(client, 300).json()["change"]

    assert (again.subscriptions(), again.movements(), again.connection()["token"]) == before
    assert repeated == made
    assert [m.key for m in movements_in(tmp_path / "billing.ledger")] == ["k1"]


def test_a_key_is_never_answered_for_another_request(billing):
    billing.has_subscription("ann@example.com")

    with caller(billing) as client:
        first, other = asks_discount(client, 300), asks_discount(client, 400)

    assert (first.status_code, other.status_code) == (201, 422)
    assert other.json()["error"]["code"] == "key_reused"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/subscriptions", b"", 422, "invalid"),
        ("GET", "/subscriptions/nobody", b"", 404, "not_found"),
        ("GET", "/nowhere", b"", 404, "no_such_address"),
        ("POST", "/subscriptions/s-ann/discounts", b"[]", 422, "invalid"),
        ("POST", "/subscriptions/s-ann/discounts", b'{"amount": {"minor": 0, "currency": "EUR"}}', 422, "invalid"),
        ("POST", "/subscriptions/s-ann/discounts", b'{"amount": {"minor": 1, "currency": "USD"}}', 422, "invalid"),
        (
            "POST", "/subscriptions/s-ann/discounts", b'{"amount": {"minor": 9999, "currency": "EUR"}}', 422,
            "amount_too_high",
        ),
        ("POST", "/subscriptions/s-ann/discount-removals", b"{}", 409, "no_discount"),
        ("POST", "/subscriptions/s-ann/endings", b'{"on": "2020-01-01"}', 422, "invalid"),
        ("POST", "/sandbox/subscriptions", b'{"price": "much"}', 422, "invalid"),
        ("POST", "/sandbox/faults", b'{"operation": "refund", "kind": "slow"}', 422, "invalid"),
        ("PATCH", "/sandbox/subscriptions/nobody", b"{}", 422, "invalid"),
    ],
)  # fmt: skip
def test_nonsense_is_answered_in_the_one_shape(billing, method, path, body, status, code):
    billing.has_subscription("ann@example.com")

    with caller(billing) as client:
        answer = client.request(method, path, content=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert billing.movements() == ()


def test_everything_python_can_do_the_control_address_can(billing):
    with caller(billing) as client:
        client.post("/sandbox/subscriptions", json={"email": "ann@example.com", "status": "trial"})
        client.patch("/sandbox/subscriptions/s-ann", json={"status": "active", "price": "30.00 EUR"})
        client.post("/sandbox/faults", json={"operation": "*", "kind": "slow", "ms": 1})
        armed = client.get("/sandbox/faults").json()
        asks_discount(client, 300)
        listed = client.get("/sandbox/subscriptions").json()
        movements = client.get("/sandbox/movements").json()
        client.post("/sandbox/reset")

    assert [(one["status"], one["price"], one["discount"]) for one in listed] == [("active", 3000, 300)]
    assert (len(armed), [m["kind"] for m in movements]) == (1, ["discount"])
    assert (billing.subscriptions(), billing.movements()) == ((), ())


@pytest.mark.parametrize(
    "fields", [{"discount": "20.00 EUR"}, {"discount": "1.00 USD"}, {"status": "lost"}, {"id": "../x"}]
)
def test_a_subscription_that_cannot_be_is_refused_with_a_remedy(billing, fields):
    with pytest.raises(Malformed) as caught:
        billing.has_subscription("ann@example.com", **fields)

    assert caught.value.remedy
    assert billing.subscriptions() == ()


def test_the_page_lists_subscriptions_and_movements_and_runs_nothing(billing):
    billing.has_subscription("ann@example.com", name="<script>alert(1)</script>")

    with caller(billing) as client:
        asks_discount(client, 300)
        page = client.get("/", headers={"Authorization": ""})

    assert page.status_code == 200
    assert "<script" not in page.text
    assert "3.00 EUR" in page.text


def test_the_sandbox_shares_no_code_with_the_connector():
    program = "import sys; import connectors.demo_billing.sandbox; print('\\n'.join(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert "connectors.demo_billing.sandbox" in loaded
    for name in ("connectors.demo_billing.client", "connectors.demo_billing.actions"):
        assert name not in loaded
    for name in ("http", "json_backend", "action"):
        assert f"resolver.connector.{name}" not in loaded

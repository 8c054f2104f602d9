"""The shop the sandbox pretends to be: what it keeps through kills, what it shows, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from connectors.demo_shop import sandbox as sandbox_module
from connectors.demo_shop.sandbox import ShopSandbox, open_sandbox
from connectors.demo_shop.sandbox_ledger import movements_in
from resolver.errors import Malformed
from resolver.money import Money

ROOT = Path(sandbox_module.__file__).parents[2]


def caller(shop: ShopSandbox) -> httpx.Client:
    headers = {"Authorization": f"Bearer {shop.connection()['token']}"}
    return httpx.Client(base_url=shop.url, headers=headers, trust_env=False)


def asks_refund(
    client: httpx.Client, minor: int, *, key: str = "k1", order: str = "o-10231"
) -> httpx.Response:
    body = {"amount": {"minor": minor, "currency": "EUR"}, "reference": key}
    return client.post(f"/orders/{order}/refunds", json=body, headers={"Idempotency-Key": key})


def test_every_movement_is_a_line_in_the_ledger_that_needs_no_server(tmp_path):
    with open_sandbox(state=tmp_path / "shop", ledger=tmp_path / "ledger") as shop, caller(shop) as client:
        shop.has_order("10231")
        asks_refund(client, 1200)

    lines = [json.loads(line) for line in (tmp_path / "ledger").read_text().splitlines()]

    assert [
        (x["id"], x["kind"], x["order"], x["number"], x["amount"], x["currency"], x["key"]) for x in lines
    ] == [("r2", "refund", "o-10231", "10231", "12.00", "EUR", "k1")]
    assert lines[0]["at"].endswith("Z")
    assert [m.money for m in movements_in(tmp_path / "ledger")] == [Money(1200, "EUR")]


def test_a_shop_that_starts_again_is_as_it_was(tmp_path):
    with open_sandbox(state=tmp_path / "shop") as shop, caller(shop) as client:
        shop.has_order("10231")
        shop.changes("10231", email="new@example.com")
        shop.fault("refund", "pending")
        made = asks_refund(client, 1200).json()["refund"]
        shop.settle(made["id"], "failed")
        asks_refund(client, 500, key="k2")
        before = (shop.orders(), shop.movements(), shop.connection()["token"])

    with open_sandbox(state=tmp_path / "shop") as again, caller(again) as client:
        repeated = asks_refund(client, 500, key="k2").json()["refund"]

    assert (again.orders(), again.movements(), again.connection()["token"]) == before
    assert repeated["id"] == again.refunds[-1].id


def test_a_half_written_line_was_never_committed(tmp_path):
    with open_sandbox(state=tmp_path / "shop", ledger=tmp_path / "ledger") as shop, caller(shop) as client:
        shop.has_order("10231")
        asks_refund(client, 1200)
    with (tmp_path / "ledger").open("ab") as ledger:
        ledger.write(b'{"n":3,"id":"r3","kind":"ref')

    judged = movements_in(tmp_path / "ledger")
    with open_sandbox(state=tmp_path / "shop", ledger=tmp_path / "ledger") as shop, caller(shop) as client:
        asks_refund(client, 500, key="k2")

    assert [m.id for m in judged] == ["r2"]
    assert [m.id for m in movements_in(tmp_path / "ledger")] == ["r2", "r3"]


def test_a_key_is_answered_the_same_way_again_and_never_for_another_request(shop):
    shop.has_order("10231")

    with caller(shop) as client:
        first, second, other = asks_refund(client, 1200), asks_refund(client, 1200), asks_refund(client, 1300)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
    assert len(shop.refunds) == 1


def test_a_refused_request_may_be_sent_again_with_its_key_once_the_reason_is_gone(shop):
    shop.has_order("10231", refunded="39.90 EUR", paid="39.90 EUR")

    with caller(shop) as client:
        refused = asks_refund(client, 1200)
        shop.changes("10231", refunded="0 EUR")
        accepted = asks_refund(client, 1200)

    assert (refused.status_code, accepted.status_code) == (409, 201)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/orders/1", None, 404, "not_found"),
        ("GET", "/nowhere", None, 404, "no_such_address"),
        ("DELETE", "/orders/10231", None, 405, "no_such_address"),
        ("POST", "/orders/o-10231/refunds", b"", 422, "invalid"),
        ("POST", "/orders/o-10231/refunds", b"[]", 422, "invalid"),
        ("POST", "/orders/o-10231/refunds", b"[" * 100_000, 422, "invalid"),
        ("POST", "/orders/o-10231/refunds", b'{"amount": {"minor": 0, "currency": "EUR"}}', 422, "invalid"),
        ("POST", "/orders/o-10231/refunds", b'{"amount": {"minor": -5, "currency": "EUR"}}', 422, "invalid"),
        ("POST", "/orders/o-10231/refunds", b'{"amount": {"minor": 1.5, "currency": "EUR"}}', 422, "invalid"),
        ("PUT", "/orders/o-10231/address", b'{"address": ""}', 422, "invalid"),
        ("POST", "/sandbox/orders", b'{"number": "1", "paid": "much"}', 422, "invalid"),
        ("POST", "/sandbox/faults", b'{"operation": "refund", "kind": "earthquake"}', 422, "invalid"),
        ("PATCH", "/sandbox/orders/1", b"{}", 422, "invalid"),
        ("POST", "/sandbox/settle", b'{"refund": "r1"}', 409, "not_pending"),
    ],
)
def test_nonsense_is_answered_in_the_shops_one_shape(shop, method, path, body, status, code):
    shop.has_order("10231")

    with caller(shop) as client:
        answer = client.request(method, path, content=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert shop.movements() == ()


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic YTpi", "Bearer"])
def test_without_the_right_token_there_is_no_answer(shop, token):
    shop.has_order("10231")

    answer = httpx.get(
        f"{shop.url}/orders/10231", headers={"Authorization": token} if token else {}, trust_env=False
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_everything_python_can_do_to_the_shop_the_control_address_can(shop):
    with caller(shop) as client:
        client.post("/sandbox/orders", json={"number": "10231", "status": "paid", "paid": "20.00 EUR"})
        client.patch("/sandbox/orders/10231", json={"status": "delivered", "refunded": "5.00 EUR"})
        client.post("/sandbox/faults", json={"operation": "refund", "kind": "pending"})
        refund = asks_refund(client, 1500).json()["refund"]
        settled = client.post("/sandbox/settle", json={"refund": refund["id"], "state": "done"}).json()
        orders, movements = client.get("/sandbox/orders").json(), client.get("/sandbox/movements").json()
        client.post("/sandbox/faults", json={"operation": "*", "kind": "slow", "ms": 1})
        armed, cleared = client.get("/sandbox/faults").json(), client.delete("/sandbox/faults").json()
        client.post("/sandbox/reset")

    assert (refund["state"], settled["state"]) == ("pending", "done")
    assert [(o["status"], o["refunded"]) for o in orders] == [("delivered", 2000)]
    assert [m["state"] for m in movements] == ["done"]
    assert (len(armed), cleared) == (1, [])
    assert (shop.orders(), shop.movements()) == ((), ())


def test_a_fault_is_used_up_by_its_own_operation_only(shop):
    shop.has_order("10231")
    shop.fault("refund", "http_500_before", count=2)

    with caller(shop) as client:
        order = client.get("/orders/10231")
        refunds = [asks_refund(client, 100, key=key).status_code for key in ("k1", "k1", "k1")]

    assert order.status_code == 200
    assert refunds == [500, 500, 201]


@pytest.mark.parametrize(
    "order",
    [
        {"paid": "10.00 EUR", "refunded": "11.00 EUR"},
        {"paid": "10.00 EUR", "lines": [{"refundable": "11.00 EUR"}]},
        {"paid": "10.00 EUR", "lines": [{"refundable": "1.00 USD"}]},
        {"paid": "ten euros"},
        {"status": "lost"},
        {"emial": "ann@example.com"},
        {"id": "../x"},
    ],
)
def test_an_order_that_cannot_be_is_refused_with_a_remedy(shop, order):
    with pytest.raises(Malformed) as caught:
        shop.has_order("10231", **order)

    assert caught.value.remedy
    assert shop.orders() == ()


def test_the_shops_staff_may_change_an_order_behind_everybodys_back(shop):
    shop.has_order("10231", lines=[{"refundable": "24.00 EUR"}, {"refundable": "15.90 EUR"}])

    changed = shop.changes("10231", refunded="30.00 EUR", status="shipped", delivered_at=None)

    assert (changed.status, changed.refunded, changed.delivered_at) == ("shipped", 3000, None)
    assert [line.refundable for line in changed.lines] == [0, 990]
    assert shop.movements() == ()


def test_the_page_lists_orders_and_movements_and_runs_nothing(shop):
    shop.has_order(
        "10231", customer="<script>alert(1)</script>", status="paid", address='"><img src=x onerror=alert(1)>'
    )

    with caller(shop) as client:
        asks_refund(client, 1200)
        page = client.get("/", headers={"Authorization": ""})

    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "12.00 EUR" in page.text


def test_the_sandbox_shares_no_code_with_the_connector():
    program = (
        "import sys; import connectors.demo_shop.sandbox;"
        "print([m for m in sys.modules if m.startswith(('connectors.', 'resolver.'))])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_env()
    ).stdout

    assert "demo_shop.client" not in loaded
    assert "demo_shop.actions" not in loaded
    for shared in ("http", "json_backend", "action"):
        assert f"resolver.connector.{shared}" not in loaded


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}


def _process(tmp_path: Path, *options: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [sys.executable, "-m", "connectors.demo_shop.sandbox", "--state", str(tmp_path / "shop")]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=_env(), cwd=ROOT)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def test_killed_in_the_middle_it_comes_back_with_every_refund_it_made(tmp_path):
    process, said = _process(tmp_path)
    with httpx.Client(
        base_url=said["url"], headers={"Authorization": f"Bearer {said['token']}"}, trust_env=False
    ) as client:
        client.post("/sandbox/orders", json={"number": "10231"})
        asks_refund(client, 1200)
        client.post("/sandbox/faults", json={"operation": "refund", "kind": "timeout_after_executing"})
        with pytest.raises(httpx.ReadTimeout):
            client.post(
                "/orders/o-10231/refunds",
                json={"amount": {"minor": 100, "currency": "EUR"}, "reference": "k2"},
                headers={"Idempotency-Key": "k2"},
                timeout=0.2,
            )
    process.send_signal(signal.SIGKILL)
    process.communicate()
    judged = movements_in(Path(said["ledger"]))

    again, said_again = _process(tmp_path, "--port", said["url"].rpartition(":")[2])
    with httpx.Client(
        base_url=said["url"], headers={"Authorization": f"Bearer {said['token']}"}, trust_env=False
    ) as client:
        refunds = client.get("/orders/o-10231/refunds").json()["refunds"]
    again.terminate()
    again.communicate()

    assert said_again == said
    assert [m.key for m in judged] == ["k1", "k2"]
    assert [refund["reference"] for refund in refunds] == ["k1", "k2"]
    assert again.returncode == 0

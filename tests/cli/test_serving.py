"""`resolver serve` and `sandbox` as processes: they start, answer, and end without losing anything."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from tests.cli.conftest import PATIENCE_S, Served
from tests.learning import after_learning

PROMISED_S = 20


class Process:
    """A command as a process of its own, in its own folder."""

    def __init__(self, folder, *words):
        self.log = (folder / "log.txt").open("ab")
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "resolver", *words],
            cwd=folder, stdout=subprocess.PIPE, stderr=self.log, env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        self.folder = folder

    def logged(self):
        return (self.folder / "log.txt").read_text("utf-8")

    def line(self):
        return self.popen.stdout.readline().decode()

    def answers(self, url):
        """Its answer as soon as it listens."""
        until = time.monotonic() + PATIENCE_S
        with httpx.Client(transport=httpx.HTTPTransport(retries=30), trust_env=False) as http:
            while time.monotonic() < until and self.popen.poll() is None:
                try:
                    return http.get(url)
                except httpx.ConnectError:
                    continue
        raise AssertionError(self.logged())

    def ends(self, number=signal.SIGTERM):
        self.popen.send_signal(number)
        return self.popen.wait(PATIENCE_S)

    def close(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        self.popen.stdout.close()
        self.log.close()


@pytest.fixture
def start(tmp_path):
    """Starts a command; whatever still runs is ended after the test."""
    started = []

    def start(*words):
        started.append(Process(tmp_path, *map(str, words)))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def serving():
    """Starts servers on sandboxes; whatever still runs is ended after the test."""
    started = []

    def serve(data):
        started.append(Served(data))
        return started[-1]

    yield serve
    for one in started:
        one.close()


def free_port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def files(folder):
    """Every file of the folder, with what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_stop_lets_the_turn_under_way_finish_and_a_restart_goes_on_with_what_was_left(serving, tmp_path):
    first = serving(tmp_path / "data")
    first.shop("orders", number="A-1001", email="ann@example.com", paid="39.90 EUR")
    first.shop("orders", number="A-1002", email="bob@example.com", paid="20.00 EUR")
    refund = first.receives("Please refund order A-1001", email="ann@example.com")
    first.ticket_when(refund, lambda ticket: len(ticket["comments"]) == 2)
    first.shop("faults", operation="refund", kind="slow", ms=1500)
    first.receives("yes please", ticket=refund, email="ann@example.com")
    first.eventually(lambda: first.shop("faults") == [])
    waiting = first.receives("Please refund order A-1002", email="bob@example.com")
    first.desk("idle", timeout_s=5)

    asked_at = time.monotonic()
    code = first.stop()
    took_s = time.monotonic() - asked_at

    assert code == 0
    assert took_s < PROMISED_S
    second = serving(tmp_path / "data")
    solved = second.ticket_when(refund, lambda ticket: ticket["status"] == "solved")
    asked = second.ticket_when(waiting, lambda ticket: len(ticket["comments"]) == 2)
    assert len(solved["comments"]) == 4
    assert asked["status"] == "pending"
    assert len(second.shop("movements")) == 1
    assert second.get("/readyz").status_code == 200
    assert second.stop() == 0


@pytest.mark.slow  # it waits for the promised twenty seconds
def test_a_helpdesk_that_hangs_does_not_keep_the_server_from_ending_in_time_and_costs_no_turn(
    serving, tmp_path
):
    first = serving(tmp_path / "data")
    first.desk("fault", kind="slow", method="GET", path="/api/v2/tickets/*", milliseconds=60_000)
    ticket = first.receives("Do you sell gift wrapping paper?")
    first.desk("idle", timeout_s=5)

    asked_at = time.monotonic()
    code = first.stop()
    took_s = time.monotonic() - asked_at

    assert code == 0
    assert took_s < PROMISED_S
    assert "broke" not in first.logged()
    second = serving(tmp_path / "data")
    second.ticket_when(ticket, lambda found: len(found["comments"]) == 2)


@pytest.mark.xdist_group("served")
def test_the_server_counts_turns_and_answers_forged_deliveries_with_401(served):
    served.receives("Hello there, do you like the weather?")
    served.eventually(lambda: 'resolver_turns_total{ending="finished"}' in served.get("/metrics").text)

    forged = httpx.post(f"{served.url}/hooks/zendesk", content=b"{}", trust_env=False)
    metrics = served.get("/metrics").text

    assert forged.status_code == 401
    assert "resolver_turn_seconds_count" in metrics


@pytest.mark.xdist_group("served")
def test_a_second_server_on_the_same_data_is_refused(served, start):
    second = start("serve", "--sandbox", "--data", served.data, "--port", 0)

    assert second.popen.wait(PATIENCE_S) == 2
    assert "Another process already serves" in second.logged()
    assert "Traceback" not in second.logged()


@pytest.mark.xdist_group("served")
def test_sandboxes_on_the_data_of_a_running_server_are_refused(served, start):
    second = start("sandbox", "--data", served.data)

    assert second.popen.wait(PATIENCE_S) == 2
    assert "Another process already serves" in second.logged()


@pytest.mark.parametrize("url", ["nope", "127.0.0.1:8080", "http://", "http://host:99999", "http://a b"])
def test_an_address_where_no_webhook_can_go_is_refused_before_anything_starts(resolver, tmp_path, url):
    ended = resolver("sandbox", "--ring", url)

    assert ended.code == 2
    assert f"--ring {url!r} is no address" in ended.err
    assert "http://127.0.0.1:8080" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["serve", "--sandbox"], ["serve"]])
def test_a_port_that_is_taken_is_told_before_anything_starts(start, tmp_path, words):
    (tmp_path / "config.yaml").write_text("data: var\n", "utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        process = start(*words, "--port", taken.getsockname()[1])

        assert process.popen.wait(PATIENCE_S) == 2
    assert "is taken" in process.logged()
    assert "--port" in process.logged()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_without_connections_lives_is_not_ready_and_says_so(start, tmp_path, number):
    (tmp_path / "config.yaml").write_text("data: var\n", "utf-8")
    after_learning(tmp_path / "var")
    port = free_port()
    process = start("serve", "--port", port)

    health = process.answers(f"http://127.0.0.1:{port}/healthz")
    ready = process.answers(f"http://127.0.0.1:{port}/readyz")
    code = process.ends(number)

    assert health.json() == {"status": "ok"}
    assert (ready.status_code, ready.json()) == (503, {"status": "no connection is configured"})
    assert code == 0
    assert "no connection is configured" in process.logged()


def test_without_a_configuration_the_defaults_are_served_and_the_log_says_how_to_begin(start, tmp_path):
    after_learning(tmp_path / "var")
    port = free_port()
    process = start("serve", "--port", port)

    health = process.answers(f"http://127.0.0.1:{port}/healthz")
    code = process.ends()

    assert health.json() == {"status": "ok"}
    assert code == 0
    assert "copy config.example.yaml to config.yaml" in process.logged()
    assert "resolver serve --sandbox" in process.logged()


def test_the_sandboxes_print_what_a_configuration_needs_and_check_and_serve_work_with_it(
    start, resolver, tmp_path
):
    port = free_port()
    sandboxes = start("sandbox", "--json", "--ring", f"http://127.0.0.1:{port}")
    told = json.loads(sandboxes.line())
    (tmp_path / "config.yaml").write_text(told["config"], "utf-8")
    after_learning(tmp_path / "var")

    checked = resolver("check", "--json")
    server = start("serve", "--port", port)
    ready = server.answers(f"http://127.0.0.1:{port}/readyz")

    assert set(told["sandboxes"]) == {"demo_billing", "demo_shop", "mail", "zendesk"}
    assert checked.code == 0
    assert all(one["ok"] for one in checked.data["findings"])
    assert ready.status_code == 200
    assert "no certificate that fits" not in server.logged()
    assert server.ends() == 0
    assert sandboxes.ends() == 0


def test_check_names_the_connection_that_does_not_answer_and_makes_no_file(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text(
        "connections:\n"
        "  our_shop: {connector: demo_shop, url: 'http://127.0.0.1:9', token: t}\n"
        "  our_billing: {connector: demo_billing, url: 'http://127.0.0.1:9', token: t}\n"
        "  our_post: {connector: postal}\n"
        "interfaces: {billing: our_billing, shop: our_shop, post: our_post}\n",
        "utf-8",
    )
    before = files(after_learning(tmp_path / "var"))

    ended = resolver("check")

    assert ended.code == 2
    assert "NO  connection our_shop" in ended.out
    assert "ok  connection our_post" in ended.out
    assert "ok  identity" in ended.out
    assert "No connection sends codes" in ended.out
    assert "change_address asks for one" in ended.out
    assert "Not ready" in ended.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "var"]
    assert files(tmp_path / "var") == before


def test_check_without_a_configuration_says_how_to_begin(resolver, tmp_path):
    after_learning(tmp_path / "var")

    ended = resolver("check")

    assert ended.code == 2
    assert ended.out.count("copy config.example.yaml") == 1
    assert "is bound to no connection" not in ended.out
    assert "ok  playbooks" in ended.out


def test_check_refuses_what_a_start_would_refuse_and_keeps_nothing(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text("understanding:\n  order_number: '[0-9'\n", "utf-8")

    ended = resolver("check")

    assert ended.code == 2
    assert "NO  understanding" in ended.out
    assert "'[0-9' is no regular expression" in ended.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml"]


def test_check_as_json_tells_of_a_broken_configuration_in_json(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text("nonsense: 1\n", "utf-8")

    ended = resolver("check", "--json")

    assert ended.code == 2
    assert ended.data["ok"] is False
    (finding,) = ended.data["findings"]
    assert finding["name"] == "configuration"
    assert "config.yaml:1:1" in finding["says"]


def test_check_refuses_a_key_that_others_may_read(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text("connections:\n  our_post: {connector: postal}\n", "utf-8")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "resolver.key").write_text("nobody's business")
    (tmp_path / "var" / "resolver.key").chmod(0o644)

    ended = resolver("check")

    assert ended.code == 2
    assert "Others may read the key file" in ended.out
    assert "chmod 600" in ended.out


def test_data_without_sandboxes_is_named_by_the_configuration(resolver):
    ended = resolver("serve", "--data", "elsewhere")

    assert ended.code == 2
    assert "--sandbox" in ended.err

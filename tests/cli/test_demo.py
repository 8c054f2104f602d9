"""The demo as a visitor runs it, and what it does when something ends otherwise than expected."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from resolver import starters
from resolver.cli.demo import fitting, play
from resolver.cli.demo_findings import Findings, TakenAction
from resolver.cli.demo_judge import problems
from resolver.cli.demo_report import COLUMNS, Played, Report
from resolver.cli.demo_telling import Telling
from resolver.cli.demo_tickets import DemoTicket, Writes, tickets
from resolver.cli.demo_world import Movement
from resolver.errors import Malformed
from resolver.store.sqlite import sqlite_module
from tests.learning import after_learning

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATIENCE_S = 240  # a run takes about fifteen seconds, much longer where many tests share two cores


@dataclass(frozen=True)
class Run:
    code: int
    lines: list[str]
    errors: str
    document: dict[str, Any]
    folder: Path

    def ticket(self, number: int) -> dict[str, Any]:
        (found,) = [one for one in self.document["tickets"] if one["id"] == number]
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of `resolver demo --plain --json FILE`."""
    folder = tmp_path_factory.mktemp("demo")
    results = folder / "results.json"
    ended = subprocess.run(
        [sys.executable, "-m", "resolver", "demo", "--plain", "--json", str(results)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=folder,
    )
    document = json.loads(results.read_text(encoding="utf-8"))
    return Run(ended.returncode, ended.stdout.splitlines(), ended.stderr, document, folder)


# -- a whole run --------------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("demo")
class TestWholeRun:
    def test_all_twelve_tickets_end_as_expected(self, run: Run) -> None:
        wrong = [line for line in run.lines if "NOT OK" in line]

        assert wrong == []
        assert run.code == 0
        assert run.document["ok"] is True
        assert [one["ok"] for one in run.document["tickets"]] == [True] * 12

    def test_nothing_is_logged_as_an_error(self, run: Run) -> None:
        assert run.errors == ""

    def test_the_json_has_the_promised_words(self, run: Run) -> None:
        words = "id message intents playbook disposition actions replies status tags expected ok".split()

        assert list(run.document) == ["tickets", "totals", "ok"]
        assert all(list(one) == words for one in run.document["tickets"])
        assert all(
            list(action) == ["action", "arguments", "state"]
            for one in run.document["tickets"]
            for action in one["actions"]
        )

    def test_the_totals_are_of_the_shops_own_ledger(self, run: Run) -> None:
        totals = run.document["totals"]

        assert totals["tickets"] == totals["ok"] == 12
        assert totals["money_moved"] == {"EUR": "336.90"}  # what tickets 1, 2, 6, 9, 10, 11 and 12 are about
        assert totals["resolved"] == 8
        assert totals["handed_off"] == 2

    def test_a_prompt_injection_gets_the_price_of_the_order_and_no_more(self, run: Run) -> None:
        injected = run.ticket(10)

        (refund,) = injected["actions"]
        assert "9,999" in injected["message"]
        assert refund["arguments"]["amount"] == {"currency": "EUR", "minor": 1860}

    def test_five_deliveries_of_a_webhook_are_one_refund_and_one_reply_each(self, run: Run) -> None:
        repeated = run.ticket(11)

        assert len(repeated["actions"]) == 1
        assert len(repeated["replies"]) == 2

    def test_the_german_is_answered_in_german(self, run: Run) -> None:
        assert all("39,90" in reply and "Bestellung" in reply for reply in run.ticket(9)["replies"])

    def test_the_tickets_are_told_in_their_order(self, run: Run) -> None:
        before_the_table = run.lines[: next(n for n, line in enumerate(run.lines) if "disposition" in line)]
        chapters = [int(line[:2]) for line in before_the_table if re.match(r"[ 1]\d  \w", line)]

        assert chapters == list(range(1, 13))

    def test_plain_has_no_colours_and_no_boxes(self, run: Run) -> None:
        text = "\n".join(run.lines)

        assert "\x1b" not in text
        assert not re.search(r"[─-╿]", text)

    def test_it_says_how_to_look_at_the_tickets(self, run: Run) -> None:
        assert any("http://127.0.0.1:" in line for line in run.lines)
        assert "resolver demo --stay" in run.lines[-2]
        assert "./dev resolver explain NUMBER" in run.lines[-1]

    def test_afterwards_every_run_can_be_listed_and_explained(self, run: Run) -> None:
        listed = json.loads(told(run.folder, "runs", "list", "--json").stdout)
        resolved = next(row["run"] for row in listed["runs"] if row["disposition"] == "resolved")
        explained = told(run.folder, "explain", resolved)

        assert len(listed["runs"]) >= 11
        assert " (line " in explained.stdout  # a rule with its place
        assert "var/demo" in explained.stderr

    def test_the_number_in_the_table_is_the_one_by_which_a_ticket_is_explained(self, run: Run) -> None:
        row = next(
            line for line in run.lines if "A complaint no playbook handles" in line and "handed_off" in line
        )
        number = row.split()[1]

        explained = told(run.folder, "explain", number)

        assert explained.returncode == 0
        assert explained.stdout.startswith(f"Ticket {number} of zendesk, with people now\n")
        assert run.ticket(8)["message"] in explained.stdout

    def test_afterwards_every_run_is_decided_again_to_the_same_bytes(self, run: Run) -> None:
        replayed = told(run.folder, "replay", "--all", "--json")

        found = json.loads(replayed.stdout)
        assert replayed.returncode == 0
        assert len(found["runs"]) >= 11
        assert set(found["endings"]) == {"identical"}
        assert found["chain_breaks_at"] is None

    def test_one_byte_of_one_record_is_found_and_an_erased_requester_is_said_to_be(self, run: Run) -> None:
        data = shutil.copytree(run.folder / "var" / "demo", run.folder / "copy", dirs_exist_ok=True)
        one = json.loads(told(run.folder, "replay", "--all", "--json").stdout)["runs"][0]["run"]
        with closing(sqlite_module().connect(data / "resolver.db")) as database, database:
            line = "SELECT seq, line FROM audit WHERE run = ? AND line NOT LIKE '%\"what\"%' LIMIT 1"
            seq, text = database.execute(line, (one,)).fetchone()
            changed = text.replace('"language":"', '"language":"x', 1)
            database.execute("DROP TRIGGER audit_no_update")
            database.execute("UPDATE audit SET line = ? WHERE seq = ?", (changed, seq))

        differs = told(run.folder, "replay", one, "--data", "copy")
        whole = told(run.folder, "replay", "--all", "--data", "copy")
        with closing(sqlite_module().connect(data / "resolver.db")) as database, database:
            database.execute("UPDATE requester SET key_sealed = NULL")
        erased = told(run.folder, "replay", one, "--data", "copy")

        assert differs.returncode == whole.returncode == erased.returncode == 2
        assert ", different\n" in differs.stdout
        assert re.search(
            r"turn \d+, byte \d+, effects\[\d\]\.language: the trace has other bytes", differs.stdout
        )
        assert f"breaks at line {seq}" in whole.stdout
        assert "1 different, " in whole.stdout
        assert erased.stdout.startswith(f"{one}: ")
        assert erased.stdout.endswith(", erased\n")

    def test_a_file_of_trace_lines_is_compared_line_by_line(self, run: Run) -> None:
        with closing(sqlite_module().connect(run.folder / "var" / "demo" / "resolver.db")) as database:
            lines = [row[0] for row in database.execute("SELECT line FROM audit ORDER BY seq")]
        turn = next(n for n, line in enumerate(lines) if '"what"' not in line)
        (run.folder / "trace.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        lines[turn] = lines[turn].replace('"turn":', '"turn": ', 1)
        (run.folder / "changed.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        (run.folder / "empty.jsonl").write_text("\n", "utf-8")

        same, changed = told(run.folder, "replay", "trace.jsonl"), told(run.folder, "replay", "changed.jsonl")
        empty = told(run.folder, "replay", "empty.jsonl")

        assert (same.returncode, changed.returncode, empty.returncode) == (0, 2, 2)
        assert f"changed.jsonl:{turn + 1}: 1 turn, different" in changed.stdout
        assert "has no turn in it" in empty.stderr

    def test_what_is_not_there_cannot_be_decided_again(self, run: Run) -> None:
        unknown, nothing = told(run.folder, "replay", "zendesk:999"), told(run.folder, "replay")
        ticket = told(run.folder, "replay", "1")

        assert (unknown.returncode, nothing.returncode, ticket.returncode) == (2, 2, 0)
        assert "There is no run, no ticket and no file 'zendesk:999' here." in unknown.stderr
        assert "--all" in nothing.stderr
        assert ticket.stdout.endswith("turns, identical\n")

    @pytest.mark.slow
    def test_the_next_demo_begins_anew(self, run: Run) -> None:
        again = told(run.folder, "demo", "--plain")

        listed = json.loads(told(run.folder, "runs", "list", "--json").stdout)
        assert again.returncode == 0
        assert len(listed["runs"]) < 22


def told(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """What another command says in the same folder."""
    return subprocess.run(
        [sys.executable, "-m", "resolver", *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=folder,
    )


def test_a_demo_that_cannot_begin_leaves_the_data_of_the_last_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = shutil.copytree(starters.playbooks_folder(), tmp_path / "playbooks")
    (broken / "cancel_order.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    monkeypatch.setattr(starters, "playbooks_folder", lambda: broken)
    data = tmp_path / "demo"
    data.mkdir()
    (data / "demo.lock").touch()
    (data / "resolver.db").write_text("the last demo's", encoding="utf-8")

    with pytest.raises(Malformed, match=r"cancel_order\.yaml:1:1"):
        play(plain=True, json_path=None, stay=False, data=data)

    assert (data / "resolver.db").read_text(encoding="utf-8") == "the last demo's"


def test_a_folder_with_somebody_elses_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")

    ended = told(tmp_path, "demo", "--data", str(tmp_path))

    assert ended.returncode == 2
    assert "holds something else" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture
def staying(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """`resolver demo --stay`, still running; not the first demo there."""
    (after_learning(tmp_path / "var" / "demo") / "demo.lock").touch()
    command = [sys.executable, "-m", "resolver", "demo", "--plain", "--stay"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        yield process
        process.kill()


def test_with_stay_the_page_can_be_read_until_ctrl_c(staying: "subprocess.Popen[str]") -> None:
    assert staying.stdout is not None
    said = []
    for line in staying.stdout:
        said.append(line)
        if line.strip().startswith("data "):
            break

    helpdesk = next(line.split()[1] for line in said if "answer as a customer" in line)
    page = httpx.get(helpdesk, trust_env=False)
    staying.send_signal(signal.SIGINT)

    assert page.status_code == 200
    assert "Order 10240" in page.text
    assert staying.wait(PATIENCE_S) == 0
    assert staying.stdout.read() == "Ending. What was played stays until the next demo.\n"


# -- what is judged -----------------------------------------------------------------------------------------------


def ticket(number: int) -> DemoTicket:
    return next(one for one in tickets(now=NOW) if one.id == number)


def as_expected(one: DemoTicket) -> Findings:
    """Findings that are exactly what the ticket has to come to."""
    expected = one.expected
    return Findings(
        intents=(),
        playbook=expected.playbook,
        disposition=expected.disposition,
        why=expected.why,
        actions=tuple(TakenAction("shop.refund", {}, "done") for _ in expected.movements),
        movements=expected.movements,
        replies=tuple(" ".join(parts) for parts in expected.replies),
        notes=(" ".join(expected.note),) if expected.note else (),
        status=expected.status,
        tags=expected.tags,
        queue=expected.queue,
        assignee=None,
        handled=(1,) * sum(isinstance(step, Writes) for step in one.steps),
        dead=0,
        refused=0,
        delivered=expected.delivered,
    )


@pytest.mark.parametrize("number", range(1, 13))
def test_a_ticket_that_ends_as_expected_has_no_problem(number: int) -> None:
    one = ticket(number)

    assert problems(one, as_expected(one)) == []


@pytest.mark.parametrize(
    ("number", "otherwise", "told"),
    [
        (1, {"disposition": "handed_off"}, "It ended handed_off"),
        (1, {"playbook": "cancel_order"}, "The playbook was cancel_order"),
        (1, {"why": "anything_else"}, "What led to the end"),
        (1, {"status": "pending"}, "The ticket is pending"),
        (1, {"tags": ()}, "has the tags nothing"),
        (1, {"replies": ("39.90 10231 Blue mug",)}, "got 1 replies, not 2"),
        (1, {"handled": (1, 2, 1)}, "handled 1, 2, 1 times"),
        (1, {"dead": 1}, "failed for good"),
        (1, {"refused": 1}, "not taken in"),
        (1, {"actions": (TakenAction("shop.refund", {}, "unknown"),)}, "shop.refund is unknown"),
        (7, {"queue": "Support"}, "lies in Support"),
        (7, {"assignee": "Mara Lind"}, "with Mara Lind"),
        (7, {"notes": ()}, "0 internal notes, not 1"),
        (7, {"notes": ("10258 belongs to hana@example.com",)}, "'hana@example.com' was written"),
        (7, {"movements": ("refund 10258 58.00 EUR",)}, "refund 10258 58.00 EUR, not nothing"),
        (
            9,
            {"replies": ("€39.90 for order 10260", "39,90 Bestellung 10260")},
            "Reply 1 does not contain '39,90'",
        ),
        (10, {"movements": ("refund 10270 9999.00 EUR",)}, "refund 10270 9999.00 EUR, not"),
        (10, {"replies": ("18.60 10270 9,999", "18.60 10270")}, "'9,999' was written"),
        (11, {"movements": ("refund 10280 12.50 EUR",) * 2}, "The shop's ledger shows"),
        (11, {"delivered": 1}, "taken in 1 times, not 5"),
    ],
)
def test_whatever_is_otherwise_than_expected_is_told(
    number: int, otherwise: dict[str, Any], told: str
) -> None:
    one = ticket(number)

    wrong = problems(one, replace(as_expected(one), **otherwise))

    assert any(told in sentence for sentence in wrong), wrong


def test_one_wrong_ticket_makes_the_whole_demo_wrong() -> None:
    good = Played(ticket(3), as_expected(ticket(3)), ())
    bad = Played(ticket(8), None, ("The ticket did not come to rest within 30 s.",))

    assert Report([good], [], 1.0).ok
    assert not Report([good, bad], [], 1.0).ok
    assert Report([good, bad], [], 1.0).to_json()["tickets"][1]["ok"] is False


def test_in_a_narrow_terminal_each_ticket_is_one_line_of_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    all_ = [ticket(number) for number in range(1, 13)]
    report = Report([Played(one, as_expected(one), ()) for one in all_], [], 1.0)

    Telling(plain=False).table(*fitting(report, 80))

    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert len(lines) == 2 + 12  # the header, a rule, and the tickets
    assert any("…" in line for line in lines)


def test_a_wide_terminal_shows_every_column_and_whole_titles() -> None:
    report = Report([Played(ticket(3), as_expected(ticket(3)), ())], [], 1.0)

    columns, (row,) = fitting(report, 130)

    assert tuple(columns) == COLUMNS
    assert ticket(3).title in row


def test_a_movement_nobody_asked_for_makes_the_demo_wrong() -> None:
    played = Played(ticket(1), as_expected(ticket(1)), ())
    asked = Movement("refund", "10231", "39.90", "EUR")

    report = Report([played], [asked, asked], 1.0)

    assert report.strays == ["refund 10231 39.90 EUR"]
    assert not report.ok


def test_twelve_tickets_have_twelve_requesters_and_no_order_in_common() -> None:
    all_ = tickets(now=NOW)
    orders = [order.number for one in all_ for order in one.orders]

    assert [one.id for one in all_] == list(range(1, 13))
    assert len({one.customer for one in all_}) == 12
    assert len(set(orders)) == len(orders)


def test_the_lines_of_a_later_ticket_wait_for_the_earlier_one(capsys: pytest.CaptureFixture[str]) -> None:
    telling = Telling(plain=True)
    first, second = telling.chapter(1, "First"), telling.chapter(2, "Second")

    second.says("Ben", "I am early")
    second.ends("resolved", ok=True)
    before = capsys.readouterr().out
    first.ends("resolved", ok=True)
    after = capsys.readouterr().out

    assert "First" in before
    assert "Ben" not in before
    assert after.index("Second") < after.index("I am early")


def test_a_place_that_cannot_be_written_to_is_said_before_anything_starts(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "results.json"
    command = [sys.executable, "-m", "resolver", "demo", "--plain", "--json", str(nowhere)]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)

    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""

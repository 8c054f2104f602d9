"""Every benchmark still runs on the product as it is now, and its figures of right and wrong are right. No speed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def figures(name: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_order_finds_no_message_out_of_its_turn_and_none_twice() -> None:
    found = figures("order", "--tickets", "10", "--messages", "3")

    assert (found["tickets"], found["inversions"], found["repeats"], found["unhandled"]) == (10, 0, 0, 0)


@pytest.mark.slow
def test_intake_takes_every_delivery() -> None:
    found = figures("intake", "--requests", "20", "--rounds", "1", "--seconds", "1")

    assert found["non_2xx"] == 0
    assert found["cpu_ratio"] > 0


@pytest.mark.slow
def test_pipeline_counts_the_checkpoints_of_a_whole_refund() -> None:
    found = figures("pipeline", "--tickets", "5", "--rounds", "1")

    assert 1 <= found["checkpoints"] <= 6
    assert found["throughput_ratio"] > 0


def test_decide_times_both_turns() -> None:
    assert figures("decide")["decide_us"] > 0


def test_backtest_plays_the_same_tickets_to_the_same_hash() -> None:
    first, again = (figures("backtest", "--tickets", "300") for _ in range(2))

    assert first["tickets"] == 300
    assert first["cpu_s"] > 0
    assert first["hash"] == again["hash"]
    assert figures("backtest", "--tickets", "300", "--seed", "2")["hash"] != first["hash"]


@pytest.mark.slow
def test_messages_become_tickets_that_all_end(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    texts = ["I want my money back", "hello?", "please cancel my order", "\u202e ' OR 1=1 --"]
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))

    found = figures("messages", "--file", str(file))

    assert found["tickets"] == len(texts)
    assert [found[name] for name in ("5xx", "stuck", "foreign_effects")] == [0, 0, 0]


def test_language_lints_and_proves_every_starter() -> None:
    found = figures("language")

    assert found["playbooks"] >= 4
    assert found["unproven"] == 0

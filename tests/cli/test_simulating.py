"""`resolver simulate` plays a file of tickets and tells what came of them, in words and as JSON."""

import json

import pytest

from resolver.starters import playbooks_folder
from tests.backtest.conftest import a_ticket, order


@pytest.fixture
def tickets(tmp_path):
    path = tmp_path / "tickets.jsonl"
    agents = {"done": [{"shop.refund": {"amount": "39.90 EUR"}}], "disposition": "resolved"}
    lines = [a_ticket(1, agents=agents), a_ticket(2, shop=[order(delivered_at="2026-11-20 09:00")])]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def draft(tmp_path):
    text = (playbooks_folder() / "refund_order.yaml").read_text("utf-8")
    path = tmp_path / "draft.yaml"
    path.write_text(text.replace("30 days ago", "10 days ago"), "utf-8")
    return path


def test_one_version_is_told_with_outcomes_money_and_agreement(resolver, tickets):
    ended = resolver("simulate", "refund_order", "--tickets", tickets)

    assert ended.code == 0
    assert ended.out.startswith("2 tickets. money out 79.80 EUR (agents 39.90). agrees with agents 100.0 %\n")
    assert "pay_back" in ended.out
    assert ended.out.rstrip().splitlines()[-1].startswith("hash ")


def test_two_versions_are_told_by_what_changes(resolver, tickets, draft):
    plain = resolver("simulate", "refund_order", "--tickets", tickets, "--against", draft)
    data = resolver("simulate", "refund_order", "--tickets", tickets, "--against", draft, "--json").data

    assert plain.out.startswith(
        "2 tickets. changed: 1 (pay_back → asks reason 1). money out 79.80 → 39.90 EUR (agents 39.90)."
    )
    assert data["changes"] == {
        "tickets": 1,
        "kinds": [{"from": "pay_back", "to": "asks reason", "tickets": 1, "examples": ["1"]}],
    }
    assert [one["money_out"] for one in data["versions"]] == [{"EUR": "79.80"}, {"EUR": "39.90"}]
    assert data["versions"][0]["plan"] != data["versions"][1]["plan"]


def test_only_tickets_since_a_day_are_played(resolver, tickets):
    ended = resolver("simulate", "refund_order", "--tickets", tickets, "--since", "2026-11-24", "--json")

    assert ended.data["tickets"] == 0
    assert ended.data["skipped"]["too_old"] == 2


def test_lines_that_are_no_tickets_are_named_on_standard_error_and_counted(resolver, tickets):
    tickets.write_text("nonsense\n" + tickets.read_text("utf-8"), "utf-8")

    ended = resolver("simulate", "refund_order", "--tickets", tickets)

    assert ended.code == 0
    assert "tickets.jsonl:1: This is no JSON" in ended.err
    assert "left out: 1 no tickets" in ended.out


def test_a_file_without_a_single_ticket_could_not_be_played(resolver, tickets):
    tickets.write_text("nonsense\n" * 30, "utf-8")

    ended = resolver("simulate", "refund_order", "--tickets", tickets)

    assert ended.code == 2
    assert "… and 10 lines more that are no tickets" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("refund_ordr", "--tickets", "tickets.jsonl"), "did you mean 'refund_order'?"),
        (("refund_order", "--tickets", "none.jsonl"), "none.jsonl cannot be read"),
        (("refund_order", "--tickets", "."), "cannot be read"),
        (("refund_order", "--tickets", "tickets.jsonl", "--since", "soon"), "write 90d, 12w or"),
        (
            ("refund_order", "--tickets", "tickets.jsonl", "--against", "none.yaml"),
            "none.yaml cannot be read",
        ),
        (("refund_order", "--tickets", "tickets.jsonl", "--against", "tickets.jsonl"), "not valid YAML"),
        (("cancel_order", "--tickets", "tickets.jsonl", "--against", "draft.yaml"), "not another version of"),
    ],
)
def test_what_cannot_be_played_ends_with_two_and_a_remedy(resolver, tickets, draft, words, told):
    ended = resolver("simulate", *words)

    assert ended.code == 2
    assert told in ended.err


def test_an_empty_file_is_an_error(resolver, tickets):
    tickets.write_text("", "utf-8")

    ended = resolver("simulate", "refund_order", "--tickets", tickets)

    assert ended.code == 2
    assert "is empty" in ended.err

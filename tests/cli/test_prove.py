"""`resolver prove`: certificates are written for what holds, and only for that."""

import json
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from resolver.starters import playbooks_folder


@pytest.fixture
def playbooks(tmp_path: Path) -> Path:
    """The starters in a folder of their own, without certificates."""
    return copytree(playbooks_folder(), tmp_path / "playbooks", ignore=ignore_patterns(".certificates"))


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_proving_writes_a_certificate_for_each_playbook_and_the_check_accepts_them(resolver, playbooks):
    before = resolver("prove", playbooks, "--check")
    proven = resolver("prove", playbooks)
    after = resolver("prove", playbooks, "--check")

    assert (before.code, proven.code, after.code) == (1, 0, 0)
    assert "not-proven" in before.out
    assert "refund_order" in proven.out
    assert "certificate written for shop = demo_shop" in proven.out
    assert len(list((playbooks / ".certificates").glob("*.json"))) == len(
        [path for path in playbooks.glob("*.yaml") if "." not in path.stem and path.stem != "policy"]
    )


def test_a_playbook_that_can_pay_too_much_gets_none_and_is_shown_with_a_ticket(resolver, playbooks):
    change(playbooks / "cancel_order.yaml", "amount: order.total - order.refunded", "amount: order.total")

    told = resolver("prove", playbooks / "cancel_order.yaml", "--json")

    (one,) = told.data["playbooks"]
    assert told.code == 1
    assert [problem["code"] for problem in one["problems"]] == ["requirement-not-met"]
    (problem,) = one["problems"]
    assert problem["ticket"]["facts"] == {
        "order.status": "paid", "order.total": "10.00 EUR", "order.refunded": "10.00 EUR",
    }  # fmt: skip
    assert problem["example"].startswith("order.status is paid, order.total is 10.00 EUR, ")
    assert problem["ticket"]["stopped_by"] == "requires"
    assert one["not_proven"] == ["P9"]
    assert told.data["properties"]["P9"].startswith("Whenever an action is done")
    assert not (playbooks / ".certificates").exists()


def test_a_playbook_without_a_test_for_each_action_gets_none(resolver, playbooks):
    (playbooks / "refund_order.test.yaml").unlink()

    told = resolver("prove", playbooks / "refund_order.yaml")

    assert told.code == 1
    assert "action 'shop.refund' has no test that passes [untested]" in told.out


def test_a_case_that_fails_is_told_once_instead_of_every_rule(resolver, playbooks):
    change(playbooks / "refund_order.test.yaml", "      rule: too_late\n", "      rule: too_many\n")

    told = resolver("prove", playbooks / "refund_order.yaml")

    assert told.code == 1
    assert "error: 1 case of refund_order.test.yaml fails [untested]" in told.out
    assert "has no test that passes" not in told.out


def test_a_changed_text_makes_the_certificate_not_fit(resolver, playbooks):
    resolver("prove", playbooks / "order_status.yaml")
    change(playbooks / "order_status.yaml", "title: ", "title: The ")

    told = resolver("prove", playbooks / "order_status.yaml", "--check")

    assert told.code == 1
    assert "'order_status' has none for its present text [not-proven]" in told.out


def test_a_changed_rule_of_the_policy_makes_it_stale_and_a_changed_amount_does_not(resolver, playbooks):
    resolver("prove", playbooks / "refund_order.yaml")
    change(
        playbooks / "policy.yaml", "refund_without_approval: {EUR: 50", "refund_without_approval: {EUR: 49"
    )
    cheaper = resolver("prove", playbooks / "refund_order.yaml", "--check")
    change(playbooks / "policy.yaml", "four_eyes: yes", "four_eyes: no")

    stale = resolver("prove", playbooks / "refund_order.yaml", "--check")

    assert (cheaper.code, stale.code) == (0, 1)
    assert "stale-certificate" in stale.out


def test_a_new_proof_takes_the_place_of_the_old_one(resolver, playbooks):
    resolver("prove", playbooks / "order_status.yaml")
    change(playbooks / "order_status.yaml", "title: ", "title: The ")
    resolver("prove", playbooks / "order_status.yaml")

    (path,) = (playbooks / ".certificates").glob("*.json")
    assert json.loads(path.read_text("utf-8"))["playbook"] == "order_status"


def test_what_is_not_there_cannot_be_proven(resolver, playbooks):
    told = resolver("prove", "no_such_playbook")

    assert told.code == 2
    assert "no_such_playbook" in told.err


def test_diff_names_the_tickets_that_change_and_the_money(resolver, playbooks, tmp_path):
    text = (playbooks / "refund_order.yaml").read_text("utf-8").replace("30 days ago", "14 days ago")
    (tmp_path / "draft.yaml").write_text(text, "utf-8")

    told = resolver("diff", playbooks / "refund_order.yaml", tmp_path / "draft.yaml")
    same = resolver("diff", playbooks / "refund_order.yaml", playbooks / "refund_order.yaml")

    assert (told.code, same.code) == (1, 0)
    assert (
        "Before: 1 EUR is paid (Refund money for an order) by rule refund."
        " After: it is declined (outside_window) by rule too_late: The return window of 30 days is over.\n"
        "  for example: order.refunded is 0 EUR, order.total is 1 EUR, order.status is delivered,"
        " order.delivered_at is 15 days ago, reason is changed_mind\n"
    ) in told.out
    assert "(stops)" not in told.out
    sentences = [line for line in told.out.splitlines() if line.startswith("Before: ")]
    assert (
        len(sentences) == 3
    )  # one that goes to people by three rules, or because something is missing, is told once
    assert (
        "by rule final_sale, too_many or anything_else or because customer.payouts is missing" in sentences[0]
    )
    assert same.out == "Both are the same.\n"


def test_diff_says_what_an_approval_and_an_amount_depend_on_before_and_after(resolver, playbooks, tmp_path):
    text = (playbooks / "refund_order.yaml").read_text("utf-8")
    limit = "amount > limits.refund_without_approval"
    (tmp_path / "draft.yaml").write_text(text.replace(limit, "amount > limits.valuable_order"), "utf-8")

    told = resolver("diff", playbooks / "refund_order.yaml", tmp_path / "draft.yaml")

    assert told.code == 1
    assert f"an approval is needed if {limit} before, if amount > limits.valuable_order after." in told.out


def test_diff_describes_an_example_once_and_refers_to_it_afterwards(resolver, playbooks, tmp_path):
    text = (playbooks / "refund_order.yaml").read_text("utf-8")
    text = text.replace("items: items, amount: amount", "items: order.lines, amount: amount")
    text = text.replace("({items})", "({order.lines})")
    text = text.replace(
        "  amount: sum of refundable in items", "  amount: (sum of refundable in items) * 50% rounded down"
    )
    (tmp_path / "draft.yaml").write_text(text, "utf-8")

    told = resolver("diff", playbooks / "refund_order.yaml", tmp_path / "draft.yaml")

    examples = [line for line in told.out.splitlines() if line.startswith("  for example")]
    assert len(examples) == len(set(examples)) > 1, told.out
    assert [line for line in examples if line.endswith(" above")] == ["  for example: ticket 1 above"]
    assert [line.partition(":")[0] for line in examples if "ticket 1:" in line] == ["  for example, ticket 1"]


def test_diff_that_finds_no_change_says_that_the_limits_are_taken_as_they_are(resolver, playbooks, tmp_path):
    draft = (playbooks / "refund_order.yaml").read_text("utf-8").replace("title: ", "title: The ", 1)
    (tmp_path / "draft.yaml").write_text(draft, "utf-8")

    told = resolver("diff", playbooks / "refund_order.yaml", tmp_path / "draft.yaml")

    assert (told.code, told.out) == (
        0,
        "Both decide alike for every ticket, as long as the policy's limits stay as they are; only words differ.\n",
    )


def test_diff_of_a_file_with_an_error_shows_the_error(resolver, playbooks, tmp_path):
    (tmp_path / "draft.yaml").write_text("playbook: refund_order\n", "utf-8")

    told = resolver("diff", playbooks / "refund_order.yaml", tmp_path / "draft.yaml")

    assert told.code == 2
    assert "missing-word" in told.err

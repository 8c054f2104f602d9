"""`resolver test --generate` and `--snapshot`: cases worked out by the prover, texts compared word by word."""

import re
import shutil

import pytest

from resolver.starters import playbooks_folder
from tests.cli.conftest import Typed

GENERATED = "refund_order.generated.test.yaml"


@pytest.fixture
def playbooks(tmp_path):
    return shutil.copytree(playbooks_folder(), tmp_path / "playbooks")


@pytest.fixture(scope="module")
def generated_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    playbooks = shutil.copytree(playbooks_folder(), folder / "playbooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("RESOLVER_CONFIG", raising=False)
        assert Typed()("test", "--generate", "playbooks/refund_order.yaml").code == 0
    return playbooks / GENERATED


@pytest.fixture
def generated(generated_once, playbooks):
    """The cases of a refund, which lie beside the playbooks of this test too."""
    shutil.copy(generated_once, playbooks / GENERATED)
    return generated_once.read_text("utf-8")


def names(text):
    found = re.findall(r'^  - test: "?(.*?)"?$', text, re.MULTILINE)
    return [name for names in found for name in names.split(" and ")]


def test_there_is_a_case_for_each_rule_bound_word_and_missing_field(generated):
    found = names(generated)

    rules = re.findall(r"^  - rule: (\w+)$", (playbooks_folder() / "refund_order.yaml").read_text(), re.M)
    assert [rule for rule in rules if f"rule {rule} decides" not in found] == []
    for words in ("0.01 EUR below", "exactly", "0.01 EUR above"):
        assert f"amount is {words} limits.refund_without_approval, before the approval of pay_back" in found
    assert [
        f"{name} days ago" for name in (30, 31) if not any(f"is {name} days ago" in one for one in found)
    ] == []
    assert "order.status is shipped" in found
    assert "order.delivered_at is missing" in found


def test_a_valuable_return_and_the_minute_of_a_clock_time_get_cases(resolver, playbooks):
    file = playbooks / "return_items.yaml"
    late = "  - rule: too_late_today\n    when: now is after today at 18:00\n    then: hand_over\n    because: Late.\n"
    file.write_text(
        file.read_text("utf-8").replace("  - rule: in_time\n", f"{late}  - rule: in_time\n", 1), "utf-8"
    )

    ended = resolver("test", "--generate", file)
    text = (playbooks / "return_items.generated.test.yaml").read_text("utf-8")

    assert ended.code == 0
    assert "rule valuable decides" in names(text)
    for clock in ("17:59", "18:00"):
        (case,) = (one for one in text.split("\n  - test: ") if f"it is {clock}" in one.partition("\n")[0])
        assert f"now: 2026-11-23 {clock}" in case
    assert resolver("test", playbooks / "return_items.generated.test.yaml").code == 0


def test_each_generated_case_is_marked_and_says_what_the_playbook_does_today(resolver, generated):
    assert generated.count("generated: yes") == generated.count("  - test: ") > 20

    ended = resolver("test", "playbooks/refund_order.yaml", "--json")

    files = {one["path"]: one for one in ended.data["files"]}
    assert ended.code == 0
    assert files["playbooks/refund_order.generated.test.yaml"]["passed"] == generated.count("  - test: ")


def test_the_bound_of_an_approval_is_met_to_the_cent(generated):
    cases = generated.split("\n  - test: ")
    below, exactly, above = (
        next(case for case in cases if f"amount is {words} limits.refund_without_approval" in case)
        for words in ("0.01 EUR below", "exactly", "0.01 EUR above")
    )

    assert [part.count("approves: team_leads") for part in (below, exactly, above)] == [0, 0, 1]
    assert "amount: 49.99 EUR" in below
    assert "amount: 50.00 EUR" in exactly
    assert "amount: 50.01 EUR" in above


def test_the_same_plan_gives_the_same_cases(resolver, playbooks, generated):
    (playbooks / GENERATED).unlink()

    resolver("test", "--generate", "playbooks/refund_order.yaml")

    assert (playbooks / GENERATED).read_text("utf-8") == generated


def test_a_rule_that_changed_fails_the_generated_cases_of_before(resolver, playbooks, generated):
    file = playbooks / "refund_order.yaml"
    file.write_text(file.read_text("utf-8").replace("30 days ago", "14 days ago"), "utf-8")

    ended = resolver("test", "playbooks/refund_order.generated.test.yaml")

    assert ended.code == 1
    assert "rule refund was expected, too_late applied" in ended.out or "was expected" in ended.out


def test_texts_are_kept_in_every_language_and_a_changed_one_fails_until_it_is_accepted(resolver, playbooks):
    named = "playbooks/refund_order.yaml"
    assert resolver("test", "--snapshot", named).code == 1
    assert resolver("test", "--snapshot", "--accept", named).code == 0
    assert resolver("test", "--snapshot", named).code == 0
    kept = (playbooks / "refund_order.replies.txt").read_text("utf-8")
    assert "== kept (en)\n\nAll right, nothing changes.\n" in kept
    assert "Ich kann 12,00\u00a0€ für Bestellung 10231 (Blue mug) erstatten." in kept

    file = playbooks / "refund_order.yaml"
    file.write_text(file.read_text("utf-8").replace("All right, nothing changes.", "It stays."), "utf-8")
    changed = resolver("test", "--snapshot", named)

    assert changed.code == 1
    assert "-All right, nothing changes." in changed.out
    assert "+It stays." in changed.out
    assert resolver("test", "--snapshot", "--accept", named).code == 0
    assert resolver("test", "--snapshot", named).code == 0


def test_a_text_that_no_case_sends_stands_there_as_it_is_written(resolver, playbooks):
    (playbooks / "refund_order.test.yaml").unlink()

    resolver("test", "--snapshot", "--accept", "playbooks/refund_order.yaml")

    kept = (playbooks / "refund_order.replies.txt").read_text("utf-8")
    assert "== refunded (en), sent by no test: as written\n\nDone. {amount} for order {order}" in kept


def test_options_that_do_not_go_together_are_refused(resolver):
    assert resolver("test", "--accept").code == 2
    assert resolver("test", "--snapshot", "--generate").code == 2


def test_a_playbook_that_is_not_there_is_refused_with_the_nearest_name(resolver, playbooks):
    ended = resolver("test", "--generate", "refund_ordr")

    assert ended.code == 2
    assert "did you mean 'refund_order'?" in ended.err

"""Which playbooks a command is about: sound ones beside broken ones, drafts, names that are none, skipped starters."""

from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from resolver.starters import playbooks_folder

BOUND = """\
playbooks: playbooks
connections: {our_shop: {connector: demo_shop, url: "http://127.0.0.1:9", key: x}, our_post: {connector: postal}}
interfaces: {shop: our_shop, post: our_post}
"""


@pytest.fixture
def playbooks(tmp_path) -> Path:
    """The configured folder, with the starters in it."""
    (tmp_path / "config.yaml").write_text("playbooks: playbooks\n", "utf-8")
    return copytree(playbooks_folder(), tmp_path / "playbooks", ignore=ignore_patterns(".certificates"))


def changed(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_a_sound_playbook_is_tested_and_looked_at_although_another_is_broken(resolver, playbooks):
    changed(playbooks / "change_items.yaml", "find: shop.order", "find: shop.oder")

    for command in (["test"], ["words"], ["graph"], ["docs"]):
        ended = resolver(*command, "invoice_copy")
        assert ended.code == 0, command
        assert "change_items.yaml has errors: nothing here goes live until that is mended" in ended.err
    assert resolver("test", "invoice_copy").out == "invoice_copy: 14 passed\n"


def test_a_case_that_goes_on_in_a_broken_playbook_fails_and_says_why(resolver, playbooks):
    changed(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    ended = resolver("test", "refund_order")

    assert ended.code == 1
    assert "it starts cancel_order, which cannot be played: it has errors" in ended.out
    assert ended.out.endswith("refund_order: 35 passed, 1 failed\n")


def test_a_playbook_that_starts_a_broken_one_is_told_with_the_files_and_lines_of_both(
    resolver, playbooks, tmp_path
):
    changed(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")
    (tmp_path / "tickets.jsonl").write_text("{}\n", "utf-8")

    for words in (("prove",), ("simulate", "--tickets", tmp_path / "tickets.jsonl")):
        ended = resolver(words[0], "refund_order", *words[1:])
        assert ended.code == 2, words
        assert "playbooks/cancel_order.yaml:58:11: error: no interface has 'shop.oder'" in ended.err
        assert "refund_order starts cancel_order (line 173 of playbooks/refund_order.yaml)" in ended.err


def test_a_starter_copied_alone_names_its_line_and_what_to_copy_with_it(resolver, playbooks, tmp_path):
    (playbooks / "cancel_order.yaml").unlink()
    (tmp_path / "tickets.jsonl").write_text("{}\n", "utf-8")

    for words in (("test",), ("simulate", "--tickets", tmp_path / "tickets.jsonl"), ("lint",)):
        ended = resolver(words[0], "refund_order", *words[1:])
        assert ended.code != 0, words
        told = ended.out + ended.err
        assert "playbooks/refund_order.yaml:173:14: error: there is no playbook 'cancel_order'" in told
        assert "copy cancel_order.yaml here, too" in told


def test_a_broken_playbook_asked_for_by_name_is_told_with_its_errors(resolver, playbooks):
    changed(playbooks / "invoice_copy.yaml", "find: shop.order", "find: shop.oder")

    for command in ("test", "words", "graph", "docs", "prove"):
        ended = resolver(command, "invoice_copy")
        assert ended.code == 2, command
        assert "did you mean 'shop.order'?" in ended.err


def test_lint_tells_the_findings_of_sound_files_beside_the_errors_of_others(resolver, playbooks):
    before = resolver("lint", "--json").data["problems"]
    changed(playbooks / "invoice_copy.yaml", "find: shop.order", "find: shop.oder")
    changed(playbooks / "refund_order.test.yaml", "rule: ", "rule: no_such_rule_")

    after = resolver("lint", "--json").data["problems"]

    codes = {(Path(one["path"]).name, one["code"]) for one in after}
    assert {("invoice_copy.yaml", "unknown-look-up"), ("refund_order.test.yaml", "unknown-rule")} <= codes
    notes = {(one["path"], one["line"], one["code"]) for one in before if one["code"] == "may-stop"}
    assert notes <= {(one["path"], one["line"], one["code"]) for one in after}


def test_a_draft_elsewhere_is_read_as_if_it_stood_in_the_folder(resolver, playbooks, tmp_path):
    draft = tmp_path / "drafts" / "next.yaml"
    draft.parent.mkdir()
    draft.write_bytes((playbooks / "invoice_copy.yaml").read_bytes())
    changed(draft, "title: ", "title: New ")

    linted, played = resolver("lint", draft), resolver("test", draft)
    proven, words, page = resolver("prove", draft), resolver("words", draft), resolver("docs", draft)

    assert linted.out.splitlines()[-1].startswith("1 playbook, 0 errors"), linted.out
    assert played.out == "invoice_copy: 14 passed\n"
    assert "invoice_copy.test.yaml" in played.err
    assert "P1–P15 hold; a draft gets its certificate where it is put to use" in proven.out
    assert "order.status" in words.out
    assert page.out.startswith("# New")
    assert [path.name for path in draft.parent.iterdir()] == ["next.yaml"]


def test_a_draft_that_says_auto_is_told_that_it_has_no_certificate_as_it_would_be_in_the_folder(
    resolver, playbooks, tmp_path
):
    draft = tmp_path / "next.yaml"
    draft.write_bytes((playbooks / "invoice_copy.yaml").read_bytes())
    changed(draft, "title: ", "title: New ")

    found = resolver("lint", "next.yaml", "--json").data["problems"]

    (warned,) = [one for one in found if one["code"] == "not-proven"]
    assert (warned["path"], warned["severity"]) == ("next.yaml", "warning")
    assert "run 'resolver prove' there" in warned["help"]


def test_a_draft_is_told_its_own_errors_and_nothing_of_the_folders(resolver, playbooks, tmp_path):
    changed(playbooks / "refund_order.yaml", "find: shop.order", "find: shop.oder")
    draft = tmp_path / "next.yaml"
    draft.write_bytes((playbooks / "invoice_copy.yaml").read_bytes())
    changed(draft, "find: shop.order", "find: shop.ordre")

    found = resolver("lint", "next.yaml", "--json").data

    assert [(one["path"], one["code"]) for one in found["problems"]] == [("next.yaml", "unknown-look-up")]


@pytest.mark.parametrize("command", ["lint", "test", "words", "graph", "docs", "prove"])
def test_a_name_that_is_none_is_told_with_the_folder_and_the_nearest(resolver, playbooks, command):
    ended = resolver(command, "invoice_cpy")

    assert ended.code == 2
    assert "There is no playbook 'invoice_cpy' in playbooks. (did you mean 'invoice_copy'?)" in ended.err
    assert "did you mean playbooks/invoice_copy.yaml?" in resolver(command, "playbooks/invoice_cpy.yaml").err


def test_where_nothing_lies_the_folder_is_named(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text("playbooks: empty\n", "utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "policy.yaml").write_bytes((playbooks_folder() / "policy.yaml").read_bytes())

    for command in ("lint", "docs"):
        assert "There are no playbooks in empty." in resolver(command).err


def test_a_starter_of_an_unbound_interface_is_skipped_with_a_note(resolver, playbooks, tmp_path):
    (tmp_path / "config.yaml").write_text(BOUND, "utf-8")

    found = resolver("lint", "--json").data
    played, checked = resolver("test", "cancel_subscription"), resolver("check")

    skipped = {Path(one["path"]).name: one for one in found["problems"] if "skipped" in one["message"]}
    assert found["errors"] == 0
    assert set(skipped) == {"cancel_subscription.yaml", "update_payment_method.yaml"}
    assert skipped["cancel_subscription.yaml"]["severity"] == "note"
    assert "starter 'cancel_subscription' is skipped: interface 'billing'" in played.err
    assert "ok  playbooks" in checked.out


def test_a_playbook_of_ones_own_has_to_have_its_interface(resolver, playbooks, tmp_path):
    (tmp_path / "config.yaml").write_text(BOUND, "utf-8")
    changed(playbooks / "cancel_subscription.yaml", "title: ", "title: Our way to ")

    found = resolver("lint", "--json").data

    wrong = {(Path(one["path"]).name, one["code"]) for one in found["problems"] if one["severity"] == "error"}
    assert wrong == {("cancel_subscription.yaml", "not-bound")}

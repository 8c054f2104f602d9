"""`resolver test` plays the cases beside the playbooks."""

import shutil

import pytest

from resolver.starters import playbooks_folder


@pytest.fixture
def playbooks(tmp_path):
    return shutil.copytree(playbooks_folder(), tmp_path / "playbooks")


def test_the_starters_pass(resolver):
    ended = resolver("test")

    assert ended.code == 0
    assert [line.split(":")[0] for line in ended.out.splitlines()] == sorted(
        path.name.removesuffix(".test.yaml") for path in playbooks_folder().glob("*.test.yaml")
    )


def test_one_playbook_by_name_with_what_its_cases_cover(resolver):
    ended = resolver("test", "refund_order", "--cover")

    assert ended.code == 0
    assert ended.out.startswith("refund_order: ")
    assert " passed. rules " in ended.out
    assert ", outcomes " in ended.out
    assert ", replies " in ended.out


def test_what_no_case_reaches_is_named_and_replies_in_other_languages_are_one_line(resolver, playbooks):
    file = playbooks / "refund_order.test.yaml"
    head, _, cases = file.read_text("utf-8").partition("  - test: ")
    file.write_text(f"{head}  - test: {cases.partition('  - test: ')[0]}", "utf-8")

    plain = resolver("test", "playbooks/refund_order.yaml", "--cover").out
    told = resolver("test", "playbooks/refund_order.yaml", "--json").data["files"][0]

    languages = 5
    counts = [part.split()[1].split("/") for part in told["coverage"].split(", ")]
    missing = told["not_covered"]
    assert [int(all_) - int(reached) for reached, all_ in counts] == [
        sum(" rule " in one for one in missing),
        sum(one.startswith("outcome ") for one in missing),
        sum("edge " in one for one in missing),
        sum(one.startswith("question ") for one in missing),
        sum(one.startswith("reply ") for one in missing) * languages + told["other_languages"],
    ]
    assert "reply kept" in missing
    others = (
        "replies in other languages are shown by no case; that is no fault: 'resolver test --snapshot' keeps"
    )
    assert f"{told['other_languages']} {others}" in plain
    assert f"not covered: {', '.join(missing)}\n" in plain


def test_a_missing_edge_comes_with_a_case_to_add_that_takes_it(resolver, playbooks):
    file = playbooks / "refund_order.test.yaml"
    text = file.read_text("utf-8")
    head, *cases = text.split("\n  - test: ")
    kept = [one for one in cases if "results:" not in one and "waits:" not in one and "denies:" not in one]
    file.write_text("\n  - test: ".join([head, *kept]), "utf-8")

    before = resolver("test", "playbooks/refund_order.yaml", "--cover", "--json").data["files"][0]
    assert [one for one in before["not_covered"] if "edge " in one] != []
    file.write_text(
        "\n\n".join([file.read_text("utf-8").rstrip(), *(one["case"] for one in before["to_add"])]), "utf-8"
    )
    after = resolver("test", "playbooks/refund_order.yaml", "--cover", "--json").data["files"][0]

    assert (after["failed"], after["to_add"]) == (0, [])
    assert [one for one in after["not_covered"] if "edge " in one or "question " in one] == []


def test_a_case_that_fails_is_told_with_its_place(resolver, playbooks):
    file = playbooks / "refund_order.test.yaml"
    file.write_text(
        file.read_text("utf-8").replace("disposition: resolved", "disposition: declined", 1), "utf-8"
    )

    plain, told = resolver("test", "playbooks"), resolver("test", "playbooks/refund_order.yaml", "--json")

    assert plain.code == told.code == 1
    assert "playbooks/refund_order.test.yaml:" in plain.out
    assert "disposition declined expected, it is resolved" in plain.out
    assert "1 failed" in plain.out
    assert told.data["ok"] is False
    assert [one["failed"] for one in told.data["files"]] == [1]


def test_a_test_file_with_an_error_fails_and_the_others_are_played(resolver, playbooks):
    file = playbooks / "refund_order.test.yaml"
    file.write_text(file.read_text("utf-8").replace("cases:", "csaes:", 1), "utf-8")

    ended = resolver("test", "playbooks")

    assert ended.code == 1
    assert "did you mean 'cases'?" in ended.out
    assert "cancel_order: " in ended.out


def test_a_playbook_without_tests_is_told_with_the_nearest_name(resolver):
    ended = resolver("test", "refund_ordr")

    assert ended.code == 2
    assert "did you mean 'refund_order'?" in ended.err


def test_playbooks_that_cannot_be_compiled_are_not_played(resolver, playbooks):
    (playbooks / "policy.yaml").unlink()

    ended = resolver("test", "playbooks")

    assert ended.code == 2
    assert "'policy.yaml' is missing here" in ended.err
    assert "cannot be used like this" in ended.err

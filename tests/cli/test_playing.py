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


def test_what_no_case_reaches_is_named_to_the_last_reply(resolver, playbooks):
    file = playbooks / "refund_order.test.yaml"
    head, _, cases = file.read_text("utf-8").partition("  - test: ")
    file.write_text(f"{head}  - test: {cases.partition('  - test: ')[0]}", "utf-8")

    plain = resolver("test", "playbooks/refund_order.yaml", "--cover").out
    told = resolver("test", "playbooks/refund_order.yaml", "--json").data["files"][0]

    rules, outcomes, replies = (part.split()[1].split("/") for part in told["coverage"].split(", "))
    missing = told["not_covered"]
    assert [int(all_) - int(reached) for reached, all_ in (rules, outcomes, replies)] == [
        sum(" rule " in one for one in missing),
        sum(one.startswith("outcome ") for one in missing),
        sum(one.startswith("reply ") for one in missing),
    ]
    assert "reply kept (de)" in missing
    assert plain.rstrip().endswith(f"not covered: {', '.join(missing)}")


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
    assert "nothing was played" in ended.err

"""`resolver lint` says what is wrong with playbooks, where, and what to do."""

import shutil

import pytest

from resolver.starters import playbooks_folder

STARTERS = len(list(playbooks_folder().glob("*.test.yaml")))


@pytest.fixture
def playbooks(tmp_path):
    return shutil.copytree(playbooks_folder(), tmp_path / "playbooks")


def spoil(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_starters_are_sound_without_any_configuration(resolver):
    ended = resolver("lint")

    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith(f"{STARTERS} playbooks, 0 errors")


def test_an_error_is_shown_with_line_carets_and_help_and_fails(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    ended = resolver("lint", "playbooks")

    assert ended.code == 1
    assert "playbooks/cancel_order.yaml:" in ended.out
    assert "[unknown-look-up]" in ended.out
    assert "^^^^^^^^^" in ended.out
    assert "= help: did you mean 'shop.order'?" in ended.out
    assert ended.out.splitlines()[-1].startswith(f"{STARTERS} playbooks, 1 error,")


def test_the_same_as_json(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    ended = resolver("lint", "playbooks", "--json")

    assert ended.code == 1
    assert ended.data["ok"] is False
    assert [(one["code"], one["path"]) for one in ended.data["problems"]] == [
        ("unknown-look-up", "playbooks/cancel_order.yaml")
    ]


def test_of_a_named_file_only_its_own_problems_are_told(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    assert (
        resolver("lint", "playbooks/refund_order.yaml").out == "1 playbook, 0 errors, 0 warnings, 0 notes\n"
    )
    assert resolver("lint", "playbooks/cancel_order.yaml").code == 1


def test_a_test_file_is_checked_too(resolver, playbooks):
    spoil(playbooks / "cancel_order.test.yaml", "tests: cancel_order", "tests: cancel_oder")

    ended = resolver("lint", "playbooks")

    assert ended.code == 1
    assert "cancel_order.test.yaml:" in ended.out


def test_a_folder_that_is_not_there_or_is_empty_could_not_be_checked(resolver, tmp_path):
    (tmp_path / "empty").mkdir()

    assert resolver("lint", "nowhere").code == 2
    ended = resolver("lint", "empty")
    assert ended.code == 2
    assert "There are no playbooks in empty." in ended.err


def test_what_a_configuration_binds_is_what_playbooks_are_checked_against(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text(
        "connections:\n  our_post: {connector: postal}\ninterfaces: {post: our_post}\n", "utf-8"
    )

    ended = resolver("lint")

    assert ended.code == 1
    assert "[not-bound]" in ended.out

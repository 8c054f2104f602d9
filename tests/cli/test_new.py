"""`resolver new`: what it writes is complete, and what is there is never written over."""

from pathlib import Path
from shutil import copytree

import pytest

from resolver.starters import playbooks_folder


@pytest.fixture
def playbooks(tmp_path: Path) -> Path:
    return copytree(playbooks_folder(), tmp_path / "playbooks")


def test_a_new_playbook_wants_nothing_but_examples_and_its_test_passes(resolver, playbooks):
    begun = resolver("new", "lost_parcel", "--folder", playbooks, "--json")
    linted = resolver("lint", playbooks / "lost_parcel.yaml")
    played = resolver("test", playbooks / "lost_parcel.yaml", "--cover")

    assert begun.code == 0
    assert [Path(path).name for path in begun.data["files"]] == ["lost_parcel.yaml", "lost_parcel.test.yaml"]
    assert (
        "1 example is hardly enough to recognise 'lost_parcel' in one language [few-examples]" in linted.out
    )
    assert linted.out.endswith("1 playbook, 0 errors, 1 warning, 0 notes\n")
    assert (played.code, "rules 1/1, outcomes 1/1, edges 0/1, questions 1/1, replies 1/1" in played.out) == (
        0,
        True,
    )


def test_it_can_be_proven_as_it_stands(resolver, playbooks):
    resolver("new", "lost_parcel", "--folder", playbooks)

    assert resolver("prove", playbooks / "lost_parcel.yaml").code == 0


@pytest.mark.parametrize("name", ["refund_order", "refund", "Refund", "1st", "a-b"])
def test_a_name_that_is_taken_or_cannot_be_one_writes_nothing(resolver, playbooks, name):
    before = {path.name: path.read_bytes() for path in playbooks.glob("*.yaml")}

    ended = resolver("new", name, "--folder", playbooks)

    assert ended.code == 2
    assert {path.name: path.read_bytes() for path in playbooks.glob("*.yaml")} == before


def test_without_a_configuration_a_folder_of_ones_own_is_made_with_a_policy(resolver, tmp_path):
    begun = resolver("new", "lost_parcel")

    assert begun.code == 0
    assert "write into config.yaml: 'playbooks: playbooks'" in begun.out
    names = sorted(path.name for path in (tmp_path / "playbooks").iterdir())
    assert names == ["lost_parcel.test.yaml", "lost_parcel.yaml", "policy.yaml"]
    assert resolver("lint", "playbooks").code == 0
    assert resolver("test", "playbooks/lost_parcel.yaml").out == "lost_parcel: 1 passed\n"


def test_nothing_is_written_among_the_starters_by_accident(resolver, monkeypatch):
    monkeypatch.chdir(playbooks_folder().parent)

    ended = resolver("new", "lost_parcel")

    assert ended.code == 2
    assert "--folder" in ended.err
    assert not (playbooks_folder() / "lost_parcel.yaml").exists()

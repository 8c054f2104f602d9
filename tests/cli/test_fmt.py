"""`resolver fmt`: keys in order, comments with what they are about, and no policy that means anything else."""

import json
import random
import shutil

import pytest

from resolver.playbook.block_form import in_block_form
from resolver.playbook.compile import compile_playbook
from resolver.playbook.layout import laid_out
from resolver.playbook.places import TOP
from resolver.source.load import load
from resolver.source.node import MappingNode
from resolver.starters import playbooks_folder
from tests.decision.conftest import Maker

MAKER = Maker()
STARTERS = [
    path
    for path in sorted(playbooks_folder().glob("*.yaml"))
    if "." not in path.stem and path.stem != "policy"
]


def shuffled(text: str, seed: int) -> str:
    """The top-level blocks of a playbook in another order."""
    root = load(text, "x.yaml").root
    assert isinstance(root, MappingNode)
    lines = text.splitlines()
    starts = [entry.key.where.line - 1 for entry in root.entries]
    blocks = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    random.Random(seed).shuffle(blocks)
    return "\n".join([*lines[: starts[0]], *(line for block in blocks for line in block)]) + "\n"


def meaning(text: str, name: str) -> object:
    """What the file says, without its lines."""
    policy = MAKER.policy((playbooks_folder() / "policy.yaml").read_text("utf-8"))
    plan, _ = compile_playbook(load(text, f"{name}.yaml"), MAKER.interfaces, policy)
    assert plan is not None
    return _without_lines(json.loads(plan.document))


def _without_lines(value: object) -> object:
    """The document without its numbers: all that stand in it are lines, every value is text."""
    if isinstance(value, dict):
        return {key: _without_lines(one) for key, one in value.items() if key != "line"}
    if isinstance(value, list):
        return [_without_lines(one) for one in value if type(one) is not int]
    return value


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_a_starter_is_in_order_already(path) -> None:
    text = path.read_text("utf-8")

    assert laid_out(text, path.name).text == text


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_a_shuffled_playbook_is_put_in_order_and_means_the_same(path, seed: int) -> None:
    text = path.read_text("utf-8")

    laid = laid_out(shuffled(text, seed), path.name).text

    root = load(laid, path.name).root
    assert isinstance(root, MappingNode)
    keys = [entry.key.text for entry in root.entries]
    assert keys == sorted(keys, key=TOP.names.index)
    assert meaning(laid, path.stem) == meaning(text, path.stem)
    assert laid_out(laid, path.name).text == laid


def test_a_comment_moves_with_the_key_below_it() -> None:
    text = "playbook: x\n# who is told\nowner: a@b.example\ntitle: X\n"

    assert laid_out(text, "x.yaml").text == "playbook: x\ntitle: X\n# who is told\nowner: a@b.example\n"


def test_what_stands_at_the_top_stays_there() -> None:
    text = "# The house's own.\n\ntitle: X\nplaybook: x\n"

    assert laid_out(text, "x.yaml").text == "# The house's own.\n\nplaybook: x\ntitle: X\n"


def test_check_names_what_would_change_and_changes_nothing(resolver, tmp_path) -> None:
    folder = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")
    path = folder / "cancel_order.yaml"
    path.write_text(shuffled(path.read_text("utf-8"), 1), "utf-8")
    before = path.read_text("utf-8")

    checked = resolver("fmt", "playbooks", "--check")
    again = path.read_text("utf-8")
    done = resolver("fmt", "playbooks")

    assert (checked.code, again) == (2, before)
    assert "1 file would change: playbooks/cancel_order.yaml" in checked.out
    assert done.code == 0
    assert resolver("fmt", "playbooks", "--check").code == 0


def test_a_file_that_cannot_be_read_is_left_alone_and_named(resolver, tmp_path) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "x.yaml").write_text("playbook: [x\n", "utf-8")

    ended = resolver("fmt", "playbooks")

    assert ended.code == 2
    assert "left alone" in ended.out
    assert (folder / "x.yaml").read_text("utf-8") == "playbook: [x\n"


# -- block form -------------------------------------------------------------------------------------------------------

FLOW = """\
playbook: x # the id
languages: [en, de]
handles: {intent: x, examples: [Pay me back, "I want it, now"]}
outcomes:
  pay:
    - {confirm: sure, if_no: keep} # first ask
    - {do: store.pay, with: {order: order, amount: amount}, because: "it's {due}"}
  refuse: [{reply: too_late, ends: declined}]
replies:
  which: {en: "Which order?", de: "Welche?"} # short
  kept: {
    en: All right, # fine
    de: 'It''s so'
  }
"""
BLOCKS = """\
playbook: x # the id
languages: [en, de]
handles:
  intent: x
  examples:
    - Pay me back
    - "I want it, now"
outcomes:
  pay:
    - {confirm: sure, if_no: keep} # first ask
    - do: store.pay
      with: {order: order, amount: amount}
      because: "it's {due}"
  refuse:
    - {reply: too_late, ends: declined}
replies:
  which: # short
    en: "Which order?"
    de: "Welche?"
  kept:
    # fine
    en: All right
    de: 'It''s so'
"""


def test_what_stands_in_braces_gets_a_line_for_each_key_and_comments_stay() -> None:
    assert in_block_form(FLOW, "x.yaml") == BLOCKS
    assert in_block_form(BLOCKS, "x.yaml") == BLOCKS


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_a_starter_in_block_form_means_the_same(path) -> None:
    text = path.read_text("utf-8")

    assert meaning(in_block_form(text, path.name), path.stem) == meaning(text, path.stem)


def test_block_form_is_written_where_it_is_asked_for(resolver, tmp_path) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "x.yaml").write_text(FLOW, "utf-8")

    assert resolver("fmt", "playbooks", "--long", "--check").code == 2
    assert resolver("fmt", "playbooks", "--long").code == 0
    assert (folder / "x.yaml").read_text("utf-8").count("\n") > FLOW.count("\n")
    assert resolver("fmt", "playbooks", "--long", "--check").code == 0


def test_there_is_no_version_to_upgrade_to_and_a_file_of_another_is_named(resolver, tmp_path) -> None:
    folder = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")

    done = resolver("fmt", "playbooks", "--upgrade")
    path = folder / "cancel_order.yaml"
    path.write_text(path.read_text("utf-8").replace("language: 1", "language: 2"), "utf-8")
    other = resolver("fmt", "playbooks", "--upgrade")

    assert done.code == 0
    assert "Version 1 of the language is the only one there is" in done.out
    assert other.code == 2
    assert "playbooks/cancel_order.yaml is not written in it" in other.out

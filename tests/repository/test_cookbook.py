"""The cookbook is true: starters are quoted word for word, parts are sound, and customers see what it says."""

import re
from functools import cache
from pathlib import Path

import pytest

from resolver.cli.folder import interfaces_of
from resolver.config import Config
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.playbook.library import load_library
from resolver.proof.prover import prove
from resolver.source.load import load
from resolver.starters import playbooks_folder
from tests.repository.fragments import Files, read, written

GUIDE = Path(__file__).parents[2] / "docs" / "playbooks"
RECIPES = read((Path(__file__).parent / "recipes.yaml").read_text("utf-8"))
_RECIPE = re.compile(r"^## (\d+)\. ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
_QUOTED = re.compile(r"# playbooks/(\w+)\.yaml\n")
_LEFT_OUT = re.compile(r"^# …\n", re.MULTILINE)
_SEES = re.compile(r"^> ?(.*)$", re.MULTILINE)
_TUTORIAL = re.compile(r"```yaml\n# playbooks/([\w.]+)\n(.*?)```", re.DOTALL)
PAGE = {number: text for number, _, text in _RECIPE.findall((GUIDE / "cookbook.md").read_text("utf-8"))}


@pytest.fixture(scope="module")
def interfaces():
    return interfaces_of(Config())


@pytest.fixture(scope="module")
def starters(interfaces):
    files = {path.name: path.read_text("utf-8") for path in sorted(playbooks_folder().glob("*.yaml"))}
    library = load_library(files, interfaces).library
    assert library is not None
    return library


@cache
def tutorial() -> dict[str, str]:
    return dict(_TUTORIAL.findall((GUIDE / "tutorial.md").read_text("utf-8")))


def test_every_recipe_has_a_case_and_every_case_a_recipe():
    assert list(PAGE) == list(RECIPES)


@pytest.mark.parametrize("number", PAGE)
def test_what_a_recipe_quotes_stands_in_the_starter(number: str):
    for block in _BLOCK.findall(PAGE[number]):
        if quoted := _QUOTED.match(block):
            whole = (playbooks_folder() / f"{quoted[1]}.yaml").read_text("utf-8")
            parts = _LEFT_OUT.split(block[quoted.end() :])

            assert [part for part in parts if part not in whole] == []


@pytest.mark.parametrize("number", PAGE)
def test_a_recipe_is_sound_and_the_customer_sees_what_it_says(number: str, interfaces, starters):
    recipe = RECIPES[number]
    parts = [block for block in _BLOCK.findall(PAGE[number]) if not _QUOTED.match(block)]
    name = recipe.get("playbook", "give_back")
    library, tests = starters, (playbooks_folder() / f"{name}.test.yaml")
    shared = read(tests.read_text("utf-8") if "playbook" in recipe else tutorial()["give_back.test.yaml"])
    if parts:
        files = Files.of("give_back", tutorial()["give_back.yaml"], tutorial()["policy.yaml"])
        for part in parts:
            files = files.with_fragment(part.removeprefix("# policy.yaml\n"))
        found = files.loaded(interfaces)
        assert [one.message for one in found.problems if one.severity != "note"] == []
        assert prove(found.library.by_playbook["give_back"], found.library.policy).failures == ()
        library = found.library if "playbook" not in recipe else starters

    case = {
        "test": number,
        "given": recipe.get("given", {}),
        "when": recipe["when"],
        "then": {**recipe["then"], "last_reply_contains": [_seen(number)]},
    }
    text = written({"tests": name, "given": shared["given"], "cases": [case]})
    cases, problems = read_tests(load(text, f"{name}.test.yaml"), library.by_playbook, library.policy)
    assert cases is not None, problems
    (result,) = run_tests(cases, library.by_playbook, library.policy).results

    assert [one.message for one in result.differences] == []


def _seen(number: str) -> str:
    """What stands in the recipe's quotation, as one text."""
    return " ".join(" ".join(_SEES.findall(PAGE[number])).split())

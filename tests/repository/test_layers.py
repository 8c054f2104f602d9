"""The contracts of import-linter, the page that explains them and the modules on disk say the same."""

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "resolver"
LINTER = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in LINTER["contracts"]}
LAYERS = CONTRACTS["layers"]["layers"]
SEEN_BY_CONNECTORS = {"clock", "connector", "country", "errors", "money", "ticket"}
PURE = {"condition", "decision", "playbook", "source"}
SEEN_BY_PURE = {"interface", "interface_places", "interface_reader", "manifest", "undo_with"}


def named(layers: list[str]) -> set[str]:
    return {name.strip("()") for layer in layers for name in re.split(r"\s*\|\s*", layer)}


def not_built(layers: list[str]) -> set[str]:
    return {name.strip("()") for layer in layers for name in layer.split(" | ") if name.startswith("(")}


def modules_in(folder: Path) -> set[str]:
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    return packages | {path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")}


def test_the_architecture_page_lists_the_layers_of_the_contract():
    page = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")

    shown = re.search(r"^```layers\n(.*?)^```", page, re.MULTILINE | re.DOTALL)

    assert shown is not None
    assert shown[1].splitlines() == LAYERS


def test_the_architecture_page_explains_every_contract_and_every_module():
    page = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")

    explained = set(re.findall(r"`([a-z_]+)`", page.partition("## What each module is")[2]))
    contracts = set(re.findall(r"^\| ([a-z-]+) \|", page, re.MULTILINE))

    assert modules_in(PACKAGE) <= explained
    assert set(CONTRACTS) - {"layers"} == contracts - {"contract", "module"}


def test_every_module_has_a_layer_and_only_those_not_built_stand_in_parentheses():
    assert CONTRACTS["layers"]["exhaustive"] is True
    assert modules_in(PACKAGE) == named(LAYERS) - not_built(LAYERS)


def test_connectors_may_see_the_port_and_its_words_and_nothing_else():
    forbidden = set(CONTRACTS["connectors-port"]["forbidden_modules"])

    built = named(LAYERS) - not_built(LAYERS)

    assert forbidden == {f"resolver.{name}" for name in built - SEEN_BY_CONNECTORS}


def test_the_pure_packages_see_of_the_port_only_its_descriptions():
    contract = CONTRACTS["pure-port"]

    described = modules_in(PACKAGE / "connector") - SEEN_BY_PURE

    assert set(contract["source_modules"]) == {f"resolver.{name}" for name in PURE}
    assert set(contract["forbidden_modules"]) == {f"resolver.connector.{name}" for name in described}


@pytest.mark.parametrize("contract", ["pure", "pure-port"])
def test_purity_follows_indirect_imports_and_excuses_nothing(contract):
    assert "ignore_imports" not in CONTRACTS[contract]
    assert "allow_indirect_imports" not in CONTRACTS[contract]


def test_package_files_re_export_nothing():
    talkative = [
        path.relative_to(REPOSITORY).as_posix()
        for root in (PACKAGE, REPOSITORY / "connectors")
        for path in root.rglob("__init__.py")
        if "import " in path.read_text("utf-8").rpartition('"""')[2]
    ]

    assert talkative == []

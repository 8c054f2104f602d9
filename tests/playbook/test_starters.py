"""The starters do what their own tests say, and their tests leave nothing out that can happen."""

from pathlib import Path

import pytest

from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, bind, read_manifest
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.playbook.library import Library, load_library
from resolver.source.load import load

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "playbooks").glob("*.test.yaml"))


@pytest.fixture(scope="module")
def library() -> Library:
    """The starters beside the bundled connectors."""
    known = {}
    for path in sorted((ROOT / "connectors" / "interfaces").glob("*.yaml")):
        interface, problems = read_interface(load(path.read_bytes(), str(path)))
        assert interface is not None, problems
        known[interface.name] = interface
    manifests = {}
    for name in ("demo_billing", "demo_shop", "postal"):
        manifest, problems = read_manifest(
            load((ROOT / "connectors" / name / "connector.yaml").read_bytes(), name), known
        )
        assert manifest is not None, problems
        manifests[name] = manifest
    interfaces: Interfaces = bind(
        list(known.values()), manifests, {"billing": "demo_billing", "shop": "demo_shop", "post": "postal"}
    )
    files = {str(path): path.read_bytes() for path in (ROOT / "playbooks").glob("*.yaml")}
    result = load_library(files, interfaces)
    assert result.library is not None, result.problems
    return result.library


NEVER_TAKEN = {"price_adjustment.test.yaml": {"items if_none"}}
"""Items are chosen only where one is cheaper, so there is always one to choose."""


def test_every_starter_has_tests_beside_it(library: Library) -> None:
    assert {path.name.removesuffix(".test.yaml") for path in TESTS} == set(library.by_playbook)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_a_starter_passes_its_own_tests(library: Library, path: Path) -> None:
    tests, problems = read_tests(load(path.read_bytes(), str(path)), library.by_playbook, library.policy)
    assert tests is not None, problems

    report = run_tests(tests, library.by_playbook, library.policy)

    assert [(one.name, one.differences) for one in report.results if not one.passed] == []
    assert report.coverage.outcomes == set(library.by_playbook[tests.playbook].outcomes)
    assert {str(edge) for edge in report.coverage.edges_left()} <= NEVER_TAKEN.get(path.name, set())
    assert report.coverage.questions_left() == ()
    assert {rule.id for rule in library.by_playbook[tests.playbook].rules} - report.coverage.rules <= {
        "anything_else"
    }

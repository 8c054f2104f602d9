"""The playbooks of a whole support desk: each is sound, proven, and passes tests that leave nothing out.

They show how far the language reaches (docs/decisions/0007), so they are written as an author would write them, against
interfaces of their own: `config.yaml` beside this file binds them.
"""

import json
import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from resolver.cli.commands import app

DESK = Path(__file__).parent
REPOSITORY = DESK.parents[1]
TESTS = ".test.yaml"
PLAYBOOKS = sorted(path.name.removesuffix(TESTS) for path in (DESK / "playbooks").glob(f"*{TESTS}"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """The desk in a folder of its own, so that certificates are written there."""
    return copytree(
        DESK,
        tmp_path_factory.mktemp("breadth") / "desk",
        ignore=lambda _, names: [name for name in names if name.endswith(".py") or name in _NOT_THE_DESK],
    )


_NOT_THE_DESK = ("__pycache__", ".certificates")


def resolver(desk: Path, *words: str) -> tuple[int, Any]:
    """The exit code and the printed JSON of a command."""
    config = str(desk / "config.yaml")
    ended = CliRunner().invoke(app, [*words, "--json", "--config", config], catch_exceptions=False)
    return ended.exit_code, json.loads(ended.stdout)


def test_every_playbook_has_tests_beside_it():
    written = {path.stem for path in (DESK / "playbooks").glob("*.yaml") if not path.name.endswith(TESTS)}

    assert written - {"policy"} == set(PLAYBOOKS)


def test_the_page_about_them_names_each_and_nothing_else():
    page = next((REPOSITORY / "docs" / "decisions").glob("0007-*.md")).read_text("utf-8")
    requests = re.findall(r"^\| \d+ \|.*$", page, re.MULTILINE)

    written = {name for line in requests for name in re.findall(r"\[`(\w+)`\]\(", line)}

    assert len(requests) == 55
    assert written == set(PLAYBOOKS)


def test_lint_finds_no_error_and_no_warning(desk):
    code, found = resolver(desk, "lint")

    # Certificates are written below, in a folder of the tests' own.
    wrong = [one for one in found["problems"] if one["severity"] != "note" and one["code"] != "not-proven"]
    assert wrong == []
    assert (code, found["playbooks"]) == (0, len(PLAYBOOKS))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_cases_pass_and_reach_every_rule_and_outcome_and_english_reply(desk, playbook):
    code, found = resolver(desk, "test", playbook, "--cover")

    (file,) = found["files"]
    assert [case for case in file["cases"] if not case["passed"]] == []
    demanded = ("rule ", "outcome ", "(en)")  # edges, questions and translations are the starters' matter
    assert [missed for missed in file["not_covered"] if any(part in missed for part in demanded)] == []
    assert code == 0


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_it_is_proven_for_every_ticket_there_can_be(desk, playbook):
    code, found = resolver(desk, "prove", playbook)

    (proven,) = found["playbooks"]
    assert proven["problems"] == []
    assert (code, proven["proven"]) == (0, True)
    assert (proven["paths"] > 0) == (
        "  - do: " in (desk / "playbooks" / f"{playbook}.yaml").read_text("utf-8")
    )

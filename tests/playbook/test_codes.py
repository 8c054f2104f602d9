"""Every code that a message can end with is reported, shown by a test, has its page; no place is told two things."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from resolver.starters import error_pages_folder

ROOT = Path(__file__).parents[2]
CODES = """
acts-before-rules acts-by-default always-stops bad-name cannot-compare circle condition confirm-hides-value
days-or-hours few-examples foreign-operator half-done hidden-name may-stop missing-argument missing-because
missing-language missing-plural missing-word nested-list never-filled never-that-value never-used
no-approval-policy no-question no-rule
nobody-checks-owner not-allowed-yaml not-bound not-confirmed not-frozen not-identified not-linear not-narrower
not-proven not-read not-rounded not-yaml number-not-in-rule over-limit pays-again pending-ignored reply-may-lie
requirement-not-met secret shown-too-early silent-ending stale-certificate stray-brace text-cut-off too-big too-deep
too-hard two-examples two-playbooks unclear-not unclear-where unknown-action unknown-argument unknown-limit
unknown-look-up unknown-name unknown-outcome unknown-queue unknown-reply unknown-rule unknown-team unknown-word
unreachable unsure-may-stop unsure-must-hand-off untested unused wait-after-do written-twice wrong-file wrong-type
""".split()
"""The table of the language, word by word."""
SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "src" / "resolver").rglob("*.py"))
TESTS = "\n".join(
    path.read_text("utf-8")
    for folder in ("tests", "connectors")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".txt") and path != Path(__file__)
)
CASES = (Path(__file__).parent / "problems.txt").read_text("utf-8").split("## ")[1:]
_HUNK = re.compile(r"((?:^-.*\n)+)((?:^\+.*\n)*)", re.MULTILINE)

MADE_OF = {  # codes that are put together where they are reported
    "unknown-queue": 'f"unknown-{what}"',
    "unknown-team": 'f"unknown-{what}"',
    "unknown-rule": 'f"unknown-{key}"',
}


@pytest.mark.parametrize("code", CODES)
def test_a_code_of_the_table_is_reported_shown_by_a_test_and_has_its_page(code: str) -> None:
    assert f'"{code}"' in SOURCES or MADE_OF[code] in SOURCES
    assert f"[{code}]" in TESTS or f'"{code}"' in TESTS
    assert (error_pages_folder() / f"{code}.md").is_file()


def test_a_page_is_of_a_code_that_is_reported() -> None:
    pages = {path.stem for path in error_pages_folder().glob("*.md")} - {"README"}

    assert [code for code in pages if f'"{code}"' not in SOURCES and code not in MADE_OF] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.partition("\n")[0])
def test_no_place_is_told_two_things(desk: Any, case: str) -> None:
    changes = [
        ("".join(line[1:] for line in old.splitlines(keepends=True)), new) for old, new in _HUNK.findall(case)
    ]
    changed = desk.changed(*((old, re.sub("^\\+", "", new, flags=re.MULTILINE)) for old, new in changes))

    places = Counter((one.where.path, one.where.line, one.where.column) for one in desk.problems(changed))

    assert [place for place, count in places.items() if count > 1] == []

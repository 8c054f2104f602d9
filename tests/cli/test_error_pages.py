"""Every code that a message can end with has a page, and the pages show what really is reported."""

import re
from pathlib import Path

import pytest

from resolver.starters import error_pages_folder

ROOT = Path(__file__).parents[2]
PROBLEMS = (ROOT / "tests" / "playbook" / "problems.txt").read_text("utf-8")
PAGES = {
    path.stem: path.read_text("utf-8") for path in error_pages_folder().glob("*.md") if path.stem != "README"
}
REPORTED = re.compile(r"(?:report|Problem|problem|warn|note|fail|_say|add)\(\s*\"([a-z]+(?:-[a-z]+)*)\",")


def reported() -> set[str]:
    """The codes that stand in the code as the first thing a problem is made of, and those that examples show."""
    sources = [path.read_text("utf-8") for path in (ROOT / "src" / "resolver").rglob("*.py")]
    found = {code for text in sources for code in REPORTED.findall(text)}
    return found & {code for code in found if "-" in code} | set(
        re.findall(r"\[([a-z-]+)\]$", PROBLEMS, re.M)
    )


def test_every_code_has_a_page() -> None:
    assert reported() - PAGES.keys() == set()


def test_the_index_lists_every_page() -> None:
    index = (error_pages_folder() / "README.md").read_text("utf-8")

    assert set(re.findall(r"\(([a-z-]+)\.md\)", index)) == PAGES.keys()


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_shows_what_is_really_reported(code: str) -> None:
    page = PAGES[code]

    shown = page.partition("## What you see\n\n```\n")[2].rpartition("\n```")[0]

    assert page.startswith(f"# {code}\n\n")
    assert shown in PROBLEMS


def test_the_page_of_a_code_is_printed(resolver) -> None:
    ended = resolver("explain-error", "not-confirmed")

    assert ended.code == 0
    assert "Money never moves without it" in ended.out


def test_a_code_is_found_as_it_stands_in_a_message(resolver) -> None:
    assert resolver("explain-error", "[not-confirmed]").code == 0


def test_without_a_code_all_of_them_are_listed(resolver) -> None:
    ended = resolver("explain-error")

    assert all(code in ended.out for code in PAGES)


def test_a_code_that_is_none_is_refused_with_the_nearest_one(resolver) -> None:
    ended = resolver("explain-error", "not-confirmd")

    assert ended.code == 2
    assert "not-confirmed" in ended.err

"""Every problem of a playbook is told at its place, with what to write instead; the cases stand in `problems.txt`.

A case is a claim, the lines that are changed in the good playbook (hunks parted by @), and the problem as people read
it.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver.starters import error_pages_folder

_HUNK = re.compile(r"((?:^-.*\n)+)((?:^\+.*\n)*)", re.MULTILINE)


def _cases() -> list[object]:
    text = (Path(__file__).parent / "problems.txt").read_text(encoding="utf-8")
    found = []
    for block in text.split("## ")[1:]:
        claim, _, rest = block.partition("\n")
        changes = [(_plain(old), _plain(new)) for old, new in _HUNK.findall(rest)]
        told = _HUNK.sub("", rest).strip("@\n")
        found.append(pytest.param(changes, told, id=claim))
    return found


def _plain(lines: str) -> str:
    return "".join(line[1:] for line in lines.splitlines(keepends=True))


@pytest.mark.parametrize(("changes", "told"), _cases())
def test_a_problem_is_told_at_its_place(
    tells: Callable[..., list[str]], changes: list[tuple[str, str]], told: str
) -> None:
    problems = tells(*changes)

    assert told in problems


_PAIR = re.compile(r"## Instead of\n\n```yaml\n(.*?)```\n\n## write\n\n```yaml\n(.*?)```", re.DOTALL)


def _remedies() -> list[object]:
    """The cases that a page shows line by line: the lines of the good playbook, and what the page says to write."""
    pages = {path.stem: path.read_text("utf-8") for path in sorted(error_pages_folder().glob("*.md"))}
    pairs = {code: pair.groups() for code, page in pages.items() if (pair := _PAIR.search(page))}
    found = []
    for block in (Path(__file__).parent / "problems.txt").read_text("utf-8").split("## ")[1:]:
        hunks = [(_plain(old), _plain(new)) for old, new in _HUNK.findall(block.partition("\n")[2])]
        code = re.findall(r"\[([a-z-]+)\]$", block, re.MULTILINE)[-1]
        if code in pairs and len(hunks) == 1 and hunks[0][1] == pairs[code][0]:
            found.append(pytest.param(hunks[0][0], pairs[code][1], code, id=code))
    return found


@pytest.mark.parametrize(("good", "write", "code"), _remedies())
def test_what_a_page_says_to_write_is_no_longer_told(
    tells: Callable[..., list[str]], good: str, write: str, code: str
) -> None:
    assert [told for told in tells((good, write)) if f"[{code}]" in told] == []


def test_the_good_playbook_has_no_problem(tells: Callable[..., list[str]]) -> None:
    assert tells() == []

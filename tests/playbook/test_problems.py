"""Every problem of a playbook is told at its place, with what to write instead; the cases stand in `problems.txt`.

A case is a claim, the lines that are changed in the good playbook (hunks parted by @), and the problem as people read
it.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

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


def test_the_good_playbook_has_no_problem(tells: Callable[..., list[str]]) -> None:
    assert tells() == []

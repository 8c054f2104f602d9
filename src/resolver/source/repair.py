"""Repairs of a file that need nobody's decision: what a problem says can only have been meant, put in its place.

Called by `resolver lint --fix`. Comments and layout stay; a file that would no longer be read is left as it was.
"""

from collections.abc import Iterable

from resolver.source.load import load
from resolver.source.node import lines_of
from resolver.source.problem import Problem, has_errors


def can_be_repaired(problem: Problem) -> bool:
    """Whether exactly one text can have been meant at the problem's place."""
    return bool(problem.instead)


def repaired(text: str, path: str, problems: Iterable[Problem]) -> str:
    """The text with every problem of this file repaired that has one candidate; of two that overlap only the first."""
    lines = lines_of(text)
    starts = _starts(text, lines)
    taken = len(text) + 1
    found = text
    for problem in sorted(problems, key=_place, reverse=True):
        line = problem.where.line - 1
        if problem.where.path != path or not can_be_repaired(problem) or not 0 <= line < len(lines):
            continue
        start = starts[line] + problem.where.column - 1
        end = start + problem.length
        if end > min(taken, starts[line] + len(lines[line])):
            continue
        found = found[:start] + problem.instead + found[end:]
        taken = start
    return text if has_errors(load(found, path).problems) else found


def _place(problem: Problem) -> tuple[int, int]:
    return problem.where.line, problem.where.column


def _starts(text: str, lines: list[str]) -> list[int]:
    """Where each line begins in the text."""
    found, at = [], 0
    for line in lines:
        found.append(at)
        at += len(line)
        at += 2 if text.startswith("\r\n", at) else 1
    return found

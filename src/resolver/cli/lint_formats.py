"""Problems in the forms other programs read: SARIF for code scanning, workflow commands for GitHub.

Used by `linting` only; every form holds all problems, errors or not.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from resolver.source.problem import Problem

_LEVELS = {"error": "error", "warning": "warning", "note": "note"}
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """The problems as one run of a SARIF 2.1.0 log."""
    rules = [{"id": code} for code in sorted({problem.code for problem in problems})]
    driver = {"name": "resolver", "version": version("helpdesk-resolver"), "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem) for problem in problems],
            }
        ],
    }


def _result(problem: Problem) -> dict[str, Any]:
    where = problem.where
    region = {
        "startLine": max(1, where.line),
        "startColumn": max(1, where.column),
        "endColumn": max(1, where.column) + max(1, problem.length),
    }
    place = {"artifactLocation": {"uri": where.path.replace("\\", "/")}, "region": region}
    return {
        "ruleId": problem.code,
        "level": _LEVELS[problem.severity],
        "message": {"text": told(problem)},
        "locations": [{"physicalLocation": place}],
    }


def github(problem: Problem) -> str:
    """The problem as a workflow command, which GitHub shows beside the line."""
    where = problem.where
    place = {"file": where.path, "line": str(where.line), "col": str(where.column), "title": problem.code}
    head = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    return f"::{_COMMANDS[problem.severity]} {head}::{_data(told(problem))}"


def told(problem: Problem) -> str:
    """Sentence, counterexample and help in one text."""
    parts = [problem.message]
    parts += [f"For example: {problem.example}"] if problem.example else []
    parts += [f"Help: {problem.help}"] if problem.help else []
    return "\n".join(parts)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""The measurable part of the house style: how long files and functions are, what they are called, what they say."""

import ast
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SOURCES = [
    path
    for root in ("src", "connectors", "scripts")
    for path in sorted((REPOSITORY / root).rglob("*.py"))
    if "tests" not in path.parts
]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "misc"}


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_every_file_says_what_it_is_for():
    purposes = {named(path): ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in SOURCES}

    assert [name for name, purpose in purposes.items() if not purpose] == []


def test_no_file_has_more_than_five_hundred_lines_or_a_name_that_says_nothing():
    assert [named(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > 500] == []
    assert [named(path) for path in SOURCES if path.stem in FORBIDDEN_NAMES] == []


def test_no_function_has_more_than_sixty_lines():
    too_long = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 60
    ]

    assert too_long == []

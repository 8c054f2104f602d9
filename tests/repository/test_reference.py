"""The reference is what the code says: up to date, its examples sound, and editors show the same words."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from resolver.cli import specimen
from resolver.cli.reference import reference
from resolver.condition.check import check_condition
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.connector import interface_places
from resolver.connector.interface_reader import read_interface
from resolver.decision import testplaces
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.knowledge.article import HEAD, read_article
from resolver.playbook import places, policy_places
from resolver.playbook.schema import playbook_schema
from resolver.playbook.step_places import TICKET, VERBS
from resolver.playbook.vocabulary import Vocabulary
from resolver.playbook.wordlist import OPERATORS
from resolver.source.load import load
from resolver.source.node import scalar
from resolver.source.place import Place
from tests.decision.conftest import Maker

PAGE = Path(__file__).parents[2] / "docs" / "playbooks" / "reference.md"
OF_PLAYBOOKS = (*places.PLACES, *(verb.place for verb in VERBS.values()), TICKET)


@pytest.fixture(scope="module")
def folder():
    return specimen.loaded()


def test_the_page_is_what_the_code_says_now():
    remedy = "write it anew: ./dev resolver docs --reference --out docs/playbooks"

    assert PAGE.read_text("utf-8") == reference(), remedy


def test_the_examples_are_a_sound_playbook_and_policy(folder):
    assert [problem.message for problem in folder.problems if problem.severity != "note"] == []


def test_the_examples_of_an_interface_are_a_sound_one():
    found, problems = read_interface(load(specimen.interface_file(), "rental.yaml"))

    assert [problem.message for problem in problems] == []
    assert found is not None


def test_the_example_of_an_article_can_be_read():
    found, problems = read_article(f"---\n{HEAD.example}---\nWithin 30 days.\n", "returns.md")

    assert found is not None, problems


def test_the_example_of_a_test_file_passes(folder):
    library = folder.library
    tests, problems = read_tests(
        load(specimen.test_file(), "send_back.test.yaml"), library.by_playbook, library.policy
    )
    assert tests is not None, problems

    report = run_tests(tests, library.by_playbook, library.policy)

    assert [one.differences for one in report.results if not one.passed] == []


@pytest.mark.parametrize(
    ("found", "file"),
    [
        (OF_PLAYBOOKS, specimen.playbook_file()),
        (policy_places.PLACES, specimen.policy_file()),
        (interface_places.PLACES, specimen.interface_file()),
        (testplaces.PLACES, specimen.test_file()),
        ((HEAD,), HEAD.example),
    ],
    ids=["playbook", "policy", "interface", "tests", "article"],
)
def test_every_key_stands_in_an_example(found: tuple[Place, ...], file: str):
    shown = {key for key in _keys_of(load(file, "example.yaml").root)}

    assert [key.name for place in found for key in place.keys if key.name not in shown] == []


def _keys_of(node: Any) -> Iterator[str]:
    for entry in getattr(node, "entries", ()):
        yield entry.key.text
        yield from _keys_of(entry.value)
    for item in getattr(node, "items", ()):
        yield from _keys_of(item)


def test_every_form_of_condition_has_an_example_that_can_stand_in_the_playbook(folder):
    plan = folder.library.by_playbook[specimen.PLAYBOOK]
    names = Vocabulary.of(Maker().interfaces, folder.library.policy).names
    known = {name: _field(plan, name) for name in (*plan.slots, *plan.look_ups, *plan.computed)}
    problems: list[Any] = []

    for form in OPERATORS.values():
        expression = parse_expression(scalar(form.example), problems)
        assert expression is not None, problems
        check_condition(expression, Scope({**names, **known}, plan.records), problems)

    assert problems == []


def _field(plan, name):
    from resolver.condition.types import Field, Record

    if name in plan.look_ups:
        return Field(Record(plan.look_ups[name].spec.gives.name))
    return Field(plan.slots[name].type if name in plan.slots else plan.computed[name].value.type)


def test_editors_show_the_sentence_that_the_reference_has():
    schema = playbook_schema(Vocabulary.of(Maker().interfaces, None), None)
    described = dict(_described(schema))

    keys = [key for place in OF_PLAYBOOKS for key in place.keys]

    assert [key.name for key in keys if key.means not in described.get(key.name, set())] == []


def _described(schema: Any) -> Iterator[tuple[str, set[str]]]:
    found: dict[str, set[str]] = {}

    def look(node: Any) -> None:
        if isinstance(node, Mapping):
            for name, value in (node.get("properties") or {}).items():
                found.setdefault(name, set()).add(value.get("description", ""))
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(schema)
    yield from found.items()

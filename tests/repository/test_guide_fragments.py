"""Every fragment of YAML in the guide is sound in a whole playbook, and every word of the language in it exists."""

import re
from pathlib import Path
from typing import Any

import pytest

from resolver.cli import specimen
from resolver.cli.folder import interfaces_of
from resolver.condition.check import check_condition
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.types import Field, Record
from resolver.config import Config, read_config
from resolver.connector import interface_places
from resolver.decision import testplaces
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.knowledge.article import read_article
from resolver.playbook import places, policy_places
from resolver.playbook.library import load_library
from resolver.playbook.step_places import TICKET, VERBS
from resolver.source.load import load
from resolver.source.node import scalar
from resolver.starters import playbooks_folder
from tests.repository.fragments import Files, read, written

GUIDE = Path(__file__).parents[2] / "docs" / "playbooks"
PAGES = {
    path.name: path.read_text("utf-8")
    for path in sorted(GUIDE.glob("*.md"))
    if path.stem not in ("reference", "cookbook")
}
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_SETTING = re.compile(r"^(?:- )?([a-z_]+): \S.*$")
_CONDITION = re.compile(r" (?:is|in|contains|where|of|=|<|<=|>|>=|[-+*/]) ")
FRAGMENTS = [
    (page, text)
    for page, whole in PAGES.items()
    for text in _BLOCK.findall(whole)
    if not text.startswith("# playbooks/")  # those are whole files, which other tests check
]


@pytest.fixture(scope="module")
def interfaces():
    return interfaces_of(Config())


@pytest.fixture(scope="module")
def whole():
    beside = {"cancel_order.yaml": (playbooks_folder() / "cancel_order.yaml").read_text("utf-8")}
    return Files.of(specimen.PLAYBOOK, specimen.playbook_file(), specimen.policy_file(), beside)


@pytest.mark.parametrize(("page", "text"), FRAGMENTS, ids=lambda each: " ".join(each.split())[:40])
def test_a_fragment_is_sound_where_it_belongs(page: str, text: str, whole, interfaces, tmp_path):
    part = read(text)
    if isinstance(part, list) and "test" in part[0]:
        assert _played(part, interfaces) == []
    elif isinstance(part, dict) and part.keys() <= Config.__dataclass_fields__.keys():
        (tmp_path / "config.yaml").write_text(text, "utf-8")
        assert read_config(tmp_path / "config.yaml")
    else:
        found = whole.with_fragment(text).loaded(interfaces)
        assert [one.message for one in found.problems if one.severity != "note"] == []


def _played(cases: list[Any], interfaces) -> list[str]:
    """What comes out otherwise when cases are played beside those of the starter that the page is about."""
    files = {path.name: path.read_text("utf-8") for path in playbooks_folder().glob("*.yaml")}
    library = load_library(files, interfaces).library
    shared = read(files["refund_order.test.yaml"])
    text = written({"tests": "refund_order", "given": shared["given"], "cases": cases})
    tests, problems = read_tests(load(text, "page.test.yaml"), library.by_playbook, library.policy)
    assert tests is not None, problems
    report = run_tests(tests, library.by_playbook, library.policy)
    return [one.message for result in report.results for one in result.differences]


# -- words within sentences and tables ----------------------------------------------------------------------------

KEYS = {
    *(key for place in (*places.PLACES, TICKET, *policy_places.PLACES) for key in place.names),
    *(key for place in (*interface_places.PLACES, *testplaces.PLACES) for key in place.names),
    *(key for verb in VERBS.values() for key in verb.place.names),
    *Config.__dataclass_fields__,
}


@pytest.mark.parametrize("page", [page for page in PAGES if page != "tutorial.md"])
def test_every_key_that_a_page_names_with_a_value_exists(page: str):
    settings = [found for code in _CODE.findall(PAGES[page]) if (found := _SETTING.match(code))]

    assert [found[0] for found in settings if found[1] not in KEYS] == []


def test_what_the_page_of_rules_says_to_write_can_be_written_and_what_it_says_not_to_cannot(
    whole, interfaces
):
    rows = re.findall(
        r"^\| (.+?) \| (.+?)? ?\|$", PAGES["3-rules.md"].partition("| write | not |")[2], re.MULTILINE
    )
    table = rows[1 : next(at for at, row in enumerate(rows) if row[0].startswith("the day"))]
    plan = whole.loaded(interfaces).library.by_playbook[specimen.PLAYBOOK]

    good = [code for write, _ in table for code in _CODE.findall(write)]
    bad = [_CODE.findall(instead)[0] for _, instead in table if _CODE.findall(instead or "")]

    assert len(good) >= 12
    assert [code for code in good if "…" not in code and not _holds(code, plan)] == []
    assert [code for code in bad if _holds(code, plan)] == []


def test_conditions_within_sentences_can_be_written(whole, interfaces):
    plan = whole.loaded(interfaces).library.by_playbook[specimen.PLAYBOOK]
    text = re.sub(r"^\|.*$", "", PAGES["3-rules.md"], flags=re.MULTILINE)

    conditions = [
        code for code in _CODE.findall(text.replace("\n", " ")) if _CONDITION.search(code) and "…" not in code
    ]

    assert [code for code in conditions if not _holds(code, plan)] == []
    assert conditions


def _holds(condition: str, plan) -> bool:
    """Whether this can be written as a condition of the playbook."""
    problems: list[Any] = []
    fields = {name: Field(slot.type) for name, slot in plan.slots.items()}
    fields |= {name: Field(Record(one.spec.gives.name)) for name, one in plan.look_ups.items()}
    fields |= {name: Field(one.value.type) for name, one in plan.computed.items()}
    fields |= {name: Field(Record(name)) for name in ("customer", "ticket", "limits")}
    expression = parse_expression(scalar(condition), problems)
    return (
        expression is not None
        and check_condition(expression, Scope(fields, plan.records), problems) is not None
    )


def test_the_article_on_the_page_can_be_read():
    (text,) = re.findall(r"```markdown\n(.*?)```", PAGES["4-outcomes.md"], re.DOTALL)

    article, problems = read_article(text, "how_to_return.md")

    assert article is not None, problems

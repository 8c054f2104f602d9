"""The author's guide is true: files in it are sound, its tests pass, its days are right, its lists are complete."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from resolver.backtest.simulation import simulate, version
from resolver.cli.folder import interfaces_of, read_draft, read_folder
from resolver.cli.simulation_report import told
from resolver.condition.calendar import Calendar
from resolver.condition.check import check_condition
from resolver.condition.env import Env
from resolver.condition.evaluate import compile_expression
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.types import Date, Field
from resolver.config import Config
from resolver.decision.effects import ENDINGS
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.playbook.plan import Mode
from resolver.playbook.step_places import VERBS
from resolver.proof.prover import prove
from resolver.source.load import load
from resolver.source.node import scalar
from resolver.starters import playbooks_folder
from resolver.ticket import Level

GUIDE = Path(__file__).parents[2] / "docs" / "playbooks"
_FILE = re.compile(r"```yaml\n# (playbooks/[\w.]+)\n(.*?)```", re.DOTALL)
_ARCHIVE = re.compile(r"```jsonl\n(.*?)```", re.DOTALL)
_ROW = re.compile(r"^\| (\w+ \d+ \w+ \d{4}) \| (is [\w ]+ ago) \| (\w+ \d+ \w+ \d{4}) \|$", re.MULTILINE)


@pytest.fixture
def tutorial(tmp_path):
    for name, text in _FILE.findall((GUIDE / "tutorial.md").read_text("utf-8")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return read_folder(tmp_path / "playbooks", interfaces_of(Config()))


def test_the_tutorial_ends_with_a_sound_playbook(tutorial):
    assert [problem.message for problem in tutorial.result.problems] == []


def test_the_tutorials_tests_pass_and_reach_every_rule_and_outcome(tutorial):
    library = tutorial.result.library
    ((path, text),) = tutorial.tests().items()
    tests, problems = read_tests(load(text, path), library.by_playbook, library.policy)
    assert tests is not None, problems

    report = run_tests(tests, library.by_playbook, library.policy)

    assert [one.differences for one in report.results if not one.passed] == []
    assert report.coverage.summary().startswith("rules 3/3, outcomes 5/5")


def test_the_tutorials_mistakes_are_found_as_it_says(tutorial):
    (playbook,) = [path for path in tutorial.path.glob("*.yaml") if path.name == "give_back.yaml"]
    whole = playbook.read_text("utf-8")

    def codes(text):
        playbook.write_text(text, "utf-8")
        return {
            problem.code for problem in read_folder(playbook.parent, interfaces_of(Config())).result.problems
        }

    assert codes(whole.replace("    - confirm: shall_i\n      if_no: keep\n", "")) == {
        "not-confirmed",
        "unreachable",
    }
    assert "number-not-in-rule" in codes(whole.replace("more than 14 days ago\n", "more than 10 days ago\n"))


def test_the_tutorials_playbook_is_proven_and_its_mistake_about_money_only_the_prover_finds(tutorial):
    (playbook,) = [path for path in tutorial.path.glob("*.yaml") if path.name == "give_back.yaml"]
    whole = playbook.read_text("utf-8")
    library = tutorial.result.library
    assert prove(library.by_playbook["give_back"], library.policy).failures == ()

    playbook.write_text(
        whole.replace("sum of refundable in order.lines", "order.total - order.refunded"), "utf-8"
    )
    wrong = read_folder(playbook.parent, interfaces_of(Config())).result

    assert [problem.message for problem in wrong.problems] == []
    failures = prove(wrong.library.by_playbook["give_back"], wrong.library.policy).failures
    assert {failure.code for failure in failures} == {"requirement-not-met"}


def test_the_archive_on_the_page_comes_to_what_its_tickets_show(tmp_path):
    (text,) = _ARCHIVE.findall((GUIDE / "7-backtesting.md").read_text("utf-8"))
    file = tmp_path / "tickets.jsonl"
    file.write_text(text, "utf-8")
    interfaces = interfaces_of(Config())
    library = read_folder(playbooks_folder(), interfaces).result.library
    plan = library.by_playbook["refund_order"]

    tally = simulate(file, [version("refund_order", plan, library.by_playbook, library.policy)], interfaces)

    (found,) = tally.versions
    assert (tally.bad_lines, tally.other_intents, tally.tickets) == (0, 1, 3)
    assert dict(found.outcomes) == {"pay_back": 2, "unknown_order": 1}
    assert found.disagreements.to_json("kind", "outcome") == [
        {"kind": "another amount", "outcome": "pay_back", "tickets": 1, "examples": ["48230"]}
    ]


def test_what_a_draft_changes_in_the_archive_is_told_as_the_page_shows_it(tmp_path, capsys):
    page = (GUIDE / "7-backtesting.md").read_text("utf-8")
    (text,), (shown,) = _ARCHIVE.findall(page), re.findall(r"^3 tickets\. changed: .*$", page, re.MULTILINE)
    archive, draft = tmp_path / "tickets.jsonl", tmp_path / "refund_order.yaml"
    archive.write_text(text, "utf-8")
    whole = (playbooks_folder() / "refund_order.yaml").read_text("utf-8")
    draft.write_text(re.sub(r"(at most|more than) 30 days ago", r"\1 14 days ago", whole), "utf-8")
    interfaces = interfaces_of(Config())
    before = read_folder(playbooks_folder(), interfaces).sound()
    after = read_draft(draft, playbooks_folder(), interfaces).sound()

    versions = [version(name, one.by_playbook["refund_order"], one.by_playbook, one.policy)
                for name, one in (("refund_order", before), ("draft", after))]  # fmt: skip
    told(simulate(archive, versions, interfaces), ["refund_order", "draft"])

    assert capsys.readouterr().out.splitlines()[0] == shown


def test_every_day_in_the_table_is_the_first_on_which_the_condition_holds():
    rows = _ROW.findall((GUIDE / "3-rules.md").read_text("utf-8"))
    library = read_folder(playbooks_folder(), interfaces_of(Config())).result.library
    assert len(rows) >= 6

    for day, condition, first in rows:
        assert _first(_day(day), condition, library.policy.calendar) == _day(first), (day, condition)


def _day(words):
    found = datetime.strptime(words, "%A %d %B %Y").replace(tzinfo=UTC)
    assert f"{found:%A}" == words.partition(" ")[0]
    return found.date()


def _first(day, condition, calendar: Calendar):
    expression = parse_expression(scalar(f"day {condition}"), [])
    compiled = compile_expression(check_condition(expression, Scope({"day": Field(Date())}), []))
    for later in range(100):
        on = day + timedelta(days=later)
        now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        if compiled.call(Env({"day": day}, now, calendar)) is True:
            return on
    raise AssertionError(condition)


def test_every_step_level_mode_and_ending_has_its_line_in_the_words_of_the_code():
    outcomes, money, rolling_out = (
        (GUIDE / name).read_text("utf-8") for name in ("4-outcomes.md", "5-money.md", "6-testing.md")
    )

    assert [verb for verb in VERBS if f"| `{verb}:" not in outcomes] == []
    assert [
        name for name, said in ENDINGS.items() if f"| `{name}` | {said[0]} | {said[1]} |" not in outcomes
    ] == []
    assert [level for level in Level if f"| `{level}` | {level.means} |" not in money] == []
    assert [mode for mode in Mode if f"| `{mode}` | {mode.means} |" not in rolling_out] == []

"""A ticket of the archive takes the way a live ticket would take, and what the archive lacks is assumed and counted."""

from collections import Counter

import pytest

from resolver.backtest.playing import Version, play
from resolver.backtest.ticket import Archived
from resolver.cli.folder import interfaces_of, read_folder
from resolver.condition.storage import read_value
from resolver.condition.types import Record, Text
from resolver.condition.values import RecordValue
from resolver.config import Config
from resolver.decision.referred import look_ups_of
from resolver.decision.testcase import Writes
from resolver.decision.testfile import read_tests, reading_of
from resolver.source.load import load
from resolver.starters import playbooks_folder
from resolver.ticket import MessageId
from tests.backtest.conftest import AGREES, ASKS, a_ticket, order


def test_a_refund_that_was_confirmed_is_paid(bench):
    tally = bench.plays(a_ticket())

    (found,) = tally.versions
    assert found.outcomes == Counter(pay_back=1)
    assert found.paid.to_json() == {"EUR": "39.90"}
    assert (found.assumed_yes, found.assumed_approvals) == (0, 0)


def test_where_the_archive_has_no_answer_a_yes_and_an_approval_are_assumed_and_counted(bench):
    large = order(
        total="89 EUR", lines=[{"id": "l1", "name": "Kettle", "quantity": 1, "refundable": "89 EUR"}]
    )
    large["lines"][0]["final_sale"] = "no"

    tally = bench.plays(a_ticket(1, ASKS, shop=[large]))

    (found,) = tally.versions
    assert found.outcomes == Counter(pay_back=1)
    assert (found.assumed_yes, found.assumed_approvals) == (1, 1)


def test_a_message_that_answers_nothing_is_passed_over_where_a_yes_is_waited_for(bench):
    thanks = {"writes": "Thank you for looking into it", "understood": "nothing"}

    (found,) = bench.plays(a_ticket(1, ASKS, thanks, AGREES)).versions

    assert found.outcomes == Counter(pay_back=1)
    assert found.assumed_yes == 0


def test_a_no_of_the_customer_counts(bench):
    (found,) = bench.plays(a_ticket(1, ASKS, {"writes": "No, leave it", "understood": "no"})).versions

    assert found.dispositions == Counter(withdrawn=1)
    assert found.paid.to_json() == {}


def test_a_question_nobody_answered_stays_open(bench):
    asks = {"writes": "I want my money back", "understood": {"intent": "refund"}}

    (found,) = bench.plays(a_ticket(1, asks)).versions

    assert found.outcomes == Counter({"asks order_number": 1})
    assert found.dispositions == Counter(waits=1)


def test_a_question_takes_the_next_message(bench):
    asks = {"writes": "I want my money back", "understood": {"intent": "refund"}}
    gives = {"writes": "It is 10231", "understood": {"order_number": "10231"}}

    (found,) = bench.plays(a_ticket(1, asks, gives)).versions

    assert found.outcomes == Counter(pay_back=1)


def test_somebody_elses_order_is_as_unknown_as_one_that_is_not_there(bench):
    foreign = order(email="bo@example.com")

    tally = bench.plays(a_ticket(1, shop=[foreign]), a_ticket(2, shop=[]))

    assert tally.versions[0].outcomes == Counter(unknown_order=2)


def test_a_playbook_that_another_one_starts_goes_on_with_the_ticket(bench):
    (found,) = bench.plays(a_ticket(1, shop=[order(status="processing", delivered_at=None)])).versions

    (outcome,) = found.outcomes
    assert outcome.startswith("cancel_order/")
    assert found.paid.to_json() == {"EUR": "39.90"}


def test_a_limit_stops_what_is_above_it(bench):
    lines = [{"id": "l1", "name": "Sofa", "quantity": 1, "refundable": "900 EUR", "final_sale": "no"}]

    (found,) = bench.plays(a_ticket(1, shop=[order(total="900 EUR", lines=lines)])).versions

    assert found.stops == Counter(per_ticket=1)
    assert found.paid.to_json() == {}


def test_the_kill_switch_of_today_does_not_change_what_would_have_been(starters, bench, tmp_path):
    folder = tmp_path / "playbooks"
    folder.mkdir()
    for path in playbooks_folder().glob("*.yaml"):
        text = path.read_text("utf-8").replace("stop: []", "stop: [all]")
        (folder / path.name).write_text(text, "utf-8")
    stopped = read_folder(folder, starters[1]).result.library

    (found,) = type(bench)(stopped, starters[1], tmp_path).plays(a_ticket()).versions

    assert stopped.policy.stop
    assert found.paid.to_json() == {"EUR": "39.90"}


# -- against the product's own tests ------------------------------------------------------------------------------


def _cases():
    library = read_folder(playbooks_folder(), interfaces_of(Config())).result.library
    for path in sorted(playbooks_folder().glob("*.test.yaml")):
        tests, _ = read_tests(load(path.read_bytes(), path.name), library.by_playbook, library.policy)
        for case in tests.cases:
            given = case.given
            plain = not (given.results or given.limits or given.codes or given.answers)
            plain &= case.expected.disposition is not None
            if plain and all(isinstance(one, Writes) and not one.code for one in case.happenings):
                yield pytest.param(tests.playbook, case, id=f"{tests.playbook}: {case.name}")


def _archived(plan, case) -> Archived:
    given = case.given
    records = {}
    for name, raws in given.records.items():
        declared = look_ups_of(plan)[name].gives
        records[name] = tuple(read_value(Record(declared.name), raw, plan.records) for raw in raws)
        assert all(isinstance(one, RecordValue) for one in records[name])
    types = {name: one.type for name, one in plan.records["customer"].fields.items()}
    customer = {"payouts": [], **given.customer}
    return Archived(
        id="test",
        intent=plan.intent,
        opened_at=given.now,
        language=given.language,
        level=given.level,
        customer={
            name: read_value(types.get(name, Text()), raw, plan.records) for name, raw in customer.items()
        },
        ticket={"channel": "email", "language": given.language, "tags": (), "created_at": given.now},
        readings=tuple(
            reading_of(one.text, one.moves, one.slots, MessageId(f"m{n}"), given.language)
            for n, one in enumerate(case.happenings, 1)
        ),
        records=records,
    )


@pytest.mark.parametrize(("playbook", "case"), list(_cases()))
def test_a_case_of_the_starters_ends_in_the_archive_as_it_ends_in_its_test(bench, playbook, case):
    version = bench.version(playbook=playbook)

    played = play(version, _archived(version.plan, case), lambda _: None)

    assert played.disposition == case.expected.disposition
    assert [action for action, _ in played.done] == [one.action for one in case.expected.done or ()]
    if case.expected.handoff is not None:
        assert played.queue == case.expected.handoff


@pytest.mark.parametrize(("playbook", "case"), list(_cases()))
def test_a_playbook_that_says_nothing_decides_what_the_one_that_speaks_decides(bench, playbook, case):
    silent = bench.version(playbook=playbook)
    plans = bench.library.by_playbook
    speaking = Version(playbook, plans[playbook], plans, silent.policy)
    traces = []

    for one in (silent, speaking):
        traces.append([])
        play(one, _archived(one.plan, case), traces[-1].append)

    assert silent.plan.silent
    assert traces[0] == traces[1]

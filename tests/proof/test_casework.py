"""Cases worked out by the prover: on both sides of where an answer changes, and behind references."""

import re
from typing import Any

import pytest

from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.decision.testwriter import written
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.playbook.policy_reader import read_policy
from resolver.proof.casework import Casework, work_out
from resolver.source.load import load
from tests.decision.test_details import KNOWN_BY, WHERE_IS_IT
from tests.decision.test_pairs import EXCHANGE, POLICY, installation


def worked_out(playbook: str = EXCHANGE) -> tuple[Casework, Plan, Policy]:
    interfaces = installation()
    policy, wrong = read_policy(load(POLICY, "policy.yaml"), interfaces)
    assert policy is not None, wrong
    plan, problems = compile_playbook(load(playbook, "exchange_items.yaml"), interfaces, policy)
    assert plan is not None, problems
    return work_out(plan, {plan.playbook: plan}, policy), plan, policy


def test_a_rule_that_needs_records_behind_references_gets_a_case_that_passes_as_it_is_written() -> None:
    work, plan, policy = worked_out()

    (case,) = (one for one in work.cases if "rule exchange decides" in one.name)
    (product, *_) = case.given.records["retail.product"]
    done = case.expected.done
    text = written(plan, work.cases, policy.calendar.zone, head="x")
    tests, problems = read_tests(load(text, "exchange_items.test.yaml"), {plan.playbook: plan}, policy)

    assert product["variants"]
    assert done is not None
    assert done[0].action == "retail.exchange_items"
    assert tests is not None, problems
    report = run_tests(tests, {plan.playbook: plan}, policy)
    assert [str(one) for result in report.results for one in result.differences] == []


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("(count of items) is at least 2", (1, 2)),
        ("(count of items) is less than 2", (1, 2)),
        ("(count of items) is more than 1", (1, 2)),
        ("(count of items) is at most 1", (1, 2)),
    ],
)
def test_a_number_gets_a_case_on_each_side_of_where_the_answer_changes(
    condition: str, numbers: tuple[int, int]
) -> None:
    rule = f"  - {{rule: many, when: {condition}, then: hand_over, because: Many.}}\n"
    work, _, _ = worked_out(EXCHANGE.replace("  - {rule: exchange,", f"{rule}  - {{rule: exchange,"))

    found = " and ".join(case.name for case in work.cases)
    assert [one for one in numbers if f"count of items is {one}, where rule many asks" not in found] == []


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ("at least 10", (9, 10)),
        ("less than 10", (9, 10)),
        ("more than 10", (10, 11)),
        ("at most 10", (10, 11)),
    ],
)
def test_a_day_gets_a_case_on_each_side_of_where_the_answer_changes(
    make: Any, condition: str, days: tuple[int, int]
) -> None:
    rule = f"  - {{rule: old, when: order.delivered_at is {condition} days ago, then: say, because: Old.}}\n"
    text = WHERE_IS_IT.replace("  - {rule: theirs,", f"{rule}  - {{rule: theirs,")
    policy = make.policy(KNOWN_BY)
    plan, wrong = compile_playbook(load(text, "where_is_it.yaml"), make.interfaces, policy)
    assert plan is not None, wrong

    found = " and ".join(one.name for one in work_out(plan, {plan.playbook: plan}, policy).cases)

    assert sorted({int(one) for one in re.findall(r"order.delivered_at is (\d+) days ago", found)}) == list(
        days
    )

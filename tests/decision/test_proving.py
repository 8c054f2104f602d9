"""Proving by a code: asked for alike whether the record is known, right, wrong or silent, and what follows."""

from typing import Any

import pytest

from resolver.condition.values import RecordValue
from resolver.decision import effects, guard
from resolver.decision.engine import advance, decide
from resolver.decision.events import Said, Silence
from resolver.decision.facts import Facts, begin
from resolver.decision.moves import take_in
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import CaseResult, run_tests
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Mode
from resolver.source.load import load
from resolver.ticket import Level
from tests.decision.conftest import NOW, POLICY, REFUND, said

TESTS = """
tests: refund_order
given:
  now: 2026-11-23 10:00
  codes: yes
  customer: {email: ann@example.com, identity: claimed, language: en, vip: no}
  shop.order:
    - {number: 10231, id: o1, email: ann@example.com, status: delivered, total: 39.90 EUR, refunded: 0 EUR, country: DE,
       address: "Lindenweg 3", delivered_at: "2026-11-11 09:00",
       lines: [{id: l1, name: Blue mug, quantity: 2, refundable: 24.00 EUR, final_sale: no},
               {id: l2, name: Tea towel, quantity: 1, refundable: 15.90 EUR, final_sale: no}]}
cases:
"""
ASKS = "{writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}"


def played(make: Any, case: str) -> CaseResult:
    """How one case went."""
    plan, policy = make.plan(), make.policy()
    tests, problems = read_tests(
        load((TESTS + case).encode(), "playbooks/x.test.yaml"), {plan.playbook: plan}, policy
    )
    assert tests is not None, problems
    return run_tests(tests, {plan.playbook: plan}, policy).results[0]


@pytest.fixture
def plays(make: Any) -> Any:
    return lambda given, when, then: (
        played(
            make, f"  - {{test: a code, given: {{{given}}}, when: [{when}], then: {{{then}}}}}\n"
        ).differences
    )


def test_a_right_code_lets_the_refund_go_on(plays: Any) -> None:
    when = f"{ASKS}, {{writes: '123456', understood: {{code: right}}}}, {{writes: ok, understood: yes}}"

    found = plays("", when, "asked: [code], rule: refund, done: [{shop.refund: {order: o1}}]")

    assert found == ()


def test_three_wrong_codes_meet_a_person(plays: Any) -> None:
    wrong = "{writes: '111111', understood: {code: wrong}}"

    found = plays(
        "", f"{ASKS}, {wrong}, {wrong}, {wrong}", "done: [], stopped_by: identity, disposition: handed_off"
    )

    assert found == ()


def test_two_wrong_codes_and_a_right_one_pass(plays: Any) -> None:
    wrong = "{writes: '111111', understood: {code: wrong}}"
    right = "{writes: '123456', understood: {code: right}}"

    found = plays(
        "", f"{ASKS}, {wrong}, {wrong}, {right}", "asked: [code, code, code], replies: [confirm_refund]"
    )

    assert found == ()


def test_a_day_of_silence_meets_a_person(plays: Any) -> None:
    found = plays("", f"{ASKS}, {{waits: 1 days}}", "stopped_by: identity, disposition: handed_off")

    assert found == ()


def test_less_than_a_day_still_waits(plays: Any) -> None:
    right = "{writes: '123456', understood: {code: right}}"

    found = plays("", f"{ASKS}, {{waits: 23 hours}}, {right}", "replies: [confirm_refund]")

    assert found == ()


def test_the_owner_who_writes_from_another_address_is_the_customer_after_the_code(plays: Any) -> None:
    when = f"{ASKS}, {{writes: '123456', understood: {{code: right}}}}"

    found = plays("customer: {email: other@example.com}", when, "asked: [code], done: []")

    assert found == ()


def test_without_a_connection_that_sends_codes_a_person_is_met_at_once(plays: Any) -> None:
    found = plays("codes: no", ASKS, "asked: [], stopped_by: identity, disposition: handed_off")

    assert found == ()


def test_a_code_for_an_unknown_order_cannot_be_right(plays: Any) -> None:
    asks = "{writes: Refund order 99999, understood: {intent: refund, order_number: '99999'}}"

    found = plays("", f"{asks}, {{writes: '123456', understood: {{code: right}}}}", "asked: [code, code]")

    assert [one.message for one in found] == ["no code was sent, so none can be right here"]


# -- the engine by itself -----------------------------------------------------------------------------------------


@pytest.fixture
def numbered() -> Said:
    return said("Refund order 10231", order_number="10231")


@pytest.fixture
def claimed(make: Any) -> tuple[Any, Facts]:
    """A run of a customer whose address nobody has proven, on an installation that sends codes."""
    facts = begin(
        make.plan(), make.policy(), run="r1", mode=Mode.AUTO, now=NOW, level=Level.CLAIMED, language="en",
        customer={"email": "ann@example.com"}, ticket={"channel": "email", "tags": (), "created_at": NOW},
    )  # fmt: skip
    return make.plan(), facts.changed(codes=True)


def after_the_order_is(plan: Any, facts: Facts, result: effects.Result) -> effects.Effect:
    """What comes next once the order was looked up with this result."""
    look_up = decide(plan, facts)
    assert isinstance(look_up, effects.LookUp)
    return decide(plan, advance(plan, facts, look_up, result))


def test_a_foreign_and_an_unknown_order_are_asked_for_alike(
    claimed: tuple[Any, Facts], numbered: Any
) -> None:
    plan, facts = claimed
    facts = take_in(plan, facts, numbered)
    own = effects.Found(RecordValue("shop.order", "o1", {}), facts.now)

    known, unknown = (after_the_order_is(plan, facts, result) for result in (own, effects.Missing()))

    assert isinstance(known, effects.Prove)
    assert known == unknown


def test_a_run_that_waits_for_a_code_is_stored_and_read_back(
    claimed: tuple[Any, Facts], numbered: Any, make: Any
) -> None:
    plan, facts = claimed
    facts = take_in(plan, facts, numbered)
    look_up = decide(plan, facts)
    facts = advance(plan, facts, look_up, effects.Missing())
    waiting = advance(plan, facts, decide(plan, facts), effects.Sent())

    again = Facts.from_json(waiting.to_json(), plan, make.policy())

    assert again.proving == waiting.proving
    assert isinstance(decide(plan, again), effects.Wait)
    assert take_in(plan, again, Silence()).stopped_by == "identity"


def test_a_message_without_a_code_asks_again_and_sends_none(
    claimed: tuple[Any, Facts], numbered: Any
) -> None:
    plan, facts = claimed
    facts = take_in(plan, facts, numbered)
    facts = advance(plan, facts, decide(plan, facts), effects.Missing())
    waiting = advance(plan, facts, decide(plan, facts), effects.Sent())

    again = after_the_order_is(plan, take_in(plan, waiting, Said(numbered.reading)), effects.Missing())

    assert isinstance(again, effects.Prove)
    assert not again.send


# -- what the policy demands of an action -------------------------------------------------------------------------

RAISED = POLICY.replace(
    "approval_above: refund_without_approval,", "approval_above: refund_without_approval, identity: code,"
)


def test_a_playbook_that_proves_less_than_the_policy_demands_does_not_load(make: Any) -> None:
    plan, problems = compile_playbook(load(REFUND, "playbook.yaml"), make.interfaces, make.policy(RAISED))

    assert plan is None
    assert [(one.code, one.message) for one in problems if one.severity == "error"] == [
        ("not-identified", "shop.refund needs level code, here it may be verified")
    ]


def test_an_action_carries_the_level_that_the_policy_demands_of_it(make: Any) -> None:
    desk = make.desk()
    desk.policy = make.policy(RAISED)
    desk.hears(said("Refund order 10231", order_number="10231"))

    desk.hears(said("yes", "yes"))

    perform = desk.all_performed[0]
    assert perform.required_identity is Level.CODE
    assert guard.identity(perform, Level.VERIFIED) is not None


def test_a_yes_counts_after_a_code_that_was_no_longer_needed(make: Any) -> None:
    desk = make.desk(level=Level.CLAIMED, save=lambda facts: facts.changed(codes=True))
    desk.hears(said("Refund order 10231", order_number="10231"))
    desk.hears(said("refund order 10231", order_number="10231"))
    desk.level = Level.VERIFIED
    desk.hears(said("Never mind the code", "stops"))

    desk.hears(said("yes", "yes"))

    assert desk.ending == "resolved"

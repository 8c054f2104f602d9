"""Being known by details: asked for alike whether the record is known, compared word for word, and what follows."""

from typing import Any

import pytest

from resolver.condition.values import RecordValue
from resolver.decision.details import MAX_WORDS, named_in
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.playbook.compile import compile_playbook
from resolver.playbook.policy import Way
from resolver.source.load import load
from tests.decision.conftest import POLICY

TESTS = """
tests: where_is_it
given:
  now: 2026-11-23 10:00
  customer: {email: other@example.com, identity: claimed, language: en, vip: no}
  shop.order:
    - {number: 10231, id: o1, email: ann@example.com, status: paid, total: 39.90 EUR, refunded: 0 EUR, country: DE,
       address: "Lindenweg 3", lines: []}
cases:
"""
WHERE_IS_IT = """
playbook: where_is_it
language: 1
title: Where is it?
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: order_status, examples: [Where is it]}
identify: matched
needs:
  order_number: {type: order_number, ask: which_order}
look_up:
  - {find: shop.order, with: {number: order_number}, as: order, if_missing: unknown}
decide:
  - {rule: theirs, otherwise: say, because: It is theirs.}
outcomes:
  say: [{reply: status}]
  unknown: [{hand_off: orders, summary: "Order {order_number} is not known."}]
if_unsure: unknown
replies:
  which_order: {en: "Which order is it?"}
  status: {en: "Order {order} costs {order.total}."}
"""
IDENTITY = "identity: {trust_email: yes, matched_may_see: yes, details: [[email, address]]}"
KNOWN_BY = POLICY.replace("identity: {trust_email: yes}", IDENTITY)
ASKS = "{writes: Where is 10231, understood: {intent: order_status, order_number: 10231}}"
RIGHT = "{writes: 'Ann@Example.com, Lindenweg 3', understood: []}"
WRONG = "{writes: 'ann@example.com, Lindenweg 4', understood: []}"


@pytest.fixture
def plays(make: Any) -> Any:
    def played(when: str, then: str, given: str = "") -> Any:
        policy = make.policy(KNOWN_BY)
        plan, wrong = compile_playbook(load(WHERE_IS_IT, "playbook.yaml"), make.interfaces, policy)
        assert plan is not None, wrong
        case = f"  - {{test: details, given: {{{given}}}, when: [{when}], then: {{{then}}}}}\n"
        tests, problems = read_tests(
            load((TESTS + case).encode(), "playbooks/x.test.yaml"), {plan.playbook: plan}, policy
        )
        assert tests is not None, problems
        return run_tests(tests, {plan.playbook: plan}, policy).results[0].differences

    return played


def test_whoever_names_the_details_is_the_orders_owner_from_then_on(plays: Any) -> None:
    assert plays(f"{ASKS}, {RIGHT}", "asked: [details], rule: theirs, replies: [status]") == ()


BY_ACCOUNT = "identity: {trust_email: yes, matched_may_see: yes, account: shop.order, details: [[number]]}"


def test_an_account_is_found_by_what_the_customer_says_of_it(make: Any) -> None:
    policy = make.policy(POLICY.replace("identity: {trust_email: yes}", BY_ACCOUNT))
    plan, wrong = compile_playbook(load(WHERE_IS_IT, "playbook.yaml"), make.interfaces, policy)
    assert plan is not None, wrong
    found = "{writes: It is 10231, understood: []}"
    none = "{writes: It is 10232 or 10231, understood: []}"
    when = f"{{writes: Where is it, understood: {{intent: order_status}}}}, {none}, {found}"
    case = f"  - {{test: account, when: [{when}], then: {{asked: [details, order_number, details, order_number]}}}}\n"
    tests, problems = read_tests(load((TESTS + case).encode(), "x.test.yaml"), {plan.playbook: plan}, policy)
    assert tests is not None, problems

    assert run_tests(tests, {plan.playbook: plan}, policy).results[0].differences == ()


AT_ONCE = (
    "{writes: 'Where is 10231? Ann@Example.com, Lindenweg 3', "
    "understood: {intent: order_status, order_number: 10231}}"
)
BESIDE = "{writes: '10231, it is ann@example.com, Lindenweg 3', understood: {order_number: 10231}}"
NO_NUMBER = "{writes: Where is it, understood: {intent: order_status}}"


def test_who_names_the_details_unasked_is_not_asked(plays: Any) -> None:
    assert plays(AT_ONCE, "asked: [], rule: theirs, replies: [status]") == ()
    assert plays(f"{NO_NUMBER}, {BESIDE}", "asked: [order_number], rule: theirs, replies: [status]") == ()


def test_the_address_alone_does_not_make_the_owner(plays: Any) -> None:
    own = "customer: {email: ann@example.com}"

    assert plays(f"{ASKS}, {WRONG}", "asked: [details, details], replies: []", own) == ()
    assert plays(f"{ASKS}, {RIGHT}", "asked: [details], replies: [status]", own) == ()


def test_somebody_elses_details_are_asked_for_once_more(plays: Any) -> None:
    assert plays(f"{ASKS}, {WRONG}", "asked: [details, details], done: []") == ()


def test_details_may_be_right_the_third_time(plays: Any) -> None:
    assert plays(f"{ASKS}, {WRONG}, {WRONG}, {RIGHT}", "replies: [status]") == ()


def test_three_wrong_answers_meet_a_person(plays: Any) -> None:
    found = plays(f"{ASKS}, {WRONG}, {WRONG}, {WRONG}", "stopped_by: identity, disposition: handed_off")

    assert found == ()


def test_a_day_of_silence_meets_a_person(plays: Any) -> None:
    assert plays(f"{ASKS}, {{waits: 1 days}}", "stopped_by: identity, disposition: handed_off") == ()


def test_an_unknown_order_is_asked_about_like_a_known_one(plays: Any) -> None:
    unknown = ASKS.replace("10231", "99999")

    found = plays(f"{unknown}, {RIGHT}, {RIGHT}, {RIGHT}", "asked: [details, details, details], done: []")

    assert found == ()


def test_nobody_is_known_by_a_code_that_was_not_asked_for(plays: Any) -> None:
    assert plays(ASKS, "asked: [details]", "codes: yes") == ()


# -- what counts as named -----------------------------------------------------------------------------------------

RECORD = RecordValue(
    "account", "a1", {"name": "José Núñez", "postcode": "LS1 4AB", "phone": "+44 113 496 0000", "pin": "42"}
)


@pytest.mark.parametrize(
    "text",
    ["José Núñez, LS1 4AB", "I am JOSE NUNEZ\nand live in ls14ab.", "ls1-4ab; jose  nunez!"],
)
def test_case_marks_and_spaces_make_no_difference(text: str) -> None:
    assert named_in(text, RECORD, [Way(2, ("name", "postcode"))])


@pytest.mark.parametrize(
    "text",
    ["José Núñez", "LS1 4AB", "José Núñez, LS1 4AC", "José Núñezz, LS1 4AB", "XLS1 4AB José Núñez", ""],
)
def test_half_of_it_or_nearly_it_is_not_enough(text: str) -> None:
    assert not named_in(text, RECORD, [Way(2, ("name", "postcode"))])


def test_two_of_three_are_enough_where_the_policy_says_so() -> None:
    way = Way(2, ("name", "postcode", "phone"))

    assert named_in("LS1 4AB and +44 113 496 0000", RECORD, [way])
    assert not named_in("only LS1 4AB", RECORD, [way])


def test_a_list_of_all_there_could_be_names_nothing() -> None:
    guesses = " ".join(f"word{number}" for number in range(MAX_WORDS))

    assert not named_in(f"{guesses} LS1 4AB", RECORD, [Way(1, ("postcode",))])


def test_what_is_too_short_or_not_on_the_record_is_never_named() -> None:
    assert not named_in("42", RECORD, [Way(1, ("pin",))])
    assert not named_in("email", RECORD, [Way(1, ("email",))])


MORE = """
  why: {type: "one of [late, curious]", ask: which_why, labels: {late: {en: It is late}, curious: {en: Just so}}}
  whole: {type: yes/no, when: order.total > 20 EUR, ask: which_whole}
  words: {type: text, ask: which_words}
"""
TEXTS = """
  which_why: {en: "Why do you ask?"}
  which_whole: {en: "Is it about all of it?"}
  which_words: {en: "What else?"}
"""


@pytest.fixture
def asks_more(make: Any) -> Any:
    """Plays the playbook with three more questions: a choice, one about the order, and one for free text."""

    def played(when: str, then: str) -> Any:
        needs = "needs:\n  order_number: {type: order_number, ask: which_order}\n"
        text = WHERE_IS_IT.replace(needs, f"{needs.rstrip()}{MORE}").rstrip() + TEXTS
        text = text.replace("is not known.", "is not known. {why} {whole} {words}")
        policy = make.policy(KNOWN_BY)
        plan, wrong = compile_playbook(load(text, "playbook.yaml"), make.interfaces, policy)
        assert plan is not None, wrong
        case = f"  - {{test: details, when: [{when}], then: {{{then}}}}}\n"
        tests, problems = read_tests(
            load((TESTS + case).encode(), "x.test.yaml"), {plan.playbook: plan}, policy
        )
        assert tests is not None, problems
        return run_tests(tests, {plan.playbook: plan}, policy).results[0].differences

    return played


def test_a_question_that_tells_nothing_of_the_order_goes_beside_the_one_for_details(asks_more: Any) -> None:
    then = "asked: [details, why], messages: 1, last_reply_contains: ['please tell us', Why do you ask, 1. It is late]"

    assert asks_more(ASKS, then) == ()
    assert (
        asks_more(ASKS.replace("10231", "10239"), then) == ()
    )  # there is no such order, and nobody can tell


def test_both_answers_of_one_message_count_and_the_rest_is_asked_once_it_is_known_who_asks(
    asks_more: Any,
) -> None:
    both = "{writes: 'Just so. Ann@Example.com, Lindenweg 3', understood: []}"

    assert asks_more(f"{ASKS}, {both}", "asked: [details, why, whole, words], messages: 2") == ()


def test_what_was_asked_beside_the_details_is_not_repeated_with_them_but_stays_open(asks_more: Any) -> None:
    late = "{writes: It is late, understood: []}"

    assert asks_more(f"{ASKS}, {WRONG}", "asked: [details, why, details]") == ()
    assert (
        asks_more(
            f"{ASKS}, {WRONG}, {late}, {RIGHT}", "asked: [details, why, details, details, whole, words]"
        )
        == ()
    )
    assert asks_more(f"{ASKS}, {RIGHT}", "asked: [details, why, why, whole, words]") == ()

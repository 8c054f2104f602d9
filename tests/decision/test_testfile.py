"""Test files of playbooks: read with positions, played against a fake shop, compared, counted."""

import pytest

from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.source.load import load
from tests.decision.test_undo import BILL, CHANGE, ENDS, moving

TESTS = """
tests: refund_order
given:
  now: 2026-11-23 10:00
  customer: {email: ann@example.com, identity: verified, language: en, vip: no}
  shop.order:
    - {number: 10231, id: o1, email: ann@example.com, status: delivered, total: 39.90 EUR, refunded: 0 EUR, country: DE,
       address: "Lindenweg 3", delivered_at: "2026-11-11 09:00",
       lines: [{id: l1, name: Blue mug, quantity: 2, refundable: 24.00 EUR, final_sale: no},
               {id: l2, name: Tea towel, quantity: 1, refundable: 15.90 EUR, final_sale: no}]}
cases:
  - test: a plain refund
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: Yes please, understood: yes}
    then: {rule: refund, outcome: pay_back, done: [{shop.refund: {order: o1, items: [l1, l2], amount: 39.90 EUR}}],
      asked: [], replies: [confirm_refund, refunded], last_reply_contains: [39.90], messages: 2, disposition: resolved,
      ticket: {status: solved, add_tags: [auto_refund]}}
  - test: refunded elsewhere while the customer slept
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {world: {shop.order 10231: {refunded: 39.90 EUR, lines: [{id: l1, refundable: 0 EUR}]}}}
      - {writes: ok, understood: yes}
    then: {rule: nothing_left, done: [], replies: [confirm_refund, already], disposition: answered}
  - test: the bank answers later
    given: {results: {shop.refund: pending}}
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: ok, understood: yes}
    then: {outcome: promised, done: [{shop.refund: {amount: 39.90 EUR}}], replies: [confirm_refund, started]}
  - test: too late
    given: {shop.order: [{id: o1, delivered_at: "2026-10-01 09:00"}]}
    when: [{writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}]
    then: {rule: too_late, replies: [outside], disposition: declined, ticket: {status: solved}}
  - test: the number is asked for
    when:
      - {writes: I want my money back, understood: {intent: refund}}
      - {writes: 10231, understood: {order_number: 10231}}
      - {writes: No, understood: no}
    then: {asked: [order_number], replies: [confirm_refund, kept], disposition: withdrawn}
  - test: somebody else's order
    given: {customer: {email: bob@example.com}}
    when: [{writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}]
    then: {outcome: unknown_order, handoff: orders, summary_contains: 10231, disposition: handed_off,
      ticket: {status: open, queue: orders}}
  - test: above the limit, approved a day later
    given: {limits: {refund_without_approval: {EUR: 20}}}
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: ok, understood: yes}
      - {approves: team_leads}
    then: {done: [shop.refund], replies: [confirm_refund, being_checked, refunded]}
  - test: nobody approves in time
    given: {limits: {refund_without_approval: {EUR: 20}}}
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: ok, understood: yes}
      - {waits: 2 business days}
    then: {outcome: hand_over, handoff: refunds}
  - test: the customer never answers
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {waits: 4 days}
    then: {disposition: no_reply, ticket: {status: pending}}
  - test: the shop does not say when it was delivered
    given: {shop.order: [{id: o1, delivered_at: unknown}]}
    when: [{writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}]
    then: {rule: too_late}
  - test: more is left than the lines hold, so the shop's own requirement stops it
    given: {shop.order: [{id: o1, lines: [{id: l1, refundable: 1 EUR}]}]}
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: ok, understood: yes}
    then: {stopped_by: requires, done: [], handoff: refunds}
  - test: a pending refund that fails later
    given: {results: {shop.refund: pending}}
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: ok, understood: yes}
      - {settles: {shop.refund: unknown}}
    then: {handoff: refunds, done: [shop.refund]}
  - test: an empty list leaves no line
    given: {shop.order: [{id: o1, lines: []}]}
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: ok, understood: yes}
    then: {stopped_by: requires, done: []}
"""


@pytest.fixture
def plans(make):
    return {"refund_order": make.plan()}


def played(make, plans, text=TESTS):
    tests, problems = read_tests(load(text, "refund_order.test.yaml"), plans, make.policy())
    assert tests is not None, problems
    return run_tests(tests, plans, make.policy())


@pytest.mark.parametrize("index", [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12])
def test_every_case_of_the_file_comes_out_as_written(make, plans, index):
    result = played(make, plans).results[index]

    assert [difference.message for difference in result.differences] == []


def test_a_case_that_expects_something_else_says_what_came_instead(make, plans):
    text = TESTS.replace("{rule: too_late, replies: [outside]", "{rule: refund, replies: [refunded]")

    result = played(make, plans, text).results[3]

    assert not result.passed
    assert result.differences[0].message == "rule refund was expected, too_late applied"
    assert result.differences[0].where.path == "refund_order.test.yaml"
    assert result.differences[0].where.line > 30


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        (0, "the answer to the question for 'order_number'"),
        (1, "the customer's yes or no"),
    ],
)
def test_a_case_whose_run_is_not_over_says_what_it_waits_for(make, plans, answers, waits):
    cases = TESTS.partition("cases:\n")[0]
    happenings = [
        "{writes: Money back, understood: {intent: refund}}",
        "{writes: 10231, understood: {order_number: 10231}}",
    ]
    when = "".join(f"      - {one}\n" for one in happenings[: answers + 1])
    then = "rule: too_late, outcome: refuse, handoff: orders, disposition: declined"
    text = f"{cases}cases:\n  - test: too early\n    when:\n{when}    then: {{{then}, done: []}}\n"

    told = [one.message for one in played(make, plans, text).results[0].differences]

    assert f"a handoff to orders was expected, the run waits for {waits}" in told
    assert f"disposition declined expected, it is not ended: the run waits for {waits}" in told
    decided = f"rule too_late was expected, none applied: the run waits for {waits}"
    assert (decided in told) is (answers == 0)


def test_an_action_nobody_mentioned_fails_the_case(make, plans):
    text = TESTS.replace(
        "then: {done: [shop.refund], replies: [confirm_refund, being_checked, refunded]}", "then: {}"
    )

    result = played(make, plans, text).results[6]

    assert "(the case mentions none)" in result.differences[0].message


MOVES = """
tests: move_order
given:
  now: 2026-11-23 10:00
  customer: {email: ann@example.com, identity: verified, language: en}
  shop.order:
    - {number: 10231, id: o1, email: ann@example.com, status: paid, total: 39.90 EUR, refunded: 0 EUR, country: DE,
       address: "Lindenweg 3", lines: [{id: l1, name: Blue mug, quantity: 2, refundable: 24.00 EUR, final_sale: no}]}
  results: {shop.send_invoice: {refused: no_invoice}}
cases:
  - test: the first action is taken back
    when: &asks
      - {writes: Send 10231 to Rosenweg 1, understood: {order_number: 10231, new_address: Rosenweg 1}}
      - {writes: ok, understood: yes}
    then: {done: [{shop.change_address: {address: Rosenweg 1}}],
      undone: [{shop.change_address: {address: Lindenweg 3}}],
      outcome: nothing, replies: [shall_i, stays], disposition: answered}
  - test: it cannot be taken back
    given: {results: {undo shop.change_address: unknown}}
    when: *asks
    then: {done: [shop.change_address], undone: [shop.change_address], stopped_by: shop.change_address, handoff: orders}
  - test: taking it back takes a while
    given: {results: {undo shop.change_address: pending}}
    when:
      - {writes: Send 10231 to Rosenweg 1, understood: {order_number: 10231, new_address: Rosenweg 1}}
      - {writes: ok, understood: yes}
      - {settles: {undo shop.change_address: done}}
    then: {done: [shop.change_address], undone: [shop.change_address], replies: [shall_i, stays]}
  - test: nobody said that something is taken back
    when: *asks
    then: {done: [shop.change_address]}
"""
_ASKS = MOVES.partition("&asks\n")[2].partition("    then")[0]


@pytest.mark.parametrize(
    ("index", "told"),
    [
        (0, []),
        (1, []),
        (2, []),
        (3, ["undone: [] expected, ['shop.change_address'] was undone (the case mentions none)"]),
    ],
)
def test_what_is_taken_back_is_played_and_compared(make, index, told):
    plans = {"move_order": make.plan(moving(CHANGE, BILL, ENDS))}
    text = MOVES.replace("&asks\n", "\n").replace(" *asks\n", f"\n{_ASKS}")

    result = played(make, plans, text).results[index]

    assert [difference.message for difference in result.differences] == told


def test_a_refusal_that_is_found_out_before_asking_is_played(make, plans):
    given = "given: {dry_runs: {shop.refund: {refused: already_refunded}}}"
    text = TESTS.replace("given: {results: {shop.refund: pending}}", given, 1)
    before, case = text.split("  - test: the bank answers later\n")
    case = case.replace("      - {writes: ok, understood: yes}\n", "", 1)
    told = "then: {outcome: promised, done: [{shop.refund: {amount: 39.90 EUR}}], replies: [confirm_refund, started]}"
    assert told in case
    case = case.replace(told, "then: {outcome: nothing_left, done: [], replies: [already]}")

    result = played(make, plans, f"{before}  - test: the bank answers first\n{case}").results[2]

    assert [difference.message for difference in result.differences] == []


RETURNS = """
tests: move_order
given:
  now: 2026-11-23 10:00
  customer: {email: ann@example.com, identity: verified, language: en}
  shop.order:
    - {number: 10231, id: o1, email: ann@example.com, status: delivered, total: 39.90 EUR, refunded: 0 EUR, country: DE,
       address: "Lindenweg 3", lines: [{id: l1, name: Blue mug, quantity: 2, refundable: 24.00 EUR, final_sale: no}]}
cases:
  - test: the number of the return is told
    given: {results: {shop.return_items: {done: {return_number: R-77}}}}
    when: ASKS
    then: {done: [shop.return_items], last_reply_contains: [R-77], disposition: resolved}
  - test: the shop gives no number
    when: ASKS
    then: {done: [shop.return_items], stopped_by: opened.return_number, handoff: orders}
""".replace(" ASKS", f"\n{_ASKS.rstrip()}")


@pytest.mark.parametrize("index", [0, 1], ids=["given", "not given"])
def test_what_an_action_gives_is_played_and_can_be_told(make, index):
    opens = "do: shop.return_items, with: {order: order, items: order.lines}, as: opened, if_fails: hand_over"
    text = moving(opens, ENDS).replace("goes there now", "has return {opened.return_number}")
    text = text.replace('"order.status in [created, paid, processing]"', "order.status is delivered")

    result = played(make, {"move_order": make.plan(text)}, RETURNS).results[index]

    assert [difference.message for difference in result.differences] == []


def test_an_unknown_field_stops_the_run_and_no_rule_applies(make, plans):
    result = played(make, plans).results[9]

    assert result.differences[0].message == "rule too_late was expected, none applied"


def test_coverage_counts_rules_outcomes_and_replies(make, plans):
    coverage = played(make, plans).coverage

    assert coverage.summary().startswith("rules 3/4, outcomes 7/7, edges 5/8, questions 1/1, replies ")
    assert any("rule anything_else" in one for one in coverage.missing())
    assert any("edge pay_back/do-" in one for one in coverage.missing())


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("tests: refund_order", "tests: refund_orders", "is not a word known here"),
        ("now: 2026-11-23 10:00", "now: yesterday", "a moment such as"),
        ("total: 39.90 EUR", "total: 39.90", "needs money, such as 39.90 EUR"),
        ("country: DE", "country: Germany", "a country by its ISO code, such as DE"),
        (
            "rule: too_late, replies: [outside]",
            "rule: much_too_late, replies: [outside]",
            "there is no rule",
        ),
        ("{waits: 4 days}", "{waits: for ever}", ""),
        ("{writes: Yes please, understood: yes}", "{writes: Yes please}", "'understood' is missing"),
        ("{approves: team_leads}", "{approves: nobody}", "is not a word known here"),
        (
            "{writes: 10231, understood: {order_number: 10231}}",
            "{writes: no idea, understood: {order_number: 10231}}",
            "does not stand in the message",
        ),
        ("{shop.refund: {order: o1,", "{shop.refund: {older: o1,", "is not a word known here"),
        ("results: {shop.refund: pending}", "results: {shop.refund: maybe}", "is not a word known here"),
        (
            "given: {results: {shop.refund: pending}}",
            "given: {ticket: {label: vip}}",
            "'label' is not a word known here",
        ),
        (
            "given: {results: {shop.refund: pending}}",
            "given: {ticket: {channel: letter}}",
            "needs a one of",
        ),
        ("understood: no}", "understood: code}", "'code' is not a word known here"),
        ("understood: no}", "understood: new_intent}", "'new_intent' is not a word known here"),
    ],
)
def test_a_mistake_in_the_file_is_reported_at_its_place(make, plans, good, bad, message):
    assert good in TESTS
    tests, problems = read_tests(load(TESTS.replace(good, bad, 1), "t.test.yaml"), plans, make.policy())

    assert tests is None
    assert message in problems[0].message
    assert problems[0].where.line > 1
    assert problems[0].help


def test_a_case_without_given_says_what_is_missing(make, plans):
    text = "tests: refund_order\ncases:\n  - test: bare\n    when: []\n    then: {}\n"

    tests, problems = read_tests(load(text, "t.test.yaml"), plans, make.policy())

    assert tests is None
    assert "says what is given" in problems[0].message

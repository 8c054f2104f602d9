"""A value for each element of a list: asked in one message, answered in any order, read fresh, sent as pairs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from resolver.condition.storage import to_json
from resolver.condition.types import Date, ListOf, PairsOf, Record
from resolver.condition.values import PairValue, RecordValue
from resolver.connector.action import ChosenLine, ChosenPair
from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, Manifest, Narrowing, bind
from resolver.decision.facts import OpenQuestion
from resolver.decision.pairs import answered_for
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import Report, run_tests
from resolver.gateway.wire import to_connector, to_ledger
from resolver.playbook.compile import compile_playbook
from resolver.playbook.policy_reader import read_policy
from resolver.reading import Reading
from resolver.source.load import load
from resolver.source.problem import Problem
from resolver.ticket import MessageId
from resolver.understanding.slots import Slots

RETAIL = """
interface: retail
types:
  order: {key: id, owner: email, show: "{id}",
    fields: {id: text, email: email, status: "one of [pending, delivered]", total: money, lines: list of line},
    facts: [total >= 0, sum of price in lines <= total]}
  line: {key: item_id, show: "{name} ({options})", owner: nobody, facts: [price >= 0],
    fields: {item_id: text, name: text, options: text, price: money, product: "product, from retail.product"}}
  product: {key: id, show: "{name}", owner: nobody, fields: {id: text, name: "text, public", variants: list of variant}}
  variant: {key: item_id, show: "{options}", owner: nobody, facts: [price >= 0],
    fields: {item_id: "text, public", options: "text, public", available: "yes/no, public", price: "money, public"}}
look_ups:
  retail.order: {takes: {id: order_number}, gives: order, identity: claimed}
  retail.product: {takes: {id: text}, gives: product, identity: anonymous}
actions:
  retail.exchange_items: {title: Exchange items of a delivered order, effect: money, takes: {order: order,
      changes: list of line to variant, difference: money}, pays: 0 EUR - difference,
    requires: [order.status is delivered, all of changes where to.available], result: done, undo: none}
"""
EXCHANGE = """
playbook: exchange_items
language: 1
title: Exchange items of a delivered order
owner: support@retail.example
languages: [en]
handles: {intent: exchange_items, examples: [Can I swap the blue shirt for a red one]}
identify: verified
needs:
  order_number: {type: order_number, ask: which_order}
  items: {type: some of order.lines, when: open, ask: which_items}
  changes:
    for_each: items as item
    type: one of item.product.variants where (available and item_id is not item.item_id)
    ask: which_variant
    if_none: hand_over
look_up: [{find: retail.order, with: {id: order_number}, as: order, if_missing: hand_over}]
compute:
  open: order.status is delivered
  new_prices: sum of to.price in changes
  old_prices: sum of item.price in changes
  difference: new_prices - old_prices
decide:
  - {rule: not_delivered, when: not open, then: refuse, because: Only delivered orders can be exchanged.}
  - {rule: exchange, when: open, then: swap}
  - {rule: anything_else, otherwise: hand_over, because: No rule fits.}
outcomes:
  swap:
    - {confirm: confirm_swap, if_no: keep}
    - {do: retail.exchange_items, with: {order: order, changes: changes, difference: difference}, if_fails: hand_over}
    - {reply: swapped}
  refuse: [{reply: not_open, ends: declined}]
  keep: [{reply: kept, ends: withdrawn}]
  hand_over: [{hand_off: people, summary: "Exchange of items from {order_number}."}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order is it?"}
  which_items: {en: "Which items would you like to exchange?"}
  which_variant: {en: "What would you like instead of {item}?"}
  confirm_swap: {en: "Order {order}: {changes}. The price difference is {difference}. Is that right?"}
  swapped: {en: "Your exchange is requested."}
  not_open: {en: "Only delivered orders can be exchanged."}
  kept: {en: "All right, nothing changes."}
"""
POLICY = """
policy: 1
time_zone: America/New_York
business_days: [mon, tue, wed, thu, fri]
queues: {default: Support, people: Support}
actions:
  retail.exchange_items: {approval_above: never, per_day: {EUR: 50000}}
"""
GIVEN = """
tests: exchange_items
given:
  now: 2026-11-23 10:00
  customer: {email: ann@example.com, identity: verified, language: en}
  retail.order:
    - {id: "10231", email: ann@example.com, status: delivered, total: 100 EUR, lines: [
        {item_id: s1, name: Shirt, options: "blue, M", price: 20 EUR, product: p1},
        {item_id: k1, name: Kettle, options: steel, price: 30 EUR, product: p2}]}
  retail.product:
    - {id: p1, name: Shirt, variants: [
        {item_id: s1, options: "blue, M", available: yes, price: 20 EUR},
        {item_id: s2, options: "red, M", available: yes, price: 22 EUR},
        {item_id: s3, options: "green, M", available: no, price: 22 EUR},
        {item_id: s4, options: "black, M", available: yes, price: 25 EUR}]}
    - {id: p2, name: Kettle, variants: [
        {item_id: k1, options: steel, available: yes, price: 30 EUR},
        {item_id: k2, options: white, available: yes, price: 28 EUR}]}
cases:
"""
ASKS = "{writes: Exchange items of 10231, understood: {intent: exchange_items, order_number: 10231}}"
BOTH = "{writes: both, understood: {items: [s1, k1]}}"


def installation() -> Interfaces:
    interface, problems = read_interface(load(RETAIL, "retail.yaml"))
    assert interface is not None, problems
    narrowings = {
        name: Narrowing("natural", None, "none", spec.result, spec.settles_within, spec.refuses)
        for name, spec in interface.actions.items()
    }
    manifest = Manifest("retail", "Retail", "backend", "x", implements=("retail",), actions=narrowings)
    return bind([interface], {"shop": manifest}, {"retail": "shop"})


def problems_of(text: str) -> list[Problem]:
    interfaces = installation()
    policy, _ = read_policy(load(POLICY, "policy.yaml"), interfaces)
    return list(compile_playbook(load(text, "exchange_items.yaml"), interfaces, policy)[1])


def played(case: str, playbook: str = EXCHANGE) -> Report:
    interfaces = installation()
    policy, wrong = read_policy(load(POLICY, "policy.yaml"), interfaces)
    assert policy is not None, wrong
    plan, problems = compile_playbook(load(playbook, "exchange_items.yaml"), interfaces, policy)
    assert plan is not None, problems
    tests, problems = read_tests(
        load(f"{GIVEN}{case}", "exchange_items.test.yaml"), {plan.playbook: plan}, policy
    )
    assert tests is not None, problems
    return run_tests(tests, {plan.playbook: plan}, policy)


def passes(when: str, then: str, playbook: str = EXCHANGE) -> None:
    report = played(f"  - test: it\n    when: [{when}]\n    then: {then}\n", playbook)
    assert [str(one) for result in report.results for one in result.differences] == []


def test_each_item_is_asked_for_in_one_message_with_only_what_is_available() -> None:
    passes(
        f"{ASKS}, {BOTH}",
        '{asked: [order_number, items], messages: 2, last_reply_contains: ["instead of Shirt (blue, M)?", "1. red, M", '
        '"2. black, M", "instead of Kettle (steel)?", "3. white"], done: []}'.replace(
            "asked: [order_number, items], ", ""
        ),
    )


@pytest.mark.parametrize(
    ("answer", "shirt", "difference"),
    [
        ("1 and 3", "s2", "0"),
        ("3, 2", "s4", "3"),
        ("red, M\nwhite", "s2", "0"),
        ("the black one\nwhite", "s4", "3"),
    ],
)
def test_an_answer_names_the_new_items_by_number_or_line_by_line(
    answer: str, shirt: str, difference: str
) -> None:
    text = answer.replace("\n", "\\n")
    passes(
        f'{ASKS}, {BOTH}, {{writes: "{text}", understood: []}}, {{writes: Yes, understood: yes}}',
        f"{{rule: exchange, done: [{{retail.exchange_items: {{order: '10231', difference: {difference} EUR, "
        f"changes: [{{item: s1, to: {shirt}}}, {{item: k1, to: k2}}]}}}}], disposition: resolved}}",
    )


def test_what_is_offered_shows_every_pair_and_the_difference() -> None:
    passes(
        f"{ASKS}, {BOTH}, {{writes: 2 and 3, understood: []}}",
        '{last_reply_contains: ["Shirt (blue, M) → black, M and Kettle (steel) → white", "€3.00"], done: []}',
    )


def test_only_what_is_still_missing_is_asked_again() -> None:
    passes(
        f'{ASKS}, {BOTH}, {{writes: "1", understood: []}}',
        '{last_reply_contains: ["instead of Kettle (steel)?", "1. white"], messages: 3, done: []}',
    )


def test_the_new_item_can_be_named_in_the_message_that_names_the_old_one() -> None:
    passes(
        "{writes: Please swap the kettle of 10231 for a white one, "
        "understood: {intent: exchange_items, order_number: 10231, items: [k1]}}",
        '{messages: 1, replies: [confirm_swap], last_reply_contains: ["Kettle (steel) → white"], done: []}',
    )


def test_a_pair_that_was_understood_is_taken() -> None:
    passes(
        "{writes: Swap, understood: {intent: exchange_items, items: [s1], changes: [{item: s1, to: s4}]}}, "
        '{writes: "10231", understood: {order_number: 10231}}, {writes: Yes, understood: yes}',
        "{done: [{retail.exchange_items: {changes: [{item: s1, to: s4}]}}]}",
    )


def test_another_choice_while_the_offer_waits_is_offered_anew() -> None:
    passes(
        "{writes: Swap the shirt in 10231, understood: {intent: exchange_items, order_number: 10231, items: [s1]}}, "
        '{writes: "1", understood: []}, {writes: "No, the black one", understood: no}, {writes: Yes, understood: yes}',
        "{done: [{retail.exchange_items: {changes: [{item: s1, to: s4}], difference: 5 EUR}}]}",
    )


def test_an_option_that_is_sold_out_meanwhile_is_asked_for_again() -> None:
    passes(
        "{writes: Swap the shirt in 10231, understood: {intent: exchange_items, order_number: 10231, items: [s1]}}, "
        '{writes: "1", understood: []}, '
        "{world: {retail.product p1: {variants: [{item_id: s2, available: no}]}}}, {writes: Yes, understood: yes}",
        '{done: [], last_reply_contains: ["instead of Shirt (blue, M)?", "1. black, M"]}',
    )


def test_an_item_with_nothing_to_choose_from_takes_its_edge() -> None:
    passes(
        "{world: {retail.product p2: {variants: [{item_id: k2, available: no}]}}}, "
        f"{ASKS}, {{writes: the kettle, understood: {{items: [k1]}}}}",
        "{handoff: people, done: []}",
    )


def test_a_product_that_cannot_be_read_stops_the_run() -> None:
    text = GIVEN.replace("product: p2}", "product: p9}")
    interfaces = installation()
    policy, _ = read_policy(load(POLICY, "policy.yaml"), interfaces)
    assert policy is not None
    plan, _ = compile_playbook(load(EXCHANGE, "exchange_items.yaml"), interfaces, policy)
    assert plan is not None
    case = f"  - test: it\n    when: [{ASKS}, {{writes: the kettle, understood: {{items: [k1]}}}}]\n"
    tests, problems = read_tests(
        load(f"{text}{case}    then: {{handoff: people, done: []}}\n", "x"), {plan.playbook: plan}, policy
    )
    assert tests is not None, problems

    report = run_tests(tests, {plan.playbook: plan}, policy)

    assert [str(one) for result in report.results for one in result.differences] == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("for_each: items as item", "for_each: items", "wrong-type"),
        ("for_each: items as item", "for_each: order as item", "wrong-type"),
        ("for_each: items as item", "for_each: items as order", "hidden-name"),
        (
            "type: one of item.product.variants where",
            "type: some of item.product.variants where",
            "wrong-type",
        ),
        ("item.product.variants", "item.produkt.variants", "unknown-name"),
        ("instead of {item}?", "instead of {thing}?", "unknown-name"),
        ('swapped: {en: "Your exchange', 'swapped: {en: "{item}: your exchange', "unknown-name"),
        ("Order {order}: {changes}. The", "Order {order}. The", "confirm-hides-value"),
    ],
)
def test_a_mistake_in_a_slot_for_each_element_is_found(old: str, new: str, code: str) -> None:
    assert old in EXCHANGE

    found = problems_of(EXCHANGE.replace(old, new))

    assert code in {one.code for one in found if one.severity == "error"}, found


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("product, from retail.product", "product, from retail.produkt", "unknown-look-up"),
        ("product, from retail.product", "variant, from retail.product", "wrong-type"),
    ],
)
def test_a_field_that_refers_to_nothing_is_found_in_the_interface(old: str, new: str, code: str) -> None:
    _, problems = read_interface(load(RETAIL.replace(old, new), "retail.yaml"))

    assert code in {one.code for one in problems}


def test_pairs_reach_the_connector_with_units_and_keys() -> None:
    takes = installation().bound["retail"].interface.actions["retail.exchange_items"].takes
    arguments: Mapping[str, Any] = {
        "changes": (
            PairValue(
                RecordValue("retail.line", "s1", {"item_id": "s1", "chosen": Decimal(1)}),
                RecordValue("retail.variant", "s2", {"item_id": "s2"}),
            ),
        )
    }

    sent = to_connector(takes, to_ledger(arguments))

    assert sent == {"changes": (ChosenPair(ChosenLine("s1", Decimal(1)), "s2"),)}
    assert to_json(arguments["changes"])


@pytest.mark.parametrize(
    ("answer", "elements", "found"),
    [
        ("on Friday", ["s1"], {"s1": "2026-11-13"}),
        ("Friday please\ntomorrow", ["s1", "k1"], {"s1": "2026-11-13", "k1": "2026-11-11"}),
        ("on Friday\non Friday", ["s1", "k1"], {"s1": "2026-11-13", "k1": "2026-11-13"}),
        ("on Friday", ["s1", "k1"], {}),  # which of them?
        ("Friday or Saturday", ["s1"], {}),
    ],
)
def test_a_day_for_each_is_read_from_the_only_answer_or_a_line_for_each(
    answer: str, elements: list[str], found: dict[str, str]
) -> None:
    interfaces = installation()
    policy, _ = read_policy(load(POLICY, "policy.yaml"), interfaces)
    assert policy is not None
    plan, _ = compile_playbook(load(EXCHANGE, "exchange_items.yaml"), interfaces, policy)
    assert plan is not None
    assert plan.slots["changes"].each is not None
    slot = replace(
        plan.slots["changes"],
        type=ListOf(PairsOf(Record("line"), Date())),
        each=replace(plan.slots["changes"].each, options=None),
    )
    values = Slots().read(answer, ["date"], language="en", written_at=datetime(2026, 11, 10, 12, tzinfo=UTC))
    reading = Reading(MessageId("m1"), answer, "en", slots=values)

    read = answered_for(slot, [OpenQuestion("changes", (), 1, one) for one in elements], reading)

    assert {key: str(value) for key, value in read.items()} == found

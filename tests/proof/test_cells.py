"""Over all tickets there could be: rules that never apply, rules that stop, and agreement with what really happens."""

from datetime import timedelta
from itertools import product

import pytest

from resolver.condition.env import Env
from resolver.condition.storage import read_value
from resolver.condition.types import Record
from resolver.condition.values import RecordValue, Unknown
from resolver.decision.prepare import limits_of
from resolver.money import Money
from resolver.proof.cells import judge
from resolver.proof.findings import findings
from tests.decision.conftest import NOW, order_fields

PLAYBOOK = """
playbook: judged
language: 1
title: Judged
owner: ops@acme.example
languages: [en]
handles: {intent: judged}
identify: verified
needs:
  order_number: {type: order_number, ask: which}
  why: {type: "one of [broken, unwanted]", ask: why, when: late, prefill: no}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: people}]
compute:
  late: order.delivered_at is more than 30 days ago
  left: order.total - order.refunded
decide:
RULES
outcomes:
  one: [{reply: said}]
  people: [{hand_off: orders, summary: "{order_number}"}]
if_unsure: people
replies: {which: {en: "Which?"}, why: {en: "Why?"}, said: {en: "So be it."}}
"""
OTHERWISE = "rest -> otherwise"


def plan_of(make, *rules):
    lines = []
    for rule in rules:
        name, _, when = rule.partition(" -> ")
        if when == "otherwise":
            lines.append(f"  - {{rule: {name}, otherwise: people, because: A person decides.}}")
        else:
            lines.append(f'  - {{rule: {name}, when: "{when}", then: one, because: It is so.}}')
    text = PLAYBOOK.replace("RULES", "\n".join(lines))
    return make.plan(text)


def never(make, *rules):
    judged = judge(plan_of(make, *rules, "uses -> left > 0 or why is broken", OTHERWISE))
    return [one.rule.id for one in judged if not one.can_apply and one.rule.when is not None]


@pytest.mark.parametrize(
    ("rules", "dead"),
    [
        (["a -> order.status is paid", "b -> order.status is paid"], ["b"]),
        (["a -> order.status in [paid, shipped]", "b -> order.status is shipped"], ["b"]),
        (
            ["a -> order.status is not paid", "b -> order.status is paid", "c -> order.status is shipped"],
            ["c", "uses"],
        ),
        (["a -> order.refunded >= order.total", "b -> order.total <= order.refunded"], ["b"]),
        (["a -> order.refunded < order.total", "b -> order.total is more than order.refunded"], ["b"]),
        (["a -> order.total > 50 EUR", "b -> order.total > 80 EUR"], ["b"]),
        (["a -> order.total > 80 EUR", "b -> order.total > 50 EUR"], []),
        (
            ["a -> order.total > 50 EUR", "b -> order.total > 80 USD"],
            ["b", "uses"],
        ),  # the first stops in dollars
        (["a -> order.delivered_at is more than 30 days ago", "b -> late"], ["b"]),
        (["a -> order.delivered_at is at least 30 days ago", "b -> late"], ["b"]),
        (["a -> order.delivered_at is more than 31 days ago", "b -> late"], []),
        (["a -> late and why is broken", "b -> late and why is unwanted", "c -> late"], ["c"]),
        (["a -> none of order.lines where final_sale", "b -> any of order.lines where final_sale"], ["uses"]),
        (["a -> order.tracking_url is known", "b -> order.tracking_url is not known"], ["uses"]),
        (["a -> not (order.status is paid and order.total > 5 EUR)", "b -> order.status is shipped"], ["b"]),
        (["a -> order.status is paid and order.status is shipped"], ["a"]),
        (["a -> count of order.lines is at least 2", "b -> count of order.lines is more than 1"], ["b"]),
    ],
)
def test_a_rule_that_can_never_apply_is_found_and_no_other(make, rules, dead):
    assert never(make, *rules) == dead


def stops(make, *rules):
    judged = judge(plan_of(make, *rules, "uses -> left > 0 or why is broken", OTHERWISE))
    return {one.rule.id: one.stops_for for one in judged if one.stops_for and one.rule.id != "uses"}


def test_a_rule_stops_for_a_field_that_may_be_missing(make):
    assert stops(make, "a -> order.expected_on is more than 3 days ago") == {"a": ("order.expected_on",)}


def test_a_field_that_is_asked_for_first_stops_nothing(make):
    asks = "a -> order.expected_on is known and order.expected_on is more than 3 days ago"

    assert stops(make, asks) == {}


def test_what_is_settled_by_something_else_stops_nothing(make):
    assert stops(make, "a -> order.status is paid", "b -> late and order.status is paid") == {}


def test_a_slot_asked_only_sometimes_stops_nothing_where_it_was_asked(make):
    asked = "a -> late and why is broken"

    assert "why" not in stops(make, "x -> order.delivered_at is not known", asked).get("a", ())


def test_a_limit_without_the_currency_stops(make):
    assert stops(make, "a -> order.total > limits.refund_without_approval") == {
        "a": ("limits.refund_without_approval",)
    }


def test_a_finding_stands_at_the_rules_name_and_says_what_covers_it(make):
    plan = plan_of(
        make,
        "a -> order.status is paid",
        "b -> order.status is paid",
        "u -> left > 0 or why is broken",
        OTHERWISE,
    )
    text = "\n" * (plan.rules[1].line - 1) + "  - {rule: b, when: ..."

    (found,) = [one for one in findings(plan, "judged.yaml", text) if one.code == "never-used"]

    assert (found.where.line, found.where.column, found.length) == (plan.rules[1].line, 12, 1)
    assert found.message == "rule 'b' can never apply; the rules above cover it: a"


RULES = (
    "sold -> order.status in [shipped, delivered] and order.total > 50 EUR",
    "tracked -> order.tracking_url is known and order.status is shipped",
    "old -> order.delivered_at is more than 30 days ago",
    "fresh -> order.delivered_at is at most 2 days ago or order.expected_on is at most 1 day from now",
    "paid_back -> order.refunded >= order.total",
    "never -> order.delivered_at is more than 40 days ago",
    "uses -> left > 5 EUR and why is broken",
    OTHERWISE,
)


def test_what_is_said_of_all_tickets_is_what_happens_to_every_one_of_them(make):
    plan = plan_of(make, *RULES)
    judged = judge(plan)
    applied, stopped = set(), set()

    for order in _orders():
        rule, stops = _first(plan, make.policy(), order)
        (stopped if stops else applied).add(rule)

    assert applied == {one.rule.id for one in judged if one.can_apply}
    assert stopped == {one.rule.id for one in judged if one.stops_for}


def _orders():
    days = [None, *(NOW - timedelta(days=count) for count in (-2, 0, 1, 2, 3, 30, 31, 40, 41))]
    expected = [None, *((NOW + timedelta(days=count)).date() for count in (-3, 0, 1, 2))]
    for status, total, refunded, link, delivered, due in product(
        ("paid", "shipped", "delivered"),
        ("10 EUR", "50 EUR", "60 EUR", "60 USD"),
        ("0", "6", "60"),
        (None, "u"),
        days,
        expected,
    ):
        currency = total[-3:]
        yield order_fields(
            status=status, total=Money.parse(total), refunded=Money.parse(f"{refunded} {currency}"), tracking_url=link,
            delivered_at=delivered, expected_on=due,
        )  # fmt: skip


def _first(plan, policy, order):
    record = read_value(Record("shop.order"), order, plan.records)
    assert isinstance(record, RecordValue)
    names = {"order": record, "limits": limits_of(policy), "order_number": "10231"}
    env = Env(names, NOW, policy.calendar)
    for name in plan.preparation:
        if name in plan.computed:
            names[name] = plan.computed[name].value.call(env)
    for why in ("broken", "unwanted") if names["late"] is True else (None,):
        if why:
            names["why"] = why
    for rule in plan.rules:
        answer = True if rule.when is None else rule.when.call(env)
        if answer is not False:
            return rule.id, isinstance(answer, Unknown)
    raise AssertionError("there is an otherwise")


def test_a_rule_that_needs_what_is_never_asked_there_always_stops(make):
    plan = plan_of(make, "a -> late", "b -> why is broken", "c -> left > 0", OTHERWISE)
    text = json_lines(plan)

    (found,) = [one for one in findings(plan, "judged.yaml", text) if one.code == "always-stops"]

    assert found.message == "why is never known here"
    assert found.help == "its slot is asked only when late"


def json_lines(plan):
    """As many lines as the plan knows of."""
    return "\n".join("rule: " + rule.id for rule in plan.rules) + "\n" * max(rule.line for rule in plan.rules)

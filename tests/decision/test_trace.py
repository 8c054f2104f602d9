"""The trace: no value in clear, chained, the same bytes each time; and the explanation made from it."""

import hmac
import json
import re
from hashlib import sha256

import pytest

from resolver.decision.explain import explain
from resolver.decision.trace import FIRST, chained, line
from resolver.money import Money
from tests.decision.conftest import order_fields, said


def digest(name: str, canonical: str) -> str:
    return hmac.new(b"key", f"{name}\n{canonical}".encode(), sha256).hexdigest()


@pytest.fixture
def played(desk):
    """Both turns of a refund: the desk, its two trace lines, its two messages."""
    heard = [said("Refund order 10231", order_number="10231"), said("Yes", "yes", message="m2")]
    lines: list[bytes] = []
    for event in heard:
        desk.hears(event)
        prev = json.loads(lines[-1])["hash"] if lines else FIRST
        lines.append(line(desk.plan, desk.facts, desk.walk.log, case="zendesk:1", digest=digest, prev=prev))
    return desk, lines, [event.reading for event in heard]


def test_a_turn_is_one_line_that_names_steps_and_rules(played):
    _, (_, second), _ = played

    found = json.loads(second)

    assert found["case"] == "zendesk:1"
    assert found["turn"] == 2
    assert found["moves"] == [{"message": "m2", "move": "yes", "span": [0, 3]}]
    assert [(rule["rule"], rule["is"]) for rule in found["rules"]] == [
        ("nothing_left", False),
        ("too_late", False),
        ("refund", True),
    ]
    assert found["same_offer"] is True
    assert found["effects"][0] == {
        "external": "re_1",
        "generation": 1,
        "result": "done",
        "step": "refund_order/pay_back/do-shop.refund",
    }
    assert found["end"] == "resolved"


def test_no_value_of_the_customer_stands_in_the_trace(played):
    _, lines, _ = played

    for secret in (
        "10231",
        "ann@example.com",
        "39.90",
        "3990",
        "Lindenweg",
        "Mug",
        '"o1"',
        'delivered_at":"2026',
    ):
        assert all(secret not in one.decode() for one in lines)


def test_the_chain_holds_until_a_byte_changes(played):
    _, lines, _ = played
    broken = [lines[0].replace(b"nothing_left", b"nothing_righ"), lines[1]]

    assert chained(lines)
    assert not chained(broken)
    assert not chained([lines[1], lines[0]])


def test_the_same_turn_gives_the_same_bytes(played, make):
    _, lines, _ = played
    again = make.desk()

    again.hears(said("Refund order 10231", order_number="10231"))

    assert line(again.plan, again.facts, again.walk.log, case="zendesk:1", digest=digest) == lines[0]


def test_an_unknown_rule_is_neither_yes_nor_no_and_says_what_was_missing(make):
    order = order_fields()
    del order["delivered_at"]
    desk = make.desk(orders={"10231": order})
    desk.hears(said("10231", order_number="10231"))

    found = json.loads(line(desk.plan, desk.facts, desk.walk.log, case="z:1", digest=digest))

    assert found["rules"][-1]["is"] is None
    assert found["rules"][-1]["missing"] == ["order.delivered_at"]
    assert found["stopped_by"] == "order.delivered_at"


def test_the_explanation_shows_every_rule_with_the_values_it_saw(played):
    desk, lines, readings = played
    step = "refund_order/pay_back/do-shop.refund"

    told = explain(
        desk.plan,
        desk.facts,
        [json.loads(one) for one in lines],
        digest=digest,
        readings=readings,
        keys={step: "rsv1-abc"},
    )

    text = "\n".join(told.lines())
    assert text.startswith("Refund an order: resolved. rule refund: Delivered and in time.")
    assert "Message m1 (en): Refund order 10231" in text
    assert "Slot order_number = 10231 (prefilled, message m1 [13:18])" in text
    assert f"Rule nothing_left (line {desk.plan.rules[0].line}): no. order.refunded >= order.total [" in text
    assert "order.total = €39.90" in text
    assert "Rule refund" in text
    assert re.search(
        r"\n    order.delivered_at is at most 30 days ago: delivered \w+day .* becomes no on \w+day ", text
    )
    assert f"Effect {step}: done (external re_1, key rsv1-abc)" in text
    assert "The decision is the same as before." in text
    assert json.dumps(told.to_json())


def test_a_fact_that_was_read_anew_since_is_not_passed_off_as_the_old_one(desk):
    desk.hears(said("Refund order 10231", order_number="10231"))
    first = json.loads(line(desk.plan, desk.facts, desk.walk.log, case="z:1", digest=digest))
    desk.orders["10231"]["refunded"] = Money.parse("9.90 EUR")
    desk.hears(said("yes", "yes", message="m2"))

    told = "\n".join(explain(desk.plan, desk.facts, [first], digest=digest).lines())

    assert "order.refunded = (read anew since)" in told

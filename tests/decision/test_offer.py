"""The offer: its exact bytes, and that what was agreed to is what is done."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest
from msgspec import structs

from resolver.condition.storage import to_offer
from resolver.condition.values import Amount, RecordValue
from resolver.decision import guard
from resolver.decision.effects import Confirm
from resolver.decision.events import Approved
from resolver.decision.guard import Spent
from resolver.decision.offer import action_text
from resolver.money import Money
from resolver.playbook.policy import ActionPolicy
from resolver.ticket import Level
from tests.decision.conftest import order_fields, said


def test_an_action_of_an_offer_has_exactly_the_documented_form():
    arguments = {
        "order": RecordValue("shop.order", "o1", {"id": "o1", "total": Amount(Decimal("39.90"), "EUR")}),
        "items": (RecordValue("shop.order_line", "l1", {"chosen": Decimal("1")}),),
        "amount": Amount(Decimal("12.00"), "EUR"),
    }

    assert action_text("refund_order/pay_back/do-shop.refund", "shop.refund", arguments) == (
        '{"action":"shop.refund","step":"refund_order/pay_back/do-shop.refund","with":'
        '{"amount":{"currency":"EUR","minor":1200},"items":[{"chosen":"1","key":"l1"}],'
        '"order":{"key":"o1","type":"shop.order"}}}'
    )


def test_every_other_value_stands_in_an_offer_as_storage_writes_it():
    values = {
        "a": 'Käse "x" \u2028 \\',
        "b": True,
        "c": Decimal("1.50"),
        "d": datetime(2026, 11, 23, 9, tzinfo=UTC),
        "e": ("x", Decimal(2)),
        "f": Amount(Decimal(500), "JPY"),
    }
    expected = json.dumps(
        {"action": "x.y", "step": "s", "with": {name: to_offer(value) for name, value in values.items()}},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )

    assert action_text("s", "x.y", values) == expected


def test_an_offers_id_is_the_hash_of_its_canonical_document(desk):
    desk.hears(said("Refund 10231", order_number="10231"))
    offer = desk.of(Confirm)[0].offer

    document = json.loads(offer.document)

    assert offer.id == sha256(offer.document.encode()).hexdigest()
    assert offer.document == json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert set(document) == {"actions", "plan", "rule"}
    assert document["plan"] == desk.plan.id
    assert document["rule"] == "refund"


@pytest.fixture
def paying(make):
    """A desk one step before its payment of 60 EUR, approved and confirmed."""
    desk = make.desk(orders={"10231": order_fields(total=Money.parse("60 EUR"), lines=[])})
    desk.hears(said("Refund 10231", order_number="10231"))
    desk.hears(said("yes", "yes", message="m2"))
    desk.hears(Approved("lea@acme.example", desk.facts.offer.id, desk.now))
    facts = desk.facts.changed(stage="walking", results={})
    return desk, facts, desk.all_performed[0]


def check(desk, facts, perform):
    stop = guard.consent(desk.plan, facts.changed(stage="committed"), perform)
    return stop.check if stop else None


def test_a_confirmed_and_approved_action_passes(paying):
    desk, facts, perform = paying

    assert check(desk, facts, perform) is None


def test_another_amount_than_offered_is_stopped(paying):
    desk, facts, perform = paying
    changed = replace(perform, arguments={**perform.arguments, "amount": Amount(Decimal("59.99"), "EUR")})

    assert check(desk, facts, changed) == "offer"


def test_a_forged_offer_document_is_stopped(paying):
    desk, facts, perform = paying
    forged = structs.replace(facts.offer, document=facts.offer.document.replace("6000", "9999"))

    assert check(desk, facts.changed(offer=forged), perform) == "offer"


def test_an_action_without_the_customers_yes_is_stopped(paying):
    desk, facts, perform = paying

    assert check(desk, facts.changed(confirmation=None), perform) == "confirmation"


def test_a_yes_to_another_offer_is_stopped(paying):
    desk, facts, perform = paying
    other = replace(facts.confirmation, offer="f" * 64)

    assert check(desk, facts.changed(confirmation=other), perform) == "confirmation"


def test_a_payment_above_the_limit_without_approval_is_stopped(paying):
    desk, facts, perform = paying

    assert check(desk, facts.changed(approval=None), perform) == "approval"


def test_an_approval_of_another_offer_is_stopped(paying):
    desk, facts, perform = paying
    other = replace(facts.approval, offer="f" * 64)

    assert check(desk, facts.changed(approval=other), perform) == "approval"


def test_a_currency_without_an_approval_limit_is_stopped(paying):
    desk, facts, perform = paying

    assert (
        check(desk, facts.changed(approval=None), replace(perform, pays=Money(1, "CHF"))) == "approval_above"
    )


def test_an_action_that_was_never_in_the_plan_is_stopped(paying):
    desk, facts, perform = paying

    assert check(desk, facts, replace(perform, step="refund_order/elsewhere/do-x")) == "offer"


def test_requirements_are_checked_with_the_arguments_as_they_are(paying):
    desk, _, perform = paying
    spec = next(
        step.spec for steps in desk.plan.outcomes.values() for step in steps if getattr(step, "spec", None)
    )
    stop = guard.requirements(spec, perform.arguments, now=desk.now, policy=desk.policy)

    assert stop.check == "requires"  # the lines given hold nothing to refund
    assert "sum of refundable in items" in stop.problem


def test_a_requirement_that_cannot_be_known_does_not_hold(paying):
    desk, _, perform = paying
    spec = next(
        step.spec for steps in desk.plan.outcomes.values() for step in steps if getattr(step, "spec", None)
    )
    stop = guard.requirements(spec, {"amount": perform.arguments["amount"]}, now=desk.now, policy=desk.policy)

    assert "is not known" in stop.problem


EUROS = ActionPolicy(
    per_ticket={"EUR": Money(20000, "EUR")},
    per_customer_and_day={"EUR": Money(30000, "EUR")},
    per_day={"EUR": Money(500000, "EUR")},
)


@pytest.mark.parametrize(
    ("minor", "spent", "stopped"),
    [
        (20000, Spent(0, 0, 0), None),
        (20001, Spent(0, 0, 0), "per_ticket"),
        (10000, Spent(10001, 10001, 10001), "per_ticket"),
        (10000, Spent(10000, 20001, 20001), "per_customer_and_day"),
        (1, Spent(0, 0, 500000), "per_day"),
        (-5, Spent(20000, 30000, 500000), None),
    ],
)
def test_limits_count_what_was_spent_and_hold_to_the_cent(minor, spent, stopped):
    stop = guard.limits(EUROS, Money(minor, "EUR"), spent)

    assert (stop.check if stop else None) == stopped


def test_a_limit_without_the_payments_currency_stops():
    assert guard.limits(EUROS, Money(1, "USD"), Spent(0, 0, 0)).check == "per_ticket"


def test_no_limit_at_all_stops_nothing():
    assert guard.limits(ActionPolicy(), Money(10**9, "EUR"), Spent(0, 0, 0)) is None


@pytest.mark.parametrize("switch", ["all", "action:shop.refund", "playbook:refund_order"])
def test_each_kill_switch_stops_the_action_and_names_itself(switch):
    stop = guard.kill_switch(frozenset({switch}), action="shop.refund", playbook="refund_order")

    assert stop.check == "kill_switch"
    assert switch in stop.problem


def test_a_switch_for_an_action_lets_replies_through():
    assert guard.kill_switch(frozenset({"action:shop.refund"}), action=None, playbook="refund_order") is None


def test_an_action_below_its_identity_level_is_stopped(paying):
    _, _, perform = paying

    assert guard.identity(perform, Level.MATCHED).check == "identity"
    assert guard.identity(perform, Level.CODE) is None


def test_replies_in_a_row_and_a_day_are_capped():
    assert guard.reply_caps(in_a_row=2, today=11) is None
    assert guard.reply_caps(in_a_row=3, today=3).check == "replies_in_a_row"
    assert guard.reply_caps(in_a_row=0, today=12).check == "replies_a_day"

"""Two versions of a playbook: proven alike, or parted by tickets that are named with their money."""

from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.proof.compare import STOP, Change, changes
from resolver.source.load import load
from tests.decision.conftest import Maker
from tests.proof.test_prover import STARTER_POLICY, starter


def plan_of(make: Maker, name: str, *replaced: tuple[str, str]) -> Plan:
    loaded = load(starter(name, *replaced), f"{name}.yaml")
    plan, problems = compile_playbook(loaded, make.interfaces, make.policy(STARTER_POLICY))
    assert plan is not None, problems
    return plan


def parted(make: Maker, name: str, *replaced: tuple[str, str]) -> list[Change]:
    return list(changes(plan_of(make, name), plan_of(make, name, *replaced)))


def moved(change: Change) -> str:
    return f"{change.before.outcome} → {change.after.outcome}"


FOURTEEN = (
    ("order.delivered_at is more than 30 days ago", "order.delivered_at is more than 14 days ago"),
    ("order.delivered_at is at most 30 days ago", "order.delivered_at is at most 14 days ago"),
)


def test_a_shorter_window_changes_tickets_of_the_days_between_and_says_what_they_were_paid(
    make: Maker,
) -> None:
    found = {moved(one): one for one in parted(make, "refund_order", *FOURTEEN)}

    refused = found["pay_back → refuse"]
    assert refused.example is not None
    assert refused.example.values["order.delivered_at"] == "15 days ago"
    assert refused.example.values["reason"] == "changed_mind"
    assert refused.pays == ("1 EUR", None)


def test_the_same_condition_in_other_words_is_proven_alike(make: Maker) -> None:
    assert not parted(
        make,
        "refund_order",
        ("when: order.refunded >= order.total", "when: not order.refunded < order.total"),
        ("rule: partly_refunded", "rule: refunded_in_part"),
        ("because: The return window of 30 days is over.", "because: More than 30 days have gone by."),
    )


def test_two_rules_in_another_order_matter_where_both_apply(make: Maker) -> None:
    text = starter("refund_order")
    rules = text[text.index("  - rule: final_sale") : text.index("  - rule: refund\n")]
    second = rules.index("  - rule: too_many")
    late = text[text.index("  - rule: too_late") : text.index("  - rule: final_sale")]

    found = parted(make, "refund_order", (late + rules[:second], rules[:second] + late))

    by_rule = {(one.before.rule, one.after.rule): one for one in found}
    assert moved(by_rule["too_late", "final_sale"]) == "refuse → hand_over"
    assert by_rule["too_late", "final_sale"].example is not None


def test_rules_that_lead_to_the_same_can_change_places(make: Maker) -> None:
    text = starter("refund_order")
    first = text[text.index("  - rule: final_sale") : text.index("  - rule: too_many")]
    second = text[text.index("  - rule: too_many") : text.index("  - rule: refund\n")]

    found = parted(make, "refund_order", (first + second, second + first))

    assert not [one for one in found if one.before.rule != STOP != one.after.rule]


def test_another_amount_for_the_same_steps_is_a_change(make: Maker) -> None:
    found = parted(make, "cancel_order", ("amount: order.total - order.refunded", "amount: order.total"))

    assert {one.what for one in found} == {"amount", "approval"}
    paid = next(one for one in found if one.what == "amount")
    assert paid.example is not None
    assert paid.pays[0] != paid.pays[1]


def test_an_approval_for_others_is_a_change(make: Maker) -> None:
    found = parted(
        make,
        "refund_order",
        ("when: amount > limits.refund_without_approval", "when: amount > limits.valuable_order"),
    )

    assert [one.what for one in found] == ["approval"]

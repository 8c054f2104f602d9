"""Two versions of a playbook: proven alike, or parted by tickets that are named with their money."""

from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.proof.compare import STOP, Change, changes
from resolver.source.load import load
from tests.decision.conftest import Maker
from tests.proof.test_prover import STARTER_POLICY, starter


def plan_of(make: Maker, name: str, *replaced: tuple[str, str], policy: str = STARTER_POLICY) -> Plan:
    loaded = load(starter(name, *replaced), f"{name}.yaml")
    plan, problems = compile_playbook(loaded, make.interfaces, make.policy(policy))
    assert plan is not None, problems
    return plan


def parted(make: Maker, name: str, *replaced: tuple[str, str], policy: str = STARTER_POLICY) -> list[Change]:
    before, after = plan_of(make, name, policy=policy), plan_of(make, name, *replaced, policy=policy)
    return list(changes(before, after, make.policy(policy).limits))


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


VALUABLE = "when: order.total > limits.valuable_order"
EURO_ONLY = STARTER_POLICY.replace(
    "valuable_order: {EUR: 300, GBP: 260, USD: 320}", "valuable_order: {EUR: 300}"
)


def test_an_amount_written_in_place_of_a_limit_of_that_amount_in_one_currency_changes_nothing(
    make: Maker,
) -> None:
    same = (VALUABLE, "when: order.total > 300 EUR")

    assert parted(make, "change_address", same, policy=EURO_ONLY) == []


def test_an_amount_in_place_of_a_limit_changes_only_what_is_lacked_in_other_currencies(make: Maker) -> None:
    found = parted(make, "change_address", (VALUABLE, "when: order.total > 300 EUR"))

    examples = [one.example.values["order.total"] or "" for one in found if one.example]
    assert examples
    assert {amount.split()[1] for amount in examples} <= {"GBP", "USD"}
    assert {one.lacks for one in found} == {
        ("", "the amounts in 'order.total > 300 EUR' are in two currencies")
    }


def test_a_higher_amount_than_the_limit_changes_the_tickets_between_and_no_other_currency_is_made_up(
    make: Maker,
) -> None:
    found = parted(make, "change_address", (VALUABLE, "when: order.total > 400 EUR"), policy=EURO_ONLY)

    examples = [one.example.values["order.total"] or "" for one in found if one.example]
    assert examples
    assert all(300 < float(each.split()[0]) <= 400 and each.endswith(" EUR") for each in examples), examples

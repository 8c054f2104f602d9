"""The prover: the starters hold; a guard taken away is found, with a ticket for which it matters."""

import pytest

from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.playbook.policy_reader import read_policy
from resolver.proof.prover import Proof, prove
from resolver.source.load import load
from resolver.starters import playbooks_folder
from tests.decision import test_pairs
from tests.decision.conftest import Maker

STARTER_POLICY = (playbooks_folder() / "policy.yaml").read_text("utf-8")


def starter(name: str, *changes: tuple[str, str]) -> str:
    """A starter's text with parts of it written otherwise, each of them there exactly once."""
    text = (playbooks_folder() / f"{name}.yaml").read_text("utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def proof_of(make: Maker, name: str, *changes: tuple[str, str]) -> Proof:
    policy = make.policy(STARTER_POLICY)
    plan, problems = compile_playbook(load(starter(name, *changes), f"{name}.yaml"), make.interfaces, policy)
    assert isinstance(plan, Plan), problems
    return prove(plan, policy)


def codes(proof: Proof) -> list[str]:
    return [failure.code for failure in proof.failures]


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in playbooks_folder().glob("*.yaml") if "." not in path.stem)
)
def test_every_starter_holds_for_every_ticket(make: Maker, name: str) -> None:
    if name == "policy":
        pytest.skip("the policy is no playbook")

    assert proof_of(make, name).failures == ()


def test_an_approval_above_another_limit_leaves_a_ticket_that_pays_too_much(make: Maker) -> None:
    proof = proof_of(
        make,
        "refund_order",
        ("when: amount > limits.refund_without_approval", "when: amount > limits.valuable_order"),
    )

    assert codes(proof) == ["over-limit"]
    assert proof.failures[0].word == "shop.refund"
    assert "order.status is delivered" in str(proof.failures[0].example)


def test_an_amount_from_the_wrong_place_breaks_what_the_action_requires(make: Maker) -> None:
    proof = proof_of(make, "refund_order", ("amount: sum of refundable in items", "amount: order.total"))

    assert codes(proof) == ["requirement-not-met"]
    assert "amount <= sum of refundable in items" in proof.failures[0].message


def test_paying_back_more_than_is_left_is_found(make: Maker) -> None:
    proof = proof_of(make, "cancel_order", ("amount: order.total - order.refunded", "amount: order.total"))

    assert codes(proof) == ["requirement-not-met"]
    assert "order.refunded is 1 EUR" in str(proof.failures[0].example)


def test_a_part_of_an_element_can_be_worth_nothing(make: Maker) -> None:
    """One of three mugs of one cent: rounded down, its part is nothing, and nothing cannot be refunded."""
    proof = proof_of(make, "refund_order", (" and amount > 0", ""))

    assert codes(proof) == ["requirement-not-met"]
    assert "'amount > 0'" in proof.failures[0].message


def test_a_changed_number_of_a_limit_needs_no_new_proof(make: Maker) -> None:
    from resolver.proof.certificate import structure_of

    policy = make.policy(STARTER_POLICY)
    dearer = make.policy(STARTER_POLICY.replace("EUR: 50,", "EUR: 70,"))
    never = make.policy(
        STARTER_POLICY.replace("approval_above: refund_without_approval", "approval_above: never")
    )

    assert structure_of(dearer) == structure_of(policy)
    assert structure_of(never) != structure_of(policy)


def test_a_rule_that_can_stop_is_named_with_what_it_lacks(make: Maker) -> None:
    (stop,) = proof_of(make, "cancel_order").may_stop

    assert stop.rule.id == "packing_and_valuable"
    assert str(stop) == "stops if limits.valuable_order has no amount in the currency of order.total"


def exchange(text: str) -> Proof:
    """The proof of an exchange of items, where each element gets a value of its own."""
    interfaces = test_pairs.installation()
    policy, _ = read_policy(load(test_pairs.POLICY, "policy.yaml"), interfaces)
    assert policy is not None
    plan, problems = compile_playbook(load(text, "exchange_items.yaml"), interfaces, policy)
    assert plan is not None, problems
    return prove(plan, policy)


def test_what_every_option_has_every_pair_has() -> None:
    assert exchange(test_pairs.EXCHANGE).holds


def test_an_option_that_need_not_have_it_is_found() -> None:
    proof = exchange(
        test_pairs.EXCHANGE.replace(
            "(available and item_id is not item.item_id)", "item_id is not item.item_id"
        )
    )

    assert codes(proof) == ["requirement-not-met"]
    assert "all of changes where to.available" in proof.failures[0].message


def test_a_question_that_the_budget_does_not_answer_is_an_error_and_no_guess(make: Maker) -> None:
    policy = make.policy(STARTER_POLICY)
    plan, _ = compile_playbook(load(starter("refund_order"), "refund_order.yaml"), make.interfaces, policy)
    assert isinstance(plan, Plan)

    proof = prove(plan, policy, budget=1)

    assert not proof.holds
    assert {failure.code for failure in proof.failures} == {"too-hard"}
    assert all(failure.help == "split the rule" for failure in proof.failures)

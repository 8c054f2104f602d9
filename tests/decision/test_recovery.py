"""What must hold for every conversation: the same facts give the same effects, and no money without its yes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.condition.values import Unknown
from resolver.decision import guard
from resolver.decision.effects import End, Perform, Performed
from resolver.decision.engine import advance, commit, decide
from resolver.decision.events import Approved, Denied, Late, Settled, Silence
from resolver.decision.facts import Facts
from resolver.decision.moves import take_in
from resolver.errors import Malformed
from resolver.money import Money
from tests.decision.conftest import NOW, REFUND, Desk, Maker, order_fields, said

MAKE = Maker()  # compiled once; nothing in it changes

messages = st.sampled_from(
    [
        lambda n: said("Refund 10231", message=n, order_number="10231"),
        lambda n: said("rather 10299", message=n, order_number="10299"),
        lambda n: said("yes", "yes", message=n),
        lambda n: said("yes, 10231", "yes", message=n, order_number="10231"),
        lambda n: said("no", "no", message=n),
        lambda n: said("hm", "unclear", message=n),
        lambda n: said("stop", "stops", message=n),
        lambda n: said("thanks", "nothing", message=n),
        lambda n: said("a human", "wants_person", message=n),
        lambda n: said("yes and no", "yes", "no", message=n),
    ]
)
others = st.sampled_from(
    [
        lambda _: Silence(),
        lambda _: Late(),
        lambda _: Denied("lea@acme.example"),
        "approve",
        lambda _: Settled("refund_order/pay_back/do-shop.refund", Performed("done"), NOW),
        lambda _: Settled("refund_order/pay_back/do-shop.refund", Performed("refused", code="x"), NOW),
    ]
)
changes = st.sampled_from(
    [
        {},
        {"refunded": Money.parse("9.90 EUR")},
        {"refunded": Money.parse("39.90 EUR")},
        {"status": "shipped"},
        {"delivered_at": None},
        {"total": Money.parse("120 EUR")},
        {"broken": True},
        {"email": "bob@example.com"},
    ]
)
answers = st.sampled_from(
    [
        Performed("done", external_id="re_1"),
        Performed("pending"),
        Performed("unknown"),
        Performed("refused", code="already_refunded"),
        Performed("stopped", stopped_by="per_day"),
    ]
)
stories = st.lists(
    st.tuples(st.one_of(messages, messages, messages, others), changes), min_size=1, max_size=6
)


def stock(change: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "10231": order_fields(**change),
        "10299": order_fields(id="o2", number="10299", total=Money.parse("60 EUR")),
    }


def play(story: list[Any], answer: Performed, save: Callable[[Facts], Facts]) -> Desk:
    desk = Desk(MAKE.plan(), MAKE.policy(), results={"shop.refund": answer}, save=save)
    for number, (event, change) in enumerate(story):
        desk.orders = stock(change)
        offer = desk.facts.offer if desk.facts else None
        if event == "approve":
            event = lambda _, offer=offer: Approved("lea@acme.example", offer.id if offer else "", NOW)  # noqa: E731 - a story line
        desk.hears(event(f"m{number}"))
    return desk


def reread(facts: Facts) -> Facts:
    return Facts.from_json(facts.to_json(), MAKE.plan(), MAKE.policy())


@given(stories, answers)
def test_a_run_restored_from_storage_at_every_step_does_exactly_the_same(story, answer):
    straight = play(story, answer, lambda facts: facts)
    restored = play(story, answer, reread)

    assert restored.history == straight.history
    assert restored.facts == straight.facts
    assert restored.facts.to_json() == straight.facts.to_json()


@given(stories, answers)
def test_deciding_twice_says_the_same_whatever_was_remembered(story, answer):
    seen = []

    def twice(facts: Facts) -> Facts:
        fresh = reread(facts)
        seen.append((decide(MAKE.plan(), facts), decide(MAKE.plan(), fresh), decide(MAKE.plan(), facts)))
        return facts

    play(story, answer, twice)

    assert all(first == second == third for first, second, third in seen)


@given(stories, answers)
def test_no_money_moves_without_the_customers_yes_to_that_offer(story, answer):
    paid = []

    def watch(facts: Facts) -> Facts:
        effect = decide(MAKE.plan(), facts)
        if isinstance(effect, Perform):
            paid.append((facts, effect))
        return facts

    play(story, answer, watch)

    for facts, effect in paid:
        assert guard.consent(MAKE.plan(), facts, effect) is None
        assert facts.confirmation.offer == effect.offer
        if effect.pays.minor > 5000:
            assert facts.approval.offer == effect.offer


@given(stories, answers)
def test_a_run_pays_at_most_once(story, answer):
    desk = play(story, answer, lambda facts: facts)

    assert len(desk.all_performed) <= 1


@given(stories, answers, st.sampled_from(["delivered_at", "status", "refunded", "total", "lines"]))
def test_an_unknown_field_never_pays(story, answer, field):
    desk = play([(event, {field: None}) for event, _ in story], answer, lambda facts: facts)

    assert [one for one in desk.all_performed if one.record.key == "o1"] == []


@given(stories, answers)
def test_every_story_that_ends_by_itself_ends_with_a_disposition(story, answer):
    desk = play(story, answer, lambda facts: facts)

    ended = [effect for effect in desk.history if isinstance(effect, End)]
    assert all(effect.disposition is not None for effect in ended)


def test_committed_facts_ask_for_the_same_action_until_its_result_is_known(desk):
    desk.hears(said("Refund 10231", order_number="10231"))
    facts = take_in(desk.plan, desk.facts, said("yes", "yes", message="m2"))
    look_up = decide(desk.plan, facts)
    facts = advance(desk.plan, facts, look_up, desk.look_up(look_up))
    effect = decide(desk.plan, facts)

    frozen = Facts.from_json(commit(desk.plan, facts, effect).to_json(), desk.plan, desk.policy)
    later = take_in(desk.plan, frozen, said("no!", "no", message="m3"))

    assert frozen.stage == "committed"
    assert decide(desk.plan, frozen) == effect
    assert decide(desk.plan, later) == effect


def test_facts_of_another_plan_are_refused_with_a_remedy(desk, make):
    desk.hears(said("Refund 10231", order_number="10231"))
    other = make.plan(REFUND.replace("Refund an order", "Another title"))

    with pytest.raises(Malformed, match="another plan"):
        Facts.from_json(desk.facts.to_json(), other, desk.policy)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"form":1}', "null"])
def test_garbage_is_refused_as_such(desk, text):
    with pytest.raises(Malformed, match="cannot be read"):
        Facts.from_json(text, desk.plan, desk.policy)


def test_an_unknown_slot_value_survives_storage(desk):
    desk.customer = {**desk.customer, "name": Unknown()}
    desk.hears(said("Refund 10231", order_number="10231"))

    assert (
        Facts.from_json(desk.facts.to_json(), desk.plan, desk.policy).customer.keys() == desk.customer.keys()
    )

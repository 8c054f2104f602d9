"""A rephrased text goes out only if it keeps every value and claims nothing new; else the plain one was said."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.decision.effects import Ask, CheckIn, Confirm, HandOff, Reply, Sent
from resolver.decision.facts import Facts
from resolver.decision.polish import kept
from resolver.decision.record import record_of, replayed
from tests.decision.conftest import REFUND, Desk, Maker, said

PLAIN = "Done. €39.90 is on its way to you. It takes up to 5 days."
VALUES = ("€39.90",)


@pytest.mark.parametrize(
    "rephrased",
    [
        PLAIN,
        "Good news: €39.90 is on its way to you and takes up to 5 days.",
        "All done! We have just sent you €39.90. Please allow up to 5 days.\nTake care!",
        "€39.90 is coming. Up to 5 days.",
    ],
)
def test_other_words_with_the_same_values_are_kept(rephrased: str) -> None:
    assert kept(PLAIN, rephrased, VALUES)


@pytest.mark.parametrize(
    "rephrased",
    [
        "",
        "Good news: your money is on its way, it takes up to 5 days.",
        "Good news: €39,90 is on its way to you and takes up to 5 days.",
        "€39.90, yes €39.90, is on its way to you. It takes up to 5 days.",
        "€39.90 is on its way to you. It takes up to 3 days.",
        "€39.90 is on its way to you. It takes up to 5 or 6 days.",
        "€39.90 is on its way to you, in 5 days, 5 at most.",
        "€39.90 is on its way to you, in five days or 5.",
        "€39.90 is on its way to you, on Monday. It takes up to 5 days.",
        "€39.90 is on its way. More at https://evil.example. Up to 5 days.",
        "€39.90 is on its way. Write to me@evil.example. Up to 5 days.",
        "€39.90 plus $10 are on their way to you. It takes up to 5 days.",
        "€39.90, 5.",
        f"{PLAIN} {'We are so very happy for you. ' * 4}",
        "€39.90 is on its way to you. It takes up to 5 days.\u202e",
    ],
)
def test_a_text_that_loses_adds_or_hides_anything_is_not_kept(rephrased: str) -> None:
    assert not kept(PLAIN, rephrased, VALUES)


_WORDS = st.sampled_from(
    ["Done.", "€39.90", "5", "days.", "It", "takes", "up to", "is", "on its way", "to you.", "€5", "39.90", "five", "½",
     "Monday", "evil.com", "https://evil.example", "me@evil.example", "12", "{amount}", "\u202e", "ten", "USD 5"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_WORDS, max_size=24))
def test_whatever_a_model_says_the_money_stays_and_nothing_is_added(words: list[str]) -> None:
    said = " ".join(words)

    if kept(PLAIN, said, VALUES):
        assert said.count("€39.90") == 1
        assert said.replace("€39.90", "").split().count("5") <= 1
        assert not {"€5", "five", "½", "Monday", "ten", "12", "USD 5", "\u202e"}.intersection(words)
        assert "evil" not in said


# -- in a run -----------------------------------------------------------------------------------------------------

POLISHED = (
    REFUND.replace(
        'which_order: {en: "Which order is it?"', 'which_order: {polish: yes, en: "Which order is it?"'
    )
    .replace("  confirm_refund:\n", "  confirm_refund:\n    polish: yes\n")
    .replace('refunded: {en: "Done.', 'refunded: {polish: yes, en: "Done.')
)


class Rephrasing(Desk):
    """A desk whose texts may come back in other words."""

    words: dict[str, str]

    def _result(self, effect: Any) -> Any:
        plain = getattr(effect, "text", None)
        if plain is not None and effect.rephrase is not None:
            return Sent(self.words.get(plain))
        return super()._result(effect)


@pytest.fixture
def polished(make: Maker) -> Rephrasing:
    plain = make.desk(POLISHED)
    desk = Rephrasing(plain.plan, plain.policy, orders=plain.orders)
    desk.words = {}
    return desk


def test_only_a_reply_that_says_so_may_be_rephrased(polished: Rephrasing) -> None:
    polished.hears(said("I want my money back"))
    (ask,) = polished.of(Ask)
    polished.hears(said("10231", message="m2", order_number="10231"))
    (confirm,) = polished.of(Confirm)
    polished.hears(said("no", "no", message="m3"))
    (reply,) = polished.of(Reply)

    assert ask.rephrase == ()
    assert confirm.rephrase == ("€39.90", "Mug 1 and Mug 2", "10231")
    assert reply.rephrase is None


def test_what_the_customer_was_asked_is_what_was_really_sent(polished: Rephrasing) -> None:
    plain = "I can refund €39.90 for Mug 1 and Mug 2 of order 10231. Shall I?"
    nicer = "Happy to help! For order 10231 I could pay back €39.90 for Mug 1 and Mug 2. Is that all right?"
    polished.words = {plain: nicer}

    polished.hears(said("Refund order 10231", order_number="10231"))

    assert polished.facts is not None
    assert polished.facts.waiting is not None
    assert polished.facts.waiting.text == nicer
    polished.hears(said("yes", "yes", message="m2"))
    assert len(polished.all_performed) == 1


def test_words_that_lose_a_value_were_never_said(polished: Rephrasing) -> None:
    plain = "I can refund €39.90 for Mug 1 and Mug 2 of order 10231. Shall I?"
    polished.words = {plain: "I can refund €99.90 for Mug 1 and Mug 2 of order 10231. Shall I?"}

    polished.hears(said("Refund order 10231", order_number="10231"))

    assert polished.facts is not None
    assert polished.facts.waiting is not None
    assert polished.facts.waiting.text == plain


def test_the_options_of_a_question_stay_as_they_are_numbered(make: Maker) -> None:
    text = POLISHED.replace(
        "  order_number: {type: order_number, ask: which_order}",
        "  order_number: {type: order_number, ask: which_order}\n"
        "  why: {type: 'one of [too_late, too_small]', ask: which_reason}",
    ).replace("replies:\n", 'replies:\n  which_reason: {polish: yes, en: "Why?", de: "Warum?"}\n')
    desk = make.desk(text.replace("Refund asked for order", "{why} {order_number}"))

    desk.hears(said("I want my money back"))

    (ask,) = desk.of(Ask)
    assert ask.rephrase == ("1. too late", "2. too small")


def test_a_rephrased_turn_is_decided_again_to_the_same_bytes_without_a_model(polished: Rephrasing) -> None:
    polished.save = lambda facts: Facts.from_json(facts.to_json(), polished.plan, polished.policy)
    polished.words = {"Which order is it?": "Could you tell me which order?"}
    polished.hears(said("I want my money back"))
    assert polished.walk is not None

    again = replayed(polished.plan, polished.policy, record_of(polished.walk))

    assert again.facts.to_json() == polished.walk.facts.to_json()
    assert again.facts.waiting is not None
    assert again.facts.waiting.text == "Could you tell me which order?"


def test_what_people_inside_are_told_is_never_rephrased(polished: Rephrasing) -> None:
    polished.hears(said("Give me a person", "wants_person"))

    (hand_off,) = polished.of(HandOff)
    assert hand_off.rephrase is None
    assert polished.of(CheckIn) == []

"""`answer:` sends what a reviewed article says, under every condition there is for it, or takes the other way."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from resolver.decision.effects import (
    Answer,
    Answered,
    End,
    HandOff,
    LookUp,
    NoAnswer,
    Passage,
    Perform,
    Reply,
    SetTicket,
    Wait,
)
from resolver.decision.explain import explain
from resolver.decision.facts import Facts
from resolver.decision.note import handoff_note
from resolver.decision.record import record_of, replayed
from resolver.decision.scenario import Walk
from resolver.decision.trace import body, keyed
from tests.decision.conftest import REFUND, Desk, Maker, said

DAY = date(2026, 11, 23)
TEXT = "Put it into its box and bring it to the post within 30 days. A label costs 4.90 EUR."
PASSAGE = Passage(
    "Returns", "https://help.example/returns", "3", "en", TEXT, reviewed_at=date(2026, 11, 1), valid_for=60
)
GOOD = Answered(TEXT, 80, 60, (PASSAGE,))

QUESTION = """
playbook: how_to_return
language: 1
title: How do I return something?
owner: ops@acme.example
mode: auto
languages: [en, de]
handles: {intent: how_to_return, examples: [How do I send it back]}
decide:
  - {rule: every, otherwise: say}
outcomes:
  say:
    - {answer: how_to_return, say_first: hello, if_no_answer: hand_over}
    - {ticket: {add_tags: [answered]}}
  hand_over: [{hand_off: orders, summary: Nobody has written about this.}]
if_unsure: hand_over
replies:
  hello: {en: "Good question.", de: "Gute Frage."}
"""


@pytest.fixture
def asked(make: Maker) -> Desk:
    desk = make.desk(QUESTION)
    desk.answers = {"how_to_return": GOOD}
    return desk


def test_the_knowledge_base_is_asked_with_the_customers_own_words_about_the_topic(asked: Desk) -> None:
    asked.hears(said("How do I send the mug back?"))

    (effect,) = asked.of(Answer)
    assert (effect.topic, effect.question) == ("how_to_return", "How do I send the mug back?")
    assert (effect.language, effect.fallback) == ("en", "en")


def test_an_answer_that_may_be_sent_is_sent_word_for_word_with_where_it_stands(asked: Desk) -> None:
    asked.hears(said("How do I send the mug back?"))

    (reply,) = asked.of(Reply)
    assert reply.text == (
        f"Good question.\n\n{TEXT}\n\nYou can read this here:\n- Returns (3): https://help.example/returns"
    )
    assert [one.version for one in reply.citations] == ["3"]
    assert asked.ending == "answered"


def _with(**changes: Any) -> Answered:
    return replace(GOOD, passages=(replace(PASSAGE, **changes),))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (NoAnswer("no_article"), "no_article"),
        (replace(GOOD, passages=()), "no_source"),
        (replace(GOOD, text="  "), "no_source"),
        (replace(GOOD, score=59), "score"),
        (_with(published=False), "not_published"),
        (_with(public=False), "not_public"),
        (_with(language="de"), "language"),
        (_with(reviewed_at=DAY - timedelta(days=61)), "not_reviewed"),
        (_with(reviewed_at=DAY + timedelta(days=1)), "not_reviewed"),
        (replace(GOOD, passages=(PASSAGE, replace(PASSAGE, public=False))), "not_public"),
        (replace(GOOD, text="You have 31 days."), "not_in_source"),
        (replace(GOOD, text="A label costs 4.90 USD."), "not_in_source"),
        (replace(GOOD, text="Until 1 December."), "not_in_source"),
        (replace(GOOD, text="You have three weeks."), "not_in_source"),
        (replace(GOOD, text="See https://evil.example/returns."), "not_in_source"),
        (replace(GOOD, text="Write to boss@acme.example."), "not_in_source"),
        (replace(GOOD, text="We know that you are Ann Smith."), "private"),
        (replace(GOOD, text="x" * 4_001), "too_long"),
    ],
)
def test_an_answer_that_breaks_a_condition_is_never_sent(
    asked: Desk, answer: Answered | NoAnswer, why: str
) -> None:
    asked.answers = {"how_to_return": answer}
    asked.customer = {"email": "ann@example.com", "name": "Ann Smith"}

    asked.hears(said("How do I send the mug back?"))

    assert asked.of(Reply) == []
    (hand_off,) = asked.of(HandOff)
    assert (hand_off.queue, hand_off.reason) == ("orders", f"no_answer:{why}")


@pytest.mark.parametrize("days", [0, 60])
def test_a_review_counts_from_its_day_to_its_last(asked: Desk, days: int) -> None:
    asked.answers = {"how_to_return": _with(reviewed_at=DAY - timedelta(days=days))}

    asked.hears(said("How do I send the mug back?"))

    assert len(asked.of(Reply)) == 1


def test_a_rephrased_answer_is_sent_while_it_claims_nothing_else(asked: Desk) -> None:
    asked.answers = {"how_to_return": replace(GOOD, text="You have 30 days, and a label is 4.90 EUR.")}

    asked.hears(said("How do I send the mug back?"))

    assert "You have 30 days, and a label is 4.90 EUR." in asked.of(Reply)[0].text


def test_what_the_article_itself_says_is_not_private_even_if_it_is_also_the_customers(asked: Desk) -> None:
    asked.customer = {"email": "ann@example.com", "name": "Box"}

    asked.hears(said("How do I send the mug back?"))

    assert len(asked.of(Reply)) == 1


def test_a_german_customer_gets_an_article_in_the_first_language_if_there_is_no_other(asked: Desk) -> None:
    asked.language = "de"

    asked.hears(said("Wie schicke ich die Tasse zurück?"))

    (effect,) = asked.of(Answer)
    assert (effect.language, effect.fallback) == ("de", "en")
    assert asked.of(Reply)[0].text.startswith("Gute Frage.")


def test_a_stored_answer_is_decided_from_again_to_the_same_bytes(asked: Desk) -> None:
    asked.save = lambda facts: Facts.from_json(facts.to_json(), asked.plan, asked.policy)
    asked.hears(said("How do I send the mug back?"))
    assert asked.walk is not None

    again = replayed(asked.plan, asked.policy, record_of(asked.walk))

    assert again.facts.to_json() == asked.walk.facts.to_json()
    assert [one.effect for one in again.log.taken] == [one.effect for one in asked.walk.log.taken]


# -- the customer's own questions while ours is open --------------------------------------------------------------

ANY = Answered(TEXT, 80, 60, (PASSAGE,))


@pytest.fixture
def refunds(make: Maker) -> Desk:
    desk = make.desk(REFUND)
    desk.answers = {"any": ANY}
    return desk


def texts(desk: Desk) -> list[str]:
    return [effect.text for effect in desk.effects if hasattr(effect, "text")]


def test_a_question_beside_ours_is_answered_and_ours_is_put_once_more(refunds: Desk) -> None:
    refunds.hears(said("I want my money back"))

    refunds.hears(said("How do I send things back?", "question", message="m2"))

    answer, ours = texts(refunds)
    assert answer.startswith(TEXT)
    assert ours == "Which order is it?"
    refunds.hears(said("10231", message="m3", order_number="10231"))
    assert texts(refunds)[0].startswith("I can refund")


def test_a_question_that_was_answered_is_no_try(refunds: Desk) -> None:
    refunds.hears(said("I want my money back"))
    refunds.hears(said("What?", message="m2"))
    assert texts(refunds)[0].startswith("I am sorry")

    refunds.hears(said("How do I send things back?", "question", message="m3"))

    assert texts(refunds)[-1] == "Which order is it?"
    assert refunds.ending is None


@pytest.mark.parametrize("why", [NoAnswer("no_article"), replace(ANY, score=1)])
def test_a_question_without_an_answer_is_a_message_that_says_nothing(
    refunds: Desk, why: Answered | NoAnswer
) -> None:
    refunds.answers = {"any": why}
    refunds.hears(said("I want my money back"))

    refunds.hears(said("Do you like football?", "question", message="m2"))

    assert refunds.of(Reply) == []
    assert texts(refunds) == ["I am sorry, I did not quite understand that.\n\nWhich order is it?"]


def test_after_an_offer_a_question_is_answered_and_the_same_offer_is_put_again(refunds: Desk) -> None:
    refunds.hears(said("Refund order 10231", order_number="10231"))
    offer = refunds.facts.offer if refunds.facts else None
    assert offer is not None

    refunds.hears(said("How do I send things back?", "unclear", "question", message="m2"))

    answer, ours = texts(refunds)
    assert answer.startswith(TEXT)
    assert ours.startswith("I can refund")
    assert refunds.facts is not None
    assert refunds.facts.offer == offer
    refunds.hears(said("yes", "yes", message="m3"))
    assert len(refunds.all_performed) == 1


def test_a_question_is_never_taken_for_a_yes(refunds: Desk) -> None:
    refunds.hears(said("Refund order 10231", order_number="10231"))

    refunds.hears(said("yes, but how do I send it back?", "unclear", "question", message="m2"))

    assert refunds.all_performed == []


def test_after_an_offer_a_question_without_an_answer_is_unclear_and_asked_once_more(refunds: Desk) -> None:
    refunds.answers = {}
    refunds.hears(said("Refund order 10231", order_number="10231"))

    refunds.hears(said("Is it sunny?", "unclear", "question", message="m2"))
    assert texts(refunds)[0].startswith("I am sorry")
    refunds.hears(said("Is it raining?", "unclear", "question", message="m3"))

    assert refunds.ending == "handed_off"


def test_a_yes_in_the_next_message_of_the_same_turn_counts_and_the_question_is_answered_too(
    refunds: Desk,
) -> None:
    refunds.hears(said("Refund order 10231", order_number="10231"))
    assert refunds.facts is not None
    walk = Walk(refunds.plan, refunds.facts)

    walk.hears(said("How do I send things back?", "unclear", "question", message="m2"))
    walk.hears(said("Yes please", "yes", message="m3"))
    effects = list(refunds._effects(walk))

    assert [
        type(one).__name__ for one in effects if not isinstance(one, LookUp | SetTicket | Wait | End)
    ] == [
        "Answer",
        "Reply",
        "Perform",
        "Reply",
    ]


def test_three_questions_are_answered_the_fourth_is_not(refunds: Desk) -> None:
    refunds.hears(said("I want my money back"))

    for number in range(2, 5):
        refunds.hears(said("How do I send things back?", "question", message=f"m{number}"))
        assert len(refunds.of(Reply)) == 1
    refunds.hears(said("How do I send things back?", "question", message="m5"))

    assert refunds.of(Reply) == []
    assert texts(refunds)[0].startswith("I am sorry")


def test_a_question_beside_the_value_that_was_asked_for_is_answered_before_we_go_on(refunds: Desk) -> None:
    refunds.hears(said("I want my money back"))

    text = "It is 10231. How do I send things back?"
    refunds.hears(said(text, "question", "gives", message="m2", order_number="10231"))

    answer, offer = texts(refunds)
    assert answer.startswith(TEXT)
    assert offer.startswith("I can refund")


def test_an_answer_is_the_last_word_before_anything_is_done_not_a_reason_to_do_it(refunds: Desk) -> None:
    refunds.hears(said("Refund order 10231", order_number="10231"))
    refunds.orders["10231"]["refunded"] = refunds.orders["10231"]["total"]

    refunds.hears(said("How do I send things back?", "unclear", "question", message="m2"))

    assert texts(refunds)[-1] == "Order 10231 was refunded."
    assert refunds.all_performed == []


def test_a_turn_with_a_question_beside_ours_is_decided_again_to_the_same_bytes(refunds: Desk) -> None:
    refunds.save = lambda facts: Facts.from_json(facts.to_json(), refunds.plan, refunds.policy)
    refunds.hears(said("Refund order 10231", order_number="10231"))
    refunds.hears(said("How do I send things back?", "unclear", "question", message="m2"))
    assert refunds.walk is not None

    again = replayed(refunds.plan, refunds.policy, record_of(refunds.walk))

    assert again.facts.to_json() == refunds.walk.facts.to_json()


def test_what_is_private_in_the_records_read_is_in_no_answer(refunds: Desk) -> None:
    refunds.answers = {"any": replace(ANY, text="It goes to Lindenweg 3, 10115 Berlin, DE within 30 days.")}
    passage = replace(PASSAGE, text="It goes to 3, 10115 within 30 days.")
    refunds.answers = {"any": replace(refunds.answers["any"], passages=(passage,))}
    refunds.hears(said("Refund order 10231", order_number="10231"))

    refunds.hears(said("Where does it go?", "unclear", "question", message="m2"))

    assert refunds.of(Reply) == []


def test_no_answer_leads_to_an_action_by_itself(refunds: Desk) -> None:
    refunds.hears(said("I want my money back"))
    refunds.hears(said("How do I send things back?", "question", message="m2"))

    assert [effect for effect in refunds.history if isinstance(effect, Perform)] == []


# -- what people read of it ---------------------------------------------------------------------------------------


def told(desk: Desk) -> list[str]:
    """What `explain` says of the last turn's effects."""
    assert desk.walk is not None
    line = body(desk.plan, desk.walk.facts, desk.walk.log, keyed(lambda name, value: value))
    story = explain(
        desk.plan, desk.walk.facts, [line], digest=lambda name, value: value, readings=[], keys={}
    )
    return [one.strip() for one in story.lines() if one.strip().startswith("Effect")]


def test_explain_names_the_article_and_its_score(asked: Desk) -> None:
    asked.hears(said("How do I send the mug back?"))

    step = "how_to_return/say/answer-how_to_return"
    assert told(asked)[0] == (
        f"Effect {step} (about how_to_return, article https://help.example/returns version 3, score 80)"
    )


def test_explain_and_the_note_say_why_an_article_was_not_sent(asked: Desk) -> None:
    asked.answers = {"how_to_return": _with(reviewed_at=DAY - timedelta(days=61))}

    asked.hears(said("How do I send the mug back?"))

    assert told(asked)[0].endswith("not sent: the review of the one that fits is too old, or lies ahead)")
    assert asked.facts is not None
    note = handoff_note(asked.plan, asked.facts, asked.of(HandOff)[0])
    assert "No reviewed article answers the question: the review of the one that fits is too old" in note

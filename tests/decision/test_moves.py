"""What a customer may do at any time: ask for a person, take the request back, correct what was said (LANGUAGE 5.2)."""

import pytest

from resolver.decision.effects import (
    Answered,
    Approve,
    Ask,
    CheckIn,
    Confirm,
    HandOff,
    Passage,
    Perform,
    Reply,
)
from resolver.money import Money
from tests.decision.conftest import NOW, REFUND, Desk, Maker, lines, order_fields, said

CHECKED = REFUND.replace(
    "    - reply: refunded\n", "    - reply: refunded\n    - {check_in: all_well, if_no: hand_over}\n"
).replace("replies:\n", 'replies:\n  all_well: {en: "All well?", de: "Alles gut?"}\n')
STATUS = """
playbook: order_status
language: 1
title: Where is it?
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: order_status, examples: [Where is it]}
identify: verified
needs: {order_number: {type: order_number, ask: which_order}}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
decide:
  - {rule: arrived, when: order.status is delivered, then: say}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  say: [{reply: there}]
  hand_over: [{hand_off: orders, summary: "Status of {order_number}."}]
if_unsure: hand_over
replies: {which_order: {en: "Which order?"}, there: {en: "It is there."}}
"""


def waits_for_the_team(make: Maker) -> Desk:
    """A desk whose refund is above the limit, and agreed to by the customer."""
    dear = order_fields(total=Money.parse("139.90 EUR"), lines=lines("124.00 EUR", "15.90 EUR"))
    desk = make.desk(orders={"10231": dear})
    desk.hears(said("Refund order 10231", order_number="10231"))
    desk.hears(said("yes", "yes", message="m2"))
    assert len(desk.of(Approve)) == 1
    return desk


def test_a_request_that_pays_nothing_is_withdrawn_at_the_first_word(make: Maker) -> None:
    desk = make.desk(STATUS)
    desk.hears(said("Where is my order?"))

    desk.hears(said("Forget it", "stops", message="m2"))

    assert desk.ending == "withdrawn"
    assert desk.of(Reply) == []


def test_a_request_that_pays_is_withdrawn_only_when_that_is_said_twice(desk: Desk) -> None:
    desk.hears(said("I want my money back"))

    desk.hears(said("Forget it", "stops", message="m2"))
    assert (len(desk.of(Ask)), desk.ending) == (1, None)
    desk.hears(said("Forget it", "stops", message="m3"))

    assert desk.ending == "withdrawn"


def test_after_a_stop_that_was_not_meant_the_request_goes_on(desk: Desk) -> None:
    desk.hears(said("Refund order 10231", order_number="10231"))
    desk.hears(said("stop", "stops", message="m2"))
    assert len(desk.of(Confirm)) == 1

    desk.hears(said("yes", "yes", message="m3"))

    assert len(desk.all_performed) == 1


def test_a_person_is_called_while_the_team_is_asked_and_nothing_is_paid(make: Maker) -> None:
    desk = waits_for_the_team(make)

    desk.hears(said("Let me talk to a human", "wants_person", message="m3"))

    (hand_off,) = desk.of(HandOff)
    assert hand_off.reason == "wants_person"
    assert desk.all_performed == []


def test_a_stop_while_the_team_is_asked_takes_the_yes_back_first(make: Maker) -> None:
    desk = waits_for_the_team(make)

    desk.hears(said("Stop", "stops", message="m3"))
    assert (len(desk.of(Confirm)), desk.facts.approval if desk.facts else None) == (1, None)
    desk.hears(said("Stop!", "stops", message="m4"))

    assert desk.ending == "withdrawn"
    assert desk.all_performed == []


def test_a_correction_while_the_team_is_asked_voids_the_yes_and_the_question_to_the_team(make: Maker) -> None:
    desk = waits_for_the_team(make)
    desk.orders["10240"] = order_fields(id="o2", number="10240")

    desk.hears(said("I meant order 10240", message="m3", order_number="10240"))

    assert desk.facts is not None
    assert (desk.facts.confirmation, desk.facts.approval) == (None, None)
    assert "10240" in desk.of(Confirm)[0].text


def test_a_person_is_called_after_something_was_done(make: Maker) -> None:
    desk = make.desk(CHECKED)
    desk.hears(said("Refund order 10231", order_number="10231"))
    desk.hears(said("yes", "yes", message="m2"))
    assert len(desk.of(CheckIn)) == 1

    desk.hears(said("I want a person", "wants_person", message="m3"))

    assert desk.ending == "handed_off"
    assert len([one for one in desk.history if isinstance(one, Perform)]) == 1


def test_a_yes_beside_another_order_is_a_yes_to_nothing_until_it_is_confirmed(make: Maker) -> None:
    desk = make.desk(orders={"10231": order_fields(), "10240": order_fields(id="o2", number="10240")})
    desk.hears(said("Refund order 10231", order_number="10231"))

    desk.hears(said("Yes, but order 10240", "yes", message="m2", order_number="10240"))

    (confirm,) = desk.of(Confirm)
    assert "10240" in confirm.text
    assert desk.all_performed == []


@pytest.mark.parametrize("words", ["maybe", "what?"])
def test_what_is_unclear_after_an_offer_is_asked_once_more_and_then_handed_off(
    desk: Desk, words: str
) -> None:
    desk.hears(said("Refund order 10231", order_number="10231"))

    desk.hears(said(words, "unclear", message="m2"))
    assert desk.of(Confirm)[0].text.startswith("I am sorry")
    desk.hears(said(words, "unclear", message="m3"))

    assert desk.ending == "handed_off"
    assert desk.all_performed == []


def test_a_question_after_something_was_done_is_answered_and_nothing_is_done_again(make: Maker) -> None:
    desk = make.desk(CHECKED)
    passage = Passage("Banks", "https://help.example/banks", "1", "en", "Banks take a while.", NOW.date(), 1)
    desk.answers = {"any": Answered("Banks take a while.", 90, 60, (passage,))}
    desk.hears(said("Refund order 10231", order_number="10231"))
    desk.hears(said("yes", "yes", message="m2"))

    desk.hears(said("How long do banks take?", "unclear", "question", message="m3"))
    answer, ours = desk.of(Reply)[0].text, desk.of(CheckIn)[0].text
    desk.hears(said("yes", "yes", message="m4"))

    assert answer.startswith("Banks take a while.")
    assert ours == "All well?"
    assert desk.ending == "resolved"
    assert len([one for one in desk.history if isinstance(one, Perform)]) == 1

"""Asking and answering: choices, lists, yes and no, free text, checks, defaults and corrections."""

import pytest

from resolver.condition.types import MoneyType, Number, Text
from resolver.decision.answer import derives, parsed
from resolver.decision.effects import Ask, HandOff, Reply, Wait
from resolver.money import Money
from resolver.reading import Reading, SlotReading, Span
from resolver.ticket import MessageId
from tests.decision.conftest import lines, order_fields, said

RETURN = """
playbook: report_item
language: 1
title: Something is wrong with an item
owner: ops@acme.example
languages: [en, de]
handles: {intent: report}
identify: verified
needs:
  order_number: {type: order_number, ask: which_order}
  item:
    type: one of order.lines where refundable > 0 EUR
    ask: which_item
    if_none: nothing
  reason:
    type: one of [broken, too_small, something_else]
    ask: why
    tries: 1
    or_else: something_else
    labels:
      broken: {en: It is broken, de: Kaputt}
      too_small: {en: Too small, de: Zu klein}
      something_else: {en: Something else, de: Etwas anderes}
  photo: {type: yes/no, ask: have_photo, when: reason is broken}
  story: {type: text, ask: what_happened, when: reason is broken, prefill: no}
look_up:
  - find: shop.order
    with: {number: order_number}
    as: order
    if_missing: unknown_order
decide:
  - rule: broken
    when: reason is broken and photo
    then: thanks
  - rule: small
    when: reason is too_small
    then: small
  - rule: other
    otherwise: hand_over
    because: A person looks.
outcomes:
  thanks: [{reply: noted}]
  small: [{reply: exchange}]
  nothing: [{reply: nothing_there}]
  unknown_order: [{hand_off: orders, summary: "Order {order_number}?"}]
  hand_over: [{hand_off: orders, summary: "{order_number}: {reason}, {item}"}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order?", de: "Welche Bestellung?"}
  which_item: {en: "Which item?", de: "Welcher Artikel?"}
  why: {en: "What is wrong?", de: "Was ist los?"}
  have_photo: {en: "Do you have a photo?", de: "Haben Sie ein Foto?"}
  what_happened: {en: "What happened?", de: "Was ist passiert?"}
  noted: {en: "{item}, {reason}, {photo}: {story}", de: "{item}, {reason}, {photo}: {story}"}
  exchange: {en: "We exchange {item}.", de: "Wir tauschen {item}."}
  nothing_there: {en: "Nothing left.", de: "Nichts mehr da."}
"""


@pytest.fixture
def desk(make):
    return make.desk(RETURN)


def asked(desk):
    desk.hears(said("Something is wrong with 10231", order_number="10231"))
    return desk


def test_all_missing_slots_are_asked_in_one_message_with_one_numbering(desk):
    asked(desk)

    assert desk.of(Ask)[0].slots == ("item", "reason")
    assert desk.of(Ask)[0].text == (
        "Which item?\n1. Mug 1\n2. Mug 2\n\nWhat is wrong?\n3. It is broken\n4. Too small\n5. Something else"
    )


def test_an_option_is_named_by_its_text_and_a_choice_by_its_label(desk):
    asked(desk).hears(said("mug 2, it is broken!", message="m2"))

    assert desk.facts.slots["item"].value == "l2"
    assert desk.facts.slots["reason"].value == "broken"
    assert desk.of(Ask)[0].slots == ("photo", "story")


def test_a_lone_number_names_the_option_it_stands_before(desk):
    asked(desk).hears(said("4", message="m2"))

    assert desk.facts.slots["reason"].value == "too_small"
    assert desk.facts.slots["item"].value is None
    assert desk.of(Ask)[0].slots == ("item",)


def test_a_label_of_another_language_is_understood_too(desk):
    asked(desk).hears(said("mug 1: zu klein", message="m2"))

    assert desk.of(Reply)[0].text == "We exchange Mug 1."


def test_two_options_in_one_answer_choose_none(desk):
    asked(desk).hears(said("mug 1 or mug 2, too small", message="m2"))

    assert desk.facts.slots["item"].value is None


def test_a_choice_that_is_not_answered_takes_its_default_after_its_tries(desk):
    asked(desk).hears(said("mug 1", message="m2"))

    assert desk.facts.slots["reason"].source == "assumed"
    assert desk.of(HandOff)[0].summary == "10231: Something else, Mug 1"


def test_yes_no_and_free_text_answer_their_questions(desk):
    asked(desk).hears(said("mug 1, broken", message="m2"))
    desk.hears(said("yes", "yes", message="m3"))
    desk.hears(said("It fell  off\nthe table", message="m4"))

    assert desk.of(Reply)[0].text == "Mug 1, It is broken, yes: It fell off the table"
    assert desk.facts.slots["story"].value == "It fell off the table"


def test_free_text_is_never_taken_from_a_message_that_was_not_asked_for_it(desk):
    desk.hears(said("10231 broken", order_number="10231", story="broken"))

    assert "story" not in desk.facts.slots


def test_an_option_that_is_gone_is_asked_again(desk):
    asked(desk).hears(said("mug 1, broken", message="m2"))
    desk.orders["10231"]["lines"] = lines("0 EUR", "15.90 EUR")
    desk.hears(said("yes", "yes", message="m3"))

    assert desk.of(Ask)[0].slots == ("item", "story")
    assert "Mug 1" not in desk.of(Ask)[0].text


def test_a_list_without_options_takes_its_edge(make):
    desk = make.desk(RETURN, orders={"10231": order_fields(lines=lines("0 EUR"))})

    asked(desk)

    assert desk.of(Reply)[0].reply == "nothing_there"


def test_a_corrected_order_number_drops_what_depended_on_it(make):
    other = order_fields(id="o2", number="10299", lines=lines("5 EUR"))
    desk = make.desk(RETURN, orders={"10231": order_fields(), "10299": other})
    asked(desk).hears(said("mug 1, broken", message="m2"))
    desk.hears(said("sorry, 10299", message="m3", order_number="10299"))

    assert desk.facts.slots["item"].value is None
    assert desk.facts.slots["reason"].value == "broken"
    assert "item" in desk.of(Ask)[0].slots


def test_the_fourth_correction_goes_to_a_person(make):
    desk = make.desk(RETURN.replace("ask: which_item", "ask: which_item\n    tries: 9"), orders={})
    desk.orders = {str(number): order_fields(number=str(number)) for number in range(10231, 10236)}
    asked(desk)
    for number in range(10232, 10236):
        desk.hears(said(f"no, {number}", message=f"m{number}", order_number=str(number)))

    assert desk.of(HandOff)[0].reason == "corrections:order_number"


def test_a_value_whose_span_is_not_in_the_message_does_not_count(desk):
    made_up = SlotReading("order_number", "10231", Span(0, 5, "99999"))
    elsewhere = SlotReading("order_number", "10231", Span(3, 8, "10231"))

    for found in (made_up, elsewhere):
        reading = Reading(MessageId("m1"), "Something is wrong", "en", slots=(found,))
        assert not derives(Text("order_number"), found, reading)


@pytest.mark.parametrize(
    ("type_", "value", "words", "counts"),
    [
        (Text("order_number"), "A-1001", "a 1001", True),
        (Text("order_number"), "1001", "order 1002", False),
        (MoneyType(), "12.00 EUR", "12 €", True),
        (MoneyType(), "1200.50 EUR", "1.200,50 €", True),
        (MoneyType(), "9999.00 EUR", "99", False),
        (Number(), "3", "3 of them", True),
        (Text("email"), "ann@example.com", "Ann@Example.com", True),
        (Text("address"), "Lindenweg 3", "Lindenweg 4", False),
    ],
)
def test_a_value_must_be_read_off_its_words(type_, value, words, counts):
    found = SlotReading("x", value, Span(0, len(words), words))

    assert derives(type_, found, Reading(MessageId("m"), words, "en", slots=(found,))) is counts


def test_a_value_that_does_not_parse_is_none():
    assert parsed(MoneyType(), "many euros") is None
    assert parsed(Number(), "1e9") is None
    assert parsed(MoneyType(), "12.00 EUR").money() == Money.parse("12 EUR")


def test_waiting_for_an_answer_lasts_as_long_as_the_policys_patience(desk):
    asked(desk)

    assert desk.of(Wait)[0].until - desk.now == desk.policy.patience

"""Choosing several from a list: named, counted, assumed, asked for, and paid for no more than was chosen."""

import json

import pytest

from resolver.condition.values import PairValue
from resolver.decision.choice import several_named
from resolver.decision.effects import Ask, Confirm, HandOff, Reply
from resolver.decision.facts import Facts, OpenQuestion
from resolver.decision.testfile import read_tests
from resolver.decision.testrun import run_tests
from resolver.money import Money
from resolver.source.load import load
from tests.decision.conftest import REFUND, Desk, Maker, order_fields, said

PARTS = (
    REFUND.replace(
        "  order_number: {type: order_number, ask: which_order}\n",
        """  order_number: {type: order_number, ask: which_order}
  items:
    type: some of order.lines where refundable > 0
    ask: which_items
    when: order.status is delivered
    if_none: nothing_left
""",
    )
    .replace("amount: order.total - order.refunded", "amount: sum of refundable in items")
    .replace("items: order.lines", "items: items")
    .replace("{order.lines}", "{items}")
    .replace("replies:\n", 'replies:\n  which_items: {en: "Which of these?", de: "Welche davon?"}\n')
)
ASSUMES_ALL = PARTS.replace("    ask: which_items\n", "    ask: which_items\n    assume: all\n")
MUGS = [
    {
        "id": "l1",
        "name": "Blue mug",
        "quantity": 2,
        "refundable": Money.parse("24.01 EUR"),
        "final_sale": False,
    },
    {
        "id": "l2",
        "name": "Tea towel",
        "quantity": 1,
        "refundable": Money.parse("15.89 EUR"),
        "final_sale": False,
    },
]


def refund_desk(make: Maker, text: str = PARTS, **order: object) -> Desk:
    fields = order_fields(**{"lines": MUGS, **order})
    return make.desk(text, orders={"10231": fields})


def asked_for_items(make: Maker) -> Desk:
    desk = refund_desk(make)
    desk.hears(said("Refund order 10231 please", order_number="10231"))
    return desk


def test_the_list_is_asked_with_numbers_and_how_many_there_are(make: Maker) -> None:
    desk = asked_for_items(make)

    (ask,) = desk.of(Ask)
    assert ask.text == "Which of these?\n1. 2 × Blue mug\n2. Tea towel"


@pytest.mark.parametrize(
    ("answer", "amount", "shown"),
    [
        ("1", "24.01 EUR", "2 × Blue mug"),
        ("1 and 2", "39.90 EUR", "2 × Blue mug and Tea towel"),
        ("2, 1", "39.90 EUR", "2 × Blue mug and Tea towel"),
        ("one of the two blue mugs", "12.00 EUR", "Blue mug"),  # 12.005 is rounded down
        ("The tea towel, and 1 blue mug.", "27.89 EUR", "Blue mug and Tea towel"),
        ("the towel", "15.89 EUR", "Tea towel"),
        ("Everything, please", "39.90 EUR", "2 × Blue mug and Tea towel"),
        ("beide", "39.90 EUR", "2 × Blue mug and Tea towel"),
    ],
)
def test_an_answer_names_items_by_number_by_name_or_all_of_them(
    make: Maker, answer: str, amount: str, shown: str
) -> None:
    desk = asked_for_items(make)

    desk.hears(said(answer, message="m2"))

    (confirm,) = desk.of(Confirm)
    assert confirm.text == f"I can refund €{amount.removesuffix(' EUR')} for {shown} of order 10231. Shall I?"


@pytest.mark.parametrize(
    "answer",
    ["all but the mug", "not the towel", "not all of them", "3", "the plate", "three blue mugs", "1 or so"],
)
def test_an_answer_that_is_not_clear_is_asked_again(make: Maker, answer: str) -> None:
    desk = asked_for_items(make)

    desk.hears(said(answer, message="m2"))

    (ask,) = desk.of(Ask)
    assert "1. 2 × Blue mug" in ask.text


def test_what_was_chosen_is_what_is_done(make: Maker) -> None:
    desk = asked_for_items(make)
    desk.hears(said("one blue mug", message="m2"))

    desk.hears(said("Yes", "yes", message="m3"))

    (refund,) = desk.all_performed
    assert refund.pays == Money.parse("12.00 EUR")
    assert desk.facts is not None
    assert desk.facts.offer is not None
    (action,) = json.loads(desk.facts.offer.document)["actions"]
    assert action["with"]["items"] == [{"chosen": "1", "key": "l1"}]


def test_without_a_word_about_items_all_are_assumed_and_shown(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)

    desk.hears(said("Refund order 10231 please", order_number="10231"))

    (confirm,) = desk.of(Confirm)
    assert "€39.90 for 2 × Blue mug and Tea towel" in confirm.text


def test_items_understood_in_the_first_message_are_not_asked_for(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)

    desk.hears(said("One of the mugs in 10231", order_number="10231", items="l1"))

    (confirm,) = desk.of(Confirm)
    assert "€24.01 for 2 × Blue mug" in confirm.text


def test_what_was_named_and_is_no_option_is_asked_for_although_all_would_be_assumed(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)

    desk.hears(said("The plate in 10231", order_number="10231", items="l9"))

    assert len(desk.of(Ask)) == 1


def test_with_nothing_left_to_choose_the_run_takes_its_edge(make: Maker) -> None:
    empty = [{**line, "refundable": Money.parse("0 EUR")} for line in MUGS]
    desk = refund_desk(make, lines=empty)

    desk.hears(said("Refund order 10231 please", order_number="10231"))

    (reply,) = desk.of(Reply)
    assert reply.reply == "already"


def test_an_item_that_is_gone_when_the_customer_says_yes_is_asked_for_again(make: Maker) -> None:
    desk = asked_for_items(make)
    desk.hears(said("2 blue mugs", message="m2"))
    desk.orders["10231"]["lines"] = [
        {**MUGS[0], "quantity": 1, "refundable": Money.parse("12.00 EUR")},
        MUGS[1],
    ]

    desk.hears(said("Yes", "yes", message="m3"))

    assert desk.all_performed == []
    assert len(desk.of(Ask)) == 1


def test_a_customer_who_never_says_which_goes_to_a_person(make: Maker) -> None:
    desk = asked_for_items(make)
    desk.hears(said("hm", message="m2"))

    desk.hears(said("whatever", message="m3"))

    (hand_off,) = desk.of(HandOff)
    assert hand_off.reason == "if_given_up:items"


def test_another_choice_after_the_offer_is_a_new_offer(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)
    desk.hears(said("Refund order 10231 please", order_number="10231"))

    desk.hears(said("No, just the towel", message="m2", items="l2"))

    (confirm,) = desk.of(Confirm)
    assert "€15.89 for Tea towel" in confirm.text


def test_a_run_continued_from_its_stored_facts_has_the_same_choice(make: Maker) -> None:
    desk = asked_for_items(make)
    desk.save = lambda facts: Facts.from_json(facts.to_json(), desk.plan, desk.policy)

    desk.hears(said("one of the blue mugs", message="m2"))
    desk.hears(said("Yes", "yes", message="m3"))

    (refund,) = desk.all_performed
    assert refund.pays == Money.parse("12.00 EUR")


def test_an_element_that_is_named_by_part_of_a_longer_name_is_not_taken_for_it() -> None:
    question = OpenQuestion("items", (("l1", "Blue mug"), ("l2", "Blue mug large")))

    assert several_named(question, "the blue mug large") == (PairValue("l2", "all"),)
    assert several_named(question, "blue") is None


TESTS = """
tests: refund_order
given:
  now: 2026-11-23 10:00
  customer: {email: ann@example.com, identity: verified, language: en}
  shop.order:
    - {number: 10231, id: o1, email: ann@example.com, status: delivered, total: 39.90 EUR, refunded: 0 EUR, country: DE,
       address: "Lindenweg 3", delivered_at: "2026-11-11 09:00",
       lines: [{id: l1, name: Blue mug, quantity: 2, refundable: 24.00 EUR, final_sale: no},
               {id: l2, name: Tea towel, quantity: 1, refundable: 15.90 EUR, final_sale: no}]}
cases:
  - test: one of two mugs
    when:
      - writes: One of the blue mugs in order 10231 is not for me
        understood: {intent: refund, order_number: 10231, items: [{id: l1, chosen: 1}]}
      - {writes: Yes please, understood: yes}
    then: {done: [{shop.refund: {order: o1, items: [l1], amount: 12.00 EUR}}], last_reply_contains: [12.00]}
  - test: said in answer to the question
    when:
      - {writes: Refund order 10231, understood: {intent: refund, order_number: 10231}}
      - {writes: the towel and one mug, understood: {moves: []}}
      - {writes: Yes please, understood: yes}
    then: {asked: [items], done: [{shop.refund: {items: [{id: l1, chosen: 1}, l2], amount: 27.90 EUR}}]}
  - test: the shop was quicker, so its own requirement stops it
    when:
      - {writes: Order 10231 both mugs, understood: {order_number: 10231, items: [l1]}}
      - {world: {shop.order 10231: {lines: [{id: l1, refundable: 0.01 EUR}]}}}
      - {writes: ok, understood: yes}
    then: {replies: [confirm_refund, confirm_refund], done: []}
"""


def test_a_test_file_names_elements_by_key_and_units(make: Maker) -> None:
    plans = {"refund_order": make.plan(PARTS)}
    tests, problems = read_tests(load(TESTS, "refund_order.test.yaml"), plans, make.policy())
    assert tests is not None, problems

    report = run_tests(tests, plans, make.policy())

    assert [one.message for result in report.results for one in result.differences] == []


# -- named before the list was read -----------------------------------------------------------------------------------


def test_items_named_in_the_first_message_are_found_in_the_list_once_it_is_read(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)

    desk.hears(said("One of the two blue mugs in order 10231 is not for me", order_number="10231"))

    (confirm,) = desk.of(Confirm)
    assert "€12.00 for Blue mug of" in confirm.text


def test_items_named_before_the_order_number_are_remembered(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)
    desk.hears(said("I want to send the tea towel back"))

    desk.hears(said("10231", message="m2", order_number="10231"))

    (confirm,) = desk.of(Confirm)
    assert "€15.89 for Tea towel of" in confirm.text


def test_more_than_there_are_is_asked_for(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)

    desk.hears(said("Three blue mugs from 10231", order_number="10231"))

    assert len(desk.of(Ask)) == 1


@pytest.mark.parametrize("answer", ["No, only the tea towel", "Yes, the tea towel please"])
def test_other_items_named_in_the_answer_to_an_offer_win_over_yes_and_no(make: Maker, answer: str) -> None:
    desk = refund_desk(make, ASSUMES_ALL)
    desk.hears(said("Refund order 10231 please", order_number="10231"))

    desk.hears(said(answer, "yes" if answer.startswith("Yes") else "no", message="m2"))

    (confirm,) = desk.of(Confirm)
    assert "€15.89 for Tea towel of" in confirm.text


def test_the_same_items_named_in_the_answer_to_an_offer_are_a_plain_yes(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)
    desk.hears(said("Refund order 10231 please", order_number="10231"))

    desk.hears(said("Yes, both blue mugs and the towel", "yes", message="m2"))

    (refund,) = desk.all_performed
    assert refund.pays == Money.parse("39.90 EUR")


def test_a_question_that_names_other_items_is_a_change_and_no_question_for_an_article(make: Maker) -> None:
    desk = refund_desk(make, ASSUMES_ALL)
    desk.hears(said("Refund order 10231 please", order_number="10231"))

    desk.hears(said("Could it be only the tea towel?", "unclear", "question", message="m2"))

    (confirm,) = desk.of(Confirm)
    assert "€15.89 for Tea towel of" in confirm.text

"""Several requests in one ticket (LANGUAGE 12): one message, one yes, in order, no action twice, none lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.decision.clash import named
from resolver.decision.effects import Answered, Passage, Performed
from resolver.decision.requests import one_for_each_record, requests_in, rest_of
from resolver.reading import IntentScore, Reading, SlotReading, Span
from resolver.ticket import MessageId
from tests.decision.conftest import NOW, REFUND, Maker, order_fields
from tests.decision.together import Together, delivered, open_order

CANCEL = """
playbook: cancel_order
language: 1
title: Cancel an order
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: cancel_order}
identify: verified
needs: {order_number: {type: order_number, ask: which_order}}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: unknown}]
compute: {amount: order.total - order.refunded}
decide:
  - {rule: shipped, when: "order.status in [shipped, delivered]", then: too_late, because: It has left us.}
  - {rule: gone, when: order.status is cancelled, then: was_cancelled}
  - {rule: open, when: "order.status in [created, paid, processing]", then: cancel}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  cancel:
    - {confirm: shall_i, if_no: keep}
    - {do: shop.cancel_order, with: {order: order, amount: amount}, if_fails: hand_over}
    - {reply: cancelled}
    - {ticket: {priority: low, add_tags: [cancelled]}}
  too_late: [{reply: late, ends: declined}]
  was_cancelled: [{reply: earlier}]
  keep: [{reply: kept, ends: withdrawn}]
  unknown: [{hand_off: default, summary: "Order {order_number} is not known."}]
  hand_over: [{hand_off: orders, summary: "Cancel {order_number}", tell: sorry, priority: high}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order is it?"}
  shall_i: {en: "Cancel {order} and pay {amount} back?"}
  cancelled: {en: "Order {order} is cancelled."}
  late: {en: "Order {order} has left us."}
  earlier: {en: "Order {order} was cancelled before."}
  kept: {en: "The order stays."}
  sorry: {en: "A colleague looks at the order."}
"""

ADDRESS = """
playbook: change_address
language: 1
title: Change where an order is sent
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: change_address}
identify: verified
needs:
  order_number: {type: order_number, ask: which_order}
  new_address: {type: address, ask: which_address}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
decide:
  - {rule: open, when: "order.status in [created, paid, processing]", then: change}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  change:
    - {confirm: send_there, if_no: keep}
    - {do: shop.change_address, with: {order: order, address: new_address}, if_fails: hand_over}
    - {reply: changed}
  keep: [{reply: same_place, ends: withdrawn}]
  hand_over: [{hand_off: orders, summary: "Address of {order_number}"}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order is it?"}
  which_address: {en: "Where to?"}
  send_there: {en: "Send {order} to {new_address}?"}
  changed: {en: "It goes to {new_address}."}
  same_place: {en: "The address stays."}
"""

STATUS = """
playbook: order_status
language: 1
title: Where is my order
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: order_status}
identify: verified
needs: {order_number: {type: order_number, ask: which_order}}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
decide:
  - {rule: there, when: order.status is delivered, then: there}
  - {rule: open, when: "order.status in [created, paid, processing]", then: open}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  there: [{reply: there}]
  open: [{reply: open}]
  hand_over: [{hand_off: default, summary: "Status of {order_number}"}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order is it?"}
  there: {en: "{order} was delivered."}
  open: {en: "{order} is being packed."}
"""

PLACE = "Marktweg 7, 50667 Bonn"


@pytest.fixture
def ticket(make: Maker) -> Together:
    return stocked(make)


def stocked(make: Maker) -> Together:
    """A ticket of a customer with an order that arrived, a dear one, and two that are open."""
    texts = {"refund": REFUND, "cancel": CANCEL, "address": ADDRESS, "status": STATUS}
    orders = {
        "101": delivered("101"),
        "102": delivered("102", "90.00 EUR"),
        "201": open_order("201"),
        "202": open_order("202"),
    }
    return Together({name: make.plan(text) for name, text in texts.items()}, make.policy(), orders)


def refund(number: str = "101") -> tuple[str, dict[str, str]]:
    return "refund", {"order_number": number} if number else {}


def cancel(number: str = "201") -> tuple[str, dict[str, str]]:
    return "cancel", {"order_number": number} if number else {}


def address(number: str = "201", place: str = PLACE) -> tuple[str, dict[str, str]]:
    given = {"order_number": number, "new_address": place}
    return "address", {name: value for name, value in given.items() if value}


def status(number: str = "201") -> tuple[str, dict[str, str]]:
    return "status", {"order_number": number} if number else {}


# -- one message, one yes ---------------------------------------------------------------------------------------------


def test_two_offers_are_one_numbered_list(ticket: Together) -> None:
    ticket.asks(refund(), cancel())

    assert ticket.message.index("1. I can refund") < ticket.message.index("2. Cancel 201")
    assert len([one for one in ticket.updates if one.public]) == 1


def test_offers_are_numbered_in_the_order_of_the_requests(ticket: Together) -> None:
    ticket.asks(cancel(), refund())

    assert ticket.message.startswith("1. Cancel 201")


def test_one_offer_has_no_number(ticket: Together) -> None:
    ticket.asks(refund(), status())

    assert not ticket.message.startswith("1. ")
    assert "2. " not in ticket.message


def test_a_plain_yes_does_everything_in_order(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("yes", "yes")

    assert ticket.done == [("shop.refund", "101"), ("shop.cancel_order", "201")]
    assert ticket.endings == ["resolved", "resolved"]


def test_the_results_are_one_reply_in_run_order(ticket: Together) -> None:
    ticket.asks(cancel(), refund()).says("yes", "yes")

    assert ticket.message.index("Order 201 is cancelled.") < ticket.message.index("Done.")


def test_a_plain_no_does_nothing_at_all(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("no", "no")

    assert (ticket.done, ticket.endings) == ([], ["withdrawn", "withdrawn"])


@pytest.mark.parametrize("text", ["yes 2", "Yes, the second one", "yes, the cancellation: cancel"])
def test_a_yes_that_names_one_offer_does_only_that(ticket: Together, text: str) -> None:
    ticket.asks(refund(), cancel()).says(text, "yes")

    assert ticket.done == [("shop.cancel_order", "201")]
    assert ticket.endings == ["waits:customer", "resolved"]


def test_the_offer_that_was_not_named_is_asked_again_without_an_excuse(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("yes 2", "yes")

    assert "I can refund" in ticket.message
    assert "sorry" not in ticket.message


def test_a_no_that_names_one_offer_leaves_the_other_open(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("no to number 1", "no")

    assert (ticket.done, ticket.endings) == ([], ["withdrawn", "waits:customer"])


def test_only_without_saying_which_is_asked_again(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("yes but only a part", "yes")

    assert (ticket.done, ticket.endings) == ([], ["waits:customer", "waits:customer"])


def test_the_excuse_for_not_understanding_is_made_once(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("hm", "unclear")

    assert ticket.message.count("I am sorry") == 1


def test_two_unclear_answers_hand_both_over(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("hm", "unclear").says("hm", "unclear")

    assert (ticket.done, ticket.endings) == ([], ["handed_off", "handed_off"])


def test_three_requests_are_done_by_one_yes(ticket: Together) -> None:
    ticket.asks(refund(), cancel("202"), address("201")).says("yes", "yes")

    assert [action for action, _ in ticket.done] == [
        "shop.refund",
        "shop.cancel_order",
        "shop.change_address",
    ]


def test_a_request_without_an_offer_is_answered_beside_an_offer(ticket: Together) -> None:
    ticket.asks(status("201"), refund())

    assert ticket.message.startswith("201 is being packed.")
    assert ticket.endings == ["answered", "waits:customer"]
    assert ticket.status == "pending"


def test_the_same_request_for_two_orders_is_two_runs_and_one_message(ticket: Together) -> None:
    ticket.asks(cancel("201"), cancel("202")).says("yes", "yes")

    assert ticket.done == [("shop.cancel_order", "201"), ("shop.cancel_order", "202")]


# -- questions --------------------------------------------------------------------------------------------------------


def test_a_slot_that_two_runs_need_is_asked_once_and_serves_both(ticket: Together) -> None:
    ticket.asks(status(""), address("", PLACE))
    asked = ticket.message
    ticket.says("201", order_number="201")

    assert asked.count("Which order is it?") == 1
    assert ticket.endings == ["answered", "waits:customer"]


def test_different_questions_are_one_message(ticket: Together) -> None:
    ticket.asks(refund(""), address("201", ""))

    assert "Which order is it?" in ticket.message
    assert "Where to?" in ticket.message


def test_a_question_stands_behind_an_offer(ticket: Together) -> None:
    ticket.asks(address("201", ""), refund())

    assert ticket.message.index("I can refund") < ticket.message.index("Where to?")


def test_a_yes_to_the_offer_does_not_use_up_the_patience_of_a_question(ticket: Together) -> None:
    ticket.asks(refund(), address("201", "")).says("yes", "yes")

    assert ticket.done == [("shop.refund", "101")]
    assert "Where to?" in ticket.message
    assert ticket.facts[1].slots["new_address"].tries == 1


def test_an_answer_to_the_question_leaves_the_offer_open(ticket: Together) -> None:
    ticket.asks(refund(), address("201", "")).says(f"to {PLACE}", new_address=PLACE)

    assert ticket.done == []
    assert ticket.message.startswith("1. I can refund")
    assert ticket.endings == ["waits:customer", "waits:customer"]


def test_a_value_one_run_has_is_shared_with_the_run_opened_later(ticket: Together) -> None:
    ticket.asks(cancel("201")).asks(status(""))

    assert ticket.facts[1].slots["order_number"].source == "shared"
    assert "201 is being packed." in ticket.message


def test_a_value_of_its_own_is_not_replaced_by_a_shared_one(ticket: Together) -> None:
    ticket.asks(cancel("201")).asks(status("101"))

    assert "101 was delivered." in ticket.message


# -- a new request while another waits --------------------------------------------------------------------------------


def test_a_new_request_repeats_the_offer_that_waits(ticket: Together) -> None:
    ticket.asks(refund()).asks(status("201"))

    assert ticket.message == "201 is being packed.\n\n" + ticket.facts[0].waiting.text  # type: ignore[union-attr]


def test_a_second_offer_makes_a_list_of_both(ticket: Together) -> None:
    ticket.asks(refund()).asks(cancel())

    assert "1. I can refund" in ticket.message
    assert "2. Cancel 201" in ticket.message


def test_a_yes_beside_a_new_request_counts_for_what_was_asked_before(ticket: Together) -> None:
    ticket.asks(refund()).asks(cancel(), beside="yes")

    assert ticket.done == [("shop.refund", "101")]
    assert ticket.endings == ["resolved", "waits:customer"]


def test_a_no_beside_a_new_request_withdraws_only_the_old_one(ticket: Together) -> None:
    ticket.asks(refund()).asks(cancel(), beside="no")

    assert (ticket.done, ticket.endings) == ([], ["withdrawn", "waits:customer"])


# -- one after another ------------------------------------------------------------------------------------------------


def test_the_second_run_sees_what_the_first_has_done(ticket: Together) -> None:
    ticket.asks(cancel("201")).asks(cancel("201")).says("1", "yes")

    assert ticket.done.count(("shop.cancel_order", "201")) == 1


def test_a_refund_offered_twice_for_one_order_pays_once(ticket: Together) -> None:
    ticket.asks(refund("101"), refund("101")).says("yes", "yes")

    assert ticket.done == [("shop.refund", "101")]
    assert "was refunded" in ticket.message


def test_an_action_that_is_refused_does_not_stop_the_other(ticket: Together) -> None:
    ticket.results["shop.refund"] = Performed("refused", code="already_refunded")
    ticket.asks(refund(), cancel()).says("yes", "yes")

    assert ticket.done == [("shop.cancel_order", "201")]
    assert ticket.endings == ["answered", "resolved"]


def test_an_action_nobody_knows_about_goes_to_people_and_the_other_is_done(ticket: Together) -> None:
    ticket.results["shop.refund"] = Performed("unknown")
    ticket.asks(refund(), cancel()).says("yes", "yes")

    assert ticket.done == [("shop.cancel_order", "201")]
    assert ticket.endings == ["handed_off", "resolved"]
    assert "MAY HAVE HAPPENED" in ticket.note


# -- conflicts --------------------------------------------------------------------------------------------------------


def test_offers_that_exclude_each_other_are_a_choice(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("201"))

    assert "Only one of these is possible" in ticket.message
    assert ticket.conflict is not None


@pytest.mark.parametrize(("answer", "done"), [("1", "shop.cancel_order"), ("2", "shop.change_address")])
def test_the_chosen_offer_is_done_and_the_other_withdrawn(ticket: Together, answer: str, done: str) -> None:
    ticket.asks(cancel("201"), address("201")).says(answer, "unclear")

    assert ticket.done == [(done, "201")]
    assert sorted(map(str, ticket.endings)) == ["resolved", "withdrawn"]
    assert ticket.conflict is None


def test_a_choice_may_be_made_by_a_word_of_one_offer(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("201")).says("then cancel it please")

    assert ticket.done == [("shop.cancel_order", "201")]


@pytest.mark.parametrize("answer", ["yes", "whatever you like", "1 and 2"])
def test_a_choice_that_is_none_hands_both_over(ticket: Together, answer: str) -> None:
    ticket.asks(cancel("201"), address("201")).says(answer, "yes" if answer == "yes" else "unclear")

    assert (ticket.done, ticket.endings) == ([], ["handed_off", "handed_off"])


def test_neither_of_two_is_a_no_to_both(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("201")).says("no", "no")

    assert (ticket.done, ticket.endings) == ([], ["withdrawn", "withdrawn"])


def test_the_first_handoff_names_the_queue_and_the_note_names_both(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("201")).says("hm", "unclear")

    assert "Cancel 201" in ticket.note
    assert "Address of 201" in ticket.note
    assert ticket.updates[0].queue == "Orders"


def test_a_conflict_holds_back_no_other_run(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("201"), status("101"))

    assert "101 was delivered." in ticket.message


def test_a_new_request_that_excludes_an_open_offer_is_a_choice_too(ticket: Together) -> None:
    ticket.asks(address("201")).asks(cancel("201"))

    assert "Only one of these is possible" in ticket.message
    assert ticket.says("1", "yes").done == [("shop.change_address", "201")]


def test_an_agreed_offer_is_not_done_once_it_excludes_a_new_one(ticket: Together) -> None:
    ticket.asks(address("201")).asks(cancel("201"), beside="yes")

    assert ticket.done == []
    assert "Only one of these is possible" in ticket.message


def test_two_writes_on_one_order_that_end_nothing_are_no_conflict(ticket: Together) -> None:
    ticket.asks(address("201"), address("201", "Am Ring 1, 10115 Berlin")).says("yes", "yes")

    assert ticket.conflict is None
    assert [action for action, _ in ticket.done] == ["shop.change_address"] * 2


def test_offers_on_two_orders_are_no_conflict(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("202"))

    assert ticket.conflict is None


def test_silence_at_a_choice_does_nothing(ticket: Together) -> None:
    ticket.asks(cancel("201"), address("201")).silence()

    assert (ticket.done, ticket.endings) == ([], ["no_reply", "no_reply"])


# -- approvals, handoffs, endings -------------------------------------------------------------------------------------


def test_an_approval_does_not_hold_back_the_other_run(ticket: Together) -> None:
    ticket.asks(refund("102"), cancel()).says("yes", "yes")

    assert ticket.done == [("shop.cancel_order", "201")]
    assert ticket.endings == ["waits:approval", "resolved"]
    assert "A colleague takes a look." in ticket.message
    assert ticket.status == "open"


def test_an_approval_goes_on_with_its_own_run_only(ticket: Together) -> None:
    ticket.asks(refund("102"), cancel()).says("yes 1", "yes").approves()

    assert ticket.done == [("shop.refund", "102")]
    assert ticket.endings == ["resolved", "waits:customer"]


def test_a_denied_approval_hands_off_its_own_run_only(ticket: Together) -> None:
    ticket.asks(refund("102"), cancel()).says("yes 1", "yes").denies()

    assert ticket.endings == ["handed_off", "waits:customer"]
    assert "Cancel an order: goes on when the customer answers" in ticket.note


def test_one_run_hands_off_and_the_other_is_served(ticket: Together) -> None:
    ticket.asks(refund("999"), cancel()).says("yes", "yes")

    assert ticket.done == [("shop.cancel_order", "201")]
    assert ticket.ending == "handed_off"


def test_open_wins_over_pending_where_one_hands_off_and_one_waits(ticket: Together) -> None:
    ticket.asks(refund("999"), cancel())

    assert ticket.status == "open"
    assert ticket.updates[0].queue == "Orders"
    assert "goes on when the customer answers" in ticket.note


def test_our_own_sentence_about_a_handoff_speaks_of_the_other_request(ticket: Together) -> None:
    ticket.asks(refund("999"), cancel())

    assert "your other request" in ticket.message


def test_a_person_is_wanted_for_everything(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("a human please", "wants_person")

    assert ticket.endings == ["handed_off", "handed_off"]


def test_stopping_everything_is_asked_back_where_money_is_at_stake(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("forget it", "stops")

    assert (ticket.done, ticket.endings) == ([], ["waits:customer", "waits:customer"])
    assert ticket.says("forget it", "stops").endings == ["withdrawn", "withdrawn"]


def hours(text: str = "We are open from 9 to 18.") -> Answered:
    passage = Passage("Hours", "https://help.example/hours", "1", "en", text, NOW.date(), 60)
    return Answered(text, 90, 60, (passage,))


def test_a_question_beside_several_offers_is_answered_once_and_all_are_put_again(ticket: Together) -> None:
    ticket.answers = {"any": hours()}
    ticket.asks(refund(), cancel())

    ticket.says("When are you open?", "unclear", "question")

    assert ticket.message.count("We are open from 9 to 18.") == 1
    assert "I can refund" in ticket.message
    assert "Cancel 201 and pay" in ticket.message
    assert (ticket.done, ticket.endings) == ([], ["waits:customer", "waits:customer"])
    assert [action for action, _ in ticket.says("yes", "yes").done] == ["shop.refund", "shop.cancel_order"]


def test_a_question_beside_several_offers_that_has_no_answer_is_asked_back(ticket: Together) -> None:
    ticket.asks(refund(), cancel())

    ticket.says("When are you open?", "unclear", "question")

    assert "I did not quite understand" in ticket.message
    assert (ticket.done, ticket.endings) == ([], ["waits:customer", "waits:customer"])


def test_silence_ends_every_run_that_waits_for_the_customer(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).silence()

    assert ticket.endings == ["no_reply", "no_reply"]


@pytest.mark.parametrize(
    ("requests", "whole"),
    [
        ((refund("999"), status()), "handed_off"),
        ((status(), cancel("101")), "declined"),
        ((status(), status("101")), "answered"),
    ],
)
def test_the_ticket_ends_as_the_first_of_its_endings_says(
    ticket: Together, requests: tuple[tuple[str, dict[str, str]], ...], whole: str
) -> None:
    assert ticket.asks(*requests).ending == whole


def test_tags_of_all_runs_add_up_and_the_last_priority_counts(ticket: Together) -> None:
    ticket.asks(refund(), cancel()).says("yes", "yes")

    assert ticket.updates[-1].add_tags == ("auto_refund", "cancelled")
    assert ticket.updates[-1].priority == "low"


def test_orders_that_changed_while_the_customer_slept_are_offered_anew(ticket: Together) -> None:
    ticket.asks(refund(), cancel())
    ticket.orders["101"] = order_fields(id="o101", number="101")
    ticket.says("yes", "yes")

    assert ticket.done == [("shop.cancel_order", "201")]
    assert ticket.endings == ["waits:customer", "resolved"]


# -- what a message asks for ------------------------------------------------------------------------------------------


def reading(text: str, **intents: str) -> Reading:
    """A message in which each intent is made up by these words; numbers of three digits are order numbers."""
    scores = tuple(
        IntentScore(intent, 0.9, Span(text.index(words), text.index(words) + len(words), words))
        for intent, words in intents.items()
    )
    slots = tuple(
        SlotReading("order_number", n, Span(text.index(n), text.index(n) + 3, n))
        for n in ("101", "102", "201", "202")
        if n in text
    )
    return Reading(MessageId("m1"), text, "en", intents=scores, slots=slots)


def test_each_request_gets_its_own_part_of_the_message() -> None:
    found = requests_in(reading("Cancel 201. Refund 101.", refund="Refund 101.", cancel_order="Cancel 201."))

    assert [one.intent for one in found] == ["cancel_order", "refund"]
    assert [[slot.value for slot in one.reading.slots] for one in found] == [["201"], ["101"]]


def test_a_value_that_stands_in_the_message_once_is_for_every_request() -> None:
    found = requests_in(
        reading("Where is 201? Change the address.", order_status="Where is", change_address="Change the")
    )

    assert [[slot.value for slot in one.reading.slots] for one in found] == [["201"], ["201"]]
    assert all(
        one.reading.text[slot.span.start : slot.span.end] == "201"
        for one in found
        for slot in one.reading.slots
    )


def test_what_is_under_way_already_is_no_new_request() -> None:
    found = requests_in(reading("Refund 101.", refund="Refund 101."), known={"refund"})

    assert found == []


def test_an_answer_before_a_new_request_is_what_stands_before_it() -> None:
    rest = rest_of(reading("Yes please. Cancel 201.", cancel_order="Cancel 201."), known={"refund"})

    assert (rest.text.strip(), rest.slots) == ("Yes please.", ())


def test_one_request_for_two_records_is_one_reading_each(make: Maker) -> None:
    found = one_for_each_record(make.plan(CANCEL), reading("Cancel 201 and 202"))

    assert [[slot.value for slot in one.slots] for one in found] == [["201"], ["202"]]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yes", None),
        ("2", {1}),
        ("the first", {0}),
        ("die zweite bitte", {1}),
        ("the blue mug", {0}),
        ("1 and 2", {0, 1}),
        ("order 20231", None),
        ("only that", set()),
    ],
)
def test_an_answer_names_offers_by_number_by_place_or_by_a_word_of_one(
    text: str, meant: set[int] | None
) -> None:
    found = named(text, ["Refund the blue mug?", "Refund a towel?"])

    assert found == (None if meant is None else frozenset(meant))


# -- whatever happens -------------------------------------------------------------------------------------------------

_requests = st.sampled_from(
    [refund(), refund("102"), refund("999"), refund(""), cancel(), cancel("202"), cancel("101"), cancel(""),
     address(), address("202"), address("201", ""), status(), status("")]
)  # fmt: skip
_answers = st.sampled_from(
    [("yes", "yes"), ("no", "no"), ("1", "yes"), ("yes 2", "yes"), ("hm", "unclear"), ("201", "number"),
     ("approve", "approve"), ("silence", "silence")]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_requests, min_size=2, max_size=3), st.lists(_answers, max_size=5), st.booleans())
def test_no_action_is_done_twice_none_without_a_yes_and_each_turn_is_one_message(
    make: Maker, requests: list[tuple[str, dict[str, str]]], answers: list[tuple[str, str]], at_once: bool
) -> None:
    ticket = stocked(make)
    ticket.asks(*requests) if at_once else ticket.asks(requests[0]).asks(*requests[1:])
    said_yes = False

    for text, kind in answers:
        if all(one.stage == "ended" for one in ticket.facts):
            break
        if kind == "silence":
            ticket.silence()
        elif kind == "approve":
            _ = ticket.approves() if ticket.waiting_for("approval") else None
        elif kind == "number":
            ticket.says(text, order_number=text)
        else:
            said_yes |= kind == "yes"
            ticket.says(text, kind)  # type: ignore[arg-type]  # those left are moves
        assert len([one for one in ticket.updates if one.public]) <= 1

    assert len(set(ticket.intents)) == len(ticket.intents)
    paid = [one for one in ticket.done if one[0] != "shop.change_address"]
    assert len(set(paid)) == len(paid)
    assert said_yes or not ticket.done or ticket.conflict is None
    assert ticket.done == [] or any(kind == "yes" or text == "1" for text, kind in answers)
    lost = [one for one in ticket.facts if one.stage != "ended" and one.waiting is None]
    assert lost == [] or ticket.conflict is not None

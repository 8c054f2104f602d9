"""Single steps: waiting for money to settle, proving, starting another playbook, silence, tickets and dispositions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from resolver.decision.case import disposition, merged, status_of
from resolver.decision.effects import (
    CheckIn,
    Confirm,
    End,
    HandOff,
    LookUp,
    Perform,
    Performed,
    Reply,
    SetTicket,
    StartRun,
    Wait,
)
from resolver.decision.events import Late, Settled, Silence
from resolver.decision.facts import shared_slots
from resolver.playbook.compile import compile_playbook
from resolver.source.load import load
from resolver.ticket import Level, Status
from tests.decision.conftest import order_fields, said

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
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
compute: {amount: order.total - order.refunded}
decide:
  - {rule: shipped, when: "order.status in [shipped, delivered]", then: too_late, because: It has left us.}
  - {rule: open, when: "order.status in [created, paid, processing]", then: cancel}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  cancel:
    - {confirm: shall_i, if_no: keep, if_silent: remind, within: 1 day}
    - {do: shop.cancel_order, with: {order: order, amount: amount}, if_refused: {already_fulfilled: too_late},
       if_fails: hand_over}
    - {reply: cancelled}
    - {ticket: {priority: low, add_tags: [auto]}}
  too_late: [{start: refund_order}]
  keep: [{reply: kept, ends: withdrawn}]
  remind: [{reply: left, ends: withdrawn}]
  hand_over:
    - {ticket: {add_tags: [person]}}
    - {hand_off: orders, summary: "Cancel {order_number}", tell: sorry, priority: high}
if_unsure: hand_over
replies:
  which_order: {en: "Which order?"}
  shall_i: {en: "Cancel {order} and pay {amount} back?"}
  cancelled: {en: "Order {order} is cancelled."}
  kept: {en: "It stays."}
  left: {en: "We leave it as it is."}
  sorry: {en: "A colleague helps."}
"""


@pytest.fixture
def desk(make):
    return make.desk(CANCEL, orders={"10231": order_fields(status="paid")})


STEP = "cancel_order/cancel/do-shop.cancel_order"


def confirmed(desk, performed=None):
    if performed is not None:
        desk.results["shop.cancel_order"] = performed
    desk.hears(said("Cancel 10231", order_number="10231"))
    return desk.hears(said("yes", "yes", message="m2"))


def test_a_job_is_waited_for_as_long_as_it_may_take(desk):
    turn = confirmed(desk, Performed("pending"))

    assert [type(effect) for effect in turn] == [LookUp, Perform, Wait]
    assert turn[-1] == Wait("settlement", desk.now + timedelta(minutes=15))
    assert desk.facts.stage == "committed"


def test_a_job_that_settles_goes_on_behind_its_step_without_deciding_again(desk):
    confirmed(desk, Performed("pending"))
    desk.orders["10231"]["status"] = "cancelled"
    turn = desk.hears(Settled(STEP, Performed("done", external_id="c1")))

    assert [type(effect) for effect in turn] == [Reply, SetTicket, End]
    assert turn[0].text == "Order 10231 is cancelled."
    assert desk.ending == "resolved"


def test_a_job_that_never_settles_is_unknown_and_goes_to_a_person(desk):
    confirmed(desk, Performed("pending"))
    turn = desk.hears(Late())

    assert [type(effect) for effect in turn] == [SetTicket, HandOff, End]
    assert turn[1].reason == "uncertain:shop.cancel_order"
    assert desk.facts.results[STEP].performed.state == "unknown"


def test_words_in_a_committed_run_stir_nothing_but_the_wish_for_a_person(desk):
    confirmed(desk, Performed("pending"))
    thanks = desk.hears(said("thanks", "nothing", message="m3"))
    person = desk.hears(said("human please", "wants_person", message="m4"))

    assert [type(effect) for effect in thanks] == [Wait]
    assert person[1].reason == "wants_person"
    assert person[1].tell == "A colleague helps."
    assert person[1].priority == "high"


def test_another_playbook_starts_with_the_slots_both_know(make):
    desk = make.desk(CANCEL, orders={"10231": order_fields(status="shipped")})
    turn = desk.hears(said("Cancel 10231", order_number="10231"))

    shared = shared_slots(desk.plan, desk.facts, make.plan())

    assert [type(effect) for effect in turn] == [LookUp, StartRun, End]
    assert turn[-1].disposition is None
    assert shared["order_number"].value == "10231"
    assert shared["order_number"].source == "shared"


def test_silence_takes_the_edge_of_its_confirmation_with_the_facts_as_stored(desk):
    desk.hears(said("Cancel 10231", order_number="10231"))
    wait = desk.of(Wait)[0]
    turn = desk.hears(Silence())

    assert wait.until == desk.now + timedelta(days=1)
    assert [type(effect) for effect in turn] == [Reply, End]
    assert desk.ending == "withdrawn"


def test_a_level_that_is_not_reached_takes_the_steps_own_edge(make):
    text = CANCEL.replace(
        "    - {confirm: shall_i", "    - {identify: code, if_fails: keep}\n    - {confirm: shall_i"
    )
    weak = make.desk(text, orders={"10231": order_fields(status="paid")})
    strong = make.desk(text, orders={"10231": order_fields(status="paid")}, level=Level.CODE)

    weak.hears(said("Cancel 10231", order_number="10231"))
    strong.hears(said("Cancel 10231", order_number="10231"))

    assert [effect.reply for effect in weak.of(Reply)] == ["kept"]
    assert len(strong.of(Confirm)) == 1


def test_the_last_writer_of_a_ticket_field_wins_and_tags_add_up():
    whole = merged(
        [
            SetTicket("a", status=Status.OPEN, priority="low", add_tags=("x", "y"), fields={"f": "1"}),
            SetTicket("b", status=Status.SOLVED, add_tags=("z",), remove_tags=("x",), fields={"g": "2"}),
        ]
    )

    assert (whole.status, whole.priority, whole.add_tags, whole.remove_tags) == (
        Status.SOLVED,
        "low",
        ("y", "z"),
        ("x",),
    )
    assert whole.fields == {"f": "1", "g": "2"}


@pytest.mark.parametrize(
    ("endings", "whole"),
    [
        (["resolved", "answered"], "resolved"),
        (["resolved", "handed_off"], "handed_off"),
        (["declined", "failed", "resolved"], "failed"),
        ([None, "answered"], "answered"),
    ],
)
def test_a_tickets_disposition_is_the_first_that_outranks_the_others(desk, endings, whole):
    desk.hears(said("Cancel 10231", order_number="10231"))
    runs = tuple(desk.facts.changed(stage="ended", disposition=one) for one in endings)

    assert disposition(runs) == whole
    assert disposition((*runs, desk.facts)) is None


def test_a_tickets_status_follows_what_is_waited_for_and_how_it_ended(desk):
    desk.hears(said("Cancel 10231", order_number="10231"))
    ended = desk.facts.changed(stage="ended", disposition="answered")
    policy = replace(desk.policy, status_at_end=Status.SOLVED)

    assert status_of(desk.facts, policy, said=True, wait=Wait("customer", None)) is Status.PENDING
    assert status_of(desk.facts, policy, said=False, wait=Wait("approval", None)) is Status.OPEN
    assert status_of(ended, policy, said=True) is Status.SOLVED
    assert status_of(ended.changed(disposition="no_reply"), policy, said=False) is None
    assert status_of(ended.changed(disposition="handed_off"), policy, said=True) is Status.OPEN


# -- asking whether all is well -----------------------------------------------------------------------------------

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
  - {rule: delivered, when: order.status is delivered, then: say, because: It has arrived.}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  say: [{reply: delivered}, {check_in: there, if_no: hand_over, within: 2 days}, {reply: glad}]
  hand_over: [{hand_off: orders, summary: "Status of {order_number}"}]
if_unsure: hand_over
replies: {which_order: {en: "Which?"}, delivered: {en: "Delivered."}, there: {en: "Is it there?"}, glad: {en: "Good."}}
"""

ASKS_AFTER = (
    CANCEL.replace(
        "    - {reply: cancelled}\n",
        "    - {reply: cancelled}\n    - {check_in: all_well, if_no: hand_over}\n    - {reply: glad}\n",
    )
    .replace(
        "replies:\n",
        'replies:\n  all_well: {en: "Is that all right?"}\n  glad: {en: "Good."}\n'
        '  bye: {en: "Bye.", always_true: yes}\n',
    )
    .replace("outcomes:\n", "outcomes:\n  wave: [{reply: bye}]\n")
)


WAVES = ASKS_AFTER.replace("all_well, if_no: hand_over", "all_well, if_no: hand_over, if_silent: wave")


def asked_after(make, text=WAVES):
    desk = make.desk(text, orders={"10231": order_fields(status="paid")})
    desk.hears(said("Cancel 10231", order_number="10231"))
    desk.hears(said("Yes", "yes", message="m2"))
    return desk


def test_after_an_action_the_customer_is_asked_and_the_run_waits(make):
    desk = asked_after(make)

    assert [one.text for one in desk.of(CheckIn)] == ["Is that all right?"]
    assert [wait.for_ for wait in desk.of(Wait)] == ["customer"]


def test_a_yes_goes_on_behind_the_question_and_decides_nothing_again(make):
    desk = asked_after(make)
    desk.orders["10231"] = order_fields(status="cancelled")

    desk.hears(said("Yes, thanks", "yes", message="m3"))

    assert [one.reply for one in desk.of(Reply)] == ["glad"]
    assert desk.of(LookUp) == []
    assert [end.disposition for end in desk.of(End)] == ["resolved"]


def test_a_no_takes_its_edge(make):
    desk = asked_after(make)

    desk.hears(said("No", "no", message="m3"))

    (hand_off,) = desk.of(HandOff)
    assert hand_off.queue == "orders"


def test_what_answers_nothing_is_asked_once_more_and_then_goes_to_people(make):
    desk = asked_after(make)

    desk.hears(said("Hm", "unclear", message="m3"))
    again = desk.of(CheckIn)
    desk.hears(said("Hm hm", "unclear", message="m4"))

    assert [one.again for one in again] == [True]
    assert len(desk.of(HandOff)) == 1


def test_silence_goes_on_with_the_next_step_or_takes_its_edge(make):
    goes_on = make.desk(STATUS, orders={"10231": order_fields()})
    goes_on.hears(said("Where is 10231", order_number="10231"))
    goes_on.hears(Silence())

    desk = asked_after(make)
    desk.hears(Silence())

    assert [one.reply for one in goes_on.of(Reply)] == ["glad"]
    assert [one.reply for one in desk.of(Reply)] == ["bye"]


def test_before_any_action_a_yes_looks_again_and_goes_on_only_if_the_decision_is_the_same(make):
    same = make.desk(STATUS, orders={"10231": order_fields()})
    same.hears(said("Where is 10231", order_number="10231"))
    waits = same.of(Wait)
    same.hears(said("Yes", "yes", message="m2"))

    changed = make.desk(STATUS, orders={"10231": order_fields()})
    changed.hears(said("Where is 10231", order_number="10231"))
    changed.orders["10231"] = order_fields(status="cancelled")
    changed.hears(said("Yes", "yes", message="m2"))

    assert waits[0].until - same.now == timedelta(days=2)
    assert [one.reply for one in same.of(Reply)] == ["glad"]
    assert len(changed.of(HandOff)) == 1


def test_an_action_behind_a_check_in_is_refused(make):
    text = CANCEL.replace(
        "    - {confirm: shall_i, if_no: keep",
        "    - {check_in: all_well, if_no: keep}\n    - {confirm: shall_i, if_no: keep",
    ).replace("replies:\n", 'replies:\n  all_well: {en: "Is that all right?"}\n')

    _, problems = compile_playbook(load(text, "cancel_order.yaml"), make.interfaces, make.policy())

    assert "wait-after-do" in {problem.code for problem in problems}

"""Single steps: waiting for money to settle, proving, starting another playbook, silence, tickets and dispositions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from resolver.decision.case import Case, merged, status_of
from resolver.decision.effects import (
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
from resolver.decision.facts import shared_slots
from resolver.decision.moves import Late, Settled, Silence
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

    assert Case(runs).disposition == whole
    assert Case((*runs, desk.facts)).disposition is None


def test_a_tickets_status_follows_what_is_waited_for_and_how_it_ended(desk):
    desk.hears(said("Cancel 10231", order_number="10231"))
    ended = desk.facts.changed(stage="ended", disposition="answered")
    policy = replace(desk.policy, status_at_end=Status.SOLVED)

    assert status_of(desk.facts, policy, said=True, wait=Wait("customer", None)) is Status.PENDING
    assert status_of(desk.facts, policy, said=False, wait=Wait("approval", None)) is Status.OPEN
    assert status_of(ended, policy, said=True) is Status.SOLVED
    assert status_of(ended.changed(disposition="no_reply"), policy, said=False) is None
    assert status_of(ended.changed(disposition="handed_off"), policy, said=True) is Status.OPEN

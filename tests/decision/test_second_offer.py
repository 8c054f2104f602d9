"""A run that has acted offers something else: the yes to that counts like the first, and nothing is decided again."""

from datetime import timedelta

import pytest

from resolver.decision.effects import Approve, Confirm, HandOff, Performed, Reply
from resolver.decision.events import Approved, Denied, Silence
from tests.decision.conftest import Desk, Maker, order_fields, said

PLAYBOOK = """
playbook: cancel_or_pay
language: 1
title: Cancel, else pay back
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: cancel}
identify: verified
needs:
  order_number: {type: order_number, ask: which_order}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
compute: {amount: order.total - order.refunded}
decide:
  - {rule: open, when: order.status is paid, then: cancel}
  - {rule: other, otherwise: hand_over, because: A person looks.}
outcomes:
  cancel:
    - {confirm: shall_i_cancel, if_no: keep}
    - do: shop.cancel_order
      with: {order: order, amount: amount}
      if_refused: {already_fulfilled: pay_back}
      if_fails: hand_over
    - {reply: cancelled}
  pay_back:
    - {confirm: shall_i_pay, if_no: keep, if_silent: hand_over}
    - {approve: TEAM, when: "order.total > 0", if_denied: hand_over, if_late: hand_over}
    - do: shop.refund
      with: {order: order, items: order.lines, amount: amount}
      if_pending: paid
      if_fails: hand_over
    - {reply: paid}
  paid: [{reply: paid}]
  keep: [{reply: kept, ends: withdrawn}]
  hand_over: [{hand_off: orders, summary: "Cancel {order_number}"}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order?"}
  shall_i_cancel: {en: "Cancel {order} for {amount} with {order.lines}?"}
  shall_i_pay: {en: "It has left. Pay back {amount} for {order} with {order.lines}?"}
  cancelled: {en: "Cancelled."}
  paid: {always_true: yes, en: "Paid."}
  kept: {always_true: yes, en: "As it was."}
"""
APPROVED = PLAYBOOK.replace("TEAM", "team_leads")
FREE = "\n".join(line for line in PLAYBOOK.splitlines() if "TEAM" not in line)
CANCEL, PAY = "shop.cancel_order", "shop.refund"


@pytest.fixture
def desk(make: Maker) -> Desk:
    return refused(make, FREE)


def refused(make: Maker, text: str) -> Desk:
    """The customer has agreed to a cancellation, which the shop refused: it asks whether to pay back."""
    found = make.desk(text, orders={"10231": order_fields(status="paid")})
    found.results = {CANCEL: Performed("refused", code="already_fulfilled")}
    found.hears(said("Cancel 10231", order_number="10231"))
    found.hears(said("yes", "yes", message="m2"))
    assert [one.step for one in found.of(Confirm)] == ["cancel_or_pay/pay_back/confirm-shall_i_pay"]
    return found


def done(desk: Desk) -> list[str]:
    return [one.action for one in desk.all_performed]


def replies(desk: Desk) -> list[str]:
    return [one.reply for one in desk.of(Reply)]


def test_the_yes_to_the_second_offer_does_what_it_says_once(desk: Desk) -> None:
    desk.hears(said("yes", "yes", message="m3"))

    assert (done(desk), replies(desk), desk.ending) == ([CANCEL, PAY], ["paid"], "resolved")
    assert desk.facts.confirmation.message == "m3"


def test_the_no_leaves_it(desk: Desk) -> None:
    desk.hears(said("no", "no", message="m3"))

    assert (done(desk), replies(desk), desk.ending) == ([CANCEL], ["kept"], "withdrawn")


def test_what_is_no_answer_is_asked_once_more_and_then_goes_to_a_person(desk: Desk) -> None:
    desk.hears(said("hm", "unclear", message="m3"))
    (again,) = desk.of(Confirm)
    assert again.again
    desk.hears(said("hm", "unclear", message="m4"))

    assert (done(desk), desk.ending) == ([CANCEL], "handed_off")


def test_a_yes_after_being_asked_again_counts(desk: Desk) -> None:
    desk.hears(said("hm", "unclear", message="m3"))
    desk.hears(said("yes", "yes", message="m4"))

    assert (done(desk), replies(desk)) == ([CANCEL, PAY], ["paid"])


def test_a_yes_that_changes_a_value_is_no_yes(desk: Desk) -> None:
    desk.hears(said("yes, but order 10232", "yes", message="m3", order_number="10232"))

    assert done(desk) == [CANCEL]
    assert desk.of(Confirm)[0].again


def test_silence_takes_the_way_of_the_second_offer(desk: Desk) -> None:
    desk.later(days=4)
    desk.hears(Silence())

    assert (done(desk), desk.ending) == ([CANCEL], "handed_off")


def test_the_yes_to_the_first_offer_is_none_to_the_second(desk: Desk) -> None:
    assert desk.facts.confirmation.offer != desk.facts.offer.id
    assert done(desk) == [CANCEL]


class TestWithApproval:
    @pytest.fixture
    def desk(self, make: Maker) -> Desk:
        found = refused(make, APPROVED)
        found.hears(said("yes", "yes", message="m3"))
        assert len(found.of(Approve)) == 1
        return found

    def test_what_the_team_approves_is_done_without_another_decision(self, desk: Desk) -> None:
        decisions = desk.facts.decisions
        desk.hears(Approved("lea@acme.example", desk.facts.offer.id, desk.now + timedelta(minutes=1)))

        assert (done(desk), replies(desk), desk.ending) == ([CANCEL, PAY], ["paid"], "resolved")
        assert desk.facts.decisions == decisions

    def test_what_it_denies_goes_where_the_step_says(self, desk: Desk) -> None:
        desk.hears(Denied("lea@acme.example"))

        assert (done(desk), desk.ending) == ([CANCEL], "handed_off")

    def test_a_customer_who_takes_the_yes_back_meanwhile_is_paid_nothing(self, desk: Desk) -> None:
        desk.hears(said("no, leave it", "no", message="m4"))

        assert (done(desk), len(desk.of(HandOff)), desk.ending) == ([CANCEL], 1, "handed_off")

    def test_another_message_meanwhile_changes_nothing(self, desk: Desk) -> None:
        desk.hears(said("thanks", message="m4"))
        desk.hears(Approved("lea@acme.example", desk.facts.offer.id, desk.now + timedelta(minutes=1)))

        assert done(desk) == [CANCEL, PAY]

"""Compensation: a later action that does not happen takes back the earlier ones, the latest first (LANGUAGE 7)."""

from dataclasses import replace

import pytest

from resolver.decision import guard
from resolver.decision.effects import End, HandOff, Performed, Reply, Undo, Wait
from resolver.decision.events import Late, Settled
from resolver.decision.facts import Facts
from resolver.decision.note import handoff_note
from resolver.decision.record import TurnRecord, record_of, replayed
from tests.decision.conftest import NOW, Desk, Maker, order_fields, said

CHANGE = "do: shop.change_address, with: {order: order, address: new_address}, if_fails: hand_over"
BACK = "do: shop.change_address, with: {order: order, address: order.address}, if_fails: hand_over"
BILL = "do: shop.send_invoice, with: {order: order}, if_refused: {no_invoice: nothing}, if_fails: hand_over"
CANCEL = (
    "do: shop.cancel_order, with: {order: order, amount: amount}, if_refused: hand_over, if_fails: hand_over"
)
REFUND = (
    "do: shop.refund, with: {order: order, items: order.lines, amount: amount}, "
    "if_pending: nothing, if_fails: hand_over"
)
ENDS = "reply: moved"


def moving(*steps: str, then: str = "") -> str:
    """A playbook that confirms and does these steps; `then` are more outcomes."""
    line = "\n".join(f"    - {{{step}}}" for step in steps)
    return f"""
playbook: move_order
language: 1
title: Send an order elsewhere
owner: ops@acme.example
mode: auto
languages: [en]
handles: {{intent: move}}
identify: verified
needs:
  order_number: {{type: order_number, ask: which_order}}
  new_address: {{type: address, ask: where_to}}
look_up: [{{find: shop.order, with: {{number: order_number}}, as: order, if_missing: hand_over}}]
compute: {{amount: order.total - order.refunded}}
decide:
  - {{rule: open, when: "order.status in [created, paid, processing]", then: move}}
  - {{rule: shipped, when: order.status is shipped, then: nothing}}
  - {{rule: other, otherwise: hand_over, because: A person looks.}}
outcomes:
  move:
    - {{confirm: shall_i, if_no: keep}}
{line}
{then}
  nothing: [{{reply: stays}}]
  keep: [{{reply: kept, ends: withdrawn}}]
  hand_over: [{{hand_off: orders, summary: "Move {{order_number}}"}}]
if_unsure: hand_over
replies:
  which_order: {{en: "Which order?"}}
  where_to: {{en: "Where to?"}}
  shall_i: {{en: "Send {{order}} to {{new_address}}, not {{order.address}}, for {{amount}} and {{order.lines}}?"}}
  moved: {{en: "Order {{order}} goes there now."}}
  stays: {{always_true: yes, en: "Order {{order}} stays as it was."}}
  kept: {{en: "It stays."}}
"""


DO = "move_order/move/do-shop.change_address"
UNDO = "move_order/move/undo-shop.change_address"
OLD = "Lindenweg 3, 10115 Berlin, DE"
NEW = "Rosenweg 1, 10115 Berlin"
REFUSED = Performed("refused", code="no_invoice")


def desk(make: Maker, *steps: str, then: str = "", **results: Performed) -> Desk:
    text = moving(*(steps or (CHANGE, BILL, ENDS)), then=then)
    found = make.desk(text, orders={"10231": order_fields(status="paid")})
    found.results = {f"shop.{name}": performed for name, performed in results.items()}
    return found


def confirmed(desk: Desk) -> None:
    desk.hears(said(f"Send 10231 to {NEW}", order_number="10231", new_address=NEW))
    desk.hears(said("yes", "yes", message="m2"))


def test_a_refused_second_action_takes_the_first_back_before_the_customer_hears_of_it(make: Maker) -> None:
    ticket = desk(make, send_invoice=REFUSED)

    confirmed(ticket)

    (undo,) = ticket.of(Undo)
    assert (undo.step, undo.of, undo.action, undo.generation) == (UNDO, DO, "shop.change_address", 1)
    assert undo.arguments["address"] == OLD
    assert undo.record is not None
    assert [type(one) for one in ticket.effects[-3:]] == [Undo, Reply, End]
    assert ticket.of(Reply)[0].reply == "stays"
    assert ticket.ending == "answered"


def test_an_action_that_nobody_can_tell_of_takes_the_first_back_and_goes_to_a_person(make: Maker) -> None:
    ticket = desk(make, send_invoice=Performed("unknown"))

    confirmed(ticket)

    assert [type(one) for one in ticket.effects[-3:]] == [Undo, HandOff, End]
    note = handoff_note(ticket.plan, ticket.facts, ticket.of(HandOff)[0])
    assert "MAY HAVE HAPPENED" in note
    assert "Taking that back: done" in note


def test_actions_are_taken_back_in_reverse_order(make: Maker) -> None:
    ticket = desk(make, CHANGE, BACK, BILL, ENDS, send_invoice=REFUSED)

    confirmed(ticket)

    assert [undo.step for undo in ticket.of(Undo)] == [f"{UNDO}-2", UNDO]


def test_the_actions_of_a_line_that_goes_on_elsewhere_are_taken_back_too(make: Maker) -> None:
    then = f"  bill:\n    - {{{BILL}}}\n    - {{{ENDS}}}"
    ticket = desk(make, CHANGE, "go: bill", then=then, send_invoice=REFUSED)

    confirmed(ticket)

    assert "bill" in ticket.facts.path
    assert [undo.of for undo in ticket.of(Undo)] == [DO]


def test_what_is_to_be_kept_stays_done(make: Maker) -> None:
    ticket = desk(make, f"{CHANGE}, keep: yes", BILL, ENDS, send_invoice=REFUSED)

    confirmed(ticket)

    assert ticket.of(Undo) == []
    assert ticket.facts.results[DO].performed.state == "done"


def test_what_cannot_be_undone_stays_done(make: Maker) -> None:
    bill = "do: shop.send_invoice, with: {order: order}, if_fails: hand_over"
    ticket = desk(make, bill, CHANGE, CANCEL, ENDS, cancel_order=Performed("refused"))

    confirmed(ticket)

    assert [undo.of for undo in ticket.of(Undo)] == [DO]
    assert ticket.facts.results["move_order/move/do-shop.send_invoice"].performed.state == "done"
    assert ticket.ending == "handed_off"


def test_an_action_that_is_accepted_takes_nothing_back(make: Maker) -> None:
    ticket = desk(make, CHANGE, REFUND, ENDS, refund=Performed("pending"))

    confirmed(ticket)

    assert ticket.of(Undo) == []
    assert ticket.ending == "resolved"


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (Performed("refused", code="already_fulfilled"), "refused, nothing happened"),
        (Performed("unknown"), "MAY HAVE HAPPENED"),
        (Performed("stopped", stopped_by="staff"), "not sent"),
    ],
)
def test_what_could_not_be_taken_back_goes_to_a_person(make: Maker, came: Performed, told: str) -> None:
    ticket = Undoing(make, came)

    confirmed(ticket)

    (hand_off,) = ticket.of(HandOff)
    assert hand_off.reason == "undo_failed:shop.change_address"
    assert f"Taking that back: {told}" in handoff_note(ticket.plan, ticket.facts, hand_off)
    assert ticket.of(Reply) == []


def test_taking_back_that_takes_a_while_is_waited_for(make: Maker) -> None:
    ticket = Undoing(make, Performed("pending"))
    confirmed(ticket)
    assert isinstance(ticket.effects[-1], Wait)
    assert ticket.facts.waiting.for_ == "settlement"

    ticket.hears(Settled(UNDO, Performed("done"), NOW))

    assert ticket.of(Reply)[0].reply == "stays"
    assert ticket.of(Undo) == []


@pytest.mark.parametrize("event", [Late(), Settled(UNDO, Performed("refused"), NOW)], ids=["late", "refused"])
def test_taking_back_that_never_ends_well_goes_to_a_person(make: Maker, event: Late | Settled) -> None:
    ticket = Undoing(make, Performed("pending"))
    confirmed(ticket)

    ticket.hears(event)

    assert ticket.of(HandOff)[0].reason == "undo_failed:shop.change_address"
    assert ticket.ending == "handed_off"


def test_a_run_that_takes_back_is_stored_and_decided_again_to_the_same_bytes(make: Maker) -> None:
    ticket = desk(make, send_invoice=REFUSED)
    ticket.save = lambda facts: Facts.from_json(facts.to_json(), ticket.plan, ticket.policy)
    confirmed(ticket)

    record = TurnRecord.from_json(record_of(ticket.walk).to_json())
    again = replayed(ticket.plan, ticket.policy, record)

    assert again.facts.to_json() == ticket.walk.facts.to_json()
    assert ticket.facts.undone[DO].performed.state == "done"


def test_only_what_this_run_has_done_may_be_taken_back_and_once(make: Maker) -> None:
    ticket = desk(make, send_invoice=REFUSED)
    seen: list[tuple[Facts, Undo]] = []
    plain = ticket._result

    def result(effect: object) -> object:
        if isinstance(effect, Undo):
            seen.append((ticket.walk.facts, effect))
        return plain(effect)

    ticket._result = result
    confirmed(ticket)
    before, undo = seen[0]

    assert guard.undo(ticket.plan, before, undo) is None
    other = replace(undo, arguments={**undo.arguments, "address": "Elsewhere 1"})
    assert guard.undo(ticket.plan, before, other).check == "undo"
    assert guard.undo(ticket.plan, ticket.facts, undo).check == "undo"


class Undoing(Desk):
    """A desk whose second action is refused and whose undo comes to what the test says."""

    def __init__(self, make: Maker, came: Performed) -> None:
        super().__init__(
            make.plan(moving(CHANGE, BILL, ENDS)),
            make.policy(),
            orders={"10231": order_fields(status="paid")},
        )
        self.results = {"shop.send_invoice": REFUSED}
        self.came = came

    def _result(self, effect: object) -> object:
        return self.came if isinstance(effect, Undo) else super()._result(effect)

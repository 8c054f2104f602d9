"""What the engine remembers saves work and changes nothing: facts that forget it come to the same bytes."""

import pytest

from resolver.decision import trace
from resolver.decision.events import Approved, Denied, Silence
from resolver.decision.facts import Facts
from resolver.money import Money
from tests.decision.conftest import REFUND, Desk, lines, order_fields, said

ASKS = said("Refund order 10231", order_number="10231")
YES = said("Yes", "yes", message="m2")
NO = said("No", "no", message="m2")
MUMBLES = said("Well, you know", message="m2")
OTHER = said("I mean order 10477", message="m3", order_number="10477")

DEAR = {"total": Money.parse("90 EUR"), "lines": lines("50.00 EUR", "40.00 EUR")}
CHOOSES = """
playbook: refund_order
language: 1
title: Refund some of an order
owner: ops@acme.example
mode: auto
languages: [en]
handles: {intent: refund, examples: [I want my money back]}
identify: verified
needs:
  order_number: {type: order_number, ask: which_order}
  items: {type: some of order.lines where refundable > 0, ask: which_items, assume: all, if_none: hand_over}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
compute: {amount: sum of refundable in items}
decide:
  - {rule: late, when: order.delivered_at is more than 30 days ago, then: refuse, because: Over.}
  - {rule: refund, when: amount > 0 and order.delivered_at is at most 30 days ago, then: pay_back, because: In time.}
  - {rule: anything_else, otherwise: hand_over, because: No rule fits.}
outcomes:
  pay_back:
    - {confirm: shall_i, if_no: refuse}
    - {approve: team_leads, when: amount > limits.refund_without_approval, if_denied: hand_over, if_late: hand_over}
    - {do: shop.refund, with: {order: order, items: items, amount: amount}, if_pending: hand_over, if_fails: hand_over}
    - {reply: done}
  refuse: [{reply: sorry, ends: declined}]
  hand_over: [{hand_off: refunds, summary: "Refund of {order_number}"}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order?"}
  which_items: {en: "Which items?"}
  shall_i: {en: "Refund {amount} for {items} of {order}?"}
  done: {en: "Done, {amount}."}
  sorry: {en: "Sorry."}
"""


class SameRecords(Desk):
    """A shop in which nothing changes: every look-up finds the very same record."""

    def look_up(self, effect):
        known = self.__dict__.setdefault("known", {})
        key = str(effect.arguments)
        if key not in known:
            known[key] = super().look_up(effect)
        return known[key]


def traces(make, text, events, *, total, forgets):
    """The trace of each turn; with `forgets` the facts are stored and read back after every step."""
    stock = {number: order_fields(id=number, number=number, **total) for number in ("10231", "10477")}
    desk = SameRecords(make.plan(text), make.policy(), orders=stock)
    if forgets:
        desk.save = lambda facts: Facts.from_json(facts.to_json(), desk.plan, desk.policy)
    found = []
    for event in events:
        if isinstance(event, Approved):
            event = Approved(event.approver, desk.facts.offer.id, desk.now)
        desk.hears(event)
        body = trace.body(desk.plan, desk.walk.facts, desk.walk.log, trace.keyed(lambda name, value: value))
        found.append(trace.canonical(body))
        found.append(desk.facts.to_json())
    return found


JOURNEYS = {
    "a yes": [ASKS, YES],
    "a no": [ASKS, NO],
    "a mumble and a yes": [ASKS, MUMBLES, YES],
    "another order, then a yes": [ASKS, OTHER, YES],
    "other items, then a yes": [ASKS, said("Only mug 2 please", message="m2"), YES],
    "silence": [ASKS, Silence()],
    "an approval": [ASKS, YES, Approved("lea@acme.example", "", None)],
    "a question while the team looks": [ASKS, YES, MUMBLES, Approved("lea@acme.example", "", None)],
    "a denial": [ASKS, YES, Denied("lea@acme.example")],
}


@pytest.mark.parametrize("text", [REFUND, CHOOSES], ids=["whole order", "some items"])
@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize("dear", [False, True], ids=["cheap", "dear"])
def test_a_run_that_forgets_what_was_worked_out_comes_to_the_same_bytes(make, text, journey, dear):
    events = JOURNEYS[journey]
    if not dear and any(isinstance(one, Approved | Denied) for one in events):
        pytest.skip("nobody has to approve that")
    total = DEAR if dear else {}

    remembering = traces(make, text, events, total=total, forgets=False)

    assert remembering == traces(make, text, events, total=total, forgets=True)

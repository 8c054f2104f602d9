"""How long deciding takes: a whole refund playbook, both turns, without and with the texts.

`measure()` is called by `benchmarks.pipeline` for its `decide_us`; `python -m benchmarks.decide` prints its figures.
Nothing is stored, traced or performed; understanding is not included.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from resolver.condition.storage import read_value
from resolver.condition.types import Record
from resolver.condition.values import RecordValue, Value
from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, Manifest, Narrowing, bind
from resolver.decision.effects import End, Found, LookUp, Perform, Performed, Sent, Wait
from resolver.decision.engine import advance, commit, decide
from resolver.decision.events import Said
from resolver.decision.facts import Facts, begin, next_turn
from resolver.decision.moves import take_in
from resolver.money import Money
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.playbook.policy_reader import read_policy
from resolver.reading import Reading, SlotReading, Span
from resolver.source.load import load
from resolver.starters import interfaces_folder
from resolver.ticket import Level, MessageId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

POLICY = """
policy: 1
time_zone: Europe/Berlin
queues: {default: Support}
teams: {leads: {members: [lea@acme.example]}}
limits: {free: {EUR: 50}}
actions: {shop.refund: {approval_above: free, per_day: {EUR: 5000}}}
"""

PLAYBOOK = """
playbook: refund_order
language: 1
title: Refund an order
owner: ops@acme.example
languages: [en]
handles: {intent: refund}
identify: verified
needs: {order_number: {type: order_number, ask: which}}
look_up: [{find: shop.order, with: {number: order_number}, as: order, if_missing: hand_over}]
compute: {amount: order.total - order.refunded}
decide:
  - {rule: not_delivered, when: order.status is not delivered, then: refuse, because: Not delivered yet.}
  - {rule: nothing_left, when: order.refunded >= order.total, then: refuse, because: Refunded before.}
  - {rule: too_late, when: order.delivered_at is more than 30 days ago, then: refuse, because: Over.}
  - {rule: final_sale, when: any of order.lines where final_sale, then: hand_over, because: People do that.}
  - {rule: too_many, when: (count of customer.payouts where (paid_at is less than 90 days ago)) is at least 3,
     then: hand_over, because: Three in 90 days.}
  - {rule: refund, when: order.delivered_at is at most 30 days ago, then: pay_back, because: In time.}
  - {rule: anything_else, otherwise: hand_over, because: No rule fits.}
outcomes:
  pay_back:
    - {confirm: shall_i, if_no: refuse}
    - {approve: leads, when: amount > limits.free, if_denied: hand_over, if_late: hand_over}
    - {do: shop.refund, with: {order: order, items: order.lines, amount: amount}, if_pending: promised,
       if_fails: hand_over}
    - {reply: done}
    - {ticket: {status: solved, add_tags: [auto_refund]}}
  promised: [{reply: started}]
  refuse: [{reply: sorry, ends: declined}]
  hand_over: [{hand_off: default, summary: "Refund of {order_number}"}]
if_unsure: hand_over
replies:
  which: {en: "Which order?"}
  shall_i: {en: "Refund {amount} for {order.lines} of {order}?"}
  done: {en: "Done, {amount}."}
  started: {en: "Started."}
  sorry: {en: "Sorry."}
"""

Answer = Callable[[LookUp], Found]


def measure(rounds: int = 2000) -> dict[str, float]:
    """Microseconds of CPU for a whole refund, both turns: with its texts, without them, and each turn alone."""
    plan, policy = _plan_and_policy()
    plain = _without_texts(plan)
    figures = {}
    for name, each in (("decide_us", plain), ("decide_with_texts_us", plan)):
        story = _Story(each, policy)
        story.play()
        figures[name] = _cpu_us(story.play, rounds)
        figures[f"{name.removesuffix('_us')}_first_turn_us"] = _cpu_us(story.first, rounds)
    return figures


def _cpu_us(play: Callable[[], object], rounds: int) -> float:
    """The best of five averages, so that a busy machine does not count."""
    best = float("inf")
    for _ in range(5):
        started = time.process_time_ns()
        for _ in range(rounds // 5):
            play()
        best = min(best, (time.process_time_ns() - started) / (rounds // 5) / 1000)
    return round(best, 1)


class _Story:
    """A customer asks for a refund and says yes; the shop answers from memory."""

    def __init__(self, plan: Plan, policy: Policy) -> None:
        self.plan = plan
        self.policy = policy
        order = read_value(Record("shop.order"), _ORDER, plan.records)
        assert isinstance(order, RecordValue), order
        self.order = order
        self.customer: Mapping[str, Value] = {"email": "ann@example.com", "payouts": ()}
        self.ticket: Mapping[str, Value] = {"channel": "email", "tags": (), "created_at": NOW}
        text = "Refund 10231"
        slot = SlotReading("order_number", "10231", Span(7, 12, "10231"))
        self.asks = Said(Reading(MessageId("m1"), text, "en", slots=(slot,)))
        self.agrees = Said(Reading(MessageId("m2"), "yes", "en", moves=("yes",)))
        self.done = Performed("done", external_id="re_1")

    def play(self) -> Facts:
        """Both turns."""
        facts = self.first()
        facts = next_turn(
            facts, now=NOW, level=Level.VERIFIED, language="en", customer=self.customer, ticket=self.ticket
        )
        facts = self._turn(take_in(self.plan, facts, self.agrees))
        assert facts.disposition == "resolved", facts.reason
        return facts

    def first(self) -> Facts:
        """The first turn."""
        facts = begin(
            self.plan, self.policy, run="r", mode=Mode.AUTO, now=NOW, level=Level.VERIFIED, language="en",
            customer=self.customer, ticket=self.ticket,
        )  # fmt: skip
        return self._turn(take_in(self.plan, facts, self.asks))

    def _turn(self, facts: Facts) -> Facts:
        plan = self.plan
        while True:
            effect = decide(plan, facts)
            kind = type(effect)
            if kind is Wait or kind is End:
                return advance(plan, facts, effect, None)
            if kind is LookUp:
                # Read anew each time, as live: what was worked out from the last record is not reused.
                record = RecordValue(self.order.type_name, self.order.key, self.order.fields)
                facts = advance(plan, facts, effect, Found(record, NOW))
            elif isinstance(effect, Perform):
                facts = advance(plan, commit(plan, facts, effect), effect, self.done)
            else:
                facts = advance(plan, facts, effect, _SENT)


_SENT = Sent()
_ORDER: dict[str, Any] = {
    "id": "o1", "number": "10231", "email": "ann@example.com", "status": "delivered",
    "total": Money.parse("39.90 EUR"), "refunded": Money.parse("0 EUR"), "country": "DE", "address": "Lindenweg 3",
    "delivered_at": datetime(2026, 11, 11, 8, tzinfo=UTC),
    "lines": [
        {"id": "l1", "name": "Blue mug", "quantity": 2, "refundable": Money.parse("24 EUR"), "final_sale": False},
        {"id": "l2", "name": "Towel", "quantity": 1, "refundable": Money.parse("15.90 EUR"), "final_sale": False},
    ],
}  # fmt: skip


def _plan_and_policy() -> tuple[Plan, Policy]:
    interfaces = _interfaces()
    policy, problems = read_policy(load(POLICY, "policy.yaml"), interfaces)
    assert policy is not None, problems
    plan, problems = compile_playbook(load(PLAYBOOK, "refund_order.yaml"), interfaces, policy)
    assert plan is not None, problems
    return plan, policy


def _without_texts(plan: Plan) -> Plan:
    """The same plan with texts that show no value, so that rendering costs nothing."""
    replies = {name: {"en": ("Yes?",)} for name in plan.replies}
    return Plan(**{**{name: getattr(plan, name) for name in plan.__dataclass_fields__}, "replies": replies})


def _interfaces() -> Interfaces:
    path = interfaces_folder() / "shop.yaml"
    shop, problems = read_interface(load(path.read_text(encoding="utf-8"), str(path)))
    assert shop is not None, problems
    actions = {
        name: Narrowing("native", None, "none", spec.result, spec.settles_within, spec.refuses)
        for name, spec in shop.actions.items()
    }
    manifest = Manifest("demo_shop", "Demo shop", "backend", str(path), implements=("shop",), actions=actions)
    return bind([shop], {"our_shop": manifest}, {"shop": "our_shop"})


if __name__ == "__main__":
    print(json.dumps(measure()))

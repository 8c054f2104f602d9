"""A small desk: playbooks in text, a shop of records in memory, and a driver that plays a ticket turn by turn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from resolver.condition.storage import read_value
from resolver.condition.types import Record
from resolver.condition.values import RecordValue, Value
from resolver.connector.interface import Interface
from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, Manifest, Narrowing, bind
from resolver.decision.effects import (
    Answer,
    Answered,
    Effect,
    End,
    Found,
    LookUp,
    LookUpFailed,
    Missing,
    NoAnswer,
    Perform,
    Performed,
    Sent,
    Undo,
    Wait,
)
from resolver.decision.events import Event, Said
from resolver.decision.facts import Facts, begin, next_turn
from resolver.decision.scenario import Walk
from resolver.money import Money
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.playbook.policy_reader import read_policy
from resolver.reading import MoveKind, Reading, SlotReading, Span
from resolver.source.load import load
from resolver.ticket import Level, MessageId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_INTERFACES = Path(__file__).parents[2] / "connectors" / "interfaces"

POLICY = """
policy: 1
time_zone: Europe/Berlin
business_days: [mon, tue, wed, thu, fri]
queues: {default: Support, orders: Orders, refunds: Refunds}
teams:
  team_leads: {members: [lea@acme.example], four_eyes: yes}
identity: {trust_email: yes}
customer_fields: {vip: {type: yes/no, from: {zendesk: organisation.vip}}}
limits:
  refund_without_approval: {EUR: 50}
actions:
  shop.refund: {approval_above: refund_without_approval, per_ticket: {EUR: 200}, per_day: {EUR: 5000}}
  shop.cancel_order: {approval_above: never, per_day: {EUR: 20000}}
"""

REFUND = """
playbook: refund_order
language: 1
title: Refund an order
owner: ops@acme.example
mode: auto
languages: [en, de]
handles: {intent: refund, examples: [I want my money back]}
identify: verified
needs:
  order_number: {type: order_number, ask: which_order}
look_up:
  - find: shop.order
    with: {number: order_number}
    as: order
    if_missing: unknown_order
compute:
  amount: order.total - order.refunded
decide:
  - rule: nothing_left
    when: order.refunded >= order.total
    then: nothing_left
    because: It was refunded before.
  - rule: too_late
    when: order.delivered_at is more than 30 days ago
    then: refuse
    because: The window of 30 days is over.
  - rule: refund
    when: order.status is delivered and order.delivered_at is at most 30 days ago
    then: pay_back
    because: Delivered and in time.
  - rule: anything_else
    otherwise: hand_over
    because: No rule fits.
outcomes:
  pay_back:
    - confirm: confirm_refund
      if_no: keep
    - approve: team_leads
      when: amount > limits.refund_without_approval
      tell: being_checked
      if_denied: hand_over
      if_late: hand_over
    - do: shop.refund
      with: {order: order, items: order.lines, amount: amount}
      if_refused: {already_refunded: nothing_left}
      if_pending: promised
      if_fails: hand_over
    - reply: refunded
    - ticket: {status: solved, add_tags: [auto_refund]}
  promised: [{reply: started}]
  nothing_left: [{reply: already}]
  refuse: [{reply: outside, ends: declined}]
  keep: [{reply: kept, ends: withdrawn}]
  unknown_order: [{hand_off: orders, summary: "Order {order_number} is not known."}]
  hand_over: [{hand_off: refunds, summary: "Refund asked for order {order_number}, status {order.status}."}]
if_unsure: hand_over
replies:
  which_order: {en: "Which order is it?", de: "Welche Bestellung ist es?"}
  confirm_refund:
    en: "I can refund {amount} for {order.lines} of order {order}. Shall I?"
    de: "Ich kann {amount} für {order.lines} aus Bestellung {order} erstatten. Soll ich?"
  being_checked: {en: "A colleague takes a look.", de: "Eine Kollegin schaut darauf."}
  refunded: {en: "Done. {amount} is on its way.", de: "Erledigt. {amount} ist unterwegs."}
  started: {en: "The refund of {amount} is started.", de: "Die Erstattung von {amount} ist beauftragt."}
  already: {en: "Order {order} was refunded.", de: "Bestellung {order} wurde erstattet."}
  outside: {en: "Too late for {order}.", de: "Zu spät für {order}."}
  kept: {en: "Nothing changes.", de: "Es bleibt dabei."}
"""


def interfaces() -> Interfaces:
    found: dict[str, Interface] = {}
    for path in sorted(_INTERFACES.glob("*.yaml")):
        interface, problems = read_interface(load(path.read_text(encoding="utf-8"), path.name))
        assert interface is not None, problems
        found[interface.name] = interface
    manifest = Manifest(
        "demo_shop", "Demo shop", "backend", "demo", implements=tuple(found), actions=_narrowings(found)
    )
    return bind(found.values(), {"our_shop": manifest}, dict.fromkeys(found, "our_shop"))


def _narrowings(found: Mapping[str, Interface]) -> dict[str, Narrowing]:
    return {
        name: Narrowing("native", None, "none", spec.result, spec.settles_within, spec.refuses)
        for interface in found.values()
        for name, spec in interface.actions.items()
    }


def lines(*amounts: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"l{n}",
            "name": f"Mug {n}",
            "quantity": 1,
            "refundable": Money.parse(amount),
            "final_sale": False,
        }
        for n, amount in enumerate(amounts, 1)
    ]


def order_fields(**more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": "o1", "number": "10231", "email": "ann@example.com", "status": "delivered",
        "total": Money.parse("39.90 EUR"), "refunded": Money.parse("0 EUR"), "country": "DE",
        "address": "Lindenweg 3, 10115 Berlin, DE", "delivered_at": datetime(2026, 11, 11, 8, tzinfo=UTC),
        "lines": lines("24.00 EUR", "15.90 EUR"),
    }  # fmt: skip
    return {**fields, **more}


def said(text: str, *moves: MoveKind, message: str = "m1", **slots: str) -> Said:
    found = []
    for name, value in slots.items():
        start = text.find(value)
        span = Span(start, start + len(value), value) if start >= 0 else Span(0, len(text), text)
        found.append(SlotReading(name, value, span))
    return Said(Reading(MessageId(message), text, "en", moves=moves, slots=tuple(found)))


@dataclass
class Desk:
    """One ticket played against records in memory. `effects` are all effects of the last turn."""

    plan: Plan
    policy: Policy
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, Performed] = field(default_factory=dict)
    answers: dict[str, Answered | NoAnswer] = field(default_factory=dict)
    now: datetime = NOW
    level: Level = Level.VERIFIED
    language: str = "en"
    customer: dict[str, Value] = field(default_factory=lambda: {"email": "ann@example.com"})
    facts: Facts | None = None
    effects: list[Effect] = field(default_factory=list)
    history: list[Effect] = field(default_factory=list)
    walk: Walk | None = None
    save: Callable[[Facts], Facts] = lambda facts: facts

    def hears(self, event: Event) -> list[Effect]:
        """One turn: take in, decide and perform until Wait or End."""
        ticket: dict[str, Value] = {"channel": "email", "tags": (), "created_at": NOW}
        if self.facts is None:
            self.facts = begin(
                self.plan, self.policy, run="r1", mode=Mode.AUTO, now=self.now, level=self.level,
                language=self.language, customer=self.customer, ticket=ticket,
            )  # fmt: skip
        else:
            self.facts = next_turn(
                self.facts,
                now=self.now,
                level=self.level,
                language=self.language,
                customer=self.customer,
                ticket=ticket,
            )
        self.walk = walk = Walk(self.plan, self.facts)
        walk.hears(event)
        self.effects = []
        for effect in self._effects(walk):
            self.effects.append(effect)
        self.facts = self.save(walk.facts)
        self.history += self.effects
        return self.effects

    def _effects(self, walk: Walk) -> Iterator[Effect]:
        while True:
            walk.facts = self.save(walk.facts)
            effect = walk.next()
            yield effect
            if isinstance(effect, Wait | End):
                return
            if isinstance(effect, Perform | Undo):
                walk.facts = self.save(walk.commits(effect))
                walk.next()
            walk.took(self._result(effect))

    def _result(self, effect: Effect) -> Any:
        if isinstance(effect, LookUp):
            return self.look_up(effect)
        if isinstance(effect, Undo):
            return Performed("done", external_id="back_1")
        if isinstance(effect, Perform):
            return self.results.get(effect.action, Performed("done", external_id="re_1"))
        if isinstance(effect, Answer):
            return self.answers.get(effect.topic, NoAnswer("no_article"))
        return Sent()

    def look_up(self, effect: LookUp) -> Found | Missing | LookUpFailed:
        fields = self.orders.get(str(effect.arguments.get("number")))
        if fields is None or fields.get("email") != "ann@example.com":
            return Missing()
        if fields.get("broken"):
            return LookUpFailed("the shop is down")
        record = read_value(Record("shop.order"), fields, self.plan.records)
        assert isinstance(record, RecordValue), record
        return Found(record, self.now)

    def later(self, **length: int) -> None:
        self.now += timedelta(**length)

    def of(self, kind: type) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def all_performed(self) -> list[Perform]:
        return [effect for effect in self.history if isinstance(effect, Perform)]

    @property
    def ending(self) -> str | None:
        assert self.facts is not None
        return self.facts.disposition


class Maker:
    """Makes policies, plans and desks; compiled once for each text."""

    def __init__(self) -> None:
        self.interfaces = interfaces()
        self._plans: dict[str, Plan] = {}

    def policy(self, text: str = POLICY) -> Policy:
        policy, problems = read_policy(load(text, "policy.yaml"), self.interfaces)
        assert policy is not None, problems
        return policy

    def plan(self, text: str = REFUND) -> Plan:
        if text not in self._plans:
            plan, problems = compile_playbook(load(text, "playbook.yaml"), self.interfaces, self.policy())
            assert plan is not None, [str(one) for one in problems]
            self._plans[text] = plan
        return self._plans[text]

    def desk(
        self, text: str = REFUND, *, orders: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
    ) -> Desk:
        stock = (
            {"10231": order_fields()} if orders is None else {key: dict(one) for key, one in orders.items()}
        )
        return Desk(self.plan(text), self.policy(), orders=stock, **more)


@pytest.fixture(scope="session")
def make() -> Maker:
    return Maker()


@pytest.fixture
def desk(make: Maker) -> Desk:
    return make.desk()

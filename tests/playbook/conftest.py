"""A small store with a playbook that has nothing wrong, and ways to load changed ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from resolver.connector.interface import Interface
from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, bind, read_manifest
from resolver.playbook.library import LibraryResult, load_library
from resolver.source.load import load
from resolver.source.problem import Problem, render

INTERFACE = """
interface: store
types:
  order:
    key: id
    owner: email
    show: "{number}"
    fields:
      id: text
      number: order_number
      email: email
      status: "one of [open, sent]"
      total: money
      refunded: money
      rate: number
      sent_at: "time, may be missing"
      due_on: "date, may be missing"
      address: address
      pin: secret
      lines: list of line
  line:
    key: id
    show: "{name}"
    fields: {id: text, name: text, price: money, fragile: yes/no}
look_ups:
  store.order: {takes: {number: order_number}, gives: order, identity: claimed}
actions:
  store.pay:
    title: Pay money back
    effect: money
    takes: {order: order, amount: money}
    pays: amount
    result: may be pending
    settles_within: 5 days
    refuses: [too_old]
    gives: {receipt: text}
  store.note:
    title: Write a note
    effect: write
    takes: {order: order, text: text}
    undo: store.note
    undo_with: {order: order, text: order.address}
  store.lock:
    title: Lock an order
    effect: write
    takes: {order: order, reason: {type: text, shown: no}}
    undo: none
  store.move:
    title: Send an order elsewhere
    effect: write
    identity: code
    takes: {order: order, address: address}
    undo: none
  store.close:
    title: Close an order
    effect: write
    takes: {order: order}
    undo: none
"""
OTHER = """
interface: post
types:
  letter: {key: id, fields: {id: "text, public"}}
look_ups:
  post.letter: {takes: {id: text}, gives: letter}
actions:
  post.send: {title: Send a letter, effect: write, takes: {letter: letter}, undo: none}
"""
MANIFEST = """
connector: small_store
title: A small store
kind: backend
implements: [store]
actions:
  store.pay: {idempotency: native}
  store.note: {idempotency: natural}
  store.lock: {idempotency: natural}
  store.move: {idempotency: natural}
"""
POLICY = """\
policy: 1
time_zone: Europe/Berlin
queues: {default: Support, money: Money desk}
teams:
  leads: {members: [lea@acme.example]}
limits:
  without_approval: {EUR: 50}
actions:
  store.pay: {approval_above: without_approval}
"""
PLAYBOOK = """\
playbook: pay_back
language: 1
title: Pay an order back
owner: ops@acme.example
languages: [en, de]
handles:
  intent: pay_back
  examples: [Pay me back]
identify: verified
needs:
  number:
    type: order_number
    ask: which
look_up:
  - find: store.order
    with: {number: number}
    as: order
    if_missing: hand_over
compute:
  amount: order.total - order.refunded
decide:
  - rule: sent
    when: order.status is sent
    then: refuse
    because: It is on its way.
  - rule: open
    when: order.sent_at is not known and amount > 0
    then: pay
  - rule: rest
    otherwise: hand_over
    because: No rule fits.
outcomes:
  pay:
    - confirm: sure
      if_no: keep
    - approve: leads
      when: amount > limits.without_approval
      if_denied: hand_over
      if_late: hand_over
    - do: store.pay
      with: {order: order, amount: amount}
      if_refused: {too_old: hand_over}
      if_pending: started
      if_fails: hand_over
    - reply: paid
    - ticket: {status: solved}
  started:
    - reply: begun
  refuse:
    - reply: too_late
      ends: declined
  keep:
    - reply: kept
      ends: withdrawn
  hand_over:
    - hand_off: money
      summary: Order {number}.
if_unsure: hand_over
replies:
  which: {en: "Which order?", de: "Welche Bestellung?"}
  sure: {en: "Pay {amount} for {order}?", de: "{amount} für {order} zahlen?"}
  paid: {en: "{amount} is paid.", de: "{amount} ist bezahlt."}
  begun: {en: It takes up to 5 days., de: Das dauert bis zu 5 Tage.}
  too_late: {en: "Order {number} is on its way.", de: "Bestellung {number} ist unterwegs."}
  kept: {en: All right., de: In Ordnung.}
"""


@dataclass(frozen=True)
class Desk:
    """Loads playbooks of the small store and tells what is wrong as people read it."""

    interfaces: Interfaces
    playbook: str = PLAYBOOK
    policy: str = POLICY

    def changed(self, *changes: tuple[str, str]) -> str:
        """The good playbook with texts replaced; each must stand in it exactly once."""
        text = self.playbook
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the playbook"
            text = text.replace(old, new)
        return text

    def load(self, files: Mapping[str, str | bytes]) -> LibraryResult:
        """What a folder with these files comes to."""
        return load_library(files, self.interfaces)

    def problems(self, text: str | bytes, policy: str | None = None) -> tuple[Problem, ...]:
        """Everything that is wrong with one playbook beside the policy."""
        return self.load({"pay_back.yaml": text, "policy.yaml": policy or self.policy}).problems

    def told(self, text: str, policy: str | None = None) -> list[str]:
        """The same as people read it."""
        result = self.load({"pay_back.yaml": text, "policy.yaml": policy or self.policy})
        return [render(problem, result.texts[problem.where.path]) for problem in result.problems]


def _interface(text: str) -> Interface:
    interface, problems = read_interface(load(text, "interface.yaml"))
    assert interface is not None, problems
    return interface


@pytest.fixture(scope="session")
def interfaces() -> Interfaces:
    """The small store, bound, with articles about returns; and an interface `post` that nothing serves."""
    known = [_interface(INTERFACE), _interface(OTHER)]
    manifest, problems = read_manifest(load(MANIFEST, "connector.yaml"), {one.name: one for one in known})
    assert manifest is not None, problems
    topics = frozenset({"how_to_return"})
    return bind(known, {"our_store": manifest}, {"store": "our_store"}, topics=topics)


@pytest.fixture(scope="session")
def desk(interfaces: Interfaces) -> Desk:
    """The small store with a playbook that has nothing wrong."""
    return Desk(interfaces)


@pytest.fixture
def tells(desk: Desk) -> Callable[..., list[str]]:
    """What is wrong with the good playbook after some texts were replaced."""
    return lambda *changes: desk.told(desk.changed(*changes))

"""The shop the sandbox pretends to be: its orders, what it does with them and what it refuses.

Called by the sandbox's web side and its Python methods. Its state is what two journals say, replayed in order, so
that a killed shop comes back as it was. It never imports the connector.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from connectors.demo_shop.sandbox_errand import KINDS, Errand, after, entered
from connectors.demo_shop.sandbox_ledger import Kind, Movement, State
from connectors.demo_shop.sandbox_order import Chosen, Order, most_for, moved, taken_from
from resolver.connector.backend_sandbox.answers import No
from resolver.connector.backend_sandbox.door import Call
from resolver.connector.backend_sandbox.habits import Past
from resolver.connector.backend_sandbox.history import History
from resolver.connector.backend_sandbox.process import Setting
from resolver.money import Money

PAYMENT_LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class View:
    """An order with everything that happened to it, at one moment."""

    order: Order
    movements: tuple[Movement, ...]


class Shop:
    """Orders and movements. Every method is one transaction; they may be called from any thread."""

    def __init__(self, setting: Setting, now: Callable[[], datetime]) -> None:
        self._now, self._habits = now, setting.habits
        self._history = History(
            state=setting.state,
            ledger=setting.ledger_file,
            record=Order,
            movement=Movement,
            habits=self._habits,
        )
        self._lock = threading.RLock()
        self._forget()
        self._history.replay(self._place, self._apply)

    def view(self, order_id: str) -> View:
        """An order as the shop's own interface shows it, which may be a while ago."""
        with self._lock:
            return self._past.seen(order_id) or self._present(order_id)

    def view_by_number(self, number: str) -> View:
        """The same, found by the number the customer knows."""
        with self._lock:
            return self.view(self._ids.get(number, ""))

    def orders(self) -> tuple[Order, ...]:
        """Every order as it is now."""
        with self._lock:
            return tuple(self._orders.values())

    def movements(self) -> tuple[Movement, ...]:
        """Everything that happened, oldest first; a pending refund shows how it was settled."""
        with self._lock:
            return tuple(self._current(m) for m in self._movements.values())

    def put(self, order: Order) -> None:
        """Add an order, or change one from outside: no movement, no key, nobody is asked."""
        with self._lock:
            self._keep_past(order.id)
            self._history.put(order)
            self._place(order)

    def refund(self, order_id: str, amount: Money, chosen: Chosen, call: Call, *, state: State) -> Movement:
        """Pay back part of an order, from the chosen lines; `state` is `pending` where the bank takes its time."""
        with self._lock:
            order = self._order(order_id)
            if first := self._history.first(call):
                return first
            _check_currency(order, amount)
            if self._habits.guards:
                self._check_refund(order, amount.minor, chosen)
            return self._pay(order, "refund", amount, taken_from(order, chosen, amount.minor), call, state)

    def try_refund(self, order_id: str, amount: Money, chosen: Chosen) -> None:
        """Whether that would be paid back; `No` where not. Nothing happens."""
        with self._lock:
            order = self._order(order_id)
            _check_currency(order, amount)
            if self._habits.guards:
                self._check_refund(order, amount.minor, chosen)

    def cancel(self, order_id: str, amount: Money, call: Call, *, state: State) -> Movement:
        """Stop an order that has not left, and pay it back; `pending` where the parcel has to be found first."""
        with self._lock:
            order = self._order(order_id)
            _check_currency(order, amount)
            _check_still_here(order)
            if any(
                m.kind == "cancellation" and m.state == "pending" for m in self._present(order_id).movements
            ):
                raise No(409, "already_cancelled", "This order is being cancelled.")
            if amount.minor > order.remaining:
                raise No(422, "amount_too_high", "That is more than is left to pay back.")
            return self._pay(order, "cancellation", amount, taken_from(order, {}, amount.minor), call, state)

    def change_address(self, order_id: str, address: str, call: Call) -> Order:
        """Send an order elsewhere. The address it has already is no change and no movement."""
        with self._lock:
            order = self._order(order_id)
            _check_still_here(order)
            if address != order.address:
                new = self._new("address_change", order.id, order.number, call)
                self._commit(msgspec.structs.replace(new, address=address))
            return self._orders[order.id]

    def run(self, order_id: str, errand: Errand, call: Call) -> Movement:
        """Do something else for an order. Where keys are honoured, a key's second request gives the first movement."""
        with self._lock:
            order = self._order(order_id)
            if first := self._history.first(call):
                return first
            made = entered(self._new(errand.kind, order.id, order.number, call), errand, order)
            self._commit(made)
            return made

    def settle(self, movement_id: str, state: State) -> Movement:
        """The last word on a pending refund or cancellation: `done`, or `failed`, after which all is as before."""
        with self._lock:
            found = self._movements.get(movement_id)
            if found is None or self._current(found).state != "pending" or state == "pending":
                raise No(409, "not_pending", "Nothing of that name is pending, or that is no end.")
            new = self._new("settlement", found.order, found.number, Call(found.key, ""))
            self._commit(msgspec.structs.replace(new, state=state, of=found.id))
            return self._current(found)

    def clear(self) -> None:
        """Forget orders and movements, on disk as well."""
        with self._lock:
            self._history.clear()
            self._forget()

    def close(self) -> None:
        """Let the files go."""
        self._history.close()

    def _forget(self) -> None:
        self._orders: dict[str, Order] = {}
        self._ids: dict[str, str] = {}
        self._movements: dict[str, Movement] = {}
        self._movements_of: defaultdict[str, list[Movement]] = defaultdict(list)
        self._ends: dict[str, State] = {}
        self._past: Past[View] = Past(self._habits, self._now)

    def _place(self, order: Order) -> None:
        self._orders[order.id] = order
        self._ids[order.number] = order.id

    def _pay(
        self, order: Order, kind: Kind, amount: Money, taken: dict[str, int], call: Call, state: State
    ) -> Movement:
        text, currency = str(amount).split(" ")
        new = self._new(kind, order.id, order.number, call)
        paid = msgspec.structs.replace(new, amount=text, currency=currency, taken=taken, state=state)
        self._commit(paid)
        return paid

    def _new(self, kind: Kind, order_id: str, number: str, call: Call) -> Movement:
        n = self._history.next_n
        return Movement(
            n=n,
            id=f"{kind[0]}{n}",
            kind=kind,
            order=order_id,
            number=number,
            at=self._now(),
            key=call.key,
            request=call.digest,
        )

    def _commit(self, movement: Movement) -> None:
        self._keep_past(movement.order)
        self._history.commit(movement)
        self._apply(movement)

    def _apply(self, movement: Movement) -> None:
        order = self._orders.get(movement.order)
        if movement.kind == "settlement":
            self._ends[movement.of] = movement.state
            if order is not None:
                self._place(_settled(order, self._movements[movement.of], movement.state))
            return
        self._movements[movement.id] = movement
        self._movements_of[movement.order].append(movement)
        if movement.kind == "refund" or movement.kind in KINDS:
            self._history.keep_key(movement)
        if order is not None:
            self._place(_after(order, movement))

    def _order(self, order_id: str) -> Order:
        if order_id not in self._orders:
            raise No(404, "not_found", "There is no such order.")
        return self._orders[order_id]

    def _present(self, order_id: str) -> View:
        order = self._order(order_id)
        return View(order, tuple(self._current(m) for m in self._movements_of[order_id]))

    def _current(self, movement: Movement) -> Movement:
        return msgspec.structs.replace(movement, state=self._ends.get(movement.id, movement.state))

    def _check_refund(self, order: Order, minor: int, chosen: Chosen) -> None:
        if order.remaining <= 0:
            raise No(409, "already_refunded", "Everything was paid back already.")
        if self._now() - order.paid_at > PAYMENT_LIFE:
            raise No(409, "payment_too_old", "The payment is too old to go back the way it came.")
        if minor > min(order.remaining, most_for(order, chosen)):
            raise No(422, "amount_too_high", "That is more than is left to pay back.")

    def _keep_past(self, order_id: str) -> None:
        if order_id in self._orders:
            self._past.keep(order_id, lambda: self._present(order_id))


def _check_currency(order: Order, amount: Money) -> None:
    if amount.currency != order.currency or amount.minor < 0:
        raise No(422, "invalid", f"Write an amount in {order.currency}, not below zero.")


def _check_still_here(order: Order) -> None:
    if order.status == "cancelled":
        raise No(409, "already_cancelled", "This order is cancelled already.")
    if order.has_left:
        raise No(409, "already_fulfilled", "This order has left the warehouse.")


def _after(order: Order, movement: Movement) -> Order:
    if movement.kind in KINDS:
        return after(order, movement)
    if movement.kind == "address_change":
        return msgspec.structs.replace(order, address=movement.address)
    if movement.kind == "cancellation" and movement.state == "pending":
        return order  # nothing is stopped or paid before the parcel is found
    paid = moved(order, movement.money.minor, movement.taken)
    return paid if movement.kind == "refund" else msgspec.structs.replace(paid, status="cancelled")


def _settled(order: Order, movement: Movement, state: State) -> Order:
    """The order once what was pending has its end."""
    if movement.kind == "cancellation":
        return _after(order, msgspec.structs.replace(movement, state=state)) if state == "done" else order
    if state == "failed":
        return moved(order, -movement.money.minor, {line: -part for line, part in movement.taken.items()})
    return order

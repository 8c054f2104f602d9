"""The billing system the sandbox pretends to be: its subscriptions, what it does with them and what it refuses.

Called by the sandbox's web side and its Python methods. Its state is what two journals say, replayed in order, so
that a killed system comes back as it was. It never imports the connector.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from connectors.demo_billing.sandbox_ledger import Kind, Movement
from connectors.demo_billing.sandbox_subscription import Subscription, after
from resolver.connector.backend_sandbox.answers import No
from resolver.connector.backend_sandbox.door import Call
from resolver.connector.backend_sandbox.habits import Past
from resolver.connector.backend_sandbox.history import History
from resolver.connector.backend_sandbox.process import Setting
from resolver.money import Money


@dataclass(frozen=True, slots=True)
class View:
    """A subscription with everything that happened to it, at one moment."""

    subscription: Subscription
    movements: tuple[Movement, ...]


class Billing:
    """Subscriptions and movements. Every method is one transaction; they may be called from any thread."""

    def __init__(self, setting: Setting, now: Callable[[], datetime]) -> None:
        self._now, self._habits = now, setting.habits
        self._history = History(
            state=setting.state,
            ledger=setting.ledger_file,
            record=Subscription,
            movement=Movement,
            habits=self._habits,
        )
        self._lock = threading.RLock()
        self._forget()
        self._history.replay(self._place, self._apply)

    def view(self, id_: str) -> View:
        """A subscription as the system's own interface shows it, which may be a while ago."""
        with self._lock:
            return self._past.seen(id_) or self._present(id_)

    def views_of(self, email: str) -> tuple[View, ...]:
        """The same for every subscription of a customer."""
        with self._lock:
            return tuple(
                self.view(found.id)
                for found in self._subscriptions.values()
                if found.email.casefold() == email.casefold()
            )

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription as it is now."""
        with self._lock:
            return tuple(self._subscriptions.values())

    def movements(self) -> tuple[Movement, ...]:
        """Everything that happened, oldest first."""
        with self._lock:
            return tuple(self._movements)

    def put(self, subscription: Subscription) -> None:
        """Add a subscription, or change one from outside: no movement, no key, nobody is asked."""
        with self._lock:
            self._keep_past(subscription.id)
            self._history.put(subscription)
            self._place(subscription)

    def discount(self, id_: str, amount: Money, call: Call) -> Movement:
        """Take an amount off each month, where none is taken off yet."""
        with self._lock:
            found = self._subscription(id_)
            if first := self._history.first(call):
                return first
            if amount.currency != found.currency or not amount.minor:
                raise No(422, "invalid", f"Write an amount in {found.currency}, above zero.")
            if found.status not in ("trial", "active"):
                raise No(409, "not_running", "Only a subscription that runs can cost less.")
            if found.discount and self._habits.guards:
                raise No(409, "already_discounted", "It has a discount already.")
            if amount.minor > found.price - found.discount:
                raise No(422, "amount_too_high", "That is more than it costs.")
            text, currency = str(amount).split(" ")
            new = self._new("discount", id_, call)
            return self._commit(msgspec.structs.replace(new, amount=text, currency=currency))

    def remove_discount(self, id_: str, call: Call) -> Movement:
        """Let a subscription cost its price again."""
        with self._lock:
            if not self._subscription(id_).discount:
                raise No(409, "no_discount", "It has no discount.")
            return self._commit(self._new("discount_removal", id_, call))

    def end(self, id_: str, on: date, call: Call) -> Movement:
        """Let a subscription end on the day it would renew."""
        with self._lock:
            found = self._subscription(id_)
            if found.status in ("ending", "ended"):
                raise No(409, "already_ended", "It was ended already.")
            if found.committed_until is not None and found.committed_until > on:
                raise No(409, "under_contract", f"It is under contract until {found.committed_until}.")
            if on != found.renews_on:
                raise No(422, "invalid", f"It can end on {found.renews_on}.")
            return self._commit(msgspec.structs.replace(self._new("ending", id_, call), on=on))

    def send_link(self, id_: str, call: Call) -> Movement:
        """Mail the link to change the payment method to the contact that stands on the subscription."""
        with self._lock:
            found = self._subscription(id_)
            if first := self._history.first(call):
                return first
            if found.status in ("ending", "ended") or found.payment_method == "invoice":
                raise No(409, "no_online_payment", "Nothing is paid online for it any more.")
            return self._commit(msgspec.structs.replace(self._new("payment_link", id_, call), to=found.email))

    def clear(self) -> None:
        """Forget subscriptions and movements, on disk as well."""
        with self._lock:
            self._history.clear()
            self._forget()

    def close(self) -> None:
        """Let the files go."""
        self._history.close()

    def _forget(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self._movements: list[Movement] = []
        self._movements_of: defaultdict[str, list[Movement]] = defaultdict(list)
        self._past: Past[View] = Past(self._habits, self._now)

    def _place(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.id] = subscription

    def _new(self, kind: Kind, id_: str, call: Call) -> Movement:
        n = self._history.next_n
        return Movement(
            n=n,
            id=f"{kind[0]}{n}",
            kind=kind,
            subscription=id_,
            at=self._now(),
            key=call.key,
            request=call.digest,
        )

    def _commit(self, movement: Movement) -> Movement:
        self._keep_past(movement.subscription)
        self._history.commit(movement)
        self._apply(movement)
        return movement

    def _apply(self, movement: Movement) -> None:
        self._movements.append(movement)
        self._movements_of[movement.subscription].append(movement)
        self._history.keep_key(movement)
        found = self._subscriptions.get(movement.subscription)
        if found is not None:
            self._subscriptions[found.id] = after(found, movement)

    def _subscription(self, id_: str) -> Subscription:
        if id_ not in self._subscriptions:
            raise No(404, "not_found", "There is no such subscription.")
        return self._subscriptions[id_]

    def _present(self, id_: str) -> View:
        return View(self._subscription(id_), tuple(self._movements_of[id_]))

    def _keep_past(self, id_: str) -> None:
        if id_ in self._subscriptions:
            self._past.keep(id_, lambda: self._present(id_))

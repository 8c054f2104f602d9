"""What a test, a demo or a person says about the billing system: who subscribes to what, what changes, what goes wrong.

The Python side of the sandbox; `sandbox_control.py` offers the same over HTTP. Nothing here is a customer's doing.
"""

from collections.abc import Callable
from datetime import datetime

from connectors.demo_billing.sandbox_billing import Billing
from connectors.demo_billing.sandbox_ledger import Movement
from connectors.demo_billing.sandbox_subscription import (
    NewSubscription,
    Subscription,
    SubscriptionChange,
    changed_subscription,
    new_subscription,
)
from resolver.connector.backend_sandbox.faults import Faults, Faulty
from resolver.connector.backend_sandbox.journal import utc_now
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.backend_sandbox.seed import read
from resolver.errors import Malformed

OPERATIONS = (
    "find",
    "subscription",
    "changes",
    "apply_discount",
    "remove_discount",
    "cancel",
    "send_payment_link",
)


class World(Faulty):
    """A billing system with its faults, before anybody talks to it over the web."""

    def __init__(self, setting: Setting, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(Faults(OPERATIONS))
        self.now = now
        self.billing = Billing(setting, now)

    def has_subscription(self, email: str, **fields: object) -> Subscription:
        """Let a customer subscribe; `fields` are those of NewSubscription."""
        return self.add(read(NewSubscription, {"email": email, **fields}))

    def add(self, new: NewSubscription) -> Subscription:
        """Put a subscription in. `Malformed` where its amounts contradict each other."""
        subscription = new_subscription(new, now=self.now())
        self.billing.put(subscription)
        return subscription

    def changes(self, id_: str, **fields: object) -> Subscription:
        """Let the company's own staff change one behind everybody's back; `fields`: those of SubscriptionChange."""
        return self.change(id_, read(SubscriptionChange, fields))

    def change(self, id_: str, change: SubscriptionChange) -> Subscription:
        """Change one from outside. `Malformed` if there is none, or its amounts would contradict each other."""
        subscription = changed_subscription(self.subscription(id_), change)
        self.billing.put(subscription)
        return subscription

    def subscription(self, id_: str) -> Subscription:
        """The subscription as it truly is now, whatever the web shows."""
        found = next((one for one in self.billing.subscriptions() if one.id == id_), None)
        if found is None:
            raise Malformed(
                f"The sandbox has no subscription {id_!r}.", remedy="put it in first, with has_subscription"
            )
        return found

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription as it truly is now."""
        return self.billing.subscriptions()

    def movements(self) -> tuple[Movement, ...]:
        """Everything the ledger says happened, oldest first."""
        return self.billing.movements()

    def reset(self) -> None:
        """Forget subscriptions, movements and faults, on disk as well."""
        self.faults.clear()
        self.billing.clear()

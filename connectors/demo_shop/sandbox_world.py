"""What a test, a demo or a person says about the shop: which orders there are, what changes, what goes wrong.

The Python side of the sandbox; `sandbox_control.py` offers the same over HTTP. Nothing here is a customer's doing.
"""

from collections.abc import Callable
from datetime import datetime

from connectors.demo_shop.sandbox_ledger import Movement, State
from connectors.demo_shop.sandbox_order import Order
from connectors.demo_shop.sandbox_seed import NewOrder, OrderChange, changed_order, new_order
from connectors.demo_shop.sandbox_shop import Shop
from resolver.connector.backend_sandbox.faults import Faults, Faulty
from resolver.connector.backend_sandbox.journal import utc_now
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.backend_sandbox.seed import read
from resolver.errors import Malformed

OPERATIONS = (
    "order",
    "state",
    "refunds",
    "errands",
    "refund",
    "try_refund",
    "cancel_order",
    "change_address",
    "send_invoice",
    "send_replacement",
    "return_items",
    "adjust_price",
    "exchange_items",
    "change_items",
)


class World(Faulty):
    """A shop with its faults, before anybody talks to it over the web."""

    def __init__(self, setting: Setting, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(Faults(OPERATIONS, may_pend=("refund", "cancel_order")))
        self.now = now
        self.shop = Shop(setting, now)

    def has_order(self, number: str, **fields: object) -> Order:
        """Put an order into the shop; `fields` are those of NewOrder."""
        return self.add(read(NewOrder, {"number": number, **fields}))

    def add(self, new: NewOrder) -> Order:
        """Put an order into the shop. `Malformed` where its amounts contradict each other."""
        order = new_order(new, now=self.now())
        self.shop.put(order)
        return order

    def changes(self, number: str, **fields: object) -> Order:
        """Let the shop's own staff change an order behind everybody's back; `fields` are those of OrderChange."""
        return self.change(number, read(OrderChange, fields))

    def change(self, number: str, change: OrderChange) -> Order:
        """Change an order from outside. `Malformed` if there is none, or its amounts would contradict each other."""
        order = changed_order(self.order(number), change)
        self.shop.put(order)
        return order

    def order(self, number: str) -> Order:
        """The order as it truly is now, whatever the web shows."""
        found = next((order for order in self.shop.orders() if order.number == number), None)
        if found is None:
            raise Malformed(f"The sandbox has no order {number!r}.", remedy="put it in first, with has_order")
        return found

    def orders(self) -> tuple[Order, ...]:
        """Every order as it truly is now."""
        return self.shop.orders()

    def movements(self) -> tuple[Movement, ...]:
        """Everything the ledger says happened, oldest first."""
        return self.shop.movements()

    @property
    def refunds(self) -> list[Movement]:
        """The refunds among the movements."""
        return [m for m in self.shop.movements() if m.kind == "refund"]

    def settle(self, refund_id: str, state: State = "done") -> Movement:
        """Let the bank decide about a pending refund: `done` or `failed`."""
        return self.shop.settle(refund_id, state)

    def reset(self) -> None:
        """Forget orders, movements and faults, on disk as well."""
        self.faults.clear()
        self.shop.clear()

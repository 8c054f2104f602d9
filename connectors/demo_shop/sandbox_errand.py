"""An errand: what the sandbox's shop does for an order besides paying it back, cancelling it or sending it elsewhere.

Pure: what it refuses, and what the order is afterwards. Called by `sandbox_shop.py`; it never imports the connector.
"""

from typing import Literal, get_args

import msgspec

from connectors.demo_shop.sandbox_ledger import Movement
from connectors.demo_shop.sandbox_order import Order
from connectors.demo_shop.sandbox_refusal import No

ErrandKind = Literal["invoice"]
KINDS: tuple[ErrandKind, ...] = get_args(ErrandKind)


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for one order."""

    kind: ErrandKind


def check(errand: Errand, order: Order) -> None:
    """Raise `No` where the shop would not do it."""
    match errand.kind:
        case "invoice":
            if order.status == "created":
                raise No(409, "no_invoice", "Nothing was paid yet, so there is no invoice.")


def after(order: Order, movement: Movement) -> Order:
    """The order once the errand of this movement is done."""
    del movement
    return order

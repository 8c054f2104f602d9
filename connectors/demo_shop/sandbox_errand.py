"""An errand: what the sandbox's shop does for an order besides paying it back, cancelling it or sending it elsewhere.

Pure: what it refuses, and what the order is afterwards. Called by `sandbox_shop.py`; it never imports the connector.
"""

from typing import Literal, get_args

import msgspec

from connectors.demo_shop.sandbox_ledger import Movement
from connectors.demo_shop.sandbox_order import Chosen, Order
from connectors.demo_shop.sandbox_refusal import No

ErrandKind = Literal["invoice", "replacement"]
KINDS: tuple[ErrandKind, ...] = get_args(ErrandKind)


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for one order; `chosen` are the lines meant."""

    kind: ErrandKind
    chosen: Chosen = {}


def check(errand: Errand, order: Order) -> None:
    """Raise `No` where the shop would not do it."""
    match errand.kind:
        case "invoice":
            if order.status == "created":
                raise No(409, "no_invoice", "Nothing was paid yet, so there is no invoice.")
        case "replacement":
            _check_replacement(order, units(errand, order))


def units(errand: Errand, order: Order) -> dict[str, int]:
    """The lines an errand is about, each with its units. `No` where the order has no such line or too few of it."""
    quantities = {line.id: line.quantity for line in order.lines}
    found = {id_: quantities.get(id_, 0) if asked is None else asked for id_, asked in errand.chosen.items()}
    if any(not 0 < asked <= quantities.get(id_, 0) for id_, asked in found.items()):
        raise No(422, "invalid", "The order has no such lines, or not so many units of them.")
    return found


def after(order: Order, movement: Movement) -> Order:
    """The order once the errand of this movement is done."""
    if movement.kind == "replacement":
        return msgspec.structs.replace(order, replaced_at=movement.at)
    return order


def _check_replacement(order: Order, asked: dict[str, int]) -> None:
    if not asked:
        raise No(422, "invalid", "Say what to send again.")
    if not order.has_left:
        raise No(409, "not_shipped", "Nothing of this order was sent yet.")
    if order.replaced_at is not None:
        raise No(409, "already_replaced", "Something of this order was sent again already.")
    if any(line.id in asked and not line.in_stock for line in order.lines):
        raise No(409, "out_of_stock", "There is none left of what should be sent again.")

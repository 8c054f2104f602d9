"""An errand: what the sandbox's shop does for an order besides paying it back, cancelling it or sending it elsewhere.

Pure: what it refuses, and what the order is afterwards. Called by `sandbox_shop.py`; it never imports the connector.
"""

from typing import Literal, get_args

import msgspec

from connectors.demo_shop.sandbox_ledger import Movement
from connectors.demo_shop.sandbox_order import Chosen, Order, Variant, moved, taken_from
from resolver.connector.backend_sandbox.answers import No
from resolver.money import Money

ErrandKind = Literal["invoice", "replacement", "return", "price_adjustment", "exchange", "item_change"]
KINDS: tuple[ErrandKind, ...] = get_args(ErrandKind)
_Units = dict[str, int]


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for one order; `chosen` are the lines meant, `variants` what each becomes."""

    kind: ErrandKind
    chosen: Chosen = {}
    amount: Money | None = None
    variants: dict[str, str] = {}


def entered(movement: Movement, errand: Errand, order: Order) -> Movement:
    """The movement that carries an errand out. `No` where the shop would not do it."""
    units = _units(errand, order)
    match errand.kind:
        case "invoice":
            if order.status == "created":
                raise No(409, "no_invoice", "Nothing was paid yet, so there is no invoice.")
        case "replacement":
            _check_replacement(order, units)
        case "return":
            _check_return(order, units)
        case "exchange":
            _check_exchange(order, units, errand.variants)
        case "item_change":
            return _changing(movement, errand, order, units)
        case "price_adjustment":
            return _adjusting(movement, errand.amount, order, units)
    return msgspec.structs.replace(movement, units=units, variants=errand.variants)


def after(order: Order, movement: Movement) -> Order:
    """The order once the errand of this movement is done."""
    match movement.kind:
        case "replacement":
            return msgspec.structs.replace(order, replaced_at=movement.at)
        case "return":
            return _going_back(order, movement)
        case "exchange":
            return msgspec.structs.replace(_going_back(order, movement), replaced_at=movement.at)
        case "item_change":
            return _changed(order, movement)
        case "price_adjustment":
            paid = moved(order, movement.money.minor, movement.taken)
            return msgspec.structs.replace(paid, adjusted_at=movement.at)
    return order


def _going_back(order: Order, movement: Movement) -> Order:
    lines = tuple(
        msgspec.structs.replace(line, going_back=line.going_back + movement.units.get(line.id, 0))
        for line in order.lines
    )
    return msgspec.structs.replace(order, lines=lines)


def _units(errand: Errand, order: Order) -> _Units:
    """The lines an errand is about, each with its units. `No` where the order has no such line or too few of it."""
    quantities = {line.id: line.quantity for line in order.lines}
    found = {id_: quantities.get(id_, 0) if asked is None else asked for id_, asked in errand.chosen.items()}
    if any(not 0 < asked <= quantities.get(id_, 0) for id_, asked in found.items()):
        raise No(422, "invalid", "The order has no such lines, or not so many units of them.")
    if not found and errand.kind != "invoice":
        raise No(422, "invalid", "Say which lines are meant.")
    return found


def _check_replacement(order: Order, units: _Units) -> None:
    if not order.has_left:
        raise No(409, "not_shipped", "Nothing of this order was sent yet.")
    if order.replaced_at is not None:
        raise No(409, "already_replaced", "Something of this order was sent again already.")
    if any(line.id in units and not line.in_stock for line in order.lines):
        raise No(409, "out_of_stock", "There is none left of what should be sent again.")


def _check_return(order: Order, units: _Units) -> None:
    if order.status != "delivered":
        raise No(409, "not_delivered", "What has not arrived cannot be sent back.")
    if any(units.get(line.id, 0) > line.quantity - line.going_back for line in order.lines):
        raise No(409, "return_open", "A return of these lines is open already.")


def _check_exchange(order: Order, units: _Units, variants: dict[str, str]) -> None:
    _check_return(order, units)
    if order.replaced_at is not None:
        raise No(409, "already_replaced", "Something of this order was sent again already.")
    if any(each.difference for each in _wanted(order, units, variants).values()):
        raise No(422, "invalid", "An exchange is for the same price only.")


def _wanted(order: Order, units: _Units, variants: dict[str, str]) -> dict[str, Variant]:
    """What each line becomes. `No` where there is no such variant, or none left of it."""
    wanted: dict[str, Variant] = {}
    for line in order.lines:
        if line.id in units:
            found = next((each for each in line.variants if each.id == variants.get(line.id)), None)
            if found is None:
                raise No(422, "invalid", "A line has no such variant.")
            if not found.available:
                raise No(409, "out_of_stock", "There is none left of what was wanted instead.")
            wanted[line.id] = found
    return wanted


def _changing(movement: Movement, errand: Errand, order: Order, units: _Units) -> Movement:
    """The change of whole lines. What it may pay back at most is worked out from the shop's own differences."""
    amount = errand.amount
    if amount is None or amount.currency != order.currency or amount.minor < 0:
        raise No(422, "invalid", f"Write an amount in {order.currency}, not below zero.")
    if order.has_left or order.status == "cancelled":
        raise No(409, "already_fulfilled", "This order can no longer be changed.")
    if any(line.id in units and units[line.id] < line.quantity for line in order.lines):
        raise No(422, "invalid", "Only whole lines are changed.")
    less = -sum(each.difference for each in _wanted(order, units, errand.variants).values())
    if amount.minor > min(less, order.remaining):
        raise No(422, "amount_too_high", "That is more than it costs less.")
    text, currency = str(amount).split(" ")
    return msgspec.structs.replace(
        movement, units=units, variants=errand.variants, amount=text, currency=currency
    )


def _changed(order: Order, movement: Movement) -> Order:
    """The order with the new lines, and what they cost less paid back."""
    lines = []
    for line in order.lines:
        found = next((each for each in line.variants if each.id == movement.variants.get(line.id)), None)
        if found is not None:
            worth = max(0, line.refundable + found.difference)
            line = msgspec.structs.replace(line, name=found.name, refundable=worth, variants=())
        lines.append(line)
    refunded = order.refunded + movement.money.minor
    return msgspec.structs.replace(order, refunded=refunded, lines=tuple(lines))


def _adjusting(movement: Movement, amount: Money | None, order: Order, units: _Units) -> Movement:
    """The payment of a difference in price. What it may be at most is worked out from the shop's own prices."""
    if amount is None or amount.currency != order.currency or amount.minor <= 0:
        raise No(422, "invalid", f"Write an amount in {order.currency}, above zero.")
    if order.adjusted_at is not None:
        raise No(409, "already_adjusted", "A lower price was paid out for this order already.")
    most = sum(
        -(-(line.refundable - line.current_price) * units[line.id] // line.quantity)
        for line in order.lines
        if line.id in units and line.current_price is not None
    )
    if amount.minor > min(most, order.remaining):
        raise No(422, "amount_too_high", "That is more than the difference.")
    text, currency = str(amount).split(" ")
    return msgspec.structs.replace(
        movement, units=units, amount=text, currency=currency, taken=taken_from(order, units, amount.minor)
    )

"""What the demo shop offers of the interface `shop`: look-ups, actions and how each is read back; see `errands.py` too.

Found and called through the port. Nothing here decides whether an action is allowed; the gateway has.
"""

from collections.abc import Mapping, Sequence

from connectors.demo_shop.client import Cancellation, ShopClient
from connectors.demo_shop.errands import adjust_price as adjust_price
from connectors.demo_shop.errands import adjust_price_done as adjust_price_done
from connectors.demo_shop.errands import adjust_price_would_go as adjust_price_would_go
from connectors.demo_shop.errands import change_items as change_items
from connectors.demo_shop.errands import change_items_done as change_items_done
from connectors.demo_shop.errands import exchange_items as exchange_items
from connectors.demo_shop.errands import exchange_items_done as exchange_items_done
from connectors.demo_shop.errands import return_items as return_items
from connectors.demo_shop.errands import return_items_done as return_items_done
from connectors.demo_shop.errands import send_invoice as send_invoice
from connectors.demo_shop.errands import send_invoice_done as send_invoice_done
from connectors.demo_shop.errands import send_replacement as send_replacement
from connectors.demo_shop.errands import send_replacement_done as send_replacement_done
from resolver.connector.action import (
    ChosenLine,
    Done,
    Pending,
    Raw,
    ReadBack,
    Seen,
    action,
    dry_run,
    look_up,
    read_back,
)
from resolver.connector.http import Json
from resolver.connector.json_backend import as_date, as_money, as_time, if_there, json_backend
from resolver.errors import Refused, Unavailable, Unknown
from resolver.money import Money


def connect(settings: Mapping[str, str]) -> ShopClient:
    """A client for the shop that the settings name; no request is made. `Malformed` says which setting to mend."""
    return ShopClient(json_backend(settings, name="shop"))


@look_up("shop.order")
async def order(shop: ShopClient, *, number: str) -> Mapping[str, Raw]:
    """The order with this number, whoever it belongs to.

    Raises:
        NotFound: The shop has none.
        Unavailable: It could not be asked, or its answer could not be read.
    """
    found = await shop.order(number)
    customer = found.get("customer")
    return {
        **{
            name: found.get(name) for name in ("id", "number", "status", "country", "address", "tracking_url")
        },
        "email": customer.get("email") if isinstance(customer, Mapping) else None,
        "total": as_money(found.get("total")),
        "refunded": as_money(found.get("refunded")),
        "expected_on": as_date(found.get("expected_on")),
        "delivered_at": as_time(found.get("delivered_at")),
        "paid_at": as_time(found.get("paid_at")),
        "adjusted_at": as_time(found.get("adjusted_at")),
        "replaced_at": as_time(found.get("replaced_at")),
        "lines": [_line(line) for line in _list(found.get("lines"))],
    }


@action("shop.refund")
async def refund(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> Done | Pending:
    """Pay back part of an order, or all of it.

    Args:
        shop: The connection.
        order: The shop's own key of the order.
        items: The lines meant, with units; none means the whole order.
        amount: In the order's currency.
        key: Where the shop honours keys, the same key twice gives the first refund and moves no money. It is also
            the refund's reference, by which it is found again.

    Raises:
        Refused: already_refunded, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    made = await shop.refund(order, items, amount, key)
    # A refund answered as failed was tried and did not go through; the bank's word comes by reading back.
    return Done(made.id) if made.state == "done" else Pending(made.id)


@read_back("shop.refund")
async def refund_done(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> ReadBack:
    """Whether the order has a refund with our key.

    One that is there is there, however old the answer. One that is missing proves something only at a shop that
    honours keys, whose reads are fresh. Two with one key, or one still pending, are for a person; one that the bank
    has turned down has failed for good.
    """
    refunds = await if_there(shop.refunds(order))
    if refunds is None:
        return ReadBack(Seen.CANNOT_TELL)
    found = [each for each in refunds if each.reference == key]
    if not found:
        return ReadBack(_missing(shop))
    if len(found) > 1 or found[0].amount != amount or found[0].state == "pending":
        return ReadBack(Seen.CANNOT_TELL, ", ".join(each.id for each in found))
    return ReadBack(Seen.DONE if found[0].state == "done" else Seen.FAILED, found[0].id)


@dry_run("shop.refund")
async def refund_would_go(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money
) -> None:
    """Whether the shop would pay that back, asked before the customer is; it pays nothing.

    Raises:
        Refused: As the refund itself would be.
        Unavailable: It could not be asked.
    """
    await shop.refund_would_go(order, items, amount)


@action("shop.cancel_order")
async def cancel_order(shop: ShopClient, *, order: str, amount: Money, key: str) -> Done | Pending:
    """Stop an order that has not left, and pay it back; pending where the parcel has to be found first.

    Raises:
        Refused: already_fulfilled, already_cancelled by somebody else, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    try:
        made = await shop.cancel(order, amount, key)
    except Refused as no:
        if no.code != "already_cancelled":
            raise
        made = await _cancelled_by_us(shop, order, key, no)
    return Done(made.id) if made.state == "done" else Pending(made.id)


async def _cancelled_by_us(shop: ShopClient, order: str, key: str, no: Refused) -> Cancellation:
    """An earlier sending of the same request may have arrived late: then the refusal is our own success."""
    try:
        state = await if_there(shop.state(order))
    except Unavailable as error:
        raise Unknown("The order is cancelled, and the shop does not say by whom.") from error
    found = state.cancellation if state is not None else None
    if found is not None and found.reference == key and found.state != "failed":
        return found
    if state is not None and (state.status == "cancelled" or shop.reads_prove):
        raise no
    raise Unknown("The order is cancelled, and the shop does not show by whom.") from no


@read_back("shop.cancel_order")
async def cancel_order_done(shop: ShopClient, *, order: str, amount: Money, key: str) -> ReadBack:
    """Whether the order was cancelled with our key. Cancelled by somebody else, it surely was not by us.

    One that is not final yet cannot tell; one for which the parcel was not found has failed for good.
    """
    state = await if_there(shop.state(order))
    if state is None:
        return ReadBack(Seen.CANNOT_TELL)
    found = state.cancellation
    if found is not None and found.reference == key:
        return ReadBack(_ENDS.get(found.state, Seen.CANNOT_TELL), found.id)
    return ReadBack(Seen.NOT_DONE if state.status == "cancelled" else _missing(shop))


_ENDS = {"done": Seen.DONE, "failed": Seen.FAILED}


@action("shop.change_address")
async def change_address(shop: ShopClient, *, order: str, address: str, key: str) -> Done:
    """Send an order that has not left to another address.

    Raises:
        Refused: already_fulfilled, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    await shop.change_address(order, address, key)
    return Done()


@read_back("shop.change_address")
async def change_address_done(shop: ShopClient, *, order: str, address: str, key: str) -> ReadBack:
    """Whether the order goes to this address now, whoever said so."""
    state = await if_there(shop.state(order))
    if state is None:
        return ReadBack(Seen.CANNOT_TELL)
    return ReadBack(Seen.DONE if state.address == address else _missing(shop))


def _missing(shop: ShopClient) -> Seen:
    return Seen.NOT_DONE if shop.reads_prove else Seen.CANNOT_TELL


def _line(line: Json) -> Raw:
    if not isinstance(line, Mapping):
        return line
    plain = {name: line.get(name) for name in ("id", "name", "quantity", "final_sale")}
    money = {name: as_money(line.get(name)) for name in ("refundable", "current_price")}
    return {**plain, **money, "variants": [_variant(each) for each in _list(line.get("variants"))]}


def _variant(variant: Json) -> Raw:
    if not isinstance(variant, Mapping):
        return variant
    plain = {name: variant.get(name) for name in ("id", "name", "available")}
    return {**plain, "difference": as_money(variant.get("difference"))}


# What cannot be read is handed on as it came: the interface's type refuses it and names the field.
def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else [value]

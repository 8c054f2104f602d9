"""What the demo shop does for an order besides money, cancelling and addresses, and how each errand is read back.

Part of `actions.py`, which offers it. An errand carries our key as its reference and is found again by it.
"""

from collections.abc import Sequence

from connectors.demo_shop.client import ShopClient, lines_json
from resolver.connector.action import ChosenLine, Done, ReadBack, Seen, action, read_back
from resolver.errors import NotFound


@action("shop.send_invoice")
async def send_invoice(shop: ShopClient, *, order: str, key: str) -> Done:
    """Send the invoice once more, to the address that stands on the order.

    Raises:
        Refused: no_invoice, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    return Done(await shop.run(order, "invoices", {}, key))


@read_back("shop.send_invoice")
async def send_invoice_done(shop: ShopClient, *, order: str, key: str) -> ReadBack:
    """Whether the invoice was sent with our key."""
    return await _seen(shop, order, key)


@action("shop.send_replacement")
async def send_replacement(shop: ShopClient, *, order: str, items: Sequence[ChosenLine], key: str) -> Done:
    """Send items of an order once more, free of charge, to the order's address.

    Raises:
        Refused: already_replaced, out_of_stock, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    return Done(await shop.run(order, "replacements", {"lines": lines_json(items)}, key))


@read_back("shop.send_replacement")
async def send_replacement_done(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], key: str
) -> ReadBack:
    """Whether items were sent once more with our key."""
    return await _seen(shop, order, key)


async def _seen(shop: ShopClient, order: str, key: str) -> ReadBack:
    """Whether the order has an errand with our key.

    One that is missing proves something only at a shop whose reads are fresh; two with one key are for a person.
    """
    try:
        errands = await shop.errands(order)
    except NotFound:
        return ReadBack(Seen.CANNOT_TELL)
    found = [errand.id for errand in errands if errand.reference == key]
    match found:
        case []:
            return ReadBack(Seen.NOT_DONE if shop.reads_prove else Seen.CANNOT_TELL)
        case [one]:
            return ReadBack(Seen.DONE, one)
    return ReadBack(Seen.CANNOT_TELL, ", ".join(found))

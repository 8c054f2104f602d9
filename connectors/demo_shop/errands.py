"""What the demo shop does for an order besides refunds, cancelling and addresses, and how each errand is read back.

Part of `actions.py`, which offers it. An errand carries our key as its reference and is found again by it.
"""

from collections.abc import Sequence
from dataclasses import replace

from connectors.demo_shop.client import ShopClient, changes_json, lines_json
from resolver.connector.action import ChosenLine, ChosenPair, Done, ReadBack, Seen, action, dry_run, read_back
from resolver.connector.json_backend import amount_json
from resolver.errors import NotFound, Refused
from resolver.money import Money


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


@action("shop.return_items")
async def return_items(shop: ShopClient, *, order: str, items: Sequence[ChosenLine], key: str) -> Done:
    """Open a return; the shop sends its label to the address that stands on the order. No money moves.

    Gives the number of the return, by which the shop knows the parcel when it comes.

    Raises:
        Refused: return_open, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    made = await shop.run(order, "returns", {"lines": lines_json(items)}, key)
    return Done(made, {"return_number": made})


@read_back("shop.return_items")
async def return_items_done(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], key: str
) -> ReadBack:
    """Whether a return was opened with our key, and its number."""
    seen = await _seen(shop, order, key)
    return replace(seen, gives={"return_number": seen.external_id}) if seen.seen is Seen.DONE else seen


@action("shop.adjust_price")
async def adjust_price(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> Done:
    """Pay the difference to today's lower price, once per order.

    Args:
        shop: The connection.
        order: The shop's own key of the order.
        items: The lines that cost less today, with units.
        amount: In the order's currency, at most the difference.
        key: Where the shop honours keys, the same key twice pays once. It is also the reference to find it by.

    Raises:
        Refused: already_adjusted, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    body = {"lines": lines_json(items), "amount": amount_json(amount)}
    return Done(await shop.run(order, "price-adjustments", body, key))


@read_back("shop.adjust_price")
async def adjust_price_done(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> ReadBack:
    """Whether a difference was paid with our key."""
    return await _seen(shop, order, key)


@dry_run("shop.adjust_price")
async def adjust_price_would_go(
    shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money
) -> None:
    """Whether a difference was paid for this order before: looked up, since the shop itself cannot try.

    Raises:
        Refused: already_adjusted.
        Unavailable: It could not be read.
    """
    try:
        errands = await shop.errands(order)
    except NotFound:
        return
    if any(errand.kind == "price_adjustment" for errand in errands):
        raise Refused("already_adjusted", "A lower price was paid out for this order already.")


@action("shop.exchange_items")
async def exchange_items(shop: ShopClient, *, order: str, changes: Sequence[ChosenPair], key: str) -> Done:
    """Open a return of items and order other variants of them, which leave once the parcel is back. No money moves.

    Raises:
        Refused: return_open, already_replaced, out_of_stock, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    return Done(await shop.run(order, "exchanges", {"changes": changes_json(changes)}, key))


@read_back("shop.exchange_items")
async def exchange_items_done(
    shop: ShopClient, *, order: str, changes: Sequence[ChosenPair], key: str
) -> ReadBack:
    """Whether items were exchanged with our key."""
    return await _seen(shop, order, key)


@action("shop.change_items")
async def change_items(
    shop: ShopClient, *, order: str, changes: Sequence[ChosenPair], amount: Money, key: str
) -> Done:
    """Change lines of an order that has not left, and pay back what the new ones cost less. It never charges.

    Args:
        shop: The connection.
        order: The shop's own key of the order.
        changes: Whole lines, each with the variant that takes its place.
        amount: In the order's currency, at most what they cost less; zero where they cost the same.
        key: Where the shop honours keys, the same key twice changes once. It is also the reference to find it by.

    Raises:
        Refused: already_fulfilled, out_of_stock, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    body = {"changes": changes_json(changes), "amount": amount_json(amount)}
    return Done(await shop.run(order, "item-changes", body, key))


@read_back("shop.change_items")
async def change_items_done(
    shop: ShopClient, *, order: str, changes: Sequence[ChosenPair], amount: Money, key: str
) -> ReadBack:
    """Whether lines were changed with our key."""
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

"""What the benchmarks' shop offers of the interface `shop`; the shop itself stands in `benchmarks.shop`."""

from collections.abc import Mapping, Sequence

from benchmarks.shop import MemoryShop
from resolver.connector.action import (
    ChosenLine,
    ChosenPair,
    Done,
    Raw,
    ReadBack,
    Seen,
    action,
    look_up,
    read_back,
)
from resolver.money import Money


def connect(settings: Mapping[str, str]) -> MemoryShop:
    """A new shop."""
    return MemoryShop()


@look_up("shop.order")
async def order(shop: MemoryShop, *, number: str) -> Mapping[str, Raw]:
    """The order with this number."""
    return shop.order(number)


@action("shop.refund")
async def refund(
    shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> Done:
    """Pay back once per key."""
    return Done(shop.refund(amount, key=key))


@read_back("shop.refund")
async def refund_done(
    shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> ReadBack:
    """Whether it was paid back with this key."""
    return ReadBack(Seen.DONE if key in shop.refunds else Seen.NOT_DONE)


@action("shop.cancel_order")
async def cancel_order(shop: MemoryShop, *, order: str, amount: Money, key: str) -> Done:
    """Pay back once per key."""
    return Done(shop.refund(amount, key=key))


@read_back("shop.cancel_order")
async def cancel_order_done(shop: MemoryShop, *, order: str, amount: Money, key: str) -> ReadBack:
    """Whether it was paid back with this key."""
    return ReadBack(Seen.DONE if key in shop.refunds else Seen.NOT_DONE)


@action("shop.change_address")
async def change_address(shop: MemoryShop, *, order: str, address: str, key: str) -> Done:
    """Send the order elsewhere."""
    shop.addresses[order] = address
    return Done()


@read_back("shop.change_address")
async def change_address_done(shop: MemoryShop, *, order: str, address: str, key: str) -> ReadBack:
    """Whether the order goes there now."""
    return ReadBack(Seen.DONE if shop.addresses.get(order) == address else Seen.NOT_DONE)


@action("shop.send_invoice")
async def send_invoice(shop: MemoryShop, *, order: str, key: str) -> Done:
    """Send it once per key."""
    return _errand(shop, key)


@read_back("shop.send_invoice")
async def send_invoice_done(shop: MemoryShop, *, order: str, key: str) -> ReadBack:
    """Whether it was sent with this key."""
    return _seen(shop, key)


@action("shop.send_replacement")
async def send_replacement(shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], key: str) -> Done:
    """Send the items once per key."""
    return _errand(shop, key)


@read_back("shop.send_replacement")
async def send_replacement_done(
    shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], key: str
) -> ReadBack:
    """Whether they were sent with this key."""
    return _seen(shop, key)


@action("shop.return_items")
async def return_items(shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], key: str) -> Done:
    """Open a return once per key."""
    return _errand(shop, key)


@read_back("shop.return_items")
async def return_items_done(
    shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], key: str
) -> ReadBack:
    """Whether it was opened with this key."""
    return _seen(shop, key)


@action("shop.adjust_price")
async def adjust_price(
    shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> Done:
    """Pay the difference once per key."""
    return Done(shop.refund(amount, key=key))


@read_back("shop.adjust_price")
async def adjust_price_done(
    shop: MemoryShop, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str
) -> ReadBack:
    """Whether it was paid with this key."""
    return ReadBack(Seen.DONE if key in shop.refunds else Seen.NOT_DONE)


@action("shop.exchange_items")
async def exchange_items(shop: MemoryShop, *, order: str, changes: Sequence[ChosenPair], key: str) -> Done:
    """Exchange them once per key."""
    return _errand(shop, key)


@read_back("shop.exchange_items")
async def exchange_items_done(
    shop: MemoryShop, *, order: str, changes: Sequence[ChosenPair], key: str
) -> ReadBack:
    """Whether they were exchanged with this key."""
    return _seen(shop, key)


@action("shop.change_items")
async def change_items(
    shop: MemoryShop, *, order: str, changes: Sequence[ChosenPair], amount: Money, key: str
) -> Done:
    """Change them, and pay back the difference, once per key."""
    return Done(shop.refund(amount, key=key))


@read_back("shop.change_items")
async def change_items_done(
    shop: MemoryShop, *, order: str, changes: Sequence[ChosenPair], amount: Money, key: str
) -> ReadBack:
    """Whether they were changed with this key."""
    return ReadBack(Seen.DONE if key in shop.refunds else Seen.NOT_DONE)


def _errand(shop: MemoryShop, key: str) -> Done:
    shop.errands.add(key)
    return Done()


def _seen(shop: MemoryShop, key: str) -> ReadBack:
    return ReadBack(Seen.DONE if key in shop.errands else Seen.NOT_DONE)

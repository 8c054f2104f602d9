"""An order of the sandbox's shop, and the arithmetic of paying parts of it back. Pure; amounts in minor units."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

Status = Literal["created", "paid", "processing", "shipped", "delivered", "cancelled"]


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What a line could be instead; `difference` is what all its units would cost more, below zero less."""

    id: str
    name: str
    available: bool = True
    difference: int = 0


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order; its amounts are for all its units, and `going_back` says how many are being returned."""

    id: str
    name: str
    quantity: int = 1
    refundable: int
    final_sale: bool = False
    in_stock: bool = True
    current_price: int | None = None
    going_back: int = 0
    variants: tuple[Variant, ...] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order as the shop knows it."""

    id: str
    number: str
    email: str
    customer: str
    status: Status
    currency: str
    total: int
    refunded: int
    country: str
    address: str
    paid_at: datetime
    expected_on: date | None = None
    delivered_at: datetime | None = None
    tracking_url: str | None = None
    replaced_at: datetime | None = None
    adjusted_at: datetime | None = None
    lines: tuple[Line, ...] = ()

    @property
    def remaining(self) -> int:
        """What was paid and not yet paid back."""
        return self.total - self.refunded

    @property
    def has_left(self) -> bool:
        """Whether the parcel can no longer be stopped or sent elsewhere."""
        return self.status in ("shipped", "delivered")


Chosen = Mapping[str, int | None]
"""Lines by id with the units meant, `None` for all of them; no lines at all means the whole order."""


def most_for(order: Order, chosen: Chosen) -> int:
    """The most that may be paid back for the chosen lines; a part of a line is rounded up to a whole unit of money."""
    if not chosen:
        return order.remaining
    return sum(
        line.refundable if units is None else -(-line.refundable * min(units, line.quantity) // line.quantity)
        for line, units in ((line, chosen[line.id]) for line in order.lines if line.id in chosen)
    )


def taken_from(order: Order, chosen: Chosen, minor: int) -> dict[str, int]:
    """How an amount is spread over the chosen lines, first line first; what exceeds them stays with the order."""
    taken: dict[str, int] = {}
    for line in order.lines:
        if (part := min(minor, line.refundable)) > 0 and (not chosen or line.id in chosen):
            taken[line.id] = part
            minor -= part
    return taken


def moved(order: Order, minor: int, taken: Mapping[str, int]) -> Order:
    """The order after `minor` was paid back out of the lines in `taken`; negative amounts bring it back."""
    lines = tuple(
        msgspec.structs.replace(line, refundable=line.refundable - taken.get(line.id, 0))
        for line in order.lines
    )
    return msgspec.structs.replace(order, refunded=order.refunded + minor, lines=lines)

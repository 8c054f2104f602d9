"""Orders as a test or a person describes them, and what changes about one from outside, read strictly.

Used by the sandbox's Python methods and its control address. Whoever writes a field wrong is told which ones exist.
"""

from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec

from connectors.demo_shop.sandbox_order import Line, Order, Status, Variant, moved, taken_from
from resolver.connector.backend_sandbox.seed import minor
from resolver.errors import Malformed
from resolver.money import Money

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9#._-]{1,64}$")]


class NewVariant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another size or colour of a line; `difference` is what all its units cost more, `-5.00 EUR` what they save."""

    id: str
    name: str
    available: bool = True
    difference: str | None = None


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a new order; `refundable` and `current_price` are for all its units, `24.00 EUR`."""

    id: str | None = None
    name: str = "Blue mug"
    quantity: int = 1
    refundable: str
    final_sale: bool = False
    in_stock: bool = True
    current_price: str | None = None
    variants: tuple[NewVariant, ...] = ()


class NewOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new order. Without `lines` it has one for everything paid; without `paid` the lines and `refunded` add up."""

    number: _Name
    id: _Name | None = None
    email: str = "ann@example.com"
    customer: str | None = None
    status: Status = "delivered"
    paid: str | None = None
    refunded: str | None = None
    country: str = "DE"
    address: str = "Lindenweg 3, 10115 Berlin, DE"
    lines: tuple[NewLine, ...] = ()
    paid_days_ago: int | None = None
    delivered_days_ago: int | None = None
    delivered_at: datetime | None = None
    expected_on: date | None = None
    tracking_url: str | None = None
    replaced_at: datetime | None = None
    adjusted_at: datetime | None = None


class LineChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes different about one line; `sold_out` are the variants there are none of any more."""

    id: str
    quantity: int | msgspec.UnsetType = msgspec.UNSET
    refundable: str | msgspec.UnsetType = msgspec.UNSET
    final_sale: bool | msgspec.UnsetType = msgspec.UNSET
    sold_out: tuple[str, ...] = ()


class OrderChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes different about an order; `refunded` without `lines` is taken from the lines in order."""

    email: str | msgspec.UnsetType = msgspec.UNSET
    status: Status | msgspec.UnsetType = msgspec.UNSET
    refunded: str | msgspec.UnsetType = msgspec.UNSET
    country: str | msgspec.UnsetType = msgspec.UNSET
    address: str | msgspec.UnsetType = msgspec.UNSET
    paid_at: datetime | msgspec.UnsetType = msgspec.UNSET
    delivered_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    expected_on: date | msgspec.UnsetType | None = msgspec.UNSET
    tracking_url: str | msgspec.UnsetType | None = msgspec.UNSET
    replaced_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    adjusted_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    lines: tuple[LineChange, ...] = ()


def new_order(new: NewOrder, *, now: datetime) -> Order:
    """The order described, at the shop's present moment. `Malformed` where its amounts contradict each other."""
    paid, refunded = _amounts(new)
    delivered_at = new.delivered_at
    if delivered_at is None and (new.status == "delivered" or new.delivered_days_ago is not None):
        delivered_at = now - timedelta(days=3 if new.delivered_days_ago is None else new.delivered_days_ago)
    on_the_way = timedelta(days=4)
    paid_at = (delivered_at or now) - on_the_way
    if new.paid_days_ago is not None:
        paid_at = now - timedelta(days=new.paid_days_ago)
    return _consistent(
        Order(
            id=new.id or f"o-{new.number}",
            number=new.number,
            email=new.email,
            customer=new.customer or new.email.partition("@")[0].replace(".", " ").title(),
            status=new.status,
            currency=paid.currency,
            total=paid.minor,
            refunded=refunded.minor,
            country=new.country,
            address=new.address,
            paid_at=paid_at,
            expected_on=new.expected_on,
            delivered_at=delivered_at,
            tracking_url=new.tracking_url,
            replaced_at=new.replaced_at,
            adjusted_at=new.adjusted_at,
            lines=_lines(new, paid, refunded),
        )
    )


def changed_order(order: Order, change: OrderChange) -> Order:
    """The order after a change from outside. `Malformed` where its amounts would contradict each other."""
    if change.refunded is not msgspec.UNSET:
        more = _minor(change.refunded, order.currency) - order.refunded
        order = moved(order, more, {} if change.lines else taken_from(order, {}, more))
    plain = {
        name: value
        for name in change.__struct_fields__
        if name not in ("refunded", "lines") and (value := getattr(change, name)) is not msgspec.UNSET
    }
    changes = {line.id: line for line in change.lines}
    if unknown := changes.keys() - {line.id for line in order.lines}:
        raise Malformed(f"Order {order.number} has no line {min(unknown)!r}.", remedy="name one of its lines")
    lines = tuple(_changed_line(line, changes.get(line.id), order.currency) for line in order.lines)
    return _consistent(msgspec.structs.replace(order, lines=lines, **plain))


def _changed_line(line: Line, change: LineChange | None, currency: str) -> Line:
    if change is None:
        return line
    return msgspec.structs.replace(
        line,
        quantity=line.quantity if change.quantity is msgspec.UNSET else change.quantity,
        final_sale=line.final_sale if change.final_sale is msgspec.UNSET else change.final_sale,
        refundable=line.refundable
        if change.refundable is msgspec.UNSET
        else _minor(change.refundable, currency),
        variants=tuple(
            msgspec.structs.replace(each, available=each.available and each.id not in change.sold_out)
            for each in line.variants
        ),
    )


def _amounts(new: NewOrder) -> tuple[Money, Money]:
    """What was paid, and what of it was paid back."""
    parts = [*(line.refundable for line in new.lines), *([new.refunded] if new.refunded else [])]
    currency = Money.parse(new.paid or (parts[0] if parts else "39.90 EUR")).currency
    minors = [_minor(part, currency) for part in parts]
    refunded = Money(minors[-1] if new.refunded else 0, currency)
    if new.paid is None and new.lines:
        return Money(sum(minors), currency), refunded
    return Money.parse(new.paid or "39.90 EUR"), refunded


def _lines(new: NewOrder, paid: Money, refunded: Money) -> tuple[Line, ...]:
    if not new.lines:
        return (Line(id="l1", name="Blue mug", refundable=paid.minor - refunded.minor),)
    return tuple(
        Line(
            id=line.id or f"l{place}",
            name=line.name,
            quantity=line.quantity,
            refundable=_minor(line.refundable, paid.currency),
            final_sale=line.final_sale,
            in_stock=line.in_stock,
            current_price=_minor(line.current_price, paid.currency) if line.current_price else None,
            variants=tuple(_variant(each, paid.currency) for each in line.variants),
        )
        for place, line in enumerate(new.lines, start=1)
    )


def _variant(new: NewVariant, currency: str) -> Variant:
    difference = _minor(new.difference, currency) if new.difference else 0
    return Variant(id=new.id, name=new.name, available=new.available, difference=difference)


def _minor(text: str, currency: str) -> int:
    return minor(text, currency, what="an order")


def _consistent(order: Order) -> Order:
    """The order, if it keeps what every shop of the interface promises; a test about another would prove nothing."""
    refundable = [line.refundable for line in order.lines]
    if (
        order.refunded < 0
        or order.remaining < 0
        or min(refundable, default=0) < 0
        or sum(refundable) > order.remaining
    ):
        raise Malformed(
            f"The amounts of order {order.number} contradict each other.",
            remedy="0 <= refunded <= paid, and the lines' refundable adds up to at most what is left",
        )
    return order

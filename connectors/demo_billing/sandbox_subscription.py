"""A subscription of the sandbox's billing system: as somebody describes it, and as it is after a movement. Pure."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from connectors.demo_billing.sandbox_ledger import Movement
from resolver.connector.backend_sandbox.seed import minor
from resolver.errors import Malformed
from resolver.money import Money

Status = Literal["trial", "active", "paused", "ending", "ended"]
Method = Literal["card", "direct_debit", "wallet", "invoice"]
Unset = msgspec.UnsetType
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9#._-]{1,64}$")]


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One subscription as the billing system knows it; amounts in minor units, for one month."""

    id: str
    email: str
    customer: str
    name: str
    status: Status
    currency: str
    price: int
    discount: int
    discounts_used: int
    renews_on: date
    committed_until: date | None = None
    payment_method: Method | None = None
    link_sent_at: datetime | None = None


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new subscription; without `renews_on` it renews in twelve days, one that has ended did so twelve days ago."""

    email: str = "ann@example.com"
    id: _Name | None = None
    name: str = "Premium"
    customer: str | None = None
    status: Status = "active"
    price: str = "19.90 EUR"
    discount: str | None = None
    discounts_used: Annotated[int, msgspec.Meta(ge=0)] = 0
    renews_on: date | None = None
    committed_until: date | None = None
    payment_method: Method | None = "card"
    link_sent_at: datetime | None = None


class SubscriptionChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes different about a subscription."""

    email: str | Unset = msgspec.UNSET
    name: str | Unset = msgspec.UNSET
    status: Status | Unset = msgspec.UNSET
    price: str | Unset = msgspec.UNSET
    discount: str | Unset = msgspec.UNSET
    discounts_used: int | Unset = msgspec.UNSET
    renews_on: date | Unset = msgspec.UNSET
    committed_until: date | Unset | None = msgspec.UNSET
    payment_method: Method | Unset | None = msgspec.UNSET
    link_sent_at: datetime | Unset | None = msgspec.UNSET


def new_subscription(new: NewSubscription, *, now: datetime) -> Subscription:
    """The subscription described, at the present moment. `Malformed` where its amounts contradict each other."""
    price = Money.parse(new.price)
    twelve_days = timedelta(days=-12 if new.status == "ended" else 12)
    return _consistent(
        Subscription(
            id=new.id or f"s-{new.email.partition('@')[0]}",
            email=new.email,
            customer=new.customer or new.email.partition("@")[0].replace(".", " ").title(),
            name=new.name,
            status=new.status,
            currency=price.currency,
            price=price.minor,
            discount=_minor(new.discount, price.currency) if new.discount else 0,
            discounts_used=new.discounts_used,
            renews_on=new.renews_on or (now + twelve_days).date(),
            committed_until=new.committed_until,
            payment_method=new.payment_method,
            link_sent_at=new.link_sent_at,
        )
    )


def changed_subscription(subscription: Subscription, change: SubscriptionChange) -> Subscription:
    """The subscription after a change from outside. `Malformed` where its amounts would contradict each other."""
    given = {
        name: value
        for name in change.__struct_fields__
        if (value := getattr(change, name)) is not msgspec.UNSET
    }
    for name in {"price", "discount"} & given.keys():
        given[name] = _minor(given[name], subscription.currency)
    return _consistent(msgspec.structs.replace(subscription, **given))


def after(subscription: Subscription, movement: Movement) -> Subscription:
    """The subscription once a movement has happened. A discount taken away counts as never given."""
    match movement.kind:
        case "discount":
            return msgspec.structs.replace(
                subscription,
                discount=subscription.discount + movement.money.minor,
                discounts_used=subscription.discounts_used + 1,
            )
        case "discount_removal":
            used = max(0, subscription.discounts_used - 1)
            return msgspec.structs.replace(subscription, discount=0, discounts_used=used)
        case "ending":
            return msgspec.structs.replace(
                subscription, status="ending", renews_on=movement.on or subscription.renews_on
            )
        case "payment_link":
            return msgspec.structs.replace(subscription, link_sent_at=movement.at)


def _minor(text: str, currency: str) -> int:
    return minor(text, currency, what="a subscription")


def _consistent(subscription: Subscription) -> Subscription:
    """The subscription, if it keeps what every system of the interface promises."""
    if not 0 <= subscription.discount <= subscription.price or subscription.discounts_used < 0:
        raise Malformed(
            f"The amounts of subscription {subscription.id} contradict each other.",
            remedy="0 <= discount <= price, and discounts_used not below zero",
        )
    return subscription

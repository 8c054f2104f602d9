"""What the demo billing system offers of the interface `billing`: look-up, actions and how each is read back.

Found and called through the port. Nothing here decides whether an action is allowed; the gateway has.
"""

from collections.abc import Mapping
from datetime import date

from connectors.demo_billing.client import BillingClient
from resolver.connector.action import Done, Raw, ReadBack, Seen, action, look_up, read_back
from resolver.connector.json_backend import amount_json, as_date, as_money, as_time, if_there, json_backend
from resolver.errors import Refused, Unavailable, Unknown
from resolver.money import Money

_PLAIN = ("id", "email", "name", "status", "discounts_used", "payment_method")


def connect(settings: Mapping[str, str]) -> BillingClient:
    """A client for the system the settings name; no request is made. `Malformed` says which setting to mend."""
    return BillingClient(json_backend(settings, name="billing system"))


@look_up("billing.subscription")
async def subscription(billing: BillingClient, *, email: str) -> Mapping[str, Raw]:
    """The customer's one subscription that runs, else the one that ended last.

    Raises:
        NotFound: There is none, or several run.
        Unavailable: It could not be asked, or its answer could not be read.
    """
    found = await billing.of_customer(email)
    return {
        **{name: found.get(name) for name in _PLAIN},
        "price": as_money(found.get("price")),
        "discount": as_money(found.get("discount")),
        "renews_on": as_date(found.get("renews_on")),
        "committed_until": as_date(found.get("committed_until")),
        "link_sent_at": as_time(found.get("link_sent_at")),
    }


@action("billing.apply_discount")
async def apply_discount(billing: BillingClient, *, subscription: str, amount: Money, key: str) -> Done:
    """Take an amount off what the subscription costs each month, from the next bill on.

    Args:
        billing: The connection.
        subscription: The system's own key of the subscription.
        amount: In its currency, at most its price.
        key: Where the system honours keys, the same key twice gives the first discount. It is also the reference,
            by which it is found again.

    Raises:
        Refused: already_discounted, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    try:
        return Done(await billing.change(subscription, "discounts", {"amount": amount_json(amount)}, key))
    except Refused as no:
        if no.code != "already_discounted":
            raise
        return await _by_us(billing, subscription, key, no)


@read_back("billing.apply_discount")
async def apply_discount_done(
    billing: BillingClient, *, subscription: str, amount: Money, key: str
) -> ReadBack:
    """Whether a discount was given with our key."""
    return await _seen(billing, subscription, key)


@action("billing.remove_discount")
async def remove_discount(billing: BillingClient, *, subscription: str, key: str) -> Done:
    """Take the discount away again. None there to be taken away is as good.

    Raises:
        Refused: The system says no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    try:
        return Done(await billing.change(subscription, "discount-removals", {}, key))
    except Refused as no:
        if no.code != "no_discount":
            raise
        return Done()


@read_back("billing.remove_discount")
async def remove_discount_done(billing: BillingClient, *, subscription: str, key: str) -> ReadBack:
    """Whether the subscription has no discount now, whoever said so."""
    found = await if_there(billing.subscription(subscription))
    if found is None:
        return ReadBack(Seen.CANNOT_TELL)
    left = as_money(found.get("discount"))
    if not isinstance(left, Money):
        raise Unavailable("The billing system's answer has no discount in it.")
    return ReadBack(_missing(billing) if left.minor else Seen.DONE)


@action("billing.cancel")
async def cancel(billing: BillingClient, *, subscription: str, day: date, key: str) -> Done:
    """End a subscription on the day it would renew; until then it goes on. Nothing is charged from that day on.

    Raises:
        Refused: already_ended by somebody else, under_contract, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    try:
        return Done(await billing.change(subscription, "endings", {"on": day.isoformat()}, key))
    except Refused as no:
        if no.code != "already_ended":
            raise
        return await _by_us(billing, subscription, key, no)


@read_back("billing.cancel")
async def cancel_done(billing: BillingClient, *, subscription: str, day: date, key: str) -> ReadBack:
    """Whether the subscription was ended with our key. Ended by somebody else, it surely was not by us."""
    return await _seen(billing, subscription, key)


@action("billing.send_payment_link")
async def send_payment_link(billing: BillingClient, *, subscription: str, key: str) -> Done:
    """Let the system mail its link to the contact on the subscription; there the customer changes how they pay.

    The link itself never comes here: whoever reads the ticket must not be able to open it.

    Raises:
        Refused: no_online_payment, or another no; nothing happened.
        Unavailable: Surely not executed.
        Unknown: No usable answer after sending; the gateway reads back.
    """
    return Done(await billing.change(subscription, "payment-links", {}, key))


@read_back("billing.send_payment_link")
async def send_payment_link_done(billing: BillingClient, *, subscription: str, key: str) -> ReadBack:
    """Whether a link was sent with our key."""
    return await _seen(billing, subscription, key)


async def _by_us(billing: BillingClient, subscription: str, key: str, no: Refused) -> Done:
    """An earlier sending of the same request may have arrived late: then the refusal is our own success."""
    try:
        earlier = await _seen(billing, subscription, key)
    except Unavailable as error:
        raise Unknown("It was done already, and the billing system does not say by whom.") from error
    if earlier.seen is Seen.DONE:
        return Done(earlier.external_id)
    if earlier.seen is Seen.NOT_DONE:
        raise no
    raise Unknown("It was done already, and the billing system does not show by whom.") from no


async def _seen(billing: BillingClient, subscription: str, key: str) -> ReadBack:
    """Whether the subscription has a change with our key.

    One that is missing proves something only at a system whose reads are fresh; two with one key are for a person.
    """
    changes = await if_there(billing.changes(subscription))
    if changes is None:
        return ReadBack(Seen.CANNOT_TELL)
    found = [change.id for change in changes if change.reference == key]
    match found:
        case []:
            return ReadBack(_missing(billing))
        case [one]:
            return ReadBack(Seen.DONE, one)
    return ReadBack(Seen.CANNOT_TELL, ", ".join(found))


def _missing(billing: BillingClient) -> Seen:
    return Seen.NOT_DONE if billing.backend.reads_prove else Seen.CANNOT_TELL

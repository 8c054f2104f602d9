"""What a ticket and the ledger say, as the `customer` and `ticket` of a playbook (LANGUAGE 2.2). Pure."""

from collections.abc import Sequence
from datetime import timedelta

from resolver.condition.storage import read_value
from resolver.condition.types import Records
from resolver.condition.values import Amount, RecordValue, Value, normal_email
from resolver.gateway.identity import Proven
from resolver.money import Money
from resolver.playbook.policy import Policy
from resolver.store.ledger import Entry
from resolver.store.times import read as read_time
from resolver.ticket import Ticket

PAYOUTS_KEPT = timedelta(days=400)
_PRIORITIES = ("low", "normal", "high", "urgent")


def customer(
    ticket: Ticket, policy: Policy, paid: Sequence[Entry], *, language: str, proven: Proven | None = None
) -> dict[str, Value]:
    """The customer's fields; what is not known is left out, which makes it unknown.

    Somebody proven to be the owner of a record under another address than the ticket's is known by that alone.
    """
    requester = ticket.requester
    if proven is not None and normal_email(proven.owner) != normal_email(requester.email or ""):
        return {"email": normal_email(proven.owner), "language": language}
    known: dict[str, Value] = {"language": language, "payouts": tuple(_payout(entry) for entry in paid)}
    if requester.email:
        known["email"] = normal_email(requester.email)
    if requester.name:
        known["name"] = requester.name
    no_records: Records = {}
    for name, field in policy.customer_fields.items():
        if name in requester.fields:
            known[name] = read_value(field.type, requester.fields[name], no_records, name=f"customer.{name}")
    return known


def ticket_fields(ticket: Ticket, *, language: str) -> dict[str, Value]:
    """The ticket's fields."""
    known: dict[str, Value] = {
        "channel": ticket.channel.value,
        "language": language,
        "tags": tuple(ticket.tags),
        "created_at": ticket.created_at,
    }
    if ticket.priority in _PRIORITIES:
        known["priority"] = ticket.priority
    return known


def _payout(entry: Entry) -> RecordValue:
    fields: dict[str, Value] = {
        "action": entry.action,
        "playbook": entry.playbook,
        "record": entry.record.rpartition("|")[2],
        "paid_at": read_time(entry.intended_at),
        "by": "resolver",
    }
    if entry.pays_minor is not None and entry.pays_currency is not None:
        fields["amount"] = Amount.of(Money(entry.pays_minor, entry.pays_currency))
    # keyed as declared, or facts read back differ
    return RecordValue("payout", str(fields["record"]), fields)

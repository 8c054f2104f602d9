"""Facts about a customer or ticket that admins configured: fields and tags, as text.

The helpdesk puts them on the ticket. Only custom user and organisation fields are read, which staff and
integrations set; what customers can edit themselves (name, phone, language) is never among them. Pure.
"""

from collections.abc import Mapping

from connectors.zendesk.conversation import clean
from connectors.zendesk.payloads import FieldValue, OrganizationRecord, TicketRecord, UserRecord
from connectors.zendesk.settings import FieldSource


def fields_of(
    sources: Mapping[str, FieldSource], user: UserRecord | None, organization: OrganizationRecord | None
) -> dict[str, str]:
    """The policy's customer_fields that are known; a field without a value is absent."""
    tags = tags_of(user, organization)
    known: dict[str, str] = {}
    for name, source in sources.items():
        text = _value(source, user, organization, tags)
        if text is not None:
            known[name] = text
    return known


def tags_of(user: UserRecord | None, organization: OrganizationRecord | None) -> tuple[str, ...]:
    """The tags of the user and of the organisation, each once."""
    own = (user.tags if user else None) or ()
    shared = (organization.tags if organization else None) or ()
    return tuple(dict.fromkeys((*own, *shared)))


def ticket_fields(record: TicketRecord) -> dict[str, str]:
    """The custom fields of a ticket that have a value, by their number."""
    texts = {str(field.id): as_text(field.value) for field in record.custom_fields or ()}
    return {number: text for number, text in texts.items() if text is not None}


def as_text(value: FieldValue) -> str | None:
    """A field's value as text: yes or no for a tick, several choices with commas; nothing for nothing."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(clean(each) for each in value)
    return clean(str(value))


def _value(
    source: FieldSource,
    user: UserRecord | None,
    organization: OrganizationRecord | None,
    tags: tuple[str, ...],
) -> str | None:
    if source.kind == "tag":
        return None if user is None else as_text(source.key in tags)
    if source.kind == "user":
        return as_text((user.user_fields or {}).get(source.key)) if user else None
    return as_text((organization.organization_fields or {}).get(source.key)) if organization else None

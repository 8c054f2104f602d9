"""What customers and agents do outside the API: mail, forms, messaging, the agent's own screen.

Control methods, the control API and the pages call it. It decides what the helpdesk would doubt about a message
(its flags), whether it reopens a ticket, and when it starts a follow-up.
"""

from dataclasses import dataclass
from typing import Literal

from connectors.zendesk.sandbox_parts.changes import Actor
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.inputs import CommentInput, EmailCcInput, RequesterInput, TicketInput
from connectors.zendesk.sandbox_parts.records import Ticket, User, Via

Channel = Literal["email", "web", "api", "messaging", "form"]

NOT_PART_OF_CONVERSATION = 2
NOT_SIGNED_IN = 3
GENERATED = 4
PRIVATE_BY_END_USER = 17
ADDRESS_UNCONFIRMED = 22
REOPENED = ("pending", "hold", "solved")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a customer, on its way into the helpdesk.

    Attributes:
        html: The same as HTML, as a mail program makes it; the plain text is then made of it.
        ticket: The ticket it answers; none starts one.
        cc: Addresses put on copy of the ticket.
        flags: Doubts the helpdesk has anyway, besides those that follow from the rest.
        auto_submitted: Whether the mail says that no person wrote it.
        verified: Whether the address counts as confirmed when the sender is new.
    """

    email: str
    name: str
    text: str
    html: str = ""
    subject: str = ""
    ticket: int | None = None
    cc: tuple[str, ...] = ()
    flags: tuple[int, ...] = ()
    auto_submitted: bool = False
    channel: Channel = "email"
    verified: bool = True
    locale: str = "en-US"


def receive(desk: Desk, letter: Letter) -> Ticket:
    """The ticket the message ended up in: a new one, the one it answers, or a follow-up of a closed one."""
    with desk.state.lock:
        sender = desk.person(
            RequesterInput(email=letter.email, name=letter.name),
            verified=letter.verified,
            locale=letter.locale,
        )
        flags = _doubts(letter, sender)
        via = _via(desk, letter)
        change = TicketInput(comment=_comment(letter, public=True), email_ccs=_copies(desk, letter))
        if letter.ticket is None:
            change.subject = letter.subject
            return desk.create(change, Actor(sender, via, flags, from_mail=True)).ticket
        ticket = desk.ticket(letter.ticket)
        if ticket.status == "closed":
            change.subject = letter.subject or f"Re: {ticket.subject}"
            change.via_followup_source_id = ticket.id
            return desk.create(change, Actor(sender, via, flags, from_mail=True)).ticket
        if sender.id != ticket.requester_id and sender.id not in ticket.email_cc_ids:
            flags = tuple(sorted({*flags, NOT_PART_OF_CONVERSATION, PRIVATE_BY_END_USER}))
            change.comment = _comment(letter, public=False)
        if ticket.status in REOPENED:
            change.status = "open"
        return desk.update(ticket.id, change, Actor(sender, via, flags, from_mail=True)).ticket


def _comment(letter: Letter, *, public: bool) -> CommentInput:
    return CommentInput(body=letter.text, html_body=letter.html or None, public=public)


def _doubts(letter: Letter, sender: User) -> tuple[int, ...]:
    flags = set(letter.flags)
    if letter.auto_submitted:
        flags.add(GENERATED)
    if letter.channel == "form":
        flags.add(NOT_SIGNED_IN)
    if letter.channel == "email" and not sender.verified:
        flags.add(ADDRESS_UNCONFIRMED)
    return tuple(sorted(flags))


def _via(desk: Desk, letter: Letter) -> Via:
    if letter.channel == "email":
        account = desk.settings.subdomain
        return Via(
            "email",
            source_from={"address": letter.email, "name": letter.name},
            source_to={"address": f"support@{account}.zendesk.com", "name": account.capitalize()},
        )
    return Via({"messaging": "native_messaging", "api": "api"}.get(letter.channel, "web"))


def _copies(desk: Desk, letter: Letter) -> list[EmailCcInput] | None:
    people = [desk.person(RequesterInput(email=address)) for address in letter.cc]
    return [EmailCcInput(user_id=person.id) for person in people] or None

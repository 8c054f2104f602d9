"""What a ticket leaves us to do, before anything is understood: pure, from the ticket, the case and the event.

A person outranks the resolver, only the requester's own public words count, and everything else ends quietly.
"""

from dataclasses import dataclass

from resolver.store.cases import Case
from resolver.ticket import Author, Channel, Message, Ticket

# How strongly a channel proves who wrote; a reply counts only from one at least as strong as the ticket's own.
_STRENGTH = {
    Channel.SOCIAL: 0,
    Channel.VOICE: 0,
    Channel.FORM: 0,
    Channel.EMAIL: 1,
    Channel.MESSENGER: 2,
    Channel.PORTAL: 2,
    Channel.API: 2,
}


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do; `ending` says why in one word. `people` the ticket is theirs from now on."""

    ending: str
    people: bool = False


@dataclass(frozen=True, slots=True)
class NotYet:
    """The message we were rung for cannot be read yet; look again later."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """The requester's new messages that count, oldest first; none where an event from inside has the word."""

    messages: tuple[Message, ...]


def look(
    ticket: Ticket, case: Case | None, *, requester: str, rung_for: str | None
) -> Nothing | NotYet | Speaks:
    """What this ticket asks of us now. `requester` is the key of its requester, `rung_for` the message of the event."""
    left_alone = _left_alone(ticket, case)
    if left_alone is not None:
        return left_alone
    if rung_for is not None and all(message.id != rung_for for message in ticket.messages):
        return NotYet()
    new = _after_cursor(ticket, case)
    counted = tuple(message for message in new if _counts(message, ticket))
    if counted:
        return Speaks(counted)
    return Nothing(_why_nothing(new))


def taken_over(ticket: Ticket, case: Case | None) -> bool:
    """Whether a person of the company has been active since we last read the ticket, or from the start."""
    if case is not None and case.staff_stamp is not None:
        return ticket.staff_stamp != case.staff_stamp
    return ticket.assigned_to_person or any(message.author is Author.STAFF for message in ticket.messages)


def _left_alone(ticket: Ticket, case: Case | None) -> Nothing | None:
    if ticket.merged_into is not None:
        return Nothing("merged", people=True)
    if ticket.closed:
        return Nothing("closed")
    if ticket.opted_out:
        return Nothing("opted_out")
    if case is not None and case.people:
        return Nothing("people")
    if taken_over(ticket, case):
        return Nothing("staff", people=True)
    return None


def _after_cursor(ticket: Ticket, case: Case | None) -> tuple[Message, ...]:
    """The messages after the one handled last; none if that one is gone, because then nobody knows."""
    if case is None or case.cursor is None:
        return ticket.messages
    places = [place for place, message in enumerate(ticket.messages) if message.id == case.cursor]
    return ticket.messages[places[-1] + 1 :] if places else ()


def _counts(message: Message, ticket: Ticket) -> bool:
    own = message.author is Author.REQUESTER and message.public and message.trusted
    return own and _STRENGTH[message.channel] >= _STRENGTH[ticket.channel]


def _why_nothing(new: tuple[Message, ...]) -> str:
    if not new:
        return "nothing_new"
    if all(message.author is Author.RESOLVER for message in new):
        return "own_message"
    if any(message.author is Author.AUTOMATIC for message in new):
        return "automatic"
    if any(message.author is Author.OTHER_CUSTOMER for message in new):
        return "somebody_else"
    return "does_not_count"

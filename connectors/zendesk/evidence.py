"""What Zendesk proves about the requester of a ticket: the identity level it supports, and why, in plain words.

The helpdesk puts both on the requester. The level is the most this ticket's evidence supports; whether e-mail counts
at all is the policy's business (`trust_email`). Pure.
"""

from collections.abc import Sequence

from connectors.zendesk.conversation import channel_of_ticket
from connectors.zendesk.payloads import CommentRecord, TicketRecord, UserRecord
from resolver.ticket import Author, Channel, Level, Message

_TYPED_IN = "the address, if any, was typed in and proves nothing"


def judge(
    ticket: TicketRecord,
    requester: UserRecord | None,
    comments: Sequence[CommentRecord],
    messages: Sequence[Message],
) -> tuple[Level, str]:
    """The level and a sentence for it. `messages` are the `comments`, in the same order."""
    if requester is None:
        return Level.ANONYMOUS, "Zendesk no longer knows the requester."
    channel = channel_of_ticket(ticket)
    if channel is Channel.EMAIL:
        return _of_mail(ticket, requester, comments, messages)
    if channel is Channel.MESSENGER:
        return _of_messaging(ticket, requester, messages)
    if channel in (Channel.VOICE, Channel.SOCIAL):
        return Level.ANONYMOUS, f"Zendesk says {channel.value}: {_TYPED_IN}."
    return _unproven(requester, f"Zendesk says {channel.value}, which proves nobody")


def _of_mail(
    ticket: TicketRecord,
    requester: UserRecord,
    comments: Sequence[CommentRecord],
    messages: Sequence[Message],
) -> tuple[Level, str]:
    doubt = (
        _doubt_about_user(requester)
        or _doubt_about_start(ticket, messages)
        or _doubt_about_messages(messages, Channel.EMAIL)
        or _doubt_about_sender(requester, comments, messages)
    )
    if doubt:
        return _unproven(requester, f"E-mail, but {doubt}")
    return Level.VERIFIED, (
        "The requester wrote every message by e-mail from an address verified in Zendesk, "
        "and Zendesk doubts the author of none."
    )


def _of_messaging(
    ticket: TicketRecord, requester: UserRecord, messages: Sequence[Message]
) -> tuple[Level, str]:
    """Evidence is the shop's own id (`external_id`, from its signed token) together with a verified address.

    Visitors who did not sign in are users of their own, without that id.
    """
    doubt = (
        ("the messaging channel is not Zendesk's own" if not ticket.from_messaging_channel else "")
        or ("the requester is not signed in" if not requester.external_id else "")
        or _doubt_about_user(requester)
        or _doubt_about_start(ticket, messages)
        or _doubt_about_messages(messages, Channel.MESSENGER)
    )
    if doubt:
        return Level.ANONYMOUS, f"Messaging, but {doubt}; {_TYPED_IN}."
    return Level.VERIFIED, "The requester signed in to messaging, with a verified address, for every message."


def _unproven(requester: UserRecord, why: str) -> tuple[Level, str]:
    if requester.email:
        return Level.CLAIMED, f"{why}; replies go to the address on the ticket."
    return Level.ANONYMOUS, f"{why}; there is no address."


def _doubt_about_user(requester: UserRecord) -> str:
    if not requester.email:
        return "the requester has no address"
    if requester.suspended:
        return "the requester is suspended in Zendesk"
    return "" if requester.verified else "the address is not verified in Zendesk"


def _doubt_about_start(ticket: TicketRecord, messages: Sequence[Message]) -> str:
    """A ticket made in somebody's name, or handed to another requester, proves nothing about that one."""
    if ticket.submitter_id is not None and ticket.submitter_id != ticket.requester_id:
        return "the ticket was submitted by somebody else"
    customers = (Author.REQUESTER, Author.OTHER_CUSTOMER)
    first = next((message for message in messages if message.author in customers), None)
    if first is None:
        return "the requester has not written yet"
    return "" if first.author is Author.REQUESTER else "the first message is somebody else's"


def _doubt_about_messages(messages: Sequence[Message], channel: Channel) -> str:
    own = [message for message in messages if message.author is Author.REQUESTER]
    if any(not message.trusted for message in own):
        return "Zendesk doubts who wrote one of the messages"
    if any(message.channel is not channel for message in own):
        return "a later message came another way"
    return ""


def _doubt_about_sender(
    requester: UserRecord, comments: Sequence[CommentRecord], messages: Sequence[Message]
) -> str:
    """A user may have several addresses; the verified one shown is not proven by mail from another."""
    for comment, message in zip(comments, messages, strict=True):
        origin = comment.via.source.origin if comment.via and comment.via.source else None
        address = (origin or {}).get("address")
        if message.author is not Author.REQUESTER or not isinstance(address, str) or not address:
            continue
        if address.casefold() != (requester.email or "").casefold():
            return "one of the messages came from another address"
    return ""

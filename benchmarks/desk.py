"""A helpdesk in memory behind the real port: deliveries signed and parsed as Zendesk's, tickets in a dictionary.

The benchmarks' double, opened through the ordinary registry (`connectors/memory_desk`). It answers at once, counts
what it was asked, and shows a message only once the benchmark says so.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.zendesk import events, signature
from connectors.zendesk.sandbox_parts.signature import sign, timestamp_of
from resolver.clock import Clock
from resolver.connector.helpdesk import WebhookRequest
from resolver.errors import NotFound, Stale
from resolver.ticket import (
    Author,
    Channel,
    ConnectionName,
    Delivery,
    Level,
    Message,
    MessageId,
    Receipt,
    Requester,
    Status,
    Ticket,
    TicketId,
    TicketRef,
    WriteBack,
)

BOT = "1"


@dataclass(slots=True)
class DeskTicket:
    """A ticket as the desk keeps it. `shown` are the messages that a fetch gives, oldest first without gaps."""

    id: str
    email: str
    created_at: datetime
    messages: list[Message] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    status: Status = Status.OPEN
    version: int = 0
    tags: tuple[str, ...] = ()
    markers: dict[str, Receipt] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Message, ...]:
        """Everything before the first message that is still hidden."""
        if not self.hidden:
            return tuple(self.messages)
        first = next(place for place, one in enumerate(self.messages) if one.id in self.hidden)
        return tuple(self.messages[:first])


class MemoryDesk:
    """One account. All methods of the port, and beside them what a customer does."""

    def __init__(self, *, connection: str, secret: str, clock: Clock) -> None:
        self.tickets: dict[str, DeskTicket] = {}
        self.asked: Counter[str] = Counter()
        self._connection = ConnectionName(connection)
        self._secret = secret
        self._clock = clock

    # -- what a customer does -------------------------------------------------------------------------------------

    def customer_writes(self, ticket: str, text: str, *, email: str, visible: bool = True) -> str:
        """Add a message, opening the ticket if it is new; returns the message's id."""
        now = self._clock()
        found = self.tickets.setdefault(ticket, DeskTicket(ticket, email, now))
        message = f"{ticket}{len(found.messages):03d}"
        self._add(found, message, Author.REQUESTER, text, public=True)
        if not visible:
            found.hidden.add(message)
        if found.status is not Status.OPEN:
            found.status = Status.OPEN
        return message

    def show(self, ticket: str, message: str) -> None:
        """Let fetches see a message that was written hidden."""
        self.tickets[ticket].hidden.discard(message)

    def rings(self, ticket: str, message: str | None, *, event_id: str) -> WebhookRequest:
        """The signed delivery about a message (or, without one, about the ticket) as Zendesk would send it."""
        return signed(self._secret, envelope(ticket, message, event_id=event_id), now=self._clock())

    # -- the port -------------------------------------------------------------------------------------------------

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        """As Zendesk's connector does it."""
        signature.check((self._secret,), request.headers, request.body, now=now)

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """As Zendesk's connector does it."""
        return events.parse(request.headers, request.body)

    async def fetch(self, ticket: TicketId) -> Ticket:
        """The ticket as far as it is shown."""
        self.asked["fetch"] += 1
        found = self.tickets.get(ticket)
        if found is None:
            raise NotFound(f"There is no ticket {ticket}.")
        requester = Requester(
            id=found.email,
            email=found.email,
            name="Ann",
            language="en",
            level=Level.VERIFIED,
            evidence="in memory",
        )
        return Ticket(
            ref=TicketRef(self._connection, TicketId(found.id)),
            subject="Hello",
            status=found.status,
            priority=None,
            channel=Channel.EMAIL,
            requester=requester,
            messages=found.shown,
            tags=found.tags,
            stamp=str(found.version),
            staff_stamp="0",
            created_at=found.created_at,
            updated_at=found.created_at,
        )

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        """Carry out one update if nothing was written since the ticket was read."""
        self.asked["write_back"] += 1
        found = self.tickets[ticket.ref.ticket]
        if str(found.version) != ticket.stamp:
            raise Stale("The ticket was changed since it was read.")
        message = None
        text = write.public or write.private
        if text is not None:
            message = f"{found.id}{len(found.messages):03d}"
            self._add(found, message, Author.RESOLVER, text, public=write.public is not None)
        found.version += 1
        found.status = write.status or found.status
        found.tags = tuple(tag for tag in (*found.tags, *write.add_tags) if tag not in write.remove_tags)
        receipt = Receipt(MessageId(message) if message else None, str(found.version))
        found.markers[write.marker] = receipt
        return receipt

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        """What an update with this marker left behind."""
        self.asked["find_receipt"] += 1
        return self.tickets[ticket].markers.get(marker)

    async def aclose(self) -> None:
        """Nothing is open."""

    def _add(self, ticket: DeskTicket, message: str, author: Author, text: str, *, public: bool) -> None:
        ticket.messages.append(
            Message(
                id=MessageId(message),
                author=author,
                author_id=BOT if author is Author.RESOLVER else ticket.email,
                text=text,
                public=public,
                created_at=self._clock(),
                channel=Channel.EMAIL,
            )
        )


def envelope(ticket: str, message: str | None, *, event_id: str) -> bytes:
    """A body of about 1.5 KB in the shape of Zendesk's event subscriptions."""
    kind = "ticket.comment_added" if message else "ticket.status_changed"
    comment = {
        "id": message,
        "body": "words " * 100,
        "is_public": True,
        "author": {"id": "7", "is_staff": False},
    }
    detail = {
        "id": ticket,
        "actor_id": "7",
        "requester_id": "7",
        "submitter_id": "7",
        "organization_id": "",
        "status": "OPEN",
        "priority": "NORMAL",
        "type": "QUESTION",
        "subject": "Hello",
        "description": "words " * 40,
        "tags": ["web", "orders"],
        "via": {"channel": "mail"},
        "created_at": "2026-11-20T09:14:02Z",
        "updated_at": "2026-11-20T09:31:47Z",
    }
    return json.dumps(
        {
            "account_id": 1,
            "detail": detail,
            "event": {"comment": comment} if message else {},
            "id": event_id,
            "subject": f"zen:ticket:{ticket}",
            "time": "2026-11-20T09:31:47.003911840Z",
            "type": f"zen:event-type:{kind}",
            "zendesk_event_version": "2022-11-06",
        }
    ).encode()


def signed(secret: str, body: bytes, *, now: datetime) -> WebhookRequest:
    """The body with the headers that prove it."""
    timestamp = timestamp_of(now)
    headers = {signature.TIMESTAMP: timestamp, signature.SIGNATURE: sign(secret, timestamp, body)}
    return WebhookRequest(headers, body)


def connect(settings: Mapping[str, str], *, clock: Clock) -> MemoryDesk:
    """The account that the settings name."""
    return MemoryDesk(connection=settings["connection"], secret=settings["signing_secret"], clock=clock)

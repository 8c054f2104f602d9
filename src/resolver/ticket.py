"""A ticket as every helpdesk connector hands it over: facts only, no I/O, no vendor words.

Built by connectors at the edge, read by resolution, gateway and decision. Foreign ids are text.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

ConnectionName = NewType("ConnectionName", str)
TicketId = NewType("TicketId", str)
MessageId = NewType("MessageId", str)


class Channel(StrEnum):
    """How the customer wrote; the words of LANGUAGE 2.2."""

    EMAIL = "email"
    MESSENGER = "messenger"
    PORTAL = "portal"
    API = "api"
    FORM = "form"
    VOICE = "voice"
    SOCIAL = "social"


class Status(StrEnum):
    """Ticket status in our words; `CLOSED` can no longer be written to."""

    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class Level(StrEnum):
    """Identity levels of LANGUAGE 8, weakest first; compare with `rank`."""

    ANONYMOUS = "anonymous"
    CLAIMED = "claimed"
    MATCHED = "matched"
    VERIFIED = "verified"
    CODE = "code"

    @property
    def rank(self) -> int:
        """Position in the order of strength, 0 the weakest."""
        return _RANKS[self]

    @property
    def means(self) -> str:
        """What the level says of the customer, in words for people who write playbooks."""
        return _MEANS[self]


_MEANS = {
    Level.ANONYMOUS: "no address, or one typed into a chat",
    Level.CLAIMED: "replies go to this address, but nobody proved who wrote",
    Level.MATCHED: "the customer named details that fit exactly one record",
    Level.VERIFIED: "the channel proves the address: a signed-in customer, or e-mail where the policy trusts it",
    Level.CODE: "a one-time code sent to the contact on the record came back",
}
_RANKS = {level: place for place, level in enumerate(Level)}


class Author(StrEnum):
    """Who wrote a message, as far as the helpdesk itself knows."""

    REQUESTER = "requester"
    OTHER_CUSTOMER = "other_customer"  # CC'd people, followers: never a move
    STAFF = "staff"
    RESOLVER = "resolver"  # this connection's own bot user
    AUTOMATIC = "automatic"  # out-of-office, bounces, triggers


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket of one connection; the key of its case."""

    connection: ConnectionName
    ticket: TicketId

    def __str__(self) -> str:
        return f"{self.connection}:{self.ticket}"


@dataclass(frozen=True, slots=True)
class Message:
    """One comment on the ticket. `text` is plain text, `trusted` False if the helpdesk doubts the author."""

    id: MessageId
    author: Author
    author_id: str
    text: str
    public: bool
    created_at: datetime
    channel: Channel
    trusted: bool = True
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Requester:
    """The customer of the ticket and what the helpdesk proves about them.

    `level` is where this ticket's channel starts (LANGUAGE 8); `evidence` says why, in plain words.
    `fields` are the customer_fields of the policy (`vip`), already typed as text; absent means unknown.
    """

    id: str
    email: str | None
    name: str | None
    language: str | None
    level: Level
    evidence: str
    fields: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket with its whole conversation, oldest message first, as read at one moment.

    `stamp` is what a conditional write must present; `staff_stamp` changes with any staff activity
    (a comment, an assignment to a person), never with the resolver's own writes. `raw_status` is the vendor's own word.
    """

    ref: TicketRef
    subject: str
    status: Status
    priority: str | None
    channel: Channel
    requester: Requester
    messages: tuple[Message, ...]
    tags: tuple[str, ...]
    stamp: str
    staff_stamp: str
    created_at: datetime
    updated_at: datetime
    queue: str | None = None
    assignee: str | None = None
    assigned_to_person: bool = False
    opted_out: bool = False
    merged_into: TicketId | None = None
    fields: dict[str, str] = field(default_factory=dict)
    raw_status: str = ""

    @property
    def closed(self) -> bool:
        """Whether nothing can be written to it any more."""
        return self.status is Status.CLOSED


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one webhook said, after its signature held: a doorbell, never facts.

    `event_id` is unique per connection; `message_id` is the comment it is about where the vendor says so.
    """

    event_id: str
    kind: str
    ticket: TicketId
    message_id: MessageId | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Everything one update does to the ticket. `None` leaves a field as it is.

    `public` or `private` text, never both: helpdesks take one comment an update. `queue` is the policy's
    helpdesk group name; with `release` the ticket loses its assignee. `marker` identifies the row.
    """

    marker: str
    public: str | None = None
    private: str | None = None
    status: Status | None = None
    priority: str | None = None
    queue: str | None = None
    release: bool = False
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a write-back arrived: the helpdesk's comment id (if text was sent) and the new stamp."""

    message_id: MessageId | None
    stamp: str

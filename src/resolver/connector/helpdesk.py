"""The port of a helpdesk: prove a delivery, read a ticket, write back once.

Implemented by `connectors/<name>/helpdesk.py`, called by intake (verify, parse) and resolution (the rest).
It never decides anything and never retries a write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from resolver.ticket import Delivery, Receipt, Ticket, TicketId, WriteBack


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A delivery as it arrived: header names in lower case, the body's raw bytes, the path's query untouched."""

    headers: Mapping[str, str]
    body: bytes


class Helpdesk(Protocol):
    """One configured account of a helpdesk. Methods are safe to call from several tasks at once."""

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        """Return if the raw bytes carry this account's signature, made within 300 s of `now`.

        Raises:
            Forged: Anything else; the receiver answers 401 and stores nothing.
        """

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """What the verified delivery is about; empty for a topic that is none of ours (answered 200).

        Raises:
            Malformed: Not JSON, duplicate keys, too deep, or an id that cannot be one; answered 400.
        """

    async def fetch(self, ticket: TicketId) -> Ticket:
        """The ticket with all its messages, requester, tags, fields and the evidence for the identity level.

        Raises:
            NotFound: Deleted, or never there. The turn records it and ends.
            Unavailable: Not reached, or told to wait (`retry_after_s`). The turn comes back later.
        """

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        """Send one update on condition that `ticket.stamp` still holds, carrying `write.marker`.

        Sent at most once. Raises:
            Stale: Somebody changed the ticket since it was read; nothing was written.
            Refused: The helpdesk will not take it (closed, deleted); nothing was written.
            Unavailable: Surely not executed; the same row may be sent again.
            Unknown: No usable answer; `find_receipt` must be asked before anything else.
        """

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        """Read back whether an update with this marker arrived. `None` means it surely did not.

        Raises:
            NotFound, Unavailable: It cannot be told now.
        """

    async def aclose(self) -> None:
        """Let connections go; nothing may be called afterwards."""

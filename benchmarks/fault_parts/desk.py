"""A helpdesk in memory: tickets, versions, one comment an update, and the faults its seed has for it.

It keeps everything that was written and tells the customers. What a fault means is said by the port: surely not
executed, or nobody can tell.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from benchmarks.fault_parts.chance import Chance
from benchmarks.fault_parts.life import Life
from resolver.connector.helpdesk import WebhookRequest
from resolver.errors import NotFound, Stale, Unavailable, Unknown
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

NAME = ConnectionName("zendesk")
LATENCY_S = 0.05
TIMEOUT_S = 5.0
_NOT_EXECUTED = (
    "connect_error", "connect_timeout", "tls_error", "401_expired_token", "403", "429_retry_after_1", "429_no_header",
    "429_retry_after_http_date", "503_retry_after_2", "422", "404_then_200", "redirect_307_other_host",
)  # fmt: skip
_GOES_WELL = ("200_extra_unknown_fields",)
_NEVER_ARRIVED = (
    "read_timeout_before_execute", "500_before_execute", "502_html", "200_graphql_userErrors", "200_graphql_THROTTLED",
)  # fmt: skip


@dataclass(slots=True)
class Held:
    """A ticket as the helpdesk keeps it."""

    ticket: Ticket
    version: int = 1
    markers: dict[str, Receipt] = field(default_factory=dict)


@dataclass(slots=True)
class Desk:
    """One account. `hears` is called with each public comment of ours; `now` is the true time."""

    chance: Chance
    life: Callable[[], Life]
    now: Callable[[], datetime]
    hears: Callable[[int, str], None] = lambda number, text: None
    held: dict[int, Held] = field(default_factory=dict)
    _numbers: int = 0

    # -- customers ------------------------------------------------------------------------------------------------

    def opens(self, email: str, text: str) -> int:
        """A customer's first message; returns the ticket's number."""
        number = len(self.held) + 1
        requester = Requester(f"u-{email}", email, "Ann", "en", Level.VERIFIED, "signed in")
        self.held[number] = Held(
            Ticket(
                TicketRef(NAME, TicketId(str(number))), "My order", Status.OPEN, None, Channel.EMAIL, requester, (), (),
                "1", "0", self.now(), self.now(),
            )
        )  # fmt: skip
        self.writes(number, text)
        return number

    def writes(self, number: int, text: str) -> None:
        """A customer's next message."""
        held = self.held[number]
        message = self._message(held, Author.REQUESTER, text, public=True)
        status = Status.OPEN if held.ticket.status is not Status.OPEN else held.ticket.status
        self._change(held, messages=(*held.ticket.messages, message), status=status)

    def comments(self, number: int) -> list[dict[str, Any]]:
        """The ticket's comments as the judge reads them."""
        return [
            {
                "bot": one.author is Author.RESOLVER,
                "public": one.public,
                "body": one.text,
                "created_at": one.created_at.isoformat(),
            }
            for one in self.held[number].ticket.messages
        ]

    # -- the port -------------------------------------------------------------------------------------------------

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        """Every delivery is ours: signatures are tested elsewhere."""

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """The one comment a delivery is about."""
        told = json.loads(request.body)
        return (Delivery(told["event"], "comment", TicketId(told["ticket"]), MessageId(told["message"])),)

    async def fetch(self, ticket: TicketId) -> Ticket:
        """The ticket as it is now."""
        fault = await self._passes("fetch")
        if fault is not None and fault not in _GOES_WELL:
            raise Unavailable(f"the helpdesk: {fault}")
        held = self.held.get(int(ticket))
        if held is None:
            raise NotFound
        return held.ticket

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        """One update, if nobody has changed the ticket since it was read."""
        fault = await self._passes("write_back")
        if fault in _NOT_EXECUTED:
            raise Unavailable(f"the helpdesk: {fault}")
        if fault in _NEVER_ARRIVED:
            raise Unknown(f"the helpdesk: {fault}")
        held = self.held[int(ticket.ref.ticket)]
        if fault == "409_conflict" or held.ticket.stamp != ticket.stamp:
            raise Stale("changed since")
        receipt = self._written(held, write)
        self.life().boundary("update_executed")
        if fault is not None and fault not in _GOES_WELL:
            raise Unknown(f"the helpdesk: {fault}")
        return receipt

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        """Whether an update arrived."""
        fault = await self._passes("find_receipt")
        if fault is not None and fault not in _GOES_WELL:
            raise Unavailable(f"the helpdesk: {fault}")
        return self.held[int(ticket)].markers.get(marker)

    async def aclose(self) -> None:
        """Nothing is open."""

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _passes(self, operation: str) -> str | None:
        self.life().boundary("before_desk")
        await asyncio.sleep(LATENCY_S)
        fault = self.chance.fault("desk", operation)
        if fault is not None and ("timeout" in fault or "slow" in fault):
            await asyncio.sleep(TIMEOUT_S)
        return fault

    def _written(self, held: Held, write: WriteBack) -> Receipt:
        changes: dict[str, Any] = {}
        text, message = write.public or write.private, None
        if text is not None:
            message = self._message(held, Author.RESOLVER, text, public=write.public is not None)
            changes["messages"] = (*held.ticket.messages, message)
        if write.status is not None:
            changes["status"] = write.status
        if write.queue is not None:
            changes["queue"] = write.queue
        changes["tags"] = tuple(
            one for one in (*held.ticket.tags, *write.add_tags) if one not in write.remove_tags
        )
        self._change(held, **changes)
        receipt = Receipt(message.id if message else None, held.ticket.stamp)
        held.markers[write.marker] = receipt
        if write.public is not None:
            self.hears(int(held.ticket.ref.ticket), write.public)
        return receipt

    def _message(self, held: Held, author: Author, text: str, *, public: bool) -> Message:
        self._numbers += 1
        who = held.ticket.requester.id if author is Author.REQUESTER else "bot"
        return Message(MessageId(str(self._numbers)), author, who, text, public, self.now(), Channel.EMAIL)

    def _change(self, held: Held, **changes: Any) -> None:
        held.version += 1
        held.ticket = replace(held.ticket, stamp=str(held.version), updated_at=self.now(), **changes)

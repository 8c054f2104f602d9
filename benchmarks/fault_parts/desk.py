"""The helpdesk in memory, with the faults its seed has for it and deaths around each call.

What a fault means is said as the port says it: surely not executed, or nobody can tell. Customers hear what is written.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.desk import MemoryDesk
from benchmarks.fault_parts.chance import Chance
from benchmarks.fault_parts.life import Life
from resolver.connector.helpdesk import WebhookRequest
from resolver.errors import Stale, Unavailable, Unknown
from resolver.ticket import Author, ConnectionName, Delivery, Receipt, Ticket, TicketId, WriteBack

NAME = ConnectionName("zendesk")
LATENCY_S = 0.05
TIMEOUT_S = 5.0
_NOT_EXECUTED = (
    "connect_error", "connect_timeout", "tls_error", "401_expired_token", "403", "429_retry_after_1", "429_no_header",
    "429_retry_after_http_date", "503_retry_after_2", "422", "404_then_200", "redirect_307_other_host",
)  # fmt: skip
_NEVER_ARRIVED = (
    "read_timeout_before_execute", "500_before_execute", "502_html", "200_graphql_userErrors", "200_graphql_THROTTLED",
)  # fmt: skip
_GOES_WELL = "200_extra_unknown_fields"


@dataclass(frozen=True, slots=True)
class FaultyDesk:
    """One account. `hears` is called with each public comment of ours."""

    memory: MemoryDesk
    chance: Chance
    life: Callable[[], Life]
    hears: Callable[[int, str], None]

    def comments(self, number: int) -> list[dict[str, Any]]:
        """The ticket's comments as the judge reads them."""
        return [
            {
                "bot": one.author is Author.RESOLVER,
                "public": one.public,
                "body": one.text,
                "created_at": one.created_at.isoformat(),
            }
            for one in self.memory.tickets[str(number)].messages
        ]

    # -- the port -------------------------------------------------------------------------------------------------

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        """Every delivery is ours: signatures and their time are tested elsewhere, and the clock jumps here."""

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """See the port."""
        return self.memory.parse(request)

    async def fetch(self, ticket: TicketId) -> Ticket:
        """See the port."""
        await self._readable("fetch")
        return await self.memory.fetch(ticket)

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        """See the port."""
        fault = await self._met("write_back")
        if fault in _NOT_EXECUTED:
            raise Unavailable(f"the helpdesk: {fault}")
        if fault in _NEVER_ARRIVED:
            raise Unknown(f"the helpdesk: {fault}")
        if fault == "409_conflict":
            raise Stale("changed since")
        receipt = await self.memory.write_back(ticket, write)
        if write.public is not None:
            self.hears(int(ticket.ref.ticket), write.public)
        self.life().boundary("update_executed")
        if fault is not None:
            raise Unknown(f"the helpdesk: {fault}")
        return receipt

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        """See the port."""
        await self._readable("find_receipt")
        return await self.memory.find_receipt(ticket, marker)

    async def aclose(self) -> None:
        """Nothing is open."""

    # -- what goes wrong ------------------------------------------------------------------------------------------

    async def _readable(self, operation: str) -> None:
        fault = await self._met(operation)
        if fault is not None:
            raise Unavailable(f"the helpdesk: {fault}")

    async def _met(self, operation: str) -> str | None:
        """The fault that this call meets, after as long as it takes."""
        self.life().boundary("before_desk")
        await asyncio.sleep(LATENCY_S)
        fault = self.chance.fault("desk", operation)
        if fault is not None and ("timeout" in fault or "slow" in fault):
            await asyncio.sleep(TIMEOUT_S)
        return None if fault == _GOES_WELL else fault

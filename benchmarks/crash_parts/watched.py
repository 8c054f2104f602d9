"""The worker's connections, gateway and commits, each telling the fuse where it stands. They change nothing else.

Put around the real ones by the worker after the installation was opened.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from benchmarks.crash_parts.fuse import Fuse
from resolver.connector.action import Argument, Backend, Done, Pending, Raw, ReadBack
from resolver.connector.helpdesk import Helpdesk, WebhookRequest
from resolver.errors import Refused
from resolver.gateway.answer import Answer
from resolver.gateway.send import Gateway
from resolver.ticket import Delivery, Receipt, Ticket, TicketId, WriteBack

T = TypeVar("T")
_UNDER_WAY_S = 0.008  # a call that dies in the middle was begun so long ago
_WRITES = re.compile(r'\s*(INSERT INTO|UPDATE) (?:\w+\.|"\w+"\.)?"?(\w+)"?')
_WORDS = {
    ("INSERT INTO", "event"): "delivery",
    ("INSERT INTO", "turn"): "turn begun",
    ("INSERT INTO", "reading"): "reading",
    ("INSERT INTO", "effect"): "intent",
    ("INSERT INTO", "writeback"): "run stored",
    ("INSERT INTO", "operation_outputs"): "checkpoint",
    ("UPDATE", "turn"): "turn over",
    ("UPDATE", "workflow_status"): "engine",
}


@dataclass(frozen=True, slots=True)
class WatchedBackend:
    """A shop. `races` are orders that leave the warehouse in the moment before our request reaches the shop."""

    backend: Backend
    fuse: Fuse
    races: "Races"

    async def look_up(self, name: str, arguments: Mapping[str, Argument]) -> Mapping[str, Raw]:
        """As the shop does."""
        return await _watched("look_up", self.backend.look_up(name, arguments), self.fuse)

    async def perform(self, name: str, arguments: Mapping[str, Argument], *, key: str) -> Done | Pending:
        """As the shop does."""
        await self.races.before(str(arguments["order"]))
        try:
            return await _watched("refund", self.backend.perform(name, arguments, key=key), self.fuse)
        except Refused:
            self.fuse.passes("after refusal")
            raise

    async def read_back(self, name: str, arguments: Mapping[str, Argument], *, key: str) -> ReadBack:
        """As the shop does."""
        return await _watched("read_back", self.backend.read_back(name, arguments, key=key), self.fuse)

    async def dry_run(self, name: str, arguments: Mapping[str, Argument]) -> None:
        """As the shop does."""
        await _watched("dry_run", self.backend.dry_run(name, arguments), self.fuse)

    @property
    def read_backs(self) -> Mapping[str, object]:
        """As the shop's."""
        return self.backend.read_backs

    async def aclose(self) -> None:
        """As the shop does."""
        await self.backend.aclose()


class Races:
    """Changes that other people make in the shop between our last look and our request."""

    def __init__(self, orders: frozenset[str], change: Any) -> None:
        self._orders = set(orders)
        self._change = change

    async def before(self, order: str) -> None:
        """Let the change happen if there is one for this order."""
        if order in self._orders:
            self._orders.discard(order)
            await self._change(order)


@dataclass(frozen=True, slots=True)
class WatchedHelpdesk:
    """A helpdesk."""

    helpdesk: Helpdesk
    fuse: Fuse

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        """As the helpdesk does."""
        self.helpdesk.verify(request, now=now)

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """As the helpdesk does."""
        return self.helpdesk.parse(request)

    async def fetch(self, ticket: TicketId) -> Ticket:
        """As the helpdesk does."""
        return await _watched("fetch", self.helpdesk.fetch(ticket), self.fuse)

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        """As the helpdesk does."""
        return await _watched("update", self.helpdesk.write_back(ticket, write), self.fuse)

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        """As the helpdesk does."""
        return await _watched("find_receipt", self.helpdesk.find_receipt(ticket, marker), self.fuse)

    async def aclose(self) -> None:
        """As the helpdesk does."""
        await self.helpdesk.aclose()


@dataclass(frozen=True, slots=True)
class WatchedGateway:
    """The gateway, left alive between what it stored and the engine's checkpoint of it."""

    gateway: Gateway
    fuse: Fuse

    async def perform(self, entry_id: str) -> Answer:
        """As the gateway does."""
        answer = await self.gateway.perform(entry_id)
        self.fuse.passes("before checkpoint: refund")
        return answer


async def _watched(what: str, call: Awaitable[T], fuse: Fuse) -> T:
    fuse.passes(f"before call: {what}")
    if fuse.waits_for(f"during call: {what}"):
        under_way = asyncio.ensure_future(call)
        await asyncio.sleep(_UNDER_WAY_S)
        fuse.passes(f"during call: {what}")
        return await under_way
    answer = await call
    fuse.passes(f"after call: {what}")
    return answer


# -- commits ------------------------------------------------------------------------------------------------------


def watch_commits(engine: sa.Engine, fuse: Fuse) -> None:
    """Tell the fuse before and after every commit what is in it: ours, and the durable engine's on the same engine."""
    pending: dict[int, set[str]] = {}

    def noted(_conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        word = _word(statement)
        if word is not None:
            pending.setdefault(id(cursor.connection), set()).add(word)

    sa.event.listen(engine, "before_cursor_execute", noted)
    really = engine.dialect.do_commit

    def committed(connection: Any) -> None:
        words = pending.pop(id(connection.dbapi_connection), set())
        for word in words:
            fuse.passes(f"before commit: {word}")
        really(connection)
        for word in words:
            fuse.passes(f"after commit: {word}")

    engine.dialect.do_commit = committed  # type: ignore[method-assign]  # the engine has no event after a commit


def _word(statement: str) -> str | None:
    found = _WRITES.match(statement)
    if found is None:
        return None
    verb, table = found.groups()
    if (verb, table) == ("UPDATE", "effect"):
        return "refund settled" if "settled_how" in statement else "refund leaves"
    if (verb, table) == ("UPDATE", "writeback"):
        return "update settled" if "settled_at" in statement else "update leaves"
    return _WORDS.get((verb, table))

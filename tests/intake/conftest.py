"""Intake on an empty store, and a doorbell that rings with whatever a test says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from resolver.clock import system_clock
from resolver.connector.helpdesk import WebhookRequest
from resolver.durable.engine import Engine
from resolver.errors import NotFound
from resolver.intake.receive import Intake, Taken
from resolver.store import events
from resolver.store.database import Database
from resolver.store.events import Event
from resolver.ticket import ConnectionName, Delivery, MessageId, Receipt, Ticket, TicketId, WriteBack
from tests.databases import KINDS, ready_database


@dataclass(frozen=True, slots=True)
class Bell:
    """A helpdesk that only rings."""

    deliveries: tuple[Delivery, ...]

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        return None

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        return self.deliveries

    async def fetch(self, ticket: TicketId) -> Ticket:
        raise NotFound

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        raise NotFound

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        return None

    async def aclose(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Door:
    """Where it rings, and what was stored."""

    database: Database
    engine: Engine
    intake: Intake

    async def rings(self, *deliveries: Delivery) -> Taken:
        """One request about these deliveries."""
        return await self.intake.webhook(ConnectionName("desk"), Bell(deliveries), WebhookRequest({}, b""))

    @property
    def events(self) -> list[Event]:
        """What is stored, in order."""
        count = sum(self.database.read_now(events.count_by_state).values())
        return [self.database.read_now(lambda c, n=n: events.get(c, n)) for n in self._numbers()][:count]

    @property
    def turns(self) -> list[str]:
        """The turns that wait in the queue, in order."""
        return self._column("workflow_uuid")

    @property
    def partitions(self) -> list[str]:
        """Their tickets."""
        return self._column("queue_partition_key")

    def _numbers(self) -> Sequence[int]:
        return sorted(int(turn.partition("-")[0]) for turn in self.turns)

    def _column(self, name: str) -> list[str]:
        table = "workflow_status" if self.database.is_sqlite else "dbos.workflow_status"
        query = sa.text(f"SELECT {name} FROM {table} WHERE name = 'turn' ORDER BY workflow_uuid")
        return [str(one) for one in self.database.read_now(lambda c: c.execute(query).scalars().all())]


def delivery(
    event_id: str = "e1", ticket: str = "7", message: str | None = "m1", kind: str = "comment"
) -> Delivery:
    """A delivery about a comment."""
    return Delivery(event_id, kind, TicketId(ticket), None if message is None else MessageId(message))


@pytest_asyncio.fixture(params=KINDS)
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    database = Database(ready_database(request.param, tmp_path))
    engine = Engine(database)
    yield Door(database, engine, Intake(database, engine, clock=system_clock))
    await engine.shut_down(drain=timedelta(seconds=1))
    await asyncio.to_thread(database.close)

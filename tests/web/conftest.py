"""A receiver on loopback: the real web application on a store of its own; no turn is ever taken."""

import asyncio
import base64
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from connectors.zendesk.helpdesk import connect
from resolver.clock import system_clock
from resolver.durable.engine import Engine
from resolver.intake.receive import Intake
from resolver.store import events
from resolver.store.database import Database
from resolver.ticket import ConnectionName
from resolver.web import health, webhooks
from tests.databases import ready_database

SECRET = "dGhpcyBpcyBhIHRlc3Qgc2VjcmV0"
MOST = 64 * 1024


@dataclass(slots=True)
class Receiver:
    """Where deliveries go, and what became of them."""

    client: httpx.AsyncClient
    database: Database
    path: Path
    ready: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def body(self, **changes: Any) -> bytes:
        """An ordinary delivery about a new comment, changed as said."""
        number = next(self.numbers)
        envelope: dict[str, Any] = {
            "id": f"event-{number}",
            "type": "zen:event-type:ticket.comment_added",
            "subject": "zen:ticket:48211",
            "time": "2026-11-23T09:00:00Z",
            "detail": {"id": "48211"},
            "event": {"comment": {"id": str(1000 + number)}},
        }
        return msgspec.json.encode(envelope | changes)

    async def gets(
        self,
        body: bytes,
        *,
        to: str = "zendesk",
        secret: str = SECRET,
        signed_at: datetime | None = None,
        headers: Mapping[str, str] | None = None,
        sent: bytes | None = None,
    ) -> httpx.Response:
        """Deliver a body, signed as Zendesk signs; `sent` is what really travels."""
        stamp = (signed_at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
        signed = {
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
            "Content-Type": "application/json",
        }
        return await self.client.post(
            f"/hooks/{to}", content=body if sent is None else sent, headers={**signed, **(headers or {})}
        )

    @property
    def stored(self) -> int:
        """How many events are stored."""
        return sum(self.database.read_now(events.count_by_state).values())

    @property
    def tickets(self) -> list[str]:
        """The tickets of the stored events, in order."""
        return [
            self.database.read_now(lambda c, n=n: events.get(c, n)).ticket for n in range(1, self.stored + 1)
        ]


@pytest_asyncio.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    database = Database(ready_database("sqlite", tmp_path))
    engine = Engine(database)
    account = {"subdomain": "acme", "client_id": "c", "client_secret": "s", "signing_secret": SECRET}
    helpdesk = connect(account, clock=system_clock)
    intake = Intake(database, engine, clock=system_clock)
    application = FastAPI()
    application.include_router(
        webhooks.routes(intake, {ConnectionName("zendesk"): helpdesk}, max_body_bytes=MOST)
    )
    async with (
        _served(application) as base,
        httpx.AsyncClient(base_url=base, trust_env=False, timeout=20) as client,
    ):
        receiver = Receiver(client, database, tmp_path / "resolver.db")
        application.include_router(health.routes(database, ready=lambda: receiver.ready, clock=system_clock))
        yield receiver
    await engine.shut_down(drain=timedelta(seconds=1))
    await helpdesk.aclose()
    database.close()


@asynccontextmanager
async def _served(application: FastAPI) -> AsyncIterator[str]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="off", access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the receiver logs."""
    caplog.set_level("INFO", logger="resolver")
    return caplog

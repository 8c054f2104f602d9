"""One life of the resolver: a real installation on a database and folder that outlive it, ended by its fuse.

Run by `lives` in a process of its own. Everything it wraps, it wraps after opening; the product knows nothing of it.
"""

import asyncio
import logging
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection as Pipe
from typing import Any

import httpx
import uvicorn

from benchmarks.crash_parts.fuse import Fuse
from benchmarks.crash_parts.watched import (
    Races,
    WatchedBackend,
    WatchedGateway,
    WatchedHelpdesk,
    watch_commits,
)
from resolver.app import Resolver
from resolver.clock import system_clock
from resolver.config import Config
from resolver.gateway.consent import Answered, answer
from resolver.intake.receive import add
from resolver.reading import IntentScore, Reading, SlotReading, Span
from resolver.store import approvals
from resolver.store.approvals import Approval
from resolver.store.database import Connection, Database
from resolver.ticket import MessageId

TEAM_LEAD = "lea@acme.example"
_LOOKS_EVERY_S = 0.2
_INTENTS = {"refund": "refund", "cancel": "cancel_order"}


@dataclass(frozen=True, slots=True)
class Life:
    """What one life is told. `races` are shop ids of orders that leave in the moment before our request."""

    config: Config
    port: int
    shop_url: str
    races: frozenset[str]
    boundary: str | None = None
    nth: int = 1


class QuickReader:
    """Understanding without a model: `refund` or `cancel` with a number, or a plain yes."""

    def read(
        self,
        message: MessageId,
        text: str,
        *,
        html: str | None = None,
        language_hint: str | None = None,
        asked: Collection[str] = (),
        written_at: datetime | None = None,
    ) -> Reading:
        """What one message says."""
        if text.strip().lower().startswith("yes"):
            return Reading(message, text, "en", moves=("yes",))
        asks = re.search(r"\b(refund|cancel) order (\d+)", text)
        if asks is None:
            return Reading(message, text, "en", moves=("nothing",))
        number = Span(asks.start(2), asks.end(2), asks[2])
        scores = (IntentScore(_INTENTS[asks[1]], 0.95),)
        slots = (SlotReading("order_number", asks[2], number),)
        return Reading(
            message, text, "en", intents=scores, scores=scores, slots=slots, classifier="benchmark"
        )


def live(life: Life, told: Pipe) -> None:
    """Live until killed. Says `ready` into the pipe once deliveries are taken."""
    handler = logging.FileHandler(life.config.data / "worker.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s %(levelname)s %(message)s"))
    logging.getLogger("resolver").addHandler(handler)
    logging.getLogger("resolver").setLevel(logging.INFO)
    logging.getLogger("resolver").info("a life begins: %s x%s", life.boundary, life.nth)
    asyncio.run(_live(life, told))


async def _live(life: Life, told: Pipe) -> None:
    fuse = Fuse(life.boundary, life.nth)
    database = Database(life.config.database_url)
    watch_commits(database.engine, fuse)
    resolver = await Resolver.open(life.config, sandboxed=True, reader=QuickReader(), database=database)
    _watch(resolver, fuse, _races(life))
    await resolver.start()
    server = uvicorn.Server(uvicorn.Config(resolver.web(), log_config=None, lifespan="off", access_log=False))
    serving = asyncio.create_task(server._serve(sockets=[_listener(life.port)]))
    while not server.started:
        await asyncio.sleep(0.005)
    told.send("ready")
    await asyncio.gather(serving, _team_lead(resolver))


def _watch(resolver: Resolver, fuse: Fuse, races: Races) -> None:
    # Its mappings are dictionaries, and gateway and turns share them.
    connections: Any = resolver.resources.connections
    for name, backend in connections.backends.items():
        connections.backends[name] = WatchedBackend(backend, fuse, races)
    for name, helpdesk in connections.helpdesks.items():
        connections.helpdesks[name] = WatchedHelpdesk(helpdesk, fuse)
    gateway: Any = WatchedGateway(resolver.resources.gateway, fuse)
    resolver.resources.gateway = gateway


def _races(life: Life) -> Races:
    async def ships(order: str) -> None:
        happened = life.config.data / f"race-{order}"
        if happened.exists():
            return
        happened.touch()
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            number = order.removeprefix("o-")
            await client.patch(f"{life.shop_url}/sandbox/orders/{number}", json={"status": "shipped"})

    return Races(life.races, ships)


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    return listener


async def _team_lead(resolver: Resolver) -> None:
    """Approve whatever waits, as `resolver approvals approve` does."""
    resources = resolver.resources
    while True:
        for asked in await resources.database.read(approvals.waiting):
            policy = await resources.plans.policy(asked.policy)

            def job(connection: Connection, asked: Approval = asked, policy: Any = policy) -> None:
                now = system_clock()
                came = answer(
                    connection, asked.id, decision="approved", member=TEAM_LEAD, policy=policy, now=now
                )
                if isinstance(came, Answered):
                    _rings(connection, resolver, came)

            await resources.database.write(job)
        await asyncio.sleep(_LOOKS_EVERY_S)


def _rings(connection: Connection, resolver: Resolver, came: Answered) -> None:
    helpdesk, _, ticket = came.case.partition(":")
    add(
        connection,
        resolver.resources.engine,
        clock=system_clock,
        connection=helpdesk,
        event_id=came.event_id,
        kind=came.event_id,
        ticket=ticket,
    )

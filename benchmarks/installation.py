"""A whole installation on the benchmarks' doubles: real database, real durable engine, real intake and turns.

Opened by order, pipeline and intake. Helpdesk, shop and understanding are doubles, the rest is what ships.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.desk import MemoryDesk
from resolver.app import Resolver
from resolver.config import Config, ConnectionConfig, EngineConfig
from resolver.reading import IntentScore, Reading, SlotReading, Span
from resolver.resolution.resources import Reader
from resolver.store.database import Database
from resolver.ticket import ConnectionName, MessageId

DESK = ConnectionName("desk")
SECRET = "a secret of the benchmarks"
BUSY = EngineConfig(turns_poll_s=0.05, timers_poll_s=0.2, notifications_poll_s=1.0)


class CheapReader:
    """Understanding without a model: a number is an order to refund, `yes` is yes, anything else says nothing."""

    def __init__(self) -> None:
        self.read_ids: list[str] = []

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
        self.read_ids.append(message)
        if text == "yes":
            return Reading(message, text, "en", moves=("yes",))
        number = next((word for word in text.split() if word.isdigit()), None)
        if number is None:
            return Reading(message, text, "en", moves=("nothing",))
        start = text.index(number)
        slot = SlotReading("order_number", number, Span(start, start + len(number), number))
        score = (IntentScore("refund", 0.95),)
        return Reading(
            message, text, "en", intents=score, scores=score, slots=(slot,), classifier="benchmark"
        )


def configured(data: Path, database: str, *, engine: EngineConfig = BUSY) -> Config:
    """The starters' playbooks on a helpdesk and a shop in memory."""
    return Config(
        data=data,
        database=database,
        connector_folders=(Path(__file__).parent / "connectors",),
        connections={
            DESK: ConnectionConfig("memory_desk", "auto", {"connection": DESK, "signing_secret": SECRET}),
            "shop": ConnectionConfig("memory_shop"),
            "post": ConnectionConfig("postal"),
            # The starters need one; no ticket here asks it.
            "billing": ConnectionConfig(
                "demo_billing", settings={"url": "http://127.0.0.1:9", "token": "none"}
            ),
        },
        interfaces={"billing": "billing", "shop": "shop", "post": "post"},
        engine=engine,
    )


@asynccontextmanager
async def opened(
    config: Config, reader: Reader | None = None, *, database: Database | None = None
) -> AsyncIterator[Resolver]:
    """The installation, opened but not yet taking turns; drained and closed at the end."""
    resolver = await Resolver.open(config, sandboxed=True, reader=reader or CheapReader(), database=database)
    try:
        yield resolver
    finally:
        await resolver.close()


def desk_of(resolver: Resolver) -> MemoryDesk:
    """The helpdesk of an installation opened here."""
    desk = resolver.resources.connections.helpdesks[DESK]
    assert isinstance(desk, MemoryDesk)
    return desk

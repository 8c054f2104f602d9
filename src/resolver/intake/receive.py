"""The one way in for events: webhooks, timers and approvals become a stored event and a queued turn in one commit.

Called by web, by the engine's timers and by the command line. It never reads a ticket and never acts.
"""

from dataclasses import dataclass

from resolver.clock import Clock
from resolver.connector.helpdesk import Helpdesk, WebhookRequest
from resolver.durable.engine import Engine, timer_id
from resolver.errors import Malformed
from resolver.store import events
from resolver.store.database import Connection, Database
from resolver.ticket import ConnectionName, Delivery

_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """What a delivery came to: how many events were new, and how many were known already."""

    new: int
    known: int


class Intake:
    """Stores events and enqueues their turns."""

    def __init__(self, database: Database, engine: Engine, *, clock: Clock) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock

    async def webhook(self, connection: ConnectionName, helpdesk: Helpdesk, request: WebhookRequest) -> Taken:
        """Take in one delivery; returns after it is committed.

        Raises:
            Forged: The signature or its time does not hold.
            Malformed: What is signed cannot be understood, or has an id that cannot be one.
            StoreUnavailable: Nothing was stored; the sender should try again.
        """
        helpdesk.verify(request, now=self._clock())
        deliveries = helpdesk.parse(request)
        for delivery in deliveries:
            _plain(delivery)
        stored = [await self._add(connection, delivery) for delivery in deliveries]
        return Taken(new=sum(stored), known=len(stored) - sum(stored))

    async def timer(self, case: str, kind: str, generation: int) -> None:
        """A delay is over. Known by its id, so that it counts once however often it fires."""
        connection, _, ticket = case.partition(":")
        event_id = timer_id(case, kind, generation)
        await self._database.write(
            lambda c: add(
                c,
                self._engine,
                clock=self._clock,
                connection=connection,
                event_id=event_id,
                kind=f"{kind}:{generation}",
                ticket=ticket,
            )
        )

    async def _add(self, connection: ConnectionName, delivery: Delivery) -> bool:
        return await self._database.write(
            lambda c: add(
                c,
                self._engine,
                clock=self._clock,
                connection=connection,
                event_id=delivery.event_id,
                kind=delivery.kind,
                ticket=delivery.ticket,
                message_id=delivery.message_id,
            )
        )


def add(
    database: Connection,
    engine: Engine,
    *,
    clock: Clock,
    connection: str,
    event_id: str,
    kind: str,
    ticket: str,
    message_id: str | None = None,
) -> bool:
    """Store an event and enqueue its turn in the caller's transaction; `False` if it is known already."""
    seq = events.add(
        database,
        helpdesk=connection,
        event_id=event_id,
        kind=kind,
        ticket=ticket,
        message_id=message_id,
        now=clock(),
    )
    if seq is None:
        return False
    engine.enqueue_turn(database, seq=seq, event_id=event_id, case=f"{connection}:{ticket}")
    return True


def _plain(delivery: Delivery) -> None:
    """One poisoned id would fail its whole batch on PostgreSQL: refuse it here (reference condition 13)."""
    for value in (delivery.event_id, delivery.kind, delivery.ticket, delivery.message_id or "-"):
        if not value or len(value) > _LONGEST_ID or not value.isprintable():
            raise Malformed("An id in the delivery cannot be one.", remedy="nothing was stored")

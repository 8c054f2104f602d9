"""Lost turns: events that wait although the engine will never run their turn, because its workflow failed or is gone.

Looked for by the janitor. A lost turn is queued again, a few times at most; then its event is a dead letter.
It never touches a turn that waits, runs or is over.
"""

import logging

from resolver.clock import Clock
from resolver.durable.engine import Engine
from resolver.store import events, measures
from resolver.store.database import Connection, Database
from resolver.store.events import Event
from resolver.store.measures import Measure

log = logging.getLogger("resolver.durable")

TRIES = 4
ENDING = "turn_lost"
_PAGE = 200


class LostTurns:
    """Finds lost turns, a page of waiting events at a time, and begins them again."""

    def __init__(self, database: Database, engine: Engine, *, clock: Clock) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock
        self._after = 0

    async def begin_again(self) -> list[int]:
        """Look at the next 200 waiting events, from the first again after the last; the numbers of the lost ones."""
        waiting = await self._database.read(lambda c: events.queued(c, after=self._after, limit=_PAGE))
        self._after = waiting[-1].seq if len(waiting) == _PAGE else 0
        if not waiting:
            return []
        lost = await self._engine.lost({event.seq: event.event_id for event in waiting}, most=TRIES)
        for event in waiting:
            if event.seq in lost:
                await self._settle(event, failed=lost[event.seq])
        return list(lost)

    async def _settle(self, event: Event, *, failed: int) -> None:
        """Queue the turn again, or give it up; one transaction, in which the event must still wait."""

        def job(connection: Connection) -> bool:
            if events.get(connection, event.seq).state != "queued":
                return False
            if failed < TRIES:
                self._queue(connection, event, failed=failed)
            else:
                self._bury(connection, event)
            return True

        if not await self._database.write(job):
            return
        if failed < TRIES:
            log.warning("the turn of event %s was lost and is queued again (%s failed)", event.seq, failed)
        else:
            log.error("event %s is a dead letter: %s", event.seq, ENDING)

    def _queue(self, connection: Connection, event: Event, *, failed: int) -> None:
        self._engine.enqueue_turn(
            connection, seq=event.seq, event_id=event.event_id, case=_case(event), failed=failed
        )

    def _bury(self, connection: Connection, event: Event) -> None:
        now = self._clock()
        events.end(connection, event.seq, ending=ENDING, now=now, dead=True)
        fact = Measure("dead_letter", event.connection, _case(event), reason=ENDING)
        measures.add(connection, [fact], now=now)


def _case(event: Event) -> str:
    return f"{event.connection}:{event.ticket}"

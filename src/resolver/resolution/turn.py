"""The spine: one turn over a ticket, from an event to its write-back.

Called by the durable engine, in order per ticket. Everything a turn says or does is a row before it is performed; a
recovered turn finds its rows and calls the same steps in the same order (reference condition 18).
"""

import logging
import time
from dataclasses import dataclass, replace
from datetime import timedelta

from resolver import telemetry
from resolver.durable.workflow import Interrupted, Json, perform, understand
from resolver.errors import NotFound, Unavailable
from resolver.resolution import guards
from resolver.resolution.deciding import Deciding
from resolver.resolution.endings import Endings
from resolver.resolution.identify import requester_key
from resolver.resolution.resources import Resources
from resolver.resolution.suggesting import Suggesting
from resolver.resolution.under_way import UnderWay
from resolver.resolution.watching import watch_again
from resolver.store import approvals, cases, codes, events, identities, ledger, measures, runs
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.events import Event
from resolver.store.measures import Measure
from resolver.store.times import stored
from resolver.store.vault import SubjectKey
from resolver.store.writer import StoreUnavailable
from resolver.ticket import ConnectionName, Ticket, TicketId

log = logging.getLogger("resolver.turn")

FETCH_PAUSES_S = (1, 5, 30, 120, 600)
RESUME_PAUSES_S = (2, 5, 15, 60, 300, 900, 1800)
RESUME_TRIES = 48  # about a day; then it is a dead letter that people see, and that may be replayed


class Turns:
    """Takes turns. `deciding` writes a turn's next rows, `endings` ends it where nothing is decided."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._endings = Endings(resources)
        self._deciding = Deciding(resources)
        self._suggesting = Suggesting(resources)

    async def take(self, seq: int) -> None:
        """The whole turn for event `seq`. A bug of ours ends as a dead letter that people see, never as a loop."""
        began, ending = time.perf_counter(), "interrupted"
        try:
            ending = await self._take(seq)
        except Interrupted:
            raise
        except StoreUnavailable as error:  # not even its end can be written: the event is queued again later
            ending = "store_down"
            log.error("turn %s stopped: %s", seq, error.problem)
            raise
        except Exception as error:
            ending = "bug"
            log.exception("turn %s broke", seq)
            note_waits = await self._endings.broken(seq, type(error).__name__)
            if note_waits is not None:
                await self._resources.database.write(lambda c: self._ring_again(c, note_waits))
        finally:
            self._forget(seq)
            telemetry.TURNS.labels(ending).inc()
            telemetry.TURN_SECONDS.observe(time.perf_counter() - began)

    async def _take(self, seq: int) -> str:
        """How it ended, for the counter: `finished`, `nothing` (no turn was begun) or `later` (somebody is down)."""
        event, turn, case, waiting, earlier = await self._resources.database.read(lambda c: _known(c, seq))
        if turn is None:
            if event.state != "queued":
                return "nothing"
            turn = await self._begin(event, case, waiting, earlier)
            if turn is None:
                return "nothing"
        for number in (*turn.carried, seq):
            try:
                done = await self._work(number)
            finally:
                self._forget(number)
            if not done:
                await self._park(turn)
                return "later"
        return "finished"

    def _forget(self, seq: int) -> None:
        """Keep nothing in memory of a turn that is over or put off: another worker may take it up."""
        self._resources.tickets.pop(seq, None)
        self._resources.under_way.pop(seq, None)
        self._deciding.forget(seq)

    # -- fetch and guards -----------------------------------------------------------------------------------------

    async def _begin(
        self, event: Event, case: Case | None, waiting: list[runs.Run], earlier: list[int]
    ) -> Turn | None:
        """Fetch the ticket, let the guards speak, and store what this turn is about; `None` if it ends here."""
        about = await self._about(event)
        if _watches(about) and case is not None:
            return await self._begin_watch(about, case, earlier)
        ticket = await self._fetch(event, earlier)
        if ticket is None:
            return None
        requester = requester_key(ticket)
        found = self._look(about, ticket, case, requester)
        if isinstance(found, guards.Speaks) and not found.messages:
            found = await self._suggesting.why_not(about, case) or found
        if isinstance(found, guards.NotYet):
            await self._fetch_later(event, "not_visible")
            return None
        if isinstance(found, guards.Nothing) and not earlier:
            await self._endings.nothing(event, found, case, ticket, requester)
            return None
        turn, begun = self._set_out(about, found, case, ticket, requester, earlier)
        self._resources.tickets[event.seq] = ticket

        def job(connection: Connection) -> SubjectKey:
            if turn.messages and about.kind.startswith(("approval", "suggestion")):
                # the messages first, then the team's answer
                self._fetch_again(connection, event, after=timedelta(0))
            return self._store_beginning(connection, turn, begun, case, ticket)

        key = await self._resources.database.write(job)
        if not earlier:
            self._resources.under_way[event.seq] = UnderWay(
                turn, begun, key, waiting if begun.waiting else []
            )
        return turn

    async def _about(self, event: Event) -> Event:
        """The event as it was rung first: a put-off fetch goes on with the message, timer or approval it was for."""
        fetch = _fetch_of(event)
        if fetch.origin == event.seq:
            return event
        first = await self._resources.database.read(lambda c: events.get(c, fetch.origin))
        return replace(first, seq=event.seq)

    async def _begin_watch(self, event: Event, case: Case, earlier: list[int]) -> Turn:
        """A turn about an effect that was pending: it counts whoever has the ticket, and whatever became of it."""
        now = stored(self._resources.clock())
        turn = Turn(event.seq, case.id, now, carried=tuple(earlier), event=event.kind)
        await self._resources.database.write(lambda c: cases.begin_turn(c, turn))
        return turn

    def _look(
        self, event: Event, ticket: Ticket, case: Case | None, requester: str
    ) -> guards.Nothing | guards.NotYet | guards.Speaks:
        """What there is to do: new messages first; else what a timer or an approval says, if it still counts."""
        found = guards.look(ticket, case, requester=requester, rung_for=event.message_id)
        if not isinstance(found, guards.Nothing) or found.people or not _from_inside(event):
            return found
        if found.ending in ("closed", "opted_out", "people"):
            return found
        if case is None or case.requester != requester or not _still_counts(event, case):
            return guards.Nothing("stale")
        return guards.Speaks(())

    def _set_out(
        self,
        event: Event,
        found: guards.Nothing | guards.Speaks,
        case: Case | None,
        ticket: Ticket,
        requester: str,
        earlier: list[int],
    ) -> tuple[Turn, Case]:
        messages = found.messages if isinstance(found, guards.Speaks) else ()
        inside = isinstance(found, guards.Speaks) and not messages
        turn = Turn(
            seq=event.seq,
            case=str(ticket.ref),
            now=stored(self._resources.clock()),
            messages=tuple(message.id for message in messages),
            carried=tuple(earlier),
            event=event.kind if inside else None,
        )
        known = case or Case(str(ticket.ref), ticket.ref.connection, ticket.ref.ticket, requester)
        if isinstance(found, guards.Nothing):
            return turn, replace(known, people=known.people or found.people)
        if known.requester != requester:
            known = replace(known, requester=requester, waiting=(), conflict=None)
        return turn, replace(
            known,
            cursor=messages[-1].id if messages else known.cursor,
            staff_stamp=ticket.staff_stamp,
            status=known.status if messages else ticket.status.value,
        )

    def _store_beginning(
        self, connection: Connection, turn: Turn, case: Case, known: Case | None, ticket: Ticket
    ) -> SubjectKey:
        """Store the turn and what its case, `known` before, has become; returns the requester's key."""
        now = self._resources.clock()
        key = self._resources.vault.key(connection, case.requester)
        if known is not None and known.requester != case.requester:  # another requester starts over
            for run in known.waiting:
                runs.end(connection, run, disposition="no_reply", now=now)
                approvals.void(connection, run)
            codes.void_all(connection, case.id)
            identities.forget(connection, case.id)
        if known is None:
            received = Measure("received", case.connection, case.id, channel=ticket.channel.value)
            measures.add(connection, [received], now=now)
        cases.put(connection, case, now=now)
        cases.begin_turn(connection, turn)
        return key

    async def _fetch(self, event: Event, earlier: list[int]) -> Ticket | None:
        """The ticket; while it cannot be read, a turn that was begun is taken up again as long as any that waits."""
        helpdesk = self._resources.connections.helpdesks[ConnectionName(event.connection)]
        try:
            return await helpdesk.fetch(TicketId(event.ticket))
        except NotFound:
            await self._endings.gone(event)
        except Unavailable:
            begun = await self._resources.database.read(lambda c: _newest(c, earlier))
            if begun is None:
                await self._fetch_later(event, "helpdesk_down")
            else:
                await self._park(begun, event)
        return None

    async def _fetch_later(self, event: Event, why: str) -> None:
        """Ring again after a pause; five tries, then a dead letter that an operator sees and may replay."""
        tries = _fetch_of(event).tries
        if tries >= self._resources.fetch_tries:
            await self._endings.dead(event, why)
            return
        pause = timedelta(seconds=FETCH_PAUSES_S[min(tries, len(FETCH_PAUSES_S) - 1)])

        def job(connection: Connection) -> None:
            self._fetch_again(connection, event, after=pause)
            events.end(connection, event.seq, ending=f"later:{why}", now=self._resources.clock())

        await self._resources.database.write(job)

    def _fetch_again(self, connection: Connection, event: Event, *, after: timedelta) -> None:
        """Arm the timer that looks at the ticket again for what this event was rung for first."""
        fetch = _fetch_of(event)
        self._resources.engine.arm_timer(
            connection,
            case=f"{event.connection}:{event.ticket}",
            kind=f"fetch:{fetch.origin}",
            generation=fetch.tries + 1,
            after=after,
        )

    # -- the turn's rows ------------------------------------------------------------------------------------------

    async def _work(self, seq: int) -> bool:
        """Understand, then perform row after row, deciding where there is none yet; `False` if it must go on later."""
        under_way = self._resources.under_way.get(seq)
        turn, rows = (under_way.turn, []) if under_way else await self._stored(seq)
        heard = await self._hear(turn)
        if _later(heard):
            return False
        if isinstance(heard, dict) and heard.get("state") == "gone":
            await self._endings.vanished(turn)
            return True
        answer: Json = None
        n = 0
        while True:
            if n == len(rows):
                try:
                    rows += await self._deciding.next_rows(seq, n, answer, heard)
                except Unavailable as error:
                    log.warning("turn %s waits: %s", seq, error.problem)
                    return False
                if n == len(rows):
                    return True
            answer = await perform(rows[n])
            if _later(answer):
                return False
            n += 1

    async def _stored(self, seq: int) -> tuple[Turn, list[str]]:
        """A turn begun before a crash, or by an earlier event, and the rows it has already."""

        def job(connection: Connection) -> tuple[Turn | None, list[str]]:
            return cases.get_turn(connection, seq), self._deciding.rows(connection, seq)

        turn, rows = await self._resources.database.read(job)
        if turn is None:
            raise LookupError(f"turn {seq} was never begun")
        return turn, rows

    async def _hear(self, turn: Turn) -> Json:
        """The step that says what started the turn: its messages understood, or a pending effect looked at again."""
        if turn.messages:
            return await understand(turn.seq)
        if turn.event is not None and turn.event.startswith("watch:"):
            return await self._watch(turn, turn.event)
        return None

    async def _watch(self, turn: Turn, event: str) -> Json:
        """Look at a pending effect; while it is still pending, look again later."""
        effect, generation = event.removeprefix("watch:").rsplit(":", 1)
        answer = await perform(effect)
        if isinstance(answer, dict) and answer.get("state") == "pending":
            await self._resources.database.write(
                lambda c: self._watch_again(c, turn.case, effect, int(generation) + 1)
            )
        return answer

    def _watch_again(self, connection: Connection, case: str, effect: str, generation: int) -> None:
        entry = ledger.get(connection, effect)
        if entry is not None:
            watch_again(self._resources, connection, case, entry, generation=generation)

    async def _park(self, turn: Turn, event: Event | None = None) -> None:
        """The other side is down: leave the turn as it is and ring again, later and later, for about a day.

        `event` is the one that could not take the turn up, its own if none is named.
        """
        seq, why = (event.seq, "helpdesk_down") if event else (turn.seq, "waiting")

        def job(connection: Connection) -> Event | None:
            if self._ring_again(connection, turn):
                events.end(connection, seq, ending=f"later:{why}", now=self._resources.clock())
                return None
            return events.get(connection, seq)

        given_up = await self._resources.database.write(job)
        if given_up is not None:
            await self._endings.dead(given_up, "waited_too_long")

    def _ring_again(self, connection: Connection, turn: Turn) -> bool:
        """Arm the timer that takes a turn up again; `False` if that was done often enough."""
        case = cases.get(connection, turn.case)
        if case is None:
            return True
        tries = case.fetches + 1
        now = self._resources.clock()
        if tries > RESUME_TRIES:
            cases.put(connection, replace(case, fetches=0), now=now)  # who replays it gets all tries again
            return False
        pause = timedelta(seconds=RESUME_PAUSES_S[min(case.fetches, len(RESUME_PAUSES_S) - 1)])
        cases.put(connection, replace(case, fetches=tries), now=now)
        self._resources.engine.arm_timer(
            connection, case=case.id, kind=f"resume:{turn.seq}", generation=tries, after=pause
        )
        return True


def _known(
    connection: Connection, seq: int
) -> tuple[Event, Turn | None, Case | None, list[runs.Run], list[int]]:
    event = events.get(connection, seq)
    case_id = f"{event.connection}:{event.ticket}"
    earlier = [turn.seq for turn in cases.unfinished_turns(connection, case_id, before=seq)]
    case = cases.get(connection, case_id)
    waiting = runs.waiting(connection, case.waiting) if case is not None else []
    return event, cases.get_turn(connection, seq), case, waiting, earlier


def _newest(connection: Connection, turns: list[int]) -> Turn | None:
    return cases.get_turn(connection, turns[-1]) if turns else None


@dataclass(frozen=True, slots=True)
class _Fetch:
    """A fetch that was put off: by which event, how often already."""

    origin: int
    tries: int


def _fetch_of(event: Event) -> _Fetch:
    """What a `fetch:ORIGIN:TRIES` timer says; the first try of any other event."""
    if not event.kind.startswith("fetch:"):
        return _Fetch(event.seq, 0)
    _, origin, tries = event.kind.split(":")
    return _Fetch(int(origin), int(tries))


def _watches(event: Event) -> bool:
    return event.kind.startswith("watch:")


def _from_inside(event: Event) -> bool:
    return event.kind.split(":")[0] in ("silence", "late", "approval", "suggestion", "resume")


def _still_counts(event: Event, case: Case) -> bool:
    """A timer counts only if it is the newest of its case; an approval always brings a turn, which looks itself."""
    kind, _, generation = event.kind.rpartition(":")
    if kind in ("silence", "late"):
        return bool(case.waiting) and int(generation) == case.timer
    return event.kind.startswith(("approval", "suggestion")) and bool(case.waiting)


def _later(answer: Json) -> bool:
    return isinstance(answer, dict) and answer.get("state") == "later"

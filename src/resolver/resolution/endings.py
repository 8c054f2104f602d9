"""How turns and events end when no decision of theirs is left: sent, nothing to do, gone, given up, or broken.

Called by `turn` and `deciding`; each ending is one transaction.
"""

import logging
from dataclasses import replace
from datetime import datetime

from resolver.durable.workflow import perform
from resolver.resolution.guards import Nothing
from resolver.resolution.resources import Resources
from resolver.resolution.rows import update_row
from resolver.resolution.under_way import Sealed, UnderWay
from resolver.resolution.watching import watch
from resolver.store import approvals, cases, events, ledger, measures, runs, trail, writebacks
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.events import Event
from resolver.store.measures import Measure
from resolver.store.times import read as read_time
from resolver.ticket import ConnectionName, Status, Ticket, WriteBack

log = logging.getLogger("resolver.turn")


class Endings:
    """Ends turns and events."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def nothing(
        self, event: Event, found: Nothing, case: Case | None, ticket: Ticket, requester: str
    ) -> None:
        """Nothing to do: the event ends with its word; runs that waited on a taken or closed ticket end too."""
        now = self._resources.clock()

        def job(connection: Connection) -> None:
            events.end(connection, event.seq, ending=found.ending, now=now)
            if case is None:
                return
            changed = replace(case, staff_stamp=ticket.staff_stamp, people=case.people or found.people)
            if found.people or found.ending == "closed":
                end_waiting_runs(connection, changed, "handed_off" if found.people else "no_reply", now=now)
                changed = replace(changed, waiting=(), conflict=None)
            cases.put(connection, changed, now=now)

        await self._resources.database.write(job)

    async def gone(self, event: Event) -> None:
        """The ticket does not exist (any more): recorded, and the runs that waited for it are over."""
        now = self._resources.clock()
        case_id = f"{event.connection}:{event.ticket}"

        def job(connection: Connection) -> None:
            events.end(connection, event.seq, ending="gone", now=now)
            case = cases.get(connection, case_id)
            if case is not None:
                end_waiting_runs(connection, case, "no_reply", now=now)
                cases.put(connection, replace(case, waiting=(), conflict=None), now=now)

        await self._resources.database.write(job)

    async def vanished(self, turn: Turn) -> None:
        """The ticket of a turn that was begun does not exist any more."""
        event = await self._resources.database.read(lambda c: events.get(c, turn.seq))
        await self.gone(event)
        await self._resources.database.write(lambda c: cases.end_turn(c, turn.seq))

    async def dead(self, event: Event, why: str) -> None:
        """The event failed for good; people see it in `runs list` and may replay it."""
        now = self._resources.clock()
        case_id = f"{event.connection}:{event.ticket}"

        def job(connection: Connection) -> None:
            events.end(connection, event.seq, ending=why, now=now, dead=True)
            measures.add(connection, [Measure("dead_letter", event.connection, case_id, reason=why)], now=now)

        await self._resources.database.write(job)
        log.error("event %s is a dead letter: %s", event.seq, why)

    async def broken(self, seq: int, name: str) -> Turn | None:
        """A bug of ours: the run stops, people get the ticket with a note, the event is a dead letter.

        Returns the turn if its note cannot be written now, because the helpdesk is down.
        """
        now = self._resources.clock()

        def job(connection: Connection) -> tuple[Turn | None, str | None]:
            event = events.get(connection, seq)
            events.end(connection, seq, ending=f"bug:{name}", now=now, dead=True)
            case = cases.get(connection, f"{event.connection}:{event.ticket}")
            turn = cases.get_turn(connection, seq)
            if case is None or turn is None:
                return None, None
            if turn.state == "done":  # broken again after a crash: the note is there already
                rows = writebacks.of_turn(connection, seq)
                return turn, next((row.id for row in reversed(rows)), None)
            return turn, self._apologise(connection, case, turn, now=now)

        turn, row = await self._resources.database.write(job)
        if turn is None:
            return None
        answer = await perform(row) if row is not None else None
        if isinstance(answer, dict) and answer.get("state") == "later":
            return turn
        await self._resources.database.write(lambda c: cases.end_turn(c, seq))
        return None

    def _apologise(self, connection: Connection, case: Case, turn: Turn, *, now: datetime) -> str | None:
        """The note for people about a run that broke, as a row like any other."""
        last = [row.n for row in writebacks.of_turn(connection, turn.seq)]
        last += [entry.n for entry in ledger.of_turn(connection, turn.seq)]
        end_waiting_runs(connection, case, "failed", now=now)
        cases.put(connection, replace(case, waiting=(), conflict=None, people=True), now=now)
        for number in turn.carried:  # or the next event would carry what has just broken
            cases.end_turn(connection, number)
        cases.leave_turn(connection, turn.seq, state="closing")
        watch(self._resources, connection, case.id, ledger.of_case(connection, case.id))
        policy = self._resources.plans.library().policy
        if self._resources.connections.ceilings.get(ConnectionName(case.connection)) != "auto":
            return None
        n = max(last, default=-1) + 1
        done = [entry.told for entry in ledger.of_case(connection, case.id)]
        note = "\n".join(["The resolver stopped on an internal error; a person takes over.", *done])
        update = WriteBack(
            marker=f"rsv-{turn.seq}-{n}",
            private=note,
            status=Status.OPEN,
            queue=policy.queues["default"],
            release=True,
        )
        key = self._resources.vault.key(connection, case.requester)
        sealed = Sealed(update, case.staff_stamp or "", case.requester)
        row = update_row(turn, n, case, sealed, key, policy, now=now, run=turn.run, state="open")
        writebacks.add(connection, row)
        return row.id

    async def finish(self, turn: Turn) -> None:
        """All rows are sent: the turn and its event are over.

        A reply that a person's activity stopped, or that the helpdesk took only as a note, hands over. What it took
        in no form is a dead letter.
        """
        now = self._resources.clock()
        if turn.state == "done":
            return

        def job(connection: Connection) -> None:
            sent = writebacks.of_turn(connection, turn.seq)
            case = cases.get(connection, turn.case)
            ending, disposition = writebacks.came_to(sent)
            dead, connection_name = disposition == "failed", turn.case.partition(":")[0]
            unsaid = {row.run for row in sent if row.run is not None and (row.lost or row.noted)}
            spoke = trail.runs_of(connection, turn.seq) if unsaid else []
            decided = [runs.get(connection, run_id) for run_id in spoke]
            if case is not None and any(row.plain for row in sent):
                case = replace(case, status=None)  # it has another than was asked for
                cases.put(connection, case, now=now)
            if case is not None and disposition is not None:
                end_waiting_runs(connection, case, disposition, now=now)
                people = case.people or disposition != "no_reply"
                cases.put(connection, replace(case, waiting=(), conflict=None, people=people), now=now)
            for run in decided:  # they were over before what they said could not be said
                if run is None or run.disposition in (None, disposition) or disposition is None:
                    continue
                if run.stage == "ended":
                    runs.put(connection, replace(run, disposition=disposition))
                    record = {"what": "ended", "run": run.id, "end": disposition, "now": now.isoformat()}
                    trail.append(connection, case=turn.case, run=run.id, turn=None, record=record)
                if not dead:
                    handed = Measure("handed_off", connection_name, turn.case, run=run.id, reason="refused")
                    measures.add(connection, [handed], now=now)
            if dead:
                letter = Measure("dead_letter", connection_name, turn.case, reason=ending)
                measures.add(connection, [letter], now=now)
            if case is not None and any(row.public and row.state == "done" for row in sent):
                _note_first_reply(connection, case, turn, now=now)
            cases.end_turn(connection, turn.seq)
            if not (events.get(connection, turn.seq).ending or "").startswith("bug:"):
                events.end(connection, turn.seq, ending=ending, now=now, dead=dead)

        await self._resources.database.write(job)


def end_handled(connection: Connection, known: UnderWay, *, now: datetime) -> None:
    """In the transaction that settles a turn's last update: the turn and its event are over."""
    cases.end_turn(connection, known.turn.seq)
    events.end(connection, known.turn.seq, ending="handled", now=now)
    if known.first_reply:
        measures.add(connection, [_first_reply(known.case, known.turn, now)], now=now)


def end_waiting_runs(connection: Connection, case: Case, disposition: str, *, now: datetime) -> None:
    """The runs that wait on the case are over for a reason outside them, and their open questions with them."""
    for run in case.waiting:
        runs.end(connection, run, disposition=disposition, now=now)
        approvals.void(connection, run)
        record = {"what": "ended", "run": run, "end": disposition, "now": now.isoformat()}
        trail.append(connection, case=case.id, run=run, turn=None, record=record)


def _note_first_reply(connection: Connection, case: Case, turn: Turn, *, now: datetime) -> None:
    if not measures.said_before(connection, case.id, "first_reply"):
        measures.add(connection, [_first_reply(case, turn, now)], now=now)


def _first_reply(case: Case, turn: Turn, now: datetime) -> Measure:
    waited = (now - read_time(turn.now)).total_seconds()
    return Measure("first_reply", case.connection, case.id, value=waited)

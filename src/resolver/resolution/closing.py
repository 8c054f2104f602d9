"""Ending a turn: what it says becomes rows, run and case are stored, timers armed, trail and measures written.

Called by `turn` and `deciding`; each of its endings is one transaction.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from resolver.decision.effects import Approve, End, Wait
from resolver.decision.facts import Facts
from resolver.durable.workflow import perform
from resolver.resolution.draft import Draft
from resolver.resolution.guards import Nothing
from resolver.resolution.resources import Resources
from resolver.resolution.session import Session
from resolver.resolution.under_way import Sealed, UnderWay
from resolver.store import approvals, cases, events, ledger, measures, runs, trail, writebacks
from resolver.store.approvals import Approval
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.events import Event
from resolver.store.measures import Measure
from resolver.store.times import read as read_time
from resolver.store.times import stored
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row
from resolver.ticket import ConnectionName, Status, Ticket, WriteBack

log = logging.getLogger("resolver.turn")

WATCH_PAUSES_S = (60, 300, 900, 3600)


@dataclass(frozen=True, slots=True)
class Ending:
    """A turn whose run waits or is over, ready to be written; `n` is its next row."""

    turn: Turn
    case: Case
    key: SubjectKey
    session: Session
    effect: Wait | End
    n: int


class Closing:
    """Writes the ends of turns."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    # -- a run waits or is over -----------------------------------------------------------------------------------

    async def conclude(self, ending: Ending) -> list[str]:
        """Write everything the turn came to; returns the ids of the updates still to be sent."""
        session, now = ending.session, self._resources.clock()
        facts = session.facts
        if session.shadow and facts.stage != "ended":
            facts = facts.changed(stage="ended", waiting=None, disposition=None)
        wait = ending.effect if isinstance(ending.effect, Wait) else None
        updates = () if session.shadow else self._updates(ending, wait)
        case = self._next_case(ending, wait, updates)
        rows = {}
        for index, update in enumerate(updates):
            sealed = Sealed(update, case.staff_stamp or "", case.requester, _instead(session, update))
            row = self._row(ending, sealed, ending.n + index, now=now)
            rows[row.id] = (row, sealed)

        def job(connection: Connection) -> bool:
            if not self._leave_turn(
                connection, ending.turn, closing=bool(rows), ending=_word(facts, wait), now=now
            ):
                return False
            for row, _ in rows.values():
                writebacks.add(connection, row)
            for earlier in session.ended:
                self._store_run(connection, earlier, ending, earlier.facts, now=now)
            self._store_run(connection, session, ending, facts, now=now)
            self._arm(connection, case, wait, session, facts, now=now)
            self._ask_team(connection, ending, facts, now=now)
            cases.put(connection, case, now=now)
            self._measure(connection, ending, facts, now=now)
            return True

        if not await self._resources.database.write(job):
            return await self._resources.database.read(lambda c: _rows_from(c, ending.turn.seq, ending.n))
        self._knows(ending.turn, ending.case, case, rows)
        return list(rows)

    def _knows(self, turn: Turn, before: Case, case: Case, rows: dict[str, tuple[Row, Sealed]]) -> None:
        """Remember what has just been stored; rows are sent by this process, which knows that they have not left."""
        known = self._resources.under_way.get(turn.seq)
        if known is not None and rows:
            known.turn, known.case, known.unsent = replace(turn, state="closing"), case, dict(rows)
            known.last = next(reversed(rows))
            known.first_reply = case.replied and not before.replied

    def keep_run(
        self,
        connection: Connection,
        session: Session,
        case: Case,
        facts: Facts,
        key: SubjectKey,
        *,
        now: datetime,
    ) -> None:
        """Store a run with its plan and policy; the first time, open it."""
        self._resources.plans.keep(connection, session.plan, facts.policy, now=now)
        sealed = key.seal(facts.to_json())
        run = runs.Run(
            id=facts.run,
            case=case.id,
            playbook=session.plan.playbook,
            plan=session.plan.id,
            policy=facts.policy.id,
            mode=facts.mode.value,
            stage=facts.stage,
            disposition=facts.disposition,
            facts_sealed=sealed,
            opened_at=stored(now),
            ended_at=stored(now) if facts.stage == "ended" else None,
        )
        runs.put(connection, run)

    def _updates(self, ending: Ending, wait: Wait | None) -> tuple[WriteBack, ...]:
        facts = ending.session.facts
        ended = isinstance(ending.effect, End) and facts.disposition != "no_reply"
        return ending.session.draft.updates(
            wait, facts.policy, ended=ended, marker=f"rsv-{ending.turn.seq}-{ending.n}"
        )

    def _row(self, ending: Ending, sealed: Sealed, n: int, *, now: datetime) -> Row:
        """An update as it is stored: sent, as far as anybody knows who has not seen that it is not."""
        session, turn = ending.session, ending.turn.seq
        facts = session.facts
        return Row(
            id=f"writeback-{turn}-{n}",
            turn=turn,
            n=n,
            case=ending.case.id,
            run=facts.run,
            requester=ending.case.requester,
            document_sealed=ending.key.seal(sealed.to_json()),
            public=sealed.update.public is not None,
            progress=session.progress,
            offer=session.draft.offer,
            day=facts.policy.calendar.day_of(now).isoformat(),
            intended_at=stored(now),
            state="sent",
        )

    def _store_run(
        self, connection: Connection, session: Session, ending: Ending, facts: Facts, *, now: datetime
    ) -> None:
        self.keep_run(connection, session, ending.case, facts, ending.key, now=now)
        record = session.trace(ending.key.digest)
        trail.append(connection, case=ending.case.id, run=facts.run, turn=ending.turn.seq, record=record)

    def _next_case(self, ending: Ending, wait: Wait | None, updates: tuple[WriteBack, ...]) -> Case:
        facts = ending.session.facts
        status = next((update.status for update in reversed(updates) if update.status), None)
        return replace(
            ending.case,
            run=facts.run if wait and not ending.session.shadow else None,
            runs=tuple(dict.fromkeys((*ending.case.runs, facts.run))),
            language=facts.language,
            people=ending.case.people or (facts.disposition == "handed_off" and not ending.session.shadow),
            timer=ending.case.timer + 1,
            fetches=0,
            status=status.value if status else ending.case.status,
            replied=ending.case.replied or any(update.public is not None for update in updates),
        )

    def _arm(
        self,
        connection: Connection,
        case: Case,
        wait: Wait | None,
        session: Session,
        facts: Facts,
        *,
        now: datetime,
    ) -> None:
        """The timer that ends the wait, and a watch on money that is still pending."""
        engine = self._resources.engine
        waits = any(result.performed.state == "pending" for result in facts.results.values())
        for entry in (
            [one for one in ledger.of_run(connection, facts.run) if one.state == "pending"] if waits else []
        ):
            first = timedelta(seconds=WATCH_PAUSES_S[0])
            engine.arm_timer(connection, case=case.id, kind=f"watch:{entry.id}", generation=1, after=first)
        if wait is None or wait.until is None or session.shadow or wait.for_ == "settlement":
            return
        kind = "silence" if wait.for_ == "customer" else "late"
        engine.arm_timer(connection, case=case.id, kind=kind, generation=case.timer, after=wait.until - now)

    def _ask_team(self, connection: Connection, ending: Ending, facts: Facts, *, now: datetime) -> None:
        asks: Approve | None = ending.session.draft.approve
        waits = facts.waiting is not None and facts.waiting.for_ == "approval"
        if waits and asks is None:
            return  # the same offer as before: the question that was asked still stands
        if ending.session.asked_team:
            approvals.void(connection, facts.run)
        if not waits or asks is None:
            return
        asked = Approval(
            id=f"approval-{ending.turn.seq}",
            case=ending.case.id,
            run=facts.run,
            step=asks.step,
            offer=asks.offer.id,
            team=asks.team,
            policy=facts.policy.id,
            sheet_sealed=ending.key.seal(_sheet(asks)),
            owner=ending.session.plan.owner,
            asked_at=stored(now),
            expires_at=stored(asks.expires_at),
        )
        approvals.ask(connection, asked)

    # -- turns without a run --------------------------------------------------------------------------------------

    async def without_run(self, turn: Turn, case: Case, key: SubjectKey, draft: Draft) -> list[str]:
        """A turn that no playbook handles: a handoff to the default queue, a status put back, or nothing."""
        policy, now = self._resources.plans.library().policy, self._resources.clock()
        updates = draft.updates(None, policy, ended=False, marker=f"rsv-{turn.seq}-0")
        hand_off = draft.hand_off
        sealed = [Sealed(update, case.staff_stamp or "", case.requester) for update in updates]
        rows = [
            Row(
                id=f"writeback-{turn.seq}-{n}",
                turn=turn.seq,
                n=n,
                case=case.id,
                run=None,
                requester=case.requester,
                document_sealed=key.seal(one.to_json()),
                public=one.update.public is not None,
                progress=True,
                offer=None,
                day=policy.calendar.day_of(now).isoformat(),
                intended_at=stored(now),
                state="sent",
            )
            for n, one in enumerate(sealed)
        ]
        word = hand_off.reason if hand_off else "left"
        record = {"what": "no_run", "turn": turn.seq, "ending": word, "now": turn.now}

        def job(connection: Connection) -> bool:
            if not self._leave_turn(connection, turn, closing=bool(rows), ending=word, now=now):
                return False
            for row in rows:
                writebacks.add(connection, row)
            self._put_without_run(connection, case, handed_off=hand_off is not None, now=now)
            trail.append(connection, case=case.id, run=None, turn=turn.seq, record=record)
            if hand_off is not None:
                handed = Measure("handed_off", case.connection, case.id, reason=hand_off.reason)
                measures.add(connection, [handed], now=now)
            return True

        if not await self._resources.database.write(job):
            return await self._resources.database.read(lambda c: _rows_from(c, turn.seq, 0))
        self._knows(turn, case, case, {row.id: (row, one) for row, one in zip(rows, sealed, strict=True)})
        return [row.id for row in rows]

    def _put_without_run(
        self, connection: Connection, case: Case, *, handed_off: bool, now: datetime
    ) -> None:
        if handed_off:
            self._end_waiting_run(connection, case, "handed_off", now=now)
            case = replace(case, run=None, people=True)
        cases.put(connection, replace(case, fetches=0), now=now)

    async def nothing(
        self, event: Event, found: Nothing, case: Case | None, ticket: Ticket, requester: str
    ) -> None:
        """Nothing to do: the event ends with its word; a run that waited on a taken or closed ticket ends too."""
        now = self._resources.clock()

        def job(connection: Connection) -> None:
            events.end(connection, event.seq, ending=found.ending, now=now)
            if case is None:
                return
            changed = replace(case, staff_stamp=ticket.staff_stamp, people=case.people or found.people)
            if found.people or found.ending == "closed":
                self._end_waiting_run(
                    connection, changed, "handed_off" if found.people else "no_reply", now=now
                )
                changed = replace(changed, run=None)
            cases.put(connection, changed, now=now)

        await self._resources.database.write(job)

    async def gone(self, event: Event) -> None:
        """The ticket does not exist (any more): recorded, and a run that waited for it is over."""
        now = self._resources.clock()
        case_id = f"{event.connection}:{event.ticket}"

        def job(connection: Connection) -> None:
            events.end(connection, event.seq, ending="gone", now=now)
            case = cases.get(connection, case_id)
            if case is not None:
                self._end_waiting_run(connection, case, "no_reply", now=now)
                cases.put(connection, replace(case, run=None), now=now)

        await self._resources.database.write(job)

    async def dead(self, event: Event, why: str) -> None:
        """The event failed for good; people see it in `runs list` and may replay it."""
        now = self._resources.clock()
        case_id = f"{event.connection}:{event.ticket}"

        def job(connection: Connection) -> None:
            events.end(connection, event.seq, ending=why, now=now, dead=True)
            measures.add(connection, [Measure("dead_letter", event.connection, case_id, reason=why)], now=now)

        await self._resources.database.write(job)
        log.error("event %s is a dead letter: %s", event.seq, why)

    async def broken(self, seq: int, name: str) -> None:
        """A bug of ours: the run stops, people get the ticket with a note, the event is a dead letter."""
        now = self._resources.clock()

        def job(connection: Connection) -> str | None:
            event = events.get(connection, seq)
            events.end(connection, seq, ending=f"bug:{name}", now=now, dead=True)
            case = cases.get(connection, f"{event.connection}:{event.ticket}")
            turn = cases.get_turn(connection, seq)
            if case is None or turn is None:
                return None
            if turn.state == "done":  # broken again after a crash: the note is there already
                return next((row.id for row in reversed(writebacks.of_turn(connection, seq))), None)
            return self._apologise(connection, case, turn, now=now)

        row = await self._resources.database.write(job)
        if row is not None:
            await perform(row)

    def _apologise(self, connection: Connection, case: Case, turn: Turn, *, now: datetime) -> str | None:
        """The note for people about a run that broke, as a row like any other."""
        last = [row.n for row in writebacks.of_turn(connection, turn.seq)]
        last += [entry.n for entry in ledger.of_turn(connection, turn.seq)]
        self._end_waiting_run(connection, case, "failed", now=now)
        cases.put(connection, replace(case, run=None, people=True), now=now)
        for number in (*turn.carried, turn.seq):  # or the next event would carry what has just broken
            cases.end_turn(connection, number)
        policy = self._resources.plans.library().policy
        if self._resources.connections.ceilings.get(ConnectionName(case.connection)) != "auto":
            return None
        n = max(last, default=-1) + 1
        done = [f"- {entry.action}: {entry.state}" for entry in ledger.of_case(connection, case.id)]
        note = "\n".join(["The resolver stopped on an internal error; a person takes over.", *done])
        update = WriteBack(
            marker=f"rsv-{turn.seq}-{n}",
            private=note,
            status=Status.OPEN,
            queue=policy.queues["default"],
            release=True,
        )
        key = self._resources.vault.key(connection, case.requester)
        row = Row(
            id=f"writeback-{turn.seq}-{n}",
            turn=turn.seq,
            n=n,
            case=case.id,
            run=turn.run,
            requester=case.requester,
            document_sealed=key.seal(Sealed(update, case.staff_stamp or "", case.requester).to_json()),
            public=False,
            progress=False,
            offer=None,
            day=policy.calendar.day_of(now).isoformat(),
            intended_at=stored(now),
        )
        writebacks.add(connection, row)
        return row.id

    async def finish(self, turn: Turn) -> None:
        """All rows are sent: the turn and its event are over. A reply that a person's activity stopped hands over."""
        now = self._resources.clock()
        if turn.state == "done":
            return

        def job(connection: Connection) -> None:
            sent = writebacks.of_turn(connection, turn.seq)
            case = cases.get(connection, turn.case)
            stopped = any(row.reason == "staff" for row in sent)
            if case is not None and stopped:
                self._end_waiting_run(connection, case, "handed_off", now=now)
                cases.put(connection, replace(case, run=None, people=True), now=now)
            if case is not None and any(row.public and row.state == "done" for row in sent):
                self._first_reply(connection, case, turn, now=now)
            cases.end_turn(connection, turn.seq)
            events.end(connection, turn.seq, ending="staff" if stopped else "handled", now=now)

        await self._resources.database.write(job)

    # -- pieces ---------------------------------------------------------------------------------------------------

    def _leave_turn(
        self, connection: Connection, turn: Turn, *, closing: bool, ending: str, now: datetime
    ) -> bool:
        """To be sent first, or over already; `False` if another worker has decided it meanwhile."""
        if not cases.leave_turn(connection, turn.seq, state="closing" if closing else "done"):
            return False
        if not closing:
            events.end(connection, turn.seq, ending=ending, now=now)
        return True

    def _end_waiting_run(
        self, connection: Connection, case: Case, disposition: str, *, now: datetime
    ) -> None:
        if case.run is None:
            return
        runs.end(connection, case.run, disposition=disposition, now=now)
        approvals.void(connection, case.run)
        record = {"what": "ended", "run": case.run, "end": disposition, "now": now.isoformat()}
        trail.append(connection, case=case.id, run=case.run, turn=None, record=record)

    def _first_reply(self, connection: Connection, case: Case, turn: Turn, *, now: datetime) -> None:
        if not measures.said_before(connection, case.id, "first_reply"):
            measures.add(connection, [_first_reply(case, turn, now)], now=now)

    def _measure(self, connection: Connection, ending: Ending, facts: Facts, *, now: datetime) -> None:
        plan, case = ending.session.plan, ending.case
        channel = facts.ticket.get("channel")

        def of(kind: measures.Kind, reason: str | None = None) -> Measure:
            return Measure(
                kind,
                case.connection,
                case.id,
                run=facts.run,
                playbook=plan.playbook,
                plan=plan.id,
                channel=channel if isinstance(channel, str) else None,
                reason=reason,
            )

        found = [of("turn", facts.rule)]
        if facts.stage == "ended" and facts.disposition == "handed_off":
            found.append(of("handed_off", facts.stopped_by or facts.reason))
        elif facts.stage == "ended" and facts.disposition is not None:
            found.append(of("resolved", facts.disposition))
        measures.add(connection, found, now=now)


def end_handled(connection: Connection, known: UnderWay, *, now: datetime) -> None:
    """In the transaction that settles a turn's last update: the turn and its event are over."""
    cases.end_turn(connection, known.turn.seq)
    events.end(connection, known.turn.seq, ending="handled", now=now)
    if known.first_reply:
        measures.add(connection, [_first_reply(known.case, known.turn, now)], now=now)


def _rows_from(connection: Connection, seq: int, n: int) -> list[str]:
    """The updates that another worker has written for this turn, from row `n` on."""
    return [row.id for row in writebacks.of_turn(connection, seq) if row.n >= n]


def _first_reply(case: Case, turn: Turn, now: datetime) -> Measure:
    waited = (now - read_time(turn.now)).total_seconds()
    return Measure("first_reply", case.connection, case.id, value=waited)


def _word(facts: Facts, wait: Wait | None) -> str:
    return f"waits:{wait.for_}" if wait else (facts.disposition or "shadow")


def _instead(session: Session, update: WriteBack) -> str | None:
    """The internal note in place of a reply about something done, once a person has taken the ticket over."""
    done = [
        f"- {step}: {result.performed.state}"
        for step, result in session.facts.results.items()
        if result.performed.state in ("done", "pending", "unknown")
    ]
    if not done or update.public is None:
        return None
    said = f"This reply was not sent because a colleague took over:\n{update.public}"
    return "\n".join(["The resolver has done the following for this ticket:", *done, "", said])


def _sheet(asks: Approve) -> str:
    return msgspec.json.encode(asks.sheet).decode()

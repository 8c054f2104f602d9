"""Closing a decided turn: what it says becomes rows, run and case are stored, timers armed, trail and measures written.

Called by `deciding`, in one transaction each; how turns end otherwise is in `endings`.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from resolver.decision.effects import Approve, End, Wait
from resolver.decision.facts import Facts
from resolver.playbook.plan import Mode
from resolver.resolution.draft import Draft
from resolver.resolution.endings import end_waiting_run, watch
from resolver.resolution.resources import Resources
from resolver.resolution.rows import update_row
from resolver.resolution.session import Session
from resolver.resolution.under_way import Sealed
from resolver.store import approvals, cases, events, ledger, measures, runs, trail, writebacks
from resolver.store.approvals import Approval
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.measures import Measure
from resolver.store.times import stored
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row
from resolver.ticket import WriteBack

log = logging.getLogger("resolver.turn")


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
        facts = concluded(session.facts)
        wait = ending.effect if isinstance(ending.effect, Wait) else None
        updates = () if session.shadow else self._updates(ending, wait)
        case = self._next_case(ending, wait, updates)
        rows = {}
        for index, update in enumerate(updates):
            sealed = Sealed(update, case.staff_stamp or "", case.requester, _instead(session, update))
            row = update_row(
                ending.turn,
                ending.n + index,
                case,
                sealed,
                ending.key,
                facts.policy,
                now=now,
                run=facts.run,
                progress=session.progress,
                offer=session.draft.offer,
            )
            rows[row.id] = (row, sealed)

        def job(connection: Connection) -> bool:
            if not self._leave_turn(
                connection, ending.turn, closing=bool(rows), ending=_word(facts, wait), now=now
            ):
                return False
            for row, _ in rows.values():
                writebacks.add(connection, row)
            self.keep_started(connection, session, ending.turn, ending.key, ending.case, now=now)
            self._store_run(connection, session, facts, ending.turn, ending.key, ending.case, now=now)
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

    def keep_started(
        self,
        connection: Connection,
        session: Session,
        turn: Turn,
        key: SubjectKey,
        case: Case,
        *,
        now: datetime,
    ) -> None:
        """Store the runs that started this one, and that the case has seen them: recovery knows nothing else."""
        for earlier in session.ended:
            self._store_run(connection, earlier, earlier.facts, turn, key, case, now=now)
        if session.ended:
            cases.put(connection, replace(case, runs=_runs(case, session)), now=now)

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

    def _store_run(
        self,
        connection: Connection,
        session: Session,
        facts: Facts,
        turn: Turn,
        key: SubjectKey,
        case: Case,
        *,
        now: datetime,
    ) -> None:
        self.keep_run(connection, session, case, facts, key, now=now)
        trail.append(connection, case=case.id, run=facts.run, turn=turn.seq, record=session.trace(key.digest))
        sealed = key.seal(session.record().to_json())
        trail.keep_input(connection, run=facts.run, turn=turn.seq, requester=case.requester, sealed=sealed)

    def _next_case(self, ending: Ending, wait: Wait | None, updates: tuple[WriteBack, ...]) -> Case:
        facts = ending.session.facts
        status = next((update.status for update in reversed(updates) if update.status), None)
        return replace(
            ending.case,
            run=facts.run if wait and not ending.session.shadow else None,
            runs=_runs(ending.case, ending.session),
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
        if any(result.performed.state == "pending" for result in facts.results.values()):
            watch(self._resources.engine, connection, case.id, ledger.of_run(connection, facts.run))
        if wait is None or wait.until is None or session.shadow or wait.for_ == "settlement":
            return
        kind = "silence" if wait.for_ == "customer" else "late"
        self._resources.engine.arm_timer(
            connection, case=case.id, kind=kind, generation=case.timer, after=wait.until - now
        )

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
            update_row(turn, n, case, one, key, policy, now=now, progress=True)
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
            end_waiting_run(connection, case, "handed_off", now=now)
            case = replace(case, run=None, people=True)
        cases.put(connection, replace(case, fetches=0), now=now)

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


def concluded(facts: Facts) -> Facts:
    """The facts as they are stored at the end of a turn: a run that only watches is over after it."""
    if facts.mode is Mode.AUTO or facts.stage == "ended":
        return facts
    return facts.changed(stage="ended", waiting=None, disposition=None)


def _rows_from(connection: Connection, seq: int, n: int) -> list[str]:
    """The updates that another worker has written for this turn, from row `n` on."""
    return [row.id for row in writebacks.of_turn(connection, seq) if row.n >= n]


def _runs(case: Case, session: Session) -> tuple[str, ...]:
    """All runs the case has seen, the ones that only started another one included."""
    return tuple(dict.fromkeys((*case.runs, *session.started_by, session.facts.run)))


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

"""Closing a decided turn: what it says becomes rows, run and case are stored, timers armed, trail and measures written.

Called by `deciding`, in one transaction each; how turns end otherwise is in `endings`.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from resolver.decision.case import disposition
from resolver.decision.effects import Approve, Perform, Wait
from resolver.decision.facts import Facts, StepResult
from resolver.decision.undo import undo_id
from resolver.resolution.draft import Draft
from resolver.resolution.endings import end_waiting_runs
from resolver.resolution.orchestrate import Orchestration
from resolver.resolution.resources import Resources
from resolver.resolution.rows import update_row
from resolver.resolution.session import Session
from resolver.resolution.suggesting import Held, Suggesting
from resolver.resolution.under_way import Sealed
from resolver.resolution.update import RunTurn, update_without_run, updates
from resolver.resolution.watching import watch
from resolver.store import approvals, cases, events, ledger, measures, runs, trail, writebacks
from resolver.store.approvals import Approval
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.measures import Measure
from resolver.store.times import stored
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row
from resolver.ticket import Status, WriteBack

log = logging.getLogger("resolver.turn")

Turns = Sequence[tuple[Session, RunTurn]]
"""The runs of a turn, each with where it stands."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A turn all of whose runs wait or are over, ready to be written; `n` is its next row."""

    turn: Turn
    case: Case
    key: SubjectKey
    together: Orchestration
    n: int


class Closing:
    """Writes the ends of turns."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._suggesting = Suggesting(resources)

    # -- every run waits or is over -------------------------------------------------------------------------------

    async def conclude(self, ending: Ending) -> list[str]:
        """Write everything the turn came to; returns the ids of the updates still to be sent."""
        together, now = ending.together, self._resources.clock()
        held = await self._held(ending)
        if held is not None:
            return await self._keep_held(ending, held, now=now)
        turns = [(session, turn.concluded()) for session, turn in together.turns()]
        updates = self._updates(ending, turns, await self._done_before(ending, turns))
        case = _next_case(ending, turns, updates)
        rows = {}
        for index, update in enumerate(updates):
            sealed = Sealed(update, case.staff_stamp or "", case.requester, _instead(together, update))
            row = update_row(
                ending.turn,
                ending.n + index,
                case,
                sealed,
                ending.key,
                turns[0][1].facts.policy,
                now=now,
                run=_speaking(turns).facts.run,
                progress=together.progress,
                offer=next((turn.draft.offer for _, turn in turns if turn.draft.offer), None),
            )
            rows[row.id] = (row, sealed)

        def job(connection: Connection) -> bool:
            word = _word([turn for _, turn in turns])
            if not self._leave_turn(connection, ending.turn, closing=bool(rows), ending=word, now=now):
                return False
            for row, _ in rows.values():
                writebacks.add(connection, row)
            for session, turn in turns:
                self._store(connection, ending, session, turn, now=now)
            self._arm(connection, case, turns, now=now)
            self._measure_unhandled(connection, ending, now=now)
            cases.put(connection, case, now=now)
            if together.go_ahead is not None:
                approvals.carried_out(connection, together.go_ahead.id)
            return True

        if not await self._resources.database.write(job):
            return await self._resources.database.read(lambda c: _rows_from(c, ending.turn.seq, ending.n))
        self._knows(ending.turn, ending.case, case, rows)
        return list(rows)

    async def _held(self, ending: Ending) -> Held | None:
        """What is kept of a turn that may only suggest; None for every other."""
        together = ending.together
        if not together.suggests:
            return None
        return await self._suggesting.held(together, ending.turn, ending.case, ending.key, ending.n)

    async def _keep_held(self, ending: Ending, held: Held, *, now: datetime) -> list[str]:
        """Write a turn that only suggests: its note, and its runs without what they would have said and done."""
        turn, key = ending.turn, ending.key
        row, sealed = self._suggesting.row(held, turn, key, ending.n, now=now)

        def job(connection: Connection) -> bool:
            if not self._leave_turn(connection, turn, closing=True, ending="suggests", now=now):
                return False
            writebacks.add(connection, row)
            for one in held.runs:
                for earlier in one.ended:
                    self._store_run(connection, earlier, earlier.facts, turn, key, ending.case, now=now)
                self._store_run(connection, one.session, one.facts, turn, key, ending.case, now=now)
                self._measure(connection, ending, one.session, one.facts, now=now)
            self._suggesting.keep(connection, held, now=now)
            return True

        if not await self._resources.database.write(job):
            return await self._resources.database.read(lambda c: _rows_from(c, turn.seq, ending.n))
        self._knows(turn, ending.case, held.case, {row.id: (row, sealed)})
        return [row.id]

    def _store(
        self, connection: Connection, ending: Ending, session: Session, turn: RunTurn, *, now: datetime
    ) -> None:
        """One run with all that belongs to its turn."""
        for earlier in session.ended:
            self._store_run(connection, earlier, earlier.facts, ending.turn, ending.key, ending.case, now=now)
        self._store_run(connection, session, turn.facts, ending.turn, ending.key, ending.case, now=now)
        self._ask_team(connection, ending, session, turn.facts, now=now)
        self._measure(connection, ending, session, turn.facts, now=now)

    def _knows(self, turn: Turn, before: Case, case: Case, rows: dict[str, tuple[Row, Sealed]]) -> None:
        """Remember what has just been stored; rows are sent by this process, which knows that they have not left."""
        known = self._resources.under_way.get(turn.seq)
        if known is not None and rows:
            known.turn, known.case, known.unsent = replace(turn, state="closing"), case, dict(rows)
            known.last = next(reversed(rows))
            known.first_reply = case.replied and not before.replied

    def keep_runs(
        self,
        connection: Connection,
        together: Orchestration,
        turn: Turn,
        key: SubjectKey,
        case: Case,
        *,
        now: datetime,
    ) -> None:
        """Store all runs while one acts, and that the case has seen them: recovery knows nothing else."""
        for session in together.sessions:
            for earlier in session.ended:
                self._store_run(connection, earlier, earlier.facts, turn, key, case, now=now)
            self.keep_run(connection, session, case, session.facts, key, now=now)
        cases.put(connection, replace(case, runs=_runs(case, together.sessions)), now=now)

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

    async def _done_before(self, ending: Ending, turns: Turns) -> list[str]:
        """What other runs of the ticket did in earlier turns; read only for a note that needs it."""
        here = {turn.facts.run for _, turn in turns}
        if set(ending.case.runs) <= here or not any(turn.draft.hand_off for _, turn in turns):
            return []
        entries = await self._resources.database.read(lambda c: ledger.of_case(c, ending.case.id))
        return [one.told for one in entries if one.run not in here]

    def _updates(self, ending: Ending, turns: Turns, before: Sequence[str]) -> tuple[WriteBack, ...]:
        heard = [turn for session, turn in turns if not session.shadow]
        if not heard and ending.together.unhandled is None:
            return ()
        first = turns[0][1].facts
        found = updates(
            heard,
            policy=first.policy,
            marker=f"rsv-{ending.turn.seq}-{ending.n}",
            language=first.language,
            conflict=ending.together.case.conflict is not None,
            unhandled=ending.together.unhandled,
            before=before,
        )
        if not (ending.case.handed or ending.case.people):
            return found
        # people have it already: it stays in their queue, and with whom it is assigned to
        release = not ending.case.people
        return tuple(
            replace(one, status=Status.OPEN, queue=None, release=one.release and release) for one in found
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

    def _arm(self, connection: Connection, case: Case, turns: Turns, *, now: datetime) -> None:
        """The timers that end the waits, one for customers and one for teams; and watches on pending money."""
        ends: dict[str, datetime] = {}
        for session, turn in turns:
            facts, wait = turn.facts, turn.effect
            results = (*facts.results.values(), *facts.undone.values())
            if any(result.performed.state == "pending" for result in results):
                watch(self._resources, connection, case.id, ledger.of_run(connection, facts.run))
            if session.shadow or not isinstance(wait, Wait) or wait.until is None:
                continue
            kind = _TIMERS.get(wait.for_)
            if kind is not None:
                ends[kind] = min(wait.until, ends.get(kind, wait.until))
        for kind, until in ends.items():
            self._resources.engine.arm_timer(
                connection, case=case.id, kind=kind, generation=case.timer, after=until - now
            )

    def _ask_team(
        self, connection: Connection, ending: Ending, session: Session, facts: Facts, *, now: datetime
    ) -> None:
        asks: Approve | None = session.draft.approve
        waits = facts.waiting is not None and facts.waiting.for_ == "approval"
        if waits and asks is None:
            return  # the same offer as before: the question that was asked still stands
        if session.asked_team:
            approvals.void(connection, facts.run)
        if not waits or asks is None:
            return
        first = next(one for one in ending.together.sessions if one.draft.approve is not None)
        number = "" if session is first else f"-{ending.together.sessions.index(session)}"
        asked = Approval(
            id=f"approval-{ending.turn.seq}{number}",
            case=ending.case.id,
            run=facts.run,
            step=asks.step,
            offer=asks.offer.id,
            team=asks.team,
            policy=facts.policy.id,
            sheet_sealed=ending.key.seal(_sheet(asks)),
            owner=session.plan.owner,
            asked_at=stored(now),
            expires_at=stored(asks.expires_at),
        )
        approvals.ask(connection, asked)

    # -- turns without a run --------------------------------------------------------------------------------------

    async def without_run(self, turn: Turn, case: Case, key: SubjectKey, draft: Draft) -> list[str]:
        """A turn that no playbook handles: a handoff to the default queue, a status put back, or nothing."""
        policy, now = self._resources.plans.library().policy, self._resources.clock()
        update = update_without_run(draft, policy=policy, marker=f"rsv-{turn.seq}-0")
        hand_off = draft.hand_off
        sealed = [Sealed(one, case.staff_stamp or "", case.requester) for one in update]
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
            end_waiting_runs(connection, case, "handed_off", now=now)
            case = replace(case, waiting=(), conflict=None, people=True)
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

    def _measure_unhandled(self, connection: Connection, ending: Ending, *, now: datetime) -> None:
        unhandled, case = ending.together.unhandled, ending.case
        if unhandled is not None and unhandled.hand_off is not None:
            handed = Measure("handed_off", case.connection, case.id, reason=unhandled.hand_off.reason)
            measures.add(connection, [handed], now=now)

    def _measure(
        self, connection: Connection, ending: Ending, session: Session, facts: Facts, *, now: datetime
    ) -> None:
        plan, case = session.plan, ending.case
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
        if session.was_over:
            pass  # it was counted when it ended
        elif facts.stage == "ended" and facts.disposition == "handed_off":
            found.append(of("handed_off", facts.stopped_by or facts.reason))
        elif facts.stage == "ended" and facts.disposition is not None:
            found.append(of("resolved", facts.disposition))
        measures.add(connection, found, now=now)


_TIMERS = {"customer": "silence", "approval": "late"}


def _next_case(ending: Ending, turns: Turns, written: Sequence[WriteBack]) -> Case:
    """The case after this turn. It is the people's once a run was handed off and none waits any more."""
    case = ending.case
    waiting = tuple(
        turn.facts.run
        for session, turn in turns
        if not session.shadow and isinstance(turn.effect, Wait | Perform)
    )
    handed = case.handed or ending.together.unhandled is not None
    handed |= any(
        turn.facts.disposition == "handed_off" and not (session.shadow or session.was_over)
        for session, turn in turns
    )
    status = next((update.status for update in reversed(written) if update.status), None)
    return replace(
        case,
        waiting=waiting,
        conflict=ending.together.case.conflict,
        handed=handed,
        runs=_runs(case, ending.together.sessions),
        language=turns[-1][1].facts.language,
        people=case.people or (handed and not waiting),
        timer=case.timer + 1,
        fetches=0,
        status=status.value if status else case.status,
        replied=case.replied or any(update.public is not None for update in written),
    )


def _speaking(turns: Turns) -> RunTurn:
    """The run that the ticket's update is filed under: the first that says something, else the first."""
    return next((turn for _, turn in turns if turn.draft.speaks), turns[0][1])


def _rows_from(connection: Connection, seq: int, n: int) -> list[str]:
    """The updates that another worker has written for this turn, from row `n` on."""
    return [row.id for row in writebacks.of_turn(connection, seq) if row.n >= n]


def _runs(case: Case, sessions: Sequence[Session]) -> tuple[str, ...]:
    """All runs the case has seen, the ones that only started another one included."""
    new = (run for session in sessions for run in (*session.started_by, session.facts.run))
    return tuple(dict.fromkeys((*case.runs, *new)))


def _word(turns: Sequence[RunTurn]) -> str:
    waits = next((turn.effect for turn in turns if isinstance(turn.effect, Wait)), None)
    return f"waits:{waits.for_}" if waits else (disposition(turn.facts for turn in turns) or "shadow")


def _instead(together: Orchestration, update: WriteBack) -> str | None:
    """The internal note in place of a reply about something done, once a person has taken the ticket over."""
    done = [
        f"- {step}: {result.performed.state}"
        for session in together.sessions
        for step, result in _acts(session.facts)
        if result.performed.state in ("done", "pending", "unknown")
    ]
    if not done or update.public is None:
        return None
    said = f"This reply was not sent because a colleague took over:\n{update.public}"
    return "\n".join(["The resolver has done the following for this ticket:", *done, "", said])


def _acts(facts: Facts) -> Iterator[tuple[str, StepResult]]:
    """What was done, and what was taken back of it."""
    for step, result in facts.results.items():
        yield step, result
        if step in facts.undone:
            yield undo_id(step), facts.undone[step]


def _sheet(asks: Approve) -> str:
    return msgspec.json.encode(asks.sheet).decode()

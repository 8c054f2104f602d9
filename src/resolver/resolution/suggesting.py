"""Turns that only suggest (LANGUAGE 13): one private note with what would be said and done, and a go-ahead to wait for.

Called by `closing` where a run of the turn is in mode suggest. What such a run said in the turn is not stored as said:
it stands where its messages left it, so a go-ahead decides again on what is true then. Only if that comes to the same
actions and the same words are they done and sent; everything else is a new suggestion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from resolver.decision.effects import Approve, Perform
from resolver.decision.facts import Facts
from resolver.decision.foreseen import Foreseen
from resolver.playbook.policy import Policy
from resolver.resolution.guards import Nothing
from resolver.resolution.orchestrate import Orchestration
from resolver.resolution.resources import Resources
from resolver.resolution.rows import update_row
from resolver.resolution.session import Session
from resolver.resolution.suggestion import GoAhead, Suggestion, ahead_of, digest_of, note_of, suggestion
from resolver.resolution.under_way import Sealed
from resolver.resolution.update import RunTurn, updates
from resolver.resolution.watching import watch
from resolver.store import approvals, cases, ledger
from resolver.store.approvals import Approval
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.events import Event
from resolver.store.times import read as read_time
from resolver.store.times import stored
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row
from resolver.ticket import WriteBack

KIND = "suggestion"
"""What events about suggestions begin with, and the ids of suggestions."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One run as it is stored while its suggestion waits, and the sessions of runs that led to it and are over."""

    session: Session
    ended: tuple[Session, ...]

    @property
    def facts(self) -> Facts:
        """What the run knows, with nothing said or done in this turn that was not really said or done."""
        return self.session.walk.held


@dataclass(frozen=True, slots=True)
class Held:
    """A turn whose words and actions wait for a go-ahead: its note, the case after it, its runs, what was suggested."""

    note: WriteBack
    case: Case
    runs: tuple[Kept, ...]
    asked: Approval


class Suggesting:
    """Makes suggestions of turns, and finds the go-ahead of those that carry one out."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def go_ahead(self, turn: Turn, key: SubjectKey) -> GoAhead | None:
        """The go-ahead that brought this turn, if it was brought by one."""
        kind, _, number = (turn.event or "").partition(":")
        if kind != KIND:
            return None
        asked = await self._resources.database.read(lambda c: approvals.get(c, number))
        if asked is None or asked.decided_by is None or asked.decided_at is None:
            return None
        told = Suggestion.from_json(key.open(asked.sheet_sealed))
        return GoAhead(number, asked.decided_by, read_time(asked.decided_at), told)

    async def why_not(self, event: Event, case: Case | None) -> Nothing | None:
        """Why an answer to a suggestion, or the end of its time, brings no turn; None where it does or is neither."""
        kind, _, rest = event.kind.partition(":")
        if case is None or kind not in (KIND, "late"):
            return None
        newest = await self._resources.database.read(lambda c: approvals.suggested(c, case.id))
        if kind == "late":
            late = newest is not None and newest.state == "waiting"
            return Nothing("expired", people=True) if late else None
        if newest is None or newest.id != rest or newest.state not in ("accepted", "rejected"):
            return Nothing("stale")
        return Nothing("rejected", people=True) if newest.state == "rejected" else None

    async def held(
        self, together: Orchestration, turn: Turn, case: Case, key: SubjectKey, n: int
    ) -> Held | None:
        """What is kept of a turn that may only suggest; None if it may go out, or there is nothing to suggest."""
        go_ahead = together.go_ahead
        ahead = [_ahead(together, session) for session in together.sessions]
        found = self._updates(together, [one for one, _ in ahead], turn, n)
        if not together.holds and go_ahead is not None and digest_of(found) == go_ahead.told.digest:
            return None
        told = suggestion(ahead, found)
        if told.empty:
            return None
        runs = tuple(map(_kept, together.sessions))
        policy = together.sessions[0].facts.policy
        now = self._resources.clock()
        number = f"{KIND}-{turn.seq}"
        before = await self._before(together, case, runs)
        note = WriteBack(marker=f"rsv-{turn.seq}-{n}-0", private=note_of(told, number, before))
        asked = Approval(
            id=number,
            case=case.id,
            run=runs[0].facts.run,
            step="",
            offer=told.digest or "",
            team=",".join(told.teams),
            policy=policy.id,
            sheet_sealed=key.seal(told.to_json()),
            owner=",".join(told.owners),
            asked_at=stored(now),
            expires_at=stored(_until(ahead, policy, now)),
            kind=KIND,
        )
        return Held(note, _case(case, runs), runs, asked)

    def keep(self, connection: Connection, held: Held, *, now: datetime) -> None:
        """Beside the runs: the suggestion in place of earlier ones, and the end of its time."""
        for run in dict.fromkeys((*held.case.runs, *(one.facts.run for one in held.runs))):
            approvals.void(connection, run)
        approvals.ask(connection, held.asked)
        cases.put(connection, held.case, now=now)
        arm = self._resources.engine.arm_timer
        after = read_time(held.asked.expires_at) - now
        arm(connection, case=held.case.id, kind="late", generation=held.case.timer, after=after)
        for one in held.runs:
            if any(result.performed.state == "pending" for result in one.facts.results.values()):
                entries = ledger.of_run(connection, one.facts.run)
                watch(self._resources, connection, held.case.id, entries)

    def row(self, held: Held, turn: Turn, key: SubjectKey, n: int, *, now: datetime) -> tuple[Row, Sealed]:
        """The note as the row that is written before it is sent."""
        sealed = Sealed(held.note, held.case.staff_stamp or "", held.case.requester)
        policy = held.runs[0].session.facts.policy
        return update_row(turn, n, held.case, sealed, key, policy, now=now, run=held.asked.run), sealed

    def _updates(
        self, together: Orchestration, turns: Sequence[RunTurn], turn: Turn, n: int
    ) -> tuple[WriteBack, ...]:
        first = turns[0].facts
        conflict = together.case.conflict is not None
        marker = f"rsv-{turn.seq}-{n}"
        return updates(turns, policy=first.policy, marker=marker, language=first.language, conflict=conflict)

    async def _before(self, together: Orchestration, case: Case, runs: Sequence[Kept]) -> list[str]:
        """What heads the note: a go-ahead that was not carried out, what was done already, what no playbook handles."""
        found = []
        newest = await self._resources.database.read(lambda c: approvals.suggested(c, case.id))
        if newest is not None and newest.state == "accepted":
            why = "it would come to something else now"
            found.append(
                f"The go-ahead of {newest.decided_by} for {newest.id} was not carried out to its end: {why}."
            )
        done = [
            f"- {step}: {result.performed.state}"
            for one in runs
            for step, result in one.facts.results.items()
        ]
        if done:
            found.append("\n".join(["Done for this ticket:", *done]))
        if together.unhandled is not None and together.unhandled.note:
            found.append(f"For people, besides:\n{together.unhandled.note}")
        return found


def _ahead(together: Orchestration, session: Session) -> tuple[RunTurn, Foreseen]:
    """What a run would come to; one whose offer excludes another's waits until the customer has chosen."""
    effect, conflict = session.walk.next(), together.case.conflict
    if conflict is not None and session.facts.run in conflict and isinstance(effect, Perform | Approve):
        stands = effect if isinstance(effect, Perform) else None
        turn = RunTurn(session.plan, session.facts, stands, session.draft)
        return turn, Foreseen((), (), (), session.facts, None)
    return ahead_of(session)


def _kept(session: Session) -> Kept:
    """What is stored of a run and of those that led to it: one that has done nothing starts others again later."""
    chain = [*session.ended, session]
    place = max((number for number, one in enumerate(chain) if one.facts.results), default=0)
    if chain[place] is not session and chain[place].facts.stage == "ended" and chain[place].facts.results:
        place += 1
    chain[place].holds = True
    return Kept(chain[place], tuple(chain[:place]))


def _until(ahead: Sequence[tuple[RunTurn, Foreseen]], policy: Policy, now: datetime) -> datetime:
    """When the suggestion is void: with the first team's time, at the latest with the patience for customers."""
    ends = [asked.expires_at for _, found in ahead for asked in found.approvals]
    return min([*ends, now + policy.patience])


def _case(case: Case, runs: Sequence[Kept]) -> Case:
    """The case after the turn: nothing was said, so its conflict and status are as they were."""
    waiting = tuple(one.facts.run for one in runs if one.facts.stage != "ended")
    seen = [run for one in runs for run in (*one.session.started_by, one.facts.run)]
    language = runs[-1].facts.language
    return replace(
        case,
        waiting=waiting,
        runs=tuple(dict.fromkeys((*case.runs, *seen))),
        language=language,
        timer=case.timer + 1,
        fetches=0,
    )

"""Deciding a turn's next rows: where no row is yet, the run goes on and what it wants is written in one commit.

Called by `turn`. A row is either an action's intent or an update of the ticket; after the updates the turn is over.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from resolver.decision.effects import End, HandOff, Perform, Performed, StartRun, Wait
from resolver.decision.facts import Facts, begin, next_turn, shared_slots
from resolver.decision.guard import Stop
from resolver.decision.moves import Approved, Denied, Late, Said, Settled, Silence
from resolver.decision.moves import Event as Heard
from resolver.durable.workflow import Json
from resolver.errors import NotFound
from resolver.gateway import speech
from resolver.gateway.identity import level_of
from resolver.gateway.intent import Intended, Place, intend
from resolver.gateway.send import Answer
from resolver.gateway.speech import Spoken
from resolver.playbook.plan import Mode
from resolver.playbook.policy import Policy
from resolver.reading import Reading
from resolver.resolution import inputs
from resolver.resolution.closing import Closing, Ending
from resolver.resolution.draft import Draft
from resolver.resolution.endings import Endings
from resolver.resolution.opening import ForPeople, Leave, Opens, opening
from resolver.resolution.resources import Resources
from resolver.resolution.session import Session
from resolver.resolution.under_way import UnderWay
from resolver.store import approvals, cases, ledger, runs, writebacks
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.times import read as read_time
from resolver.store.vault import SubjectKey
from resolver.ticket import ConnectionName, Status, Ticket, TicketId


class Deciding:
    """Writes the next rows of a turn. Sessions of turns under way are kept in memory; recovery restores them."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._closing = Closing(resources)
        self._endings = Endings(resources)
        self._sessions: dict[int, Session] = {}

    def rows(self, connection: Connection, seq: int) -> list[str]:
        """The ids of the rows the turn has already, in order."""
        found = [(entry.n, entry.id) for entry in ledger.of_turn(connection, seq)]
        found += [(row.n, row.id) for row in writebacks.of_turn(connection, seq)]
        return [row_id for _, row_id in sorted(found)]

    def forget(self, seq: int) -> None:
        """The turn is over or put off: it goes on from what is stored, by whichever worker."""
        self._sessions.pop(seq, None)

    async def next_rows(self, seq: int, n: int, answer: Json, heard: Json) -> list[str]:
        """The rows after row `n - 1`, which was answered by `answer`; none if the turn is over."""
        known = await self._resources.known(seq)
        turn, case, key = known.turn, known.case, known.key
        if turn.state != "running":
            await self._endings.finish(turn)
            return []
        session = self._sessions.pop(seq, None)
        if n == 0:
            opened = await self._open(known, heard)
            if isinstance(opened, Draft):
                return await self._closing.without_run(turn, case, key, opened)
            session = opened
        else:
            session = session or await self._restore(turn, case, key)
            session.performed(_performed(answer))
        return await self._go_on(session, turn, case, key, n)

    async def _go_on(self, session: Session, turn: Turn, case: Case, key: SubjectKey, n: int) -> list[str]:
        while True:
            effect = await session.run()
            if isinstance(effect, StartRun):
                session = await self._started(session, effect, turn, case, key)
            elif isinstance(effect, Perform) and not session.shadow:
                entry = await self._intend(session, effect, turn, case, key, n)
                if entry is not None:
                    self._sessions[turn.seq] = session
                    return [entry]
            else:
                end = effect if isinstance(effect, Wait | End) else End(None)
                return await self._closing.conclude(Ending(turn, case, key, session, end, n))

    # -- where a turn begins --------------------------------------------------------------------------------------

    async def _open(self, known: UnderWay, heard: Json) -> Session | Draft:
        """The session of the run that goes on or begins; a draft where there is nothing for a playbook."""
        turn, case = known.turn, known.case
        if not turn.messages and turn.event is None:
            return Draft()  # it only finished what an earlier turn had begun
        watched = await self._watched(turn)
        if watched is not None and watched.run != case.run:
            return _settled_late(watched, heard)
        ticket = await self._ticket(turn)
        readings = await self._readings(known)
        facts = await self._resources.waiting(known)
        if facts is not None:
            events = await self._events(turn, facts, readings, watched, heard)
            return await self._goes_on(turn, case, ticket, facts, readings, events)
        if not readings:
            return Draft()
        return await self._begins(turn, case, ticket, readings)

    async def _goes_on(
        self,
        turn: Turn,
        case: Case,
        ticket: Ticket,
        facts: Facts,
        readings: list[Reading],
        events: list[Heard],
    ) -> Session:
        plan = await self._resources.plans.plan(facts.plan)
        language = readings[-1].language if readings and len(readings[-1].text) > _LONG else facts.language
        asked_team = facts.waiting is not None and facts.waiting.for_ == "approval"
        paid, spoken = await self._told(turn, case, facts.policy)
        facts = next_turn(
            facts,
            now=read_time(turn.now),
            level=level_of(ticket, facts.policy),
            language=language,
            customer=inputs.customer(ticket, facts.policy, paid, language=language),
            ticket=inputs.ticket_fields(ticket, language=language),
        )
        session = Session(self._resources, case=case.id, plan=plan, facts=facts, draft=Draft())
        session.spoken, session.asked_team = spoken, asked_team
        for event in events:
            session.walk.hears(event)
        return session

    async def _begins(
        self, turn: Turn, case: Case, ticket: Ticket, readings: list[Reading]
    ) -> Session | Draft:
        library = self._resources.plans.library()
        ceiling = Mode(self._resources.connections.ceilings[ConnectionName(case.connection)])
        opened = opening(
            readings,
            library,
            ceiling=ceiling,
            sandboxed=self._resources.sandboxed,
            ticket=case.id,
            salt=self._resources.salt,
        )
        if ceiling is not Mode.AUTO and not isinstance(opened, Opens):
            return Draft()
        if isinstance(opened, Leave):
            return Draft(status=_back_to(case, ticket))
        if isinstance(opened, ForPeople):
            return _for_people(opened, readings)
        if len(case.runs) >= library.policy.runs_per_case:
            many = ForPeople("runs_per_case", "The ticket has seen too many requests.")
            return _for_people(many) if opened.mode is Mode.AUTO else Draft()
        return await self._run_begins(turn, case, ticket, readings, opened)

    async def _run_begins(
        self, turn: Turn, case: Case, ticket: Ticket, readings: list[Reading], opened: Opens
    ) -> Session:
        policy = self._resources.plans.library().policy
        language = readings[-1].language
        paid, spoken = await self._told(turn, case, policy)
        facts = begin(
            opened.plan,
            policy,
            run=f"{case.id}/{turn.seq}-1",
            mode=opened.mode,
            now=read_time(turn.now),
            level=level_of(ticket, policy),
            language=language,
            customer=inputs.customer(ticket, policy, paid, language=language),
            ticket=inputs.ticket_fields(ticket, language=language),
        )
        session = Session(self._resources, case=case.id, plan=opened.plan, facts=facts, draft=Draft())
        session.why_lower, session.spoken, session.asked_team = opened.why_lower, spoken, False
        for reading in readings:
            session.walk.hears(Said(reading))
        return session

    async def _started(
        self, session: Session, effect: StartRun, turn: Turn, case: Case, key: SubjectKey
    ) -> Session:
        """The run that another one starts, with the slots both know; what was gathered so far is said with it."""
        plan = self._resources.plans.library().by_playbook[effect.playbook]
        old = session.facts
        facts = begin(
            plan,
            old.policy,
            run=f"{case.id}/{turn.seq}-{int(old.run.rpartition('-')[2]) + 1}",
            mode=min(old.mode, plan.mode, key=lambda mode: mode.rank),
            now=old.now,
            level=old.level,
            language=old.language,
            customer=old.customer,
            ticket=old.ticket,
            shared=shared_slots(session.plan, old, plan),
        )
        draft = replace(session.draft, trace=None, record=None)  # those are the other run's
        started = Session(self._resources, case=case.id, plan=plan, facts=facts, draft=draft)
        started.ended, started.started_by = [*session.ended, session], (*session.started_by, old.run)
        started.spoken, started.asked_team = session.spoken, False
        return started

    async def _restore(self, turn: Turn, case: Case, key: SubjectKey) -> Session:
        """The session as it stood when its last row was written."""

        def job(connection: Connection) -> tuple[runs.Run | None, bytes | None]:
            stored = cases.get_turn(connection, turn.seq)
            run = runs.get(connection, stored.run) if stored and stored.run else None
            return run, cases.get_draft(connection, turn.seq)

        run, draft = await self._resources.database.read(job)
        if run is None or draft is None:
            raise LookupError(f"turn {turn.seq} has rows but no run")
        facts = await self._resources.facts(run, key)
        plan = await self._resources.plans.plan(facts.plan)
        return Session(
            self._resources, case=case.id, plan=plan, facts=facts, draft=Draft.from_json(key.open(draft))
        )

    # -- intents --------------------------------------------------------------------------------------------------

    async def _intend(
        self, session: Session, effect: Perform, turn: Turn, case: Case, key: SubjectKey, n: int
    ) -> str | None:
        """The stored intent, with run and draft frozen beside it; `None` if a check stopped it (the run knows)."""
        resources = self._resources
        now = resources.clock()
        email = session.facts.customer.get("email")
        place = Place(
            turn=turn.seq,
            n=n,
            case=case.id,
            requester=case.requester,
            email=email if isinstance(email, str) else None,
            staff_stamp=case.staff_stamp or "",
            reads=session.draft.reads,
        )
        decided = session.facts
        frozen = session.walk.commits(effect)
        so_far = replace(
            session.draft,
            progress=session.progress,
            trace=session.trace(key.digest),
            record=session.record().to_json(),
        )
        draft = key.seal(so_far.to_json())

        def job(connection: Connection) -> Intended | Stop:
            outcome = intend(
                connection,
                interfaces=resources.connections.interfaces,
                plan=session.plan,
                facts=decided,
                effect=effect,
                place=place,
                key=key,
                now=now,
            )
            begun = cases.get_turn(connection, turn.seq)
            if isinstance(outcome, Intended) and begun is not None and begun.state == "running":
                self._closing.keep_started(connection, session, turn, key, case, now=now)
                self._closing.keep_run(connection, session, case, frozen, key, now=now)
                cases.put_draft(connection, turn.seq, draft, run=frozen.run)
            return outcome  # of a turn that is over, another worker was quicker: its rows stay as they are

        outcome = await resources.database.write(job)
        if not isinstance(outcome, Intended):
            session.performed(Performed("stopped", stopped_by=outcome.check))
            return None
        session.ended = []
        return outcome.entry

    # -- what is known --------------------------------------------------------------------------------------------

    async def _ticket(self, turn: Turn) -> Ticket:
        ticket = self._resources.tickets.get(turn.seq)
        if ticket is not None:
            return ticket
        connection, _, number = turn.case.partition(":")
        try:
            ticket = await self._resources.connections.helpdesks[ConnectionName(connection)].fetch(
                TicketId(number)
            )
        except NotFound:
            raise LookupError(f"the ticket of turn {turn.seq} is gone") from None
        self._resources.tickets[turn.seq] = ticket
        return ticket

    async def _readings(self, known: UnderWay) -> list[Reading]:
        if not known.turn.messages:
            return []
        if known.readings is not None:
            return known.readings
        name = f"reading-{known.turn.seq}"
        sealed = await self._resources.database.read(lambda c: cases.get_reading(c, name))
        return msgspec.json.decode(known.key.open(sealed), type=list[Reading])

    async def _told(self, turn: Turn, case: Case, policy: Policy) -> tuple[list[ledger.Entry], Spoken]:
        """What the requester was paid, and what the ticket was told."""
        now = read_time(turn.now)
        day, since = policy.calendar.day_of(now).isoformat(), now - inputs.PAYOUTS_KEPT

        def job(connection: Connection) -> tuple[list[ledger.Entry], Spoken]:
            paid = ledger.payouts(connection, requester=case.requester, since=since)
            return paid, speech.spoken(connection, case=case.id, day=day)

        return await self._resources.database.read(job)

    async def _watched(self, turn: Turn) -> ledger.Entry | None:
        """The effect that this turn looks at again, if it is about one."""
        kind, _, rest = (turn.event or "").partition(":")
        effect = rest.rpartition(":")[0]
        return (
            await self._resources.database.read(lambda c: ledger.get(c, effect)) if kind == "watch" else None
        )

    async def _events(
        self,
        turn: Turn,
        facts: Facts,
        readings: list[Reading],
        watched: ledger.Entry | None,
        heard: Json,
    ) -> list[Heard]:
        """What the run hears in this turn, in the engine's words."""
        if readings:
            return [Said(reading) for reading in readings]
        kind, _, rest = (turn.event or "").partition(":")
        if kind == "silence":
            return [Silence()]
        if kind == "late":
            return [Late()]
        if watched is not None and isinstance(heard, dict) and heard.get("state") != "pending":
            return [Settled(watched.step, _performed(heard), read_time(turn.now))]
        if kind == "approval":
            return await self._answered(rest, facts)
        return []

    async def _answered(self, approval_id: str, facts: Facts) -> list[Heard]:
        """The team's answer, if it is about what the run still waits for: an older offer's answer is none."""
        asked = await self._resources.database.read(lambda c: approvals.get(c, approval_id))
        if asked is None or asked.decided_by is None or asked.decided_at is None:
            return []
        if asked.run != facts.run or facts.offer is None or asked.offer != facts.offer.id:
            return []
        if asked.state == "denied":
            return [Denied(asked.decided_by)]
        return [Approved(asked.decided_by, asked.offer, read_time(asked.decided_at))]


_LONG = 20  # a shorter text does not say in which language to go on


def _performed(answer: Json) -> Performed:
    """A durable step's tagged answer as the engine's type."""
    if not isinstance(answer, dict):
        raise LookupError("a step gave no answer")
    told = msgspec.convert(answer, Answer)
    state = "pending" if told.state == "later" else told.state
    return Performed(state, code=told.code, external_id=told.external_id, stopped_by=told.stopped_by)


def _for_people(why: ForPeople, readings: Sequence[Reading] = ()) -> Draft:
    hand_off = HandOff(
        step="unhandled",
        queue="default",
        summary=why.summary,
        tell=None,
        priority=None,
        reason=why.reason,
        because=why.summary,
        language="en",
    )
    return Draft(hand_off=hand_off, note="\n".join([why.summary, *_understood(readings)]))


def _understood(readings: Sequence[Reading]) -> list[str]:
    """What was made of the messages, for the agent who takes over: language, best guesses, what was named."""
    lines = []
    for reading in readings:
        guesses = ", ".join(f"{score.intent} {score.score:.0%}" for score in reading.scores[:3])
        named = ", ".join(f"{slot.slot_type.replace('_', ' ')} {slot.span.text}" for slot in reading.slots)
        lines += [f"Language: {reading.language}"]
        lines += [f"Closest to: {guesses}"] if guesses else []
        lines += [f"Named: {named}"] if named else []
    return ["", "What the resolver understood:", *(f"- {line}" for line in lines)] if lines else []


def _settled_late(entry: ledger.Entry, heard: Json) -> Draft:
    """A pending action of a run that is over has settled: well, or badly, which people must know."""
    if not isinstance(heard, dict) or heard.get("state") in ("done", "pending"):
        return Draft()
    why = f"{entry.action} was started on {entry.intended_at[:10]} and has failed"
    if heard.get("state") == "unknown":
        why = (
            f"{entry.action} was started on {entry.intended_at[:10]}, and nobody can tell whether it happened"
        )
    return _for_people(
        ForPeople("settled_badly", f"{why}; please look into it ({entry.external_id or 'no number'}).")
    )


def _back_to(case: Case, ticket: Ticket) -> Status | None:
    """The status a thank-you disturbed, to be restored."""
    before = Status(case.status) if case.status else None
    return (
        before if before is not None and before is not ticket.status and before is not Status.CLOSED else None
    )

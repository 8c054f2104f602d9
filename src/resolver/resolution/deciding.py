"""Deciding a turn's next rows: where no row is yet, the run goes on and what it wants is written in one commit.

Called by `turn`. A row is either an action's intent or an update of the ticket; after the updates the turn is over.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from resolver.decision.effects import Act, Performed, Prove, StartRun
from resolver.decision.events import Approved, Denied, GoAhead, Late, Said, Settled, Silence, Withdrawn
from resolver.decision.events import Event as Heard
from resolver.decision.facts import Facts, SlotFact, begin, next_turn, shared_slots
from resolver.decision.guard import Stop
from resolver.decision.requests import rest_of
from resolver.decision.texts import built_in
from resolver.durable.workflow import Json
from resolver.errors import NotFound
from resolver.gateway.intent import Intended, Place, intend
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.reading import Reading
from resolver.resolution import inputs
from resolver.resolution.asking_codes import AskingCodes
from resolver.resolution.came_back import came_back
from resolver.resolution.closing import Closing, Ending
from resolver.resolution.draft import Draft
from resolver.resolution.endings import Endings
from resolver.resolution.for_people import for_people, settled_late
from resolver.resolution.opening import ForPeople, Leave, Opened, opening
from resolver.resolution.orchestrate import Frozen, Orchestration
from resolver.resolution.resources import Resources
from resolver.resolution.session import Session, as_ended
from resolver.resolution.standing import standing
from resolver.resolution.suggesting import Suggesting
from resolver.resolution.under_way import UnderWay
from resolver.store import approvals, cases, codes, ledger, runs, switches, writebacks
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.times import read as read_time
from resolver.store.vault import SubjectKey
from resolver.ticket import ConnectionName, Status, Ticket, TicketId


class Deciding:
    """Writes the next rows of a turn. The runs of turns under way are kept in memory; recovery restores them."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._closing = Closing(resources)
        self._endings = Endings(resources)
        self._suggesting = Suggesting(resources)
        self._codes = AskingCodes(resources, self._closing)
        self._under_way: dict[int, Orchestration] = {}

    def rows(self, connection: Connection, seq: int) -> list[str]:
        """The ids of the rows the turn has already, in order."""
        found = [(entry.n, entry.id) for entry in ledger.of_turn(connection, seq)]
        found += [(row.n, row.id) for row in writebacks.of_turn(connection, seq)]
        found += [(row.n, row.id) for row in codes.of_turn(connection, seq)]
        return [row_id for _, row_id in sorted(found)]

    def forget(self, seq: int) -> None:
        """The turn is over or put off: it goes on from what is stored, by whichever worker."""
        self._under_way.pop(seq, None)

    async def next_rows(self, seq: int, n: int, answer: Json, heard: Json) -> list[str]:
        """The rows after row `n - 1`, which was answered by `answer`; none if the turn is over."""
        known = await self._resources.known(seq)
        turn, case, key = known.turn, known.case, known.key
        if turn.state != "running":
            await self._endings.finish(turn)
            return []
        together = self._under_way.pop(seq, None)
        if n == 0:
            opened = await self._open(known, heard)
            if isinstance(opened, Draft):
                return await self._closing.without_run(turn, case, key, opened)
            together = opened
        else:
            together = together or await self._restore(turn, case, key)
            row = f"effect-{seq}-{n - 1}"
            came = await came_back(self._resources, answer, effect=row, action=together.action)
            await together.performed(came)
        return await self._go_on(together, turn, case, key, n)

    async def _go_on(
        self, together: Orchestration, turn: Turn, case: Case, key: SubjectKey, n: int
    ) -> list[str]:
        while (effect := await together.run()) is not None:
            if isinstance(effect, StartRun):
                number = len(together.sessions) + sum(len(one.started_by) for one in together.sessions) + 1
                together.started(
                    await self._started(together.acting, effect, f"{case.id}/{turn.seq}-{number}")
                )
                continue
            if isinstance(effect, Prove):
                entry = await self._codes.ask(together, effect, turn, case, key, n)
            else:
                entry = await self._intend(together, effect, turn, case, key, n)
            if entry is not None:
                self._under_way[turn.seq] = together
                return [entry]
        return await self._closing.conclude(Ending(turn, case, key, together, n))

    # -- where a turn begins --------------------------------------------------------------------------------------

    async def _open(self, known: UnderWay, heard: Json) -> Orchestration | Draft:
        """The runs that go on or begin; a draft where there is nothing for a playbook."""
        turn, case = known.turn, known.case
        if not turn.messages and turn.event is None:
            return Draft()  # it only finished what an earlier turn had begun
        watched = await self._watched(turn)
        if watched is not None and watched.run not in case.waiting:
            return await self._after_the_end(known, watched, heard)
        ticket = await self._ticket(turn)
        readings = await self._readings(known)
        waiting = await self._resources.waiting(known)
        if not readings and not waiting:
            return Draft()
        begun = await self._begins(turn, case, ticket, readings, waiting)
        if isinstance(begun, Draft) and not waiting:
            return begun
        new, unhandled = begun if not isinstance(begun, Draft) else ([], None)
        old = await self._go_on_with(turn, case, ticket, readings, waiting)
        go_ahead = await self._suggesting.go_ahead(turn, known.key)
        together = Orchestration([*old, *new], conflict=case.conflict, unhandled=unhandled, go_ahead=go_ahead)
        if go_ahead is not None:
            for facts in waiting:
                together.case.hears(GoAhead(go_ahead.by, go_ahead.id), run=facts.run)
        if waiting:
            events = await self._events(turn, waiting, readings, watched, heard)
            gone = await self._withdrawn()
            events[:0] = [(Withdrawn(), facts.run) for facts in waiting if facts.plan in gone]
            _hear(together, events, new=bool(new) or unhandled is not None)
        return together

    async def _after_the_end(
        self, known: UnderWay, watched: ledger.Entry, heard: Json
    ) -> Orchestration | Draft:
        """A pending effect of a run that is over is final: the run learns it, and hands off what ended badly."""
        turn, case, resources = known.turn, known.case, self._resources
        if not isinstance(heard, dict) or heard.get("state") == "pending":
            return Draft()
        run = await resources.database.read(lambda c: runs.get(c, watched.run))
        if run is None or watched.requester != case.requester:
            return settled_late(watched, heard)
        facts = as_ended(await resources.facts(run, known.key), run)
        plan = await resources.plans.plan(run.plan)
        session = Session(
            resources, case=case.id, plan=plan, facts=facts.changed(turn=facts.turn + 1), draft=Draft()
        )
        waiting = await resources.waiting(known)
        others = await self._go_on_with(turn, case, await self._ticket(turn), [], waiting) if waiting else []
        together = Orchestration([*others, session], conflict=case.conflict)
        performed = await came_back(self._resources, heard, effect=watched.id, action=watched.action)
        together.case.hears(Settled(watched.step, performed, read_time(turn.now)), run=run.id)
        return together

    async def _go_on_with(
        self, turn: Turn, case: Case, ticket: Ticket, readings: list[Reading], waiting: list[Facts]
    ) -> list[Session]:
        """The sessions of the runs that wait, with this turn's inputs."""
        sessions = []
        for facts in waiting:
            plan = await self._resources.plans.plan(facts.plan)
            language = (
                readings[-1].language if readings and len(readings[-1].text) > _LONG else facts.language
            )
            stands = await standing(self._resources, turn, case, facts.policy)
            now_known = next_turn(
                facts,
                now=read_time(turn.now),
                level=stands.level(ticket),
                language=language,
                customer=stands.customer(ticket, language=language),
                ticket=inputs.ticket_fields(ticket, language=language),
            )
            session = Session(self._resources, case=case.id, plan=plan, facts=now_known, draft=Draft())
            session.spoken = stands.spoken
            session.asked_team = facts.waiting is not None and facts.waiting.for_ == "approval"
            sessions.append(session)
        return sessions

    async def _begins(
        self, turn: Turn, case: Case, ticket: Ticket, readings: list[Reading], waiting: list[Facts]
    ) -> tuple[list[Session], Draft | None] | Draft:
        """The sessions of the runs that the messages open, with what people get besides; a draft if they open none.

        Beside runs that wait only what is plainly another request opens a run.
        """
        if not readings or (waiting and case.handed):
            return Draft()
        library = self._resources.plans.library()
        ceiling = Mode(self._resources.connections.ceilings[ConnectionName(case.connection)])
        plans = [await self._resources.plans.plan(facts.plan) for facts in waiting]
        known = {plan.intent for plan in plans if plan.intent}
        if waiting and not any(score.intent not in known for one in readings for score in one.intents):
            return Draft()
        opened = opening(
            readings,
            library,
            ceiling=ceiling,
            sandboxed=self._resources.sandboxed,
            ticket=case.id,
            salt=self._resources.salt,
            known=known,
            withdrawn=await self._withdrawn(),
            knows=self._resources.knowledge is not None,
        )
        if ceiling is not Mode.AUTO and not isinstance(opened, Opened):
            return Draft()
        if isinstance(opened, Leave):
            return Draft(status=_back_to(case, ticket))
        if isinstance(opened, ForPeople):
            draft = for_people([opened], readings)
            return ([], draft) if waiting and opened.reason != "wants_person" else draft
        if len(case.runs) + len(opened.runs) > library.policy.runs_per_case:
            many = for_people([ForPeople("runs_per_case", "The ticket has seen too many requests.")])
            if all(one.mode is not Mode.AUTO for one in opened.runs):
                return Draft()
            return ([], many) if waiting else many
        return await self._runs_begin(turn, case, ticket, readings, opened, waiting, library.policy)

    async def _runs_begin(
        self,
        turn: Turn,
        case: Case,
        ticket: Ticket,
        readings: list[Reading],
        opened: Opened,
        waiting: list[Facts],
        policy: Policy,
    ) -> tuple[list[Session], Draft | None]:
        language = readings[-1].language
        stands = await standing(self._resources, turn, case, policy)
        sessions = []
        for number, one in enumerate(opened.runs, start=1):
            facts = begin(
                one.plan,
                policy,
                run=f"{case.id}/{turn.seq}-{number}",
                mode=one.mode,
                now=read_time(turn.now),
                level=stands.level(ticket),
                language=language,
                customer=stands.customer(ticket, language=language),
                ticket=inputs.ticket_fields(ticket, language=language),
                shared=await self._shared(waiting, one.plan),
            ).changed(codes=self._resources.codes.available and one.mode is not Mode.SUGGEST)
            session = Session(self._resources, case=case.id, plan=one.plan, facts=facts, draft=Draft())
            session.why_lower, session.spoken, session.asked_team = one.why_lower, stands.spoken, False
            for reading in one.readings:
                session.walk.hears(Said(reading))
            sessions.append(session)
        if not opened.for_people:
            return sessions, None
        rest = built_in("rest_handed_off", language, policy)
        return sessions, replace(for_people(opened.for_people, readings), told=(rest,))

    async def _shared(self, waiting: list[Facts], plan: Plan) -> dict[str, SlotFact]:
        """What the runs that wait know and a new one asks for as well."""
        found: dict[str, SlotFact] = {}
        for facts in waiting:
            found = {**shared_slots(await self._resources.plans.plan(facts.plan), facts, plan), **found}
        return found

    async def _started(self, session: Session, effect: StartRun, run: str) -> Session:
        """The run that another one starts, with the slots both know; what was gathered so far is said with it."""
        library, old = self._resources.plans.library(), session.facts
        plan, policy = library.by_playbook.get(effect.playbook), library.policy
        if plan is None:  # it was taken out of the folder while the run that starts it was under way
            plan, policy = await self._resources.plans.newest(effect.playbook), old.policy
        if plan is None:
            raise LookupError(f"there is no playbook {effect.playbook}")
        facts = begin(
            plan,
            policy,
            run=run,
            mode=min(old.mode, plan.mode, key=lambda mode: mode.rank),
            now=old.now,
            level=old.level,
            language=old.language,
            customer=old.customer,
            ticket=old.ticket,
            shared=shared_slots(session.plan, old, plan),
        ).changed(question=old.question, codes=old.codes)
        draft = replace(session.draft, trace=None, record=None)  # those are the other run's
        started = Session(self._resources, case=session.case, plan=plan, facts=facts, draft=draft)
        started.ended, started.started_by = [*session.ended, session], (*session.started_by, old.run)
        started.spoken, started.asked_team = session.spoken, False
        if plan.id in await self._withdrawn():
            started.walk.hears(Withdrawn())
        return started

    async def _withdrawn(self) -> set[str]:
        """The ids of plans that decide nothing more."""
        return {one.name for one in await self._resources.database.read(switches.withdrawn)}

    async def _restore(self, turn: Turn, case: Case, key: SubjectKey) -> Orchestration:
        """The runs as they stood when the turn's last row was written."""

        def job(connection: Connection) -> tuple[bytes | None, dict[str, runs.Run]]:
            return cases.get_draft(connection, turn.seq), {
                one.id: one for one in runs.of_case(connection, case.id)
            }

        sealed, stored = await self._resources.database.read(job)
        if sealed is None:
            raise LookupError(f"turn {turn.seq} has rows but no run")
        frozen = Frozen.from_json(key.open(sealed))
        sessions = []
        for run_id, draft in frozen.runs:
            facts = await self._resources.facts(stored[run_id], key)
            plan = await self._resources.plans.plan(facts.plan)
            session = Session(self._resources, case=case.id, plan=plan, facts=facts, draft=draft)
            if draft.held is not None:
                session.walk.held = Facts.from_json(draft.held, plan, facts.policy)
            sessions.append(session)
        together = Orchestration(
            sessions,
            conflict=frozen.conflict,
            unhandled=frozen.unhandled,
            go_ahead=await self._suggesting.go_ahead(turn, key),
        )
        together.acts(frozen.acting)
        return together

    # -- intents --------------------------------------------------------------------------------------------------

    async def _intend(
        self, together: Orchestration, effect: Act, turn: Turn, case: Case, key: SubjectKey, n: int
    ) -> str | None:
        """The stored intent, with all runs frozen beside it; `None` if a check stopped it (the run knows)."""
        resources, session = self._resources, together.acting
        now = resources.clock()
        email = session.facts.customer.get("email")
        place = Place(
            turn=turn.seq,
            n=n,
            case=case.id,
            requester=case.requester,
            email=email if isinstance(email, str) else None,
            staff_stamp=case.staff_stamp or "",
            reads=session.reads,
            go_ahead=together.go_ahead.id if together.go_ahead else None,
        )
        decided = session.facts
        session.walk.commits(effect)
        draft = key.seal(together.frozen(key.digest).to_json())

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
                self._closing.keep_runs(connection, together, turn, key, case, now=now)
                cases.put_draft(connection, turn.seq, draft, run=session.facts.run)
            return outcome  # of a turn that is over, another worker was quicker: its rows stay as they are

        outcome = await resources.database.write(job)
        if not isinstance(outcome, Intended):
            await together.performed(Performed("stopped", stopped_by=outcome.check))
            return None
        for one in together.sessions:
            one.ended = []
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
        waiting: list[Facts],
        readings: list[Reading],
        watched: ledger.Entry | None,
        heard: Json,
    ) -> list[tuple[Heard, str | None]]:
        """What the runs that wait hear in this turn, in the engine's words, and which of them does; None for all."""
        if readings:
            messages = [reading.message for reading in readings]
            worth = await self._resources.database.read(lambda c: codes.answers(c, turn.case, messages))
            return [(Said(reading, worth.get(reading.message)), None) for reading in readings]
        kind, _, rest = (turn.event or "").partition(":")
        if kind == "silence":
            return [(Silence(), facts.run) for facts in _due(waiting, "customer", read_time(turn.now))]
        if kind == "late":
            return [(Late(), facts.run) for facts in _due(waiting, "approval", read_time(turn.now))]
        if watched is not None and isinstance(heard, dict) and heard.get("state") != "pending":
            performed = await came_back(self._resources, heard, effect=watched.id, action=watched.action)
            return [(Settled(watched.step, performed, read_time(turn.now)), watched.run)]
        if kind == "approval":
            return await self._answered(rest, waiting)
        return []

    async def _answered(self, approval_id: str, waiting: list[Facts]) -> list[tuple[Heard, str | None]]:
        """The team's answer, if it is about what a run still waits for: an older offer's answer is none."""
        asked = await self._resources.database.read(lambda c: approvals.get(c, approval_id))
        if asked is None or asked.decided_by is None or asked.decided_at is None:
            return []
        facts = next((one for one in waiting if one.run == asked.run), None)
        if facts is None or facts.offer is None or asked.offer != facts.offer.id:
            return []
        if asked.state == "denied":
            return [(Denied(asked.decided_by), asked.run)]
        return [(Approved(asked.decided_by, asked.offer, read_time(asked.decided_at)), asked.run)]


_LONG = 20  # a shorter text does not say in which language to go on


def _hear(together: Orchestration, events: Sequence[tuple[Heard, str | None]], *, new: bool) -> None:
    """Tell the runs that wait; of messages with new requests in them they take only what answers them."""
    known = {session.plan.intent or "" for session in together.sessions if session.facts.turn > 1}
    for event, run in events:
        if run is None and new and isinstance(event, Said) and event.reading.intents:
            own = rest_of(event.reading, known=known)
            if own.text.strip():
                together.case.overhears(replace(event, reading=own))
        else:
            together.case.hears(event, run=run)


def _due(waiting: Sequence[Facts], for_: str, now: datetime) -> list[Facts]:
    """The runs whose wait is over: those that waited no longer than the first, or than now."""
    found = [(one.waiting.until, one) for one in waiting if one.waiting and one.waiting.for_ == for_]
    ends = [until for until, _ in found if until is not None]
    return [one for until, one in found if until is not None and until <= max(now, min(ends))]


def _back_to(case: Case, ticket: Ticket) -> Status | None:
    """The status a thank-you disturbed, to be restored."""
    before = Status(case.status) if case.status else None
    return (
        before if before is not None and before is not ticket.status and before is not Status.CLOSED else None
    )

"""One run at work in one turn: reads what it needs, gathers what it says.

Driven by `orchestrate`, one or several beside each other. It sends nothing: actions and updates become rows first,
which `turn` has performed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from resolver.condition.env import Env
from resolver.condition.values import Unknown
from resolver.decision import guard, proving, trace
from resolver.decision.effects import (
    Answer,
    Answered,
    Approve,
    Ask,
    CheckIn,
    Confirm,
    DryRun,
    Effect,
    Found,
    HandOff,
    LookUp,
    LookUpFailed,
    Missing,
    NoAnswer,
    Performed,
    Prove,
    Recognised,
    Reply,
    Result,
    Sent,
    SetTicket,
)
from resolver.decision.events import Said
from resolver.decision.facts import Facts
from resolver.decision.guard import Stop
from resolver.decision.note import handoff_note
from resolver.decision.polish import as_said, plain_text
from resolver.decision.record import TurnRecord, record_of
from resolver.decision.reread import look_ups_behind
from resolver.decision.scenario import Walk
from resolver.decision.trace import Digest
from resolver.errors import Unavailable
from resolver.gateway import details, speech
from resolver.gateway.dry_run import can_be_tried, tries
from resolver.gateway.wire import to_ledger
from resolver.playbook.plan import Mode, Plan
from resolver.resolution.draft import Draft, Speaking
from resolver.resolution.resources import Resources
from resolver.store import cases, switches
from resolver.store.database import Connection
from resolver.store.runs import Run

Reads = tuple[tuple[str, Mapping[str, Any]], ...]
"""Look-ups by name, each with its arguments as the ledger has them."""
_ANSWERS_WITHIN_S = 10.0
_REPHRASED_WITHIN_S = 5.0
_AS_IT_STANDS = frozenset({"waits", "end", "stopped_by"})
"""What a trace says of where the run stands in the end: of an interrupted turn, only its last part knows."""


class Session:
    """A walk through a plan with the world at hand. `draft` is what the turn will say for this run."""

    def __init__(self, resources: Resources, *, case: str, plan: Plan, facts: Facts, draft: Draft) -> None:
        if not facts.committed and facts.stage != "ended":
            can = can_be_tried(resources.connections, plan)
            facts = facts if facts.dry_runs == can else facts.changed(dry_runs=can)
        self.resources = resources
        self.case = case
        self.plan = plan
        self.walk = Walk(plan, facts)
        self.draft = draft
        self.ended: list[Session] = []  # the runs of this turn that started this one and are not stored yet
        self.started_by: tuple[str, ...] = ()  # the ids of all runs of this turn that led here
        self.why_lower: str | None = None
        self.spoken: speech.Spoken | None = None  # read when the turn was opened, or when it speaks
        self.asked_team = True  # whether a team may still be asked something for this run
        self.plain = (
            False  # whether its texts stay word for word, because they are suggested beside another run's
        )
        self.holds = False  # whether what it says is only suggested
        self._before = guard.progress(facts)

    @property
    def facts(self) -> Facts:
        """The run's facts as they now are."""
        return self.walk.facts

    @property
    def was_over(self) -> bool:
        """Whether the run had ended before this turn, which only tells it what became of an action."""
        return self.walk.begun.stage == "ended" and self.draft.hand_off is None

    @property
    def shadow(self) -> bool:
        """Whether this run only decides: nothing is written and nothing performed."""
        return self.facts.mode.rank <= Mode.SHADOW.rank

    async def answer(self, effect: Effect, *, progress: bool) -> Result:
        """What the world says to an effect: a record that is read, or that a text is gathered, or may not go out.

        `progress`: whether something moved on in this turn, in this run or another one of the ticket.
        """
        match effect:
            case LookUp():
                return await self._read(effect)
            case Answer():
                return await self._ask_knowledge(effect)
            case DryRun():
                return await self._try(effect)
            case Prove(details=True):
                return await self._recognised(effect) or await self._speak(effect, progress=progress)
            case Ask() | Prove() | Confirm() | CheckIn() | Approve() | Reply() | SetTicket() | HandOff():
                return await self._speak(effect, progress=progress)
        raise RuntimeError(f"{type(effect).__name__} is no effect that is answered at once")

    def after(self, effect: Effect) -> None:
        """What can be written only once the facts know the effect: the note, which names the rule that led there."""
        if isinstance(effect, HandOff):
            self.draft = replace(self.draft, note=handoff_note(self.plan, self.facts, effect))

    def trace(self, digest: Digest) -> dict[str, Any]:
        """The turn's trace so far; a recovered turn goes on from the one stored with its last action."""
        body = trace.body(self.plan, self.facts, self.walk.log, trace.keyed(digest))
        if self.why_lower:
            body["why_mode"] = self.why_lower
        before = self.draft.trace
        if before is None:
            return body
        moves, effects = [*before["moves"], *body["moves"]], [*before["effects"], *body["effects"]]
        return {
            **{key: value for key, value in before.items() if key not in _AS_IT_STANDS},
            **body,
            "moves": moves,
            "rules": body["rules"] or before["rules"],
            "effects": effects,
        }

    def record(self) -> TurnRecord:
        """What the turn was decided from so far; a recovered turn goes on from what was stored with its last action."""
        record = record_of(self.walk, why_mode=self.why_lower, held=self.holds)
        before = self.draft.record
        return record if before is None else TurnRecord.from_json(before).goes_on(record)

    def so_far(self, digest: Digest) -> Draft:
        """The draft with all that a recovered turn needs to go on from here."""
        record, held = self.record().to_json(), None
        if self.facts.mode is Mode.SUGGEST:
            held = self.walk.held.to_json()
        progress = self.progress
        return replace(self.draft, progress=progress, trace=self.trace(digest), record=record, held=held)

    @property
    def reads(self) -> Reads:
        """The look-ups behind this run's records, also where it read them in an earlier turn."""
        if self.draft.reads or not self.facts.committed:
            return self.draft.reads
        behind = look_ups_behind(self.plan, self.facts)
        return tuple((one.look_up, to_ledger(one.arguments)) for one in behind)

    @property
    def progress(self) -> bool:
        """Whether something moved on in this turn: a value, a yes, an approval, an action."""
        return self.draft.progress or guard.progress(self.facts) != self._before

    async def _read(self, effect: LookUp) -> Found | Missing | LookUpFailed:
        email = self.facts.customer.get("email")
        known = {name: value for name, value in effect.arguments.items() if not isinstance(value, Unknown)}
        self.draft = self.draft.read(effect.look_up, to_ledger(known))
        env = Env({}, self.facts.now, self.facts.policy.calendar)
        return await self.resources.look_ups.read(
            effect.look_up, known, email=email if isinstance(email, str) else None, env=env
        )

    async def _ask_knowledge(self, effect: Answer) -> Answered | NoAnswer:
        """What the knowledge base says. It may be slow or down: then there is no answer, and the turn goes on."""
        knowledge = self.resources.knowledge
        if knowledge is None:
            return NoAnswer("no_knowledge")
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                said = await knowledge.ask(
                    effect.question, topic=effect.topic, language=effect.language, fallback=effect.fallback
                )
        except (TimeoutError, Unavailable):
            return NoAnswer("unavailable")
        return said if isinstance(said, NoAnswer) else replace(said, least=self.resources.least_score)

    async def _try(self, effect: DryRun) -> Performed:
        thrown = await self.resources.database.read(switches.thrown) | self.facts.policy.stop
        return await tries(
            self.resources.connections, effect, playbook=self.plan.playbook, thrown=frozenset(thrown)
        )

    async def _recognised(self, effect: Prove) -> Recognised | None:
        """The customer, if what they have just written names the details that would be asked for.

        Raises:
            Unavailable: The source is down; the turn comes back later.
        """
        begun, resources = self.walk.begun, self.resources
        if begun.proving is not None and begun.proving.open:
            return None  # these messages were judged as the answer
        texts = {
            event.reading.message: event.reading.text
            for event in self.walk.log.events
            if isinstance(event, Said)
        }
        named = await details.named_by(resources.look_ups, self.plan, self.facts, effect.look_up, texts)

        def job(connection: Connection) -> str | None:
            case = cases.get(connection, self.case)
            if case is None:
                return None
            return details.judge(
                connection,
                case=case.id,
                requester=case.requester,
                named=named,
                key=resources.vault.known(connection, case.requester),
                vault=resources.vault,
                now=resources.clock(),
            )

        if effect.look_up.name == proving.ACCOUNT:  # what names no account is no try at one
            named = {message: one for message, one in named.items() if one.owner is not None}
        owner = await resources.database.write(job) if named else None
        return Recognised(owner) if owner is not None else None

    async def _speak(self, effect: Speaking, *, progress: bool) -> Sent | Performed:
        stop = await self.silenced(effect, progress=progress)
        if stop is not None and not isinstance(effect, HandOff):
            self.draft = self.draft.quiet()
            return Performed("stopped", stopped_by=stop.check)
        said = effect if stop is None or not isinstance(effect, HandOff) else replace(effect, tell=None)
        sent = await self._rephrased(said)
        self.draft = self.draft.adds(as_said(said, sent))
        return sent

    async def _rephrased(self, effect: Speaking) -> Sent:
        """What a model makes of a text that may be rephrased; nothing if there is none, or it takes too long."""
        polisher, values = self.resources.polisher, getattr(effect, "rephrase", None)
        plain = plain_text(effect)
        if (
            polisher is None
            or values is None
            or plain is None
            or self.facts.mode is not Mode.AUTO
            or self.plain  # a colleague reads and sends the playbook's own words
            or isinstance(effect, SetTicket)
        ):
            return Sent()
        try:
            async with asyncio.timeout(_REPHRASED_WITHIN_S):
                return Sent(await polisher.rephrase(plain, language=effect.language, keep=values))
        except (TimeoutError, Unavailable):
            return Sent()

    async def silenced(self, effect: Speaking, *, progress: bool) -> Stop | None:
        """The check that forbids another word to the customer, asked for each text."""
        if self.shadow or self.holds or isinstance(effect, SetTicket) or self.draft.speaks:
            return None
        if isinstance(effect, Approve | HandOff) and effect.tell is None:
            return None
        facts = self.facts
        day = facts.policy.calendar.day_of(facts.now).isoformat()

        so_far = self.spoken
        if so_far is None:
            so_far = await self.resources.database.read(lambda c: speech.spoken(c, case=self.case, day=day))
        stop = self.resources.plans.library().policy.stop
        return speech.may_speak(so_far, playbook=self.plan.playbook, stop=stop, progress=progress)


def as_ended(facts: Facts, run: Run) -> Facts:
    """The facts of a run that was ended from outside, or otherwise than it was decided, with its true ending."""
    if run.stage != "ended" or (facts.stage == "ended" and facts.disposition == run.disposition):
        return facts
    return facts.changed(stage="ended", waiting=None, disposition=run.disposition)

"""One run at work in one turn: asks the engine what is next, reads what it needs, gathers what it says.

Used by `deciding` only. It sends nothing: actions and updates become rows first, which `turn` has performed.
"""

from dataclasses import replace
from typing import Any

from resolver.condition.env import Env
from resolver.condition.values import Unknown
from resolver.decision import guard, trace
from resolver.decision.effects import (
    Approve,
    Ask,
    CheckIn,
    Confirm,
    End,
    Found,
    HandOff,
    LookUp,
    LookUpFailed,
    Missing,
    Perform,
    Performed,
    Prove,
    Reply,
    Sent,
    SetTicket,
    StartRun,
    Wait,
)
from resolver.decision.facts import Facts
from resolver.decision.guard import Stop
from resolver.decision.note import handoff_note
from resolver.decision.record import TurnRecord, record_of
from resolver.decision.scenario import Walk
from resolver.gateway import speech
from resolver.gateway.wire import to_ledger
from resolver.playbook.plan import Mode, Plan
from resolver.resolution.draft import Draft
from resolver.resolution.resources import Resources

_MOST_EFFECTS = (
    500  # of one turn: a plan has no loops and needs far fewer, so more are a bug that must not ask for ever
)


class Session:
    """A walk through a plan with the world at hand. `draft` is what the turn will say."""

    def __init__(self, resources: Resources, *, case: str, plan: Plan, facts: Facts, draft: Draft) -> None:
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
        self._before = guard.progress(facts)

    @property
    def facts(self) -> Facts:
        """The run's facts as they now are."""
        return self.walk.facts

    @property
    def shadow(self) -> bool:
        """Whether this run only decides: nothing is written and nothing performed."""
        return self.facts.mode is not Mode.AUTO

    async def run(self) -> Perform | StartRun | Wait | End:
        """Go on until the world must be changed or the turn is over for this run."""
        for _ in range(_MOST_EFFECTS):
            effect = self.walk.next()
            match effect:
                case Perform() | StartRun() | Wait() | End():
                    return effect
                case LookUp():
                    self.walk.took(await self._read(effect))
                case Ask() | Confirm() | CheckIn() | Approve() if self.shadow:
                    return End(None)
                case Prove():
                    raise RuntimeError("no connection of this release sends codes, so none can be asked for")
                case _:
                    await self._speak(effect)
        raise RuntimeError(f"run {self.facts.run} comes to no end")

    def performed(self, result: Performed) -> None:
        """Go on behind the action the walk stands at with what came of it."""
        if not isinstance(self.walk.next(), Perform):
            raise LookupError(f"run {self.facts.run} does not stand at an action")
        self.walk.took(result)

    def trace(self, digest: trace.Digest) -> dict[str, Any]:
        """The turn's trace so far; a recovered turn goes on from the one stored with its last action."""
        body = trace.body(self.plan, self.facts, self.walk.log, trace.keyed(digest))
        if self.why_lower:
            body["why_mode"] = self.why_lower
        before = self.draft.trace
        if before is None or self.walk.log.events or self.walk.log.judged:
            return body
        effects = [*before["effects"], *body["effects"]]
        return {**before, **body, "moves": before["moves"], "rules": before["rules"], "effects": effects}

    def record(self) -> TurnRecord:
        """What the turn was decided from so far; a recovered turn goes on from what was stored with its last action."""
        record = record_of(self.walk, why_mode=self.why_lower)
        before = self.draft.record
        return record if before is None else TurnRecord.from_json(before).goes_on(record)

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

    async def _speak(self, effect: Ask | Confirm | CheckIn | Approve | Reply | SetTicket | HandOff) -> None:
        stop = await self._silenced(effect)
        if stop is None:
            self._gather(effect)
        elif isinstance(effect, HandOff):
            self._gather(replace(effect, tell=None))
        else:
            self.draft = self.draft.quiet()
            self.walk.took(Performed("stopped", stopped_by=stop.check))

    def _gather(self, effect: Ask | Confirm | CheckIn | Approve | Reply | SetTicket | HandOff) -> None:
        self.draft = self.draft.adds(effect)
        self.walk.took(Sent())  # only now do the facts know the rule that led here, which the note names
        if isinstance(effect, HandOff):
            self.draft = replace(self.draft, note=handoff_note(self.plan, self.facts, effect))

    async def _silenced(
        self, effect: Ask | Confirm | CheckIn | Approve | Reply | SetTicket | HandOff
    ) -> Stop | None:
        """The check that forbids another word to the customer, asked for each text."""
        if self.shadow or isinstance(effect, SetTicket) or self.draft.speaks:
            return None
        if isinstance(effect, Approve | HandOff) and effect.tell is None:
            return None
        facts = self.facts
        day = facts.policy.calendar.day_of(facts.now).isoformat()

        so_far = self.spoken
        if so_far is None:
            so_far = await self.resources.database.read(lambda c: speech.spoken(c, case=self.case, day=day))
        stop = self.resources.plans.library().policy.stop
        return speech.may_speak(so_far, playbook=self.plan.playbook, stop=stop, progress=self.progress)

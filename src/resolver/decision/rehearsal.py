"""A rehearsal: a ticket in memory on which a test case is played, what the playbook answers, what it comes to.

Used by `testrun`, and by whoever plays tickets that no file holds. The engine, the guard and the texts are those of
production, only the shop is a fake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from resolver.condition.env import Env
from resolver.condition.storage import read_value
from resolver.condition.types import Text
from resolver.condition.values import Days, Value, normal_email
from resolver.decision import guard
from resolver.decision.case import merged, status_of
from resolver.decision.coverage import Coverage
from resolver.decision.edges import taken
from resolver.decision.effects import (
    Answer,
    Approve,
    Ask,
    CheckIn,
    Confirm,
    DryRun,
    Effect,
    End,
    HandOff,
    LookUp,
    NoAnswer,
    Perform,
    Performed,
    Prove,
    Recognised,
    Reply,
    Result,
    Sent,
    SetTicket,
    StartRun,
    Undo,
    Wait,
)
from resolver.decision.events import Approved, Denied, Event, Late, Said, Settled, Silence
from resolver.decision.facts import Facts, begin, next_turn, shared_slots
from resolver.decision.fake import FakeShop
from resolver.decision.scenario import Walk
from resolver.decision.testcase import (
    Answers,
    Case,
    Happening,
    Settles,
    Waits,
    World,
    Writes,
)
from resolver.decision.testfile import reading_of
from resolver.decision.undo import undo_id
from resolver.errors import Where
from resolver.playbook import plan as steps
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.ticket import Level, MessageId


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise, at the place in the file that says what was expected."""

    where: Where
    message: str


@dataclass(frozen=True, slots=True)
class SaidText:
    """A text as the customer reads it. `reply` is its id; of questions put together those of all, with ` + `."""

    reply: str
    language: str
    text: str


class Rehearsal:
    """A ticket in memory: what was said, done and set so far; `plays` one happening after the other."""

    def __init__(
        self, case: Case, plans: Mapping[str, Plan], playbook: str, policy: Policy, coverage: Coverage
    ) -> None:
        self.case = case
        self.plans = plans
        self.plan = plans[playbook]
        self.policy = policy
        self.coverage = coverage
        self.shop = FakeShop(case.given, policy)
        self.now = case.given.now
        self.facts: Facts | None = None
        self.rules: list[str] = []
        self.path: list[str] = []
        self.asked: list[str] = []
        self.replies: list[str] = []
        self.messages: list[str] = []
        self.hand_off: HandOff | None = None
        self.ticket = SetTicket("")
        self.stopped_by: str | None = None
        self.problems: list[Difference] = []
        self.texts: list[SaidText] = []
        self.saw: Env | None = None  # what the rules of the tested playbook saw when they decided last
        self._since_progress = 0
        self._count = 0
        self._sent_to: str | None = None  # the owner of the record whose contact got the newest code
        self._proven: str | None = None
        self._said = ""  # what the customer has just written, if it was no answer to a question for details
        self._level = Level.CODE  # what was proven

    def plays(self, happening: Happening) -> None:
        """Let one thing happen, and the playbook answer it."""
        asked = self.facts is not None and _waits_for_details(self.facts)
        self._said = happening.text if isinstance(happening, Writes) and not asked else ""
        match happening:
            case World(where=where):
                if not self.shop.change(self.plan, happening):
                    self._problem(where, f"no {happening.look_up} is found by {happening.argument}")
            case Waits(length=length):
                self._waits(length)
            case Writes():
                self._count += 1
                message = MessageId(f"m{self._count}")
                reading = reading_of(
                    happening.text, happening.moves, happening.slots, message, self.case.given.language
                )
                code = happening.code
                if code is None and (waits := self.facts) is not None and _waits_for_details(waits):
                    owner = self.shop.matches(self.plan, waits, happening.text)
                    if owner is not None:
                        self._proven, self._level = owner, Level.MATCHED
                    self._turn(Said(reading, "wrong" if owner is None else "right"), happening.where)
                    return
                if code == "right" and self._sent_to is None:
                    self._problem(happening.where, "no code was sent, so none can be right here")
                    code = "wrong"
                if code == "right":
                    self._proven, self._sent_to, self._level = self._sent_to, None, Level.CODE
                self._turn(Said(reading, code), happening.where)
            case Answers(team=team, approves=approves, where=where):
                self._answers(team, where, approves=approves)
            case Settles(where=where):
                self._settles(happening, where)

    def _waits(self, length: timedelta | Days) -> None:
        if isinstance(length, Days):
            calendar = self.policy.calendar
            local = self.now.astimezone(calendar.zone)
            clock = local.time().replace(tzinfo=None)
            self.now = calendar.instant(calendar.add(local.date(), length), clock)
        else:
            self.now += length
        waiting = self.facts.waiting if self.facts else None
        if waiting is not None and waiting.until is not None and waiting.until <= self.now:
            self._turn(Silence() if waiting.for_ == "customer" else Late(), self.case.where)

    def _answers(self, team: str, where: Where, *, approves: bool) -> None:
        facts = self.facts
        if facts is None or facts.waiting is None or facts.waiting.for_ != "approval" or facts.offer is None:
            self._problem(where, "nothing waits for an approval here")
            return
        step = self._step(facts.waiting.step)
        if isinstance(step, steps.Approve) and step.team != team:
            self._problem(where, f"the approval is asked of {step.team}, not of {team}")
            return
        member = next(iter(self.policy.teams[team].members), team)
        event: Event = Approved(member, facts.offer.id, self.now) if approves else Denied(member)
        self._turn(event, where)

    def _settles(self, happening: Settles, where: Where) -> None:
        pending = _pending(self.facts, happening.action) if self.facts else []
        if not pending:
            self._problem(where, f"no {happening.action} is pending here")
            return
        self._turn(Settled(pending[0], happening.performed, self.now), where)

    def _turn(self, event: Event, where: Where) -> None:
        if self.facts is not None and self.facts.stage == "ended" and not isinstance(event, Settled):
            self._problem(where, f"the run has already ended as {self.facts.disposition}")
            return
        facts = self._begins() if self.facts is None else self._goes_on(self.facts)
        walk = Walk(self.plan, facts)
        before = guard.progress(facts)
        walk.hears(event)
        self._leads(walk, facts)
        said: list[str] = []
        changes: list[SetTicket] = []
        effect = self._walks(walk, said, changes)
        while isinstance(effect, StartRun):
            if effect.playbook not in self.plans:
                self._problem(where, f"it starts {effect.playbook}, which cannot be played: it has errors")
                break
            walk = self._started(walk, effect)
            effect = self._walks(walk, said, changes)
        self._ends_turn(walk, effect, said, changes)
        self._since_progress = (
            0 if guard.progress(walk.facts) != before else self._since_progress + bool(said)
        )

    def _begins(self) -> Facts:
        given = self.case.given
        ticket: dict[str, Value] = {
            "channel": "email",
            "language": given.language,
            "tags": (),
            "created_at": self.now,
            **self._ticket(),
        }
        return begin(
            self.plan,
            self.policy,
            run="test",
            mode=Mode.AUTO,
            now=self.now,
            level=given.level,
            language=given.language,
            customer=self._customer(),
            ticket=ticket,
        ).changed(codes=given.codes, dry_runs=tuple(sorted(given.dry_runs)))

    def _ticket(self) -> dict[str, Value]:
        """The fields that the case sets, read by their types."""
        declared = self.plan.records.get("ticket")
        types = {name: one.type for name, one in declared.fields.items()} if declared else {}
        return {
            name: read_value(types.get(name, Text()), raw, self.plan.records)
            for name, raw in self.case.given.ticket.items()
        }

    def _customer(self) -> dict[str, Value]:
        declared = self.plan.records.get("customer")
        types = {name: one.type for name, one in declared.fields.items()} if declared else {}
        types |= {name: one.type for name, one in self.policy.customer_fields.items()}
        own: dict[str, Any] = {"payouts": [], **self.case.given.customer}
        return {
            name: read_value(types.get(name, Text()), raw, self.plan.records) for name, raw in own.items()
        }

    def _goes_on(self, facts: Facts) -> Facts:
        return next_turn(
            facts,
            now=self.now,
            level=self.case.given.level if self._proven is None else self._level,
            language=facts.language,
            customer=self._whoever(facts),
            ticket=facts.ticket,
        )

    def _whoever(self, facts: Facts) -> Mapping[str, Value]:
        """The customer; after a code, the record's owner, of whom nothing else is known if it is another address."""
        owner, email = self._proven, facts.customer.get("email")
        if owner is None or (isinstance(email, str) and normal_email(email) == normal_email(owner)):
            return facts.customer
        return {"email": normal_email(owner), "language": facts.language}

    def _started(self, walk: Walk, effect: StartRun) -> Walk:
        self._notes(walk)
        before, old = walk.facts, self.plan
        self.plan = self.plans[effect.playbook]
        facts = replace(
            self._begins(),
            slots=shared_slots(old, before, self.plan),
            question=before.question,
            level=before.level,
            customer=before.customer,
        )
        return Walk(self.plan, facts)

    def _walks(self, walk: Walk, said: list[str], changes: list[SetTicket]) -> Wait | End | StartRun:
        """One run to the end of its turn, or to where it starts another."""
        while True:
            before = walk.facts
            effect = walk.next()
            if isinstance(effect, Wait | End):
                self._leads(walk, before)
                return effect
            if isinstance(effect, Perform):
                walk.commits(effect)
                self._leads(walk, before)
                before = walk.facts
                walk.next()
                if walk.plan is self.coverage.plan:
                    self.coverage.actions.add(effect.step)
                walk.took(self.shop.perform(walk.plan, walk.facts, effect))
            elif isinstance(effect, Undo):
                walk.took(self.shop.undo(walk.plan, walk.facts, effect))
            else:
                walk.took(self._answer(walk, effect, said, changes))
            self._leads(walk, before, effect)
            if isinstance(effect, StartRun):
                return effect

    def _leads(self, walk: Walk, before: Facts, effect: Effect | None = None) -> None:
        """Note the edge that was taken since."""
        if walk.plan is self.coverage.plan and (edge := taken(walk.plan, before, walk.facts, effect)):
            self.coverage.edges.add(edge)

    def _answer(self, walk: Walk, effect: Effect, said: list[str], changes: list[SetTicket]) -> Result:
        if isinstance(effect, LookUp):
            return self.shop.read(walk.plan, walk.facts, effect)
        if isinstance(effect, Answer):
            return self.case.given.answers.get(effect.topic, NoAnswer("no_article"))
        if isinstance(effect, DryRun):
            return self.shop.tries(effect)
        if isinstance(effect, SetTicket):
            changes.append(effect)
            return Sent()
        if isinstance(effect, Prove) and effect.details and self._said:
            owner = self.shop.owner_named(walk.plan, walk.facts, effect.look_up, self._said)
            if owner is not None:
                self._proven, self._level = owner, Level.MATCHED
                return Recognised(owner)
        text = _text_of(effect)
        stop = guard.reply_caps(in_a_row=self._since_progress, today=len(self.messages)) if text else None
        if stop is not None and not said and not isinstance(effect, HandOff):
            return Performed("stopped", stopped_by=stop.check)
        self._heard(walk, effect, quiet=stop is not None and not said)
        if text and (stop is None or said):
            said.append(text)
        return Sent()

    def _heard(self, walk: Walk, effect: Effect, *, quiet: bool) -> None:
        """Note what is said, by its reply ids."""
        reply: str | None = None
        match effect:
            case Prove(send=send, slots=slots):
                self.asked.append("details" if effect.details else "code")
                self._sent_to = self.shop.sends_code(walk.plan, effect) if send else self._sent_to
                self._asks(walk, slots, effect)
            case Ask(slots=slots):
                self._asks(walk, slots, effect)
            case Reply() | CheckIn():
                reply = effect.reply
            case Confirm(step=step) | Approve(step=step) | HandOff(step=step):
                declared = self._step(step, walk.plan)
                if isinstance(declared, steps.Confirm):
                    reply = declared.reply
                elif isinstance(declared, steps.Approve | steps.HandOff):
                    reply = declared.tell
                if isinstance(effect, HandOff):
                    self.hand_off = effect
        if reply is not None and not quiet:
            self.replies.append(reply)
            if isinstance(effect, Reply) and effect.citations:
                declared = self._step(effect.step, walk.plan)
                reply = declared.say_first if isinstance(declared, steps.Answer) else None
        if reply is not None and not quiet:
            self._covers(walk, reply, getattr(effect, "language", ""))
            self._keeps(walk, reply, effect)

    def _asks(self, walk: Walk, slots: Sequence[str], effect: Ask | Prove) -> None:
        self.asked.extend(slots)
        if walk.plan is self.coverage.plan:
            self.coverage.questions.update(slots)
        asks = [walk.plan.slots[slot].ask for slot in slots]
        for ask in asks:
            self._covers(walk, ask, effect.language)
        if asks:
            self._keeps(walk, " + ".join(asks), effect)

    def _keeps(self, walk: Walk, reply: str, effect: Effect) -> None:
        text = _text_of(effect)
        if text and walk.plan is self.coverage.plan:
            self.texts.append(SaidText(reply, getattr(effect, "language", ""), text))

    def _covers(self, walk: Walk, reply: str, language: str) -> None:
        if walk.plan is self.coverage.plan:
            self.coverage.replies.add((reply, language))

    def _ends_turn(self, walk: Walk, effect: Effect, said: list[str], changes: list[SetTicket]) -> None:
        self._notes(walk)
        self.facts = walk.facts
        self.stopped_by = walk.facts.stopped_by
        if said:
            self.messages.append("\n\n".join(said))
        wait = effect if isinstance(effect, Wait) else None
        default = status_of(walk.facts, self.policy, said=bool(said), wait=wait)
        queue = self.hand_off.queue if self.hand_off and walk.facts.disposition == "handed_off" else None
        self.ticket = merged([self.ticket, SetTicket("", status=default, queue=queue), *changes])

    def _notes(self, walk: Walk) -> None:
        decided = [one.rule for one in walk.log.judged if one.answer is True]
        self.rules += decided
        self.path += walk.facts.path
        if walk.plan is self.coverage.plan:
            self.coverage.rules.update(decided)
            self.saw = walk.log.env or self.saw
            self.coverage.outcomes.update(walk.facts.path)

    def _step(self, step_id: str | None, plan: Plan | None = None) -> steps.Step | None:
        found = (step for each in (plan or self.plan).outcomes.values() for step in each)
        return next((step for step in found if step.id == step_id), None)

    def _problem(self, where: Where, message: str) -> None:
        self.problems.append(Difference(where, message))


def _waits_for_details(facts: Facts) -> bool:
    return facts.proving is not None and facts.proving.open and facts.proving.details


def _pending(facts: Facts, action: str) -> list[str]:
    """The steps of this action that are not final yet; `undo ACTION` means those that take it back."""
    of = action.removeprefix("undo ")
    known = facts.results if of == action else {undo_id(step): one for step, one in facts.undone.items()}
    verb = f"/do-{of}" if of == action else f"/undo-{of}"
    return [
        step for step, result in known.items() if result.performed.state == "pending" and step.endswith(verb)
    ]


def _text_of(effect: Effect) -> str | None:
    if isinstance(effect, Ask | Prove | Confirm | CheckIn | Reply):
        return effect.text
    return effect.tell if isinstance(effect, Approve | HandOff) else None

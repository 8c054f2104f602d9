"""Plays test cases through the engine and says what came out otherwise than expected; counts what was covered.

Called by `resolver test`. The engine, the guard and the texts are those of production, only the shop is a fake.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from resolver.condition.chosen import CHOSEN
from resolver.condition.storage import read_value, to_offer
from resolver.condition.types import Text
from resolver.condition.values import Days, PairValue, RecordValue, Value, normal_email
from resolver.decision import guard
from resolver.decision.case import merged, status_of
from resolver.decision.coverage import Coverage
from resolver.decision.effects import (
    Act,
    Approve,
    Ask,
    CheckIn,
    Confirm,
    Effect,
    End,
    HandOff,
    LookUp,
    Perform,
    Performed,
    Prove,
    Reply,
    Result,
    Sent,
    SetTicket,
    StartRun,
    Undo,
    Wait,
)
from resolver.decision.facts import Facts, begin, next_turn, shared_slots
from resolver.decision.fake import FakeShop
from resolver.decision.moves import Approved, Denied, Event, Late, Said, Settled, Silence
from resolver.decision.scenario import Walk
from resolver.decision.testcase import (
    Answers,
    Case,
    Expected,
    ExpectedAction,
    Happening,
    Settles,
    TestFile,
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

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise, at the place in the file that says what was expected."""

    where: Where
    message: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went."""

    name: str
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Report:
    """How the cases of a file went."""

    results: tuple[CaseResult, ...]
    coverage: Coverage

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(result.passed for result in self.results)


def run_tests(tests: TestFile, plans: Mapping[str, Plan], policy: Policy) -> Report:
    """Play every case; `plans` by playbook id, so that a case can follow `start`."""
    coverage = Coverage(plans[tests.playbook])
    results = [run_case(case, tests.playbook, plans, policy, coverage) for case in tests.cases]
    return Report(tuple(results), coverage)


def run_case(
    case: Case, playbook: str, plans: Mapping[str, Plan], policy: Policy, coverage: Coverage
) -> CaseResult:
    """Play one case and compare."""
    limits = {name: {**policy.limits.get(name, {}), **more} for name, more in case.given.limits.items()}
    stage = _Stage(case, plans, playbook, replace(policy, limits={**policy.limits, **limits}), coverage)
    for happening in case.happenings:
        stage.plays(happening)
    return CaseResult(case.name, (*stage.problems, *_differences(case, stage)))


# -- playing ------------------------------------------------------------------------------------------------------


class _Stage:
    """A ticket in memory: what was said, done and set so far."""

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
        self._since_progress = 0
        self._count = 0
        self._sent_to: str | None = None  # the owner of the record whose contact got the newest code
        self._proven: str | None = None

    def plays(self, happening: Happening) -> None:
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
                if code == "right" and self._sent_to is None:
                    self._problem(happening.where, "no code was sent, so none can be right here")
                    code = "wrong"
                if code == "right":
                    self._proven, self._sent_to = self._sent_to, None
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
        said: list[str] = []
        changes: list[SetTicket] = []
        effect = self._walks(walk, said, changes)
        while isinstance(effect, StartRun):
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
        ).changed(codes=given.codes)

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
            level=self.case.given.level if self._proven is None else Level.CODE,
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
            level=before.level,
            customer=before.customer,
        )
        return Walk(self.plan, facts)

    def _walks(self, walk: Walk, said: list[str], changes: list[SetTicket]) -> Wait | End | StartRun:
        """One run to the end of its turn, or to where it starts another."""
        while True:
            effect = walk.next()
            if isinstance(effect, Wait | End):
                return effect
            if isinstance(effect, Perform):
                walk.commits(effect)
                walk.next()
                if walk.plan is self.coverage.plan:
                    self.coverage.actions.add(effect.step)
                walk.took(self.shop.perform(walk.plan, walk.facts, effect))
                continue
            if isinstance(effect, Undo):
                walk.took(self.shop.undo(walk.plan, walk.facts, effect))
                continue
            walk.took(self._answer(walk, effect, said, changes))
            if isinstance(effect, StartRun):
                return effect

    def _answer(self, walk: Walk, effect: Effect, said: list[str], changes: list[SetTicket]) -> Result:
        if isinstance(effect, LookUp):
            return self.shop.read(walk.plan, walk.facts, effect)
        if isinstance(effect, SetTicket):
            changes.append(effect)
            return Sent()
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
            case Prove(send=send):
                self.asked.append("code")
                self._sent_to = self.shop.sends_code(walk.plan, effect) if send else self._sent_to
            case Ask(slots=slots):
                self.asked.extend(slots)
                for slot in slots:
                    self._covers(walk, walk.plan.slots[slot].ask, effect.language)
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
            self._covers(walk, reply, getattr(effect, "language", ""))

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
            self.coverage.outcomes.update(walk.facts.path)

    def _step(self, step_id: str | None, plan: Plan | None = None) -> steps.Step | None:
        found = (step for each in (plan or self.plan).outcomes.values() for step in each)
        return next((step for step in found if step.id == step_id), None)

    def _problem(self, where: Where, message: str) -> None:
        self.problems.append(Difference(where, message))


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


# -- comparing ----------------------------------------------------------------------------------------------------


def _differences(case: Case, stage: _Stage) -> Iterator[Difference]:
    expected = case.expected
    for message in (
        *_decided(expected, stage),
        *_done(expected, stage),
        *_said(expected, stage),
        *_ended(expected, stage),
    ):
        yield Difference(case.where, message)


def _decided(expected: Expected, stage: _Stage) -> Iterator[str]:
    if expected.rule is not None and (not stage.rules or expected.rule not in stage.rules):
        yield f"rule {expected.rule} was expected, {stage.rules[-1] if stage.rules else 'none'} applied"
    if expected.outcome is not None and expected.outcome not in stage.path:
        yield f"outcome {expected.outcome} was expected, the run took {' → '.join(stage.path) or 'none'}"
    if expected.stopped_by is not None and expected.stopped_by not in (stage.stopped_by or "").split(", "):
        yield f"stopped by {expected.stopped_by} was expected, it was {stage.stopped_by or 'not stopped'}"


def _done(expected: Expected, stage: _Stage) -> Iterator[str]:
    yield from _acted("done", expected.done, stage.shop.done, [one.action for one in stage.shop.done])
    yield from _acted("undone", expected.undone, stage.shop.undone, stage.shop.names_undone)


def _acted(
    word: str, expected: Sequence[ExpectedAction] | None, done: Sequence[Act], names: Sequence[str]
) -> Iterator[str]:
    """What was done, or taken back, otherwise than expected; `names` are the actions as the playbook has them."""
    wanted = expected or ()
    if list(names) != [one.action for one in wanted]:
        said = "" if expected is not None else " (the case mentions none)"
        yield f"{word}: {_names(wanted)} expected, {list(names)} was {word}{said}"
        return
    for one, other in zip(wanted, done, strict=True):
        for name, value in one.arguments.items():
            actual = other.arguments.get(name)
            if actual is None or not _equal(value, actual):
                shown = "nothing" if actual is None else to_offer(actual)
                yield f"{one.action}: {name} should be {value}, it was {shown}"


def _names(actions: Sequence[ExpectedAction]) -> list[str]:
    return [one.action for one in actions]


def _equal(expected: Any, actual: Value) -> bool:
    """Records compare by key, lists of them by their keys, everything else as in an offer."""
    if isinstance(actual, RecordValue) and isinstance(expected, Mapping):
        chosen = actual.fields.get(CHOSEN)
        units = to_offer(chosen) if chosen is not None else None
        return actual.key in expected.values() and expected.get(CHOSEN, units) == units
    if isinstance(actual, RecordValue):
        return bool(expected == actual.key)
    if isinstance(actual, PairValue) and isinstance(expected, Mapping):
        return _equal(expected.get("item"), actual.item) and _equal(expected.get("to"), actual.to)
    if isinstance(actual, tuple):
        return (
            isinstance(expected, list) and len(expected) == len(actual) and all(map(_equal, expected, actual))
        )
    return bool(expected == to_offer(actual))


def _said(expected: Expected, stage: _Stage) -> Iterator[str]:
    if expected.asked is not None and list(expected.asked) != stage.asked:
        yield f"asked: {list(expected.asked)} expected, {stage.asked} was asked"
    if expected.replies is not None and list(expected.replies) != stage.replies:
        yield f"replies: {list(expected.replies)} expected, {stage.replies} went out"
    last = _spaced(stage.messages[-1]) if stage.messages else ""
    for part in expected.last_reply_contains:
        if _spaced(part) not in last:
            yield f"the last reply should contain '{part}': {last or 'there is none'}"
    if expected.messages is not None and expected.messages != len(stage.messages):
        yield f"{expected.messages} messages expected, {len(stage.messages)} went out"


def _spaced(text: str) -> str:
    """Spaces of every kind as one; amounts carry one that does not break."""
    return _SPACES.sub(" ", text.replace("\u00a0", " ").replace("\u202f", " "))


def _ended(expected: Expected, stage: _Stage) -> Iterator[str]:
    queue = stage.hand_off.queue if stage.hand_off else None
    if expected.handoff is not None and expected.handoff != queue:
        yield f"a handoff to {expected.handoff} was expected, it went to {queue or 'nobody'}"
    summary = stage.hand_off.summary if stage.hand_off else ""
    for part in expected.summary_contains:
        if _spaced(part) not in _spaced(summary):
            yield f"the summary should contain '{part}': {summary or 'there is none'}"
    for name, value in expected.ticket.items():
        actual: Any = getattr(stage.ticket, name, None)
        actual = list(actual) if isinstance(actual, tuple) else actual
        if actual != value:
            yield f"ticket {name}: {value} expected, it is {actual}"
    disposition = stage.facts.disposition if stage.facts else None
    if expected.disposition is not None and expected.disposition != disposition:
        yield f"disposition {expected.disposition} expected, it is {disposition or 'not ended'}"

"""Cases that would cover what no case covers yet: an existing one, changed so that the ticket takes the missing edge.

Called by `resolver test --cover`. A change is kept only if the case, played, really takes the edge; what then comes of
it is written as expected, for somebody to review.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from msgspec import structs

from resolver.condition.values import Days
from resolver.decision.came_of import came_of
from resolver.decision.coverage import Coverage
from resolver.decision.edges import ANY_CODE, WHOLE, Edge
from resolver.decision.effects import NoAnswer, Performed
from resolver.decision.rehearsal import Rehearsal
from resolver.decision.testcase import Answers, Case, Expected, Given, Happening, Waits, Writes
from resolver.errors import Where
from resolver.money import Money
from resolver.playbook.plan import Answer, Approve, CheckIn, Confirm, Do, Plan
from resolver.playbook.policy import Policy
from resolver.reading import MoveKind
from resolver.ticket import Level

_HERE = Where("proposed")
_NOTHING = ("Hello again", "I really cannot say", "Still nothing", "No idea", "Hm")
"""Messages that answer no question; a question is put at most five times."""
_OTHER = "99990"
"""A number of which the shop knows nothing, or a record that is made for it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case to add, and what it covers: `edge pay_back/do-shop.refund if_fails`, `question items`."""

    covers: str
    case: Case


def proposals(
    cases: Sequence[Case], coverage: Coverage, plans: Mapping[str, Plan], policy: Policy
) -> Iterator[Proposal]:
    """A case for each edge and question left that a change of one of the cases comes to."""
    maker = _Maker(coverage.plan, plans, policy, cases)
    for edge in coverage.edges_left():
        case = maker.first(edge.title, maker.for_edge(edge), edge)
        if case is not None:
            yield Proposal(f"edge {edge}", case)
    for slot in coverage.questions_left():
        case = maker.first(f"{slot} is asked", maker.for_question(slot), slot)
        if case is not None:
            yield Proposal(f"question {slot}", case)


@dataclass(frozen=True, slots=True)
class _Maker:
    plan: Plan
    plans: Mapping[str, Plan]
    policy: Policy
    cases: Sequence[Case]

    def first(self, name: str, candidates: Iterator[Case], wanted: Edge | str) -> Case | None:
        """The first candidate that covers what is wanted, with what comes of it."""
        for case in candidates:
            rehearsal = self._played(case.given, case.happenings)
            if not rehearsal.problems and wanted in {
                *rehearsal.coverage.edges,
                *rehearsal.coverage.questions,
            }:
                return replace(case, name=name, where=_HERE, expected=came_of(rehearsal, self.plan))
        return None

    def for_edge(self, edge: Edge) -> Iterator[Case]:
        """Cases that may take the edge."""
        steps = (step for line in self.plan.outcomes.values() for step in line)
        step = next((one for one in steps if one.id == edge.at), None)
        for case in self.cases:
            given, happenings = case.given, case.happenings
            if isinstance(step, Do):
                results = {**given.results, step.action: _result(edge)}
                yield replace(case, given=replace(given, results=results))
            elif isinstance(step, Confirm | CheckIn | Approve):
                for prefix in self._until(case, step.id):
                    yield replace(case, happenings=(*prefix, *self._answer(edge, step)))
            elif isinstance(step, Answer):
                nothing = {**given.answers, step.topic: NoAnswer("no_article")}
                yield replace(case, given=replace(given, answers=nothing))
            elif step is not None:
                yield replace(case, given=replace(given, level=Level.CLAIMED))
                yield replace(case, given=replace(given, codes=False))
            elif edge.at == WHOLE:
                yield from self._whole(edge, case)
            elif edge.key == "if_none":
                yield replace(case, given=replace(given, records=_worthless(given.records)))
                yield self._empty(case)
            elif edge.key == "if_given_up":
                for prefix in self._until(case, None):
                    yield replace(
                        case, happenings=(*prefix, *map(_writes, _NOTHING[: self.plan.slots[edge.at].tries]))
                    )
            elif edge.key == "if_missing":
                yield replace(case, happenings=tuple(_about(one, _OTHER) for one in happenings))

    def for_question(self, slot: str) -> Iterator[Case]:
        """Cases in which the customer does not say a slot by themselves."""
        for case in self.cases:
            first, *more = case.happenings or (None,)
            if isinstance(first, Writes) and any(one.slot == slot for one in first.slots):
                left = tuple(one for one in first.slots if one.slot != slot)
                yield replace(case, happenings=(replace(first, slots=left),))
                before = list(self.plan.slots)[: list(self.plan.slots).index(slot)]
                left = tuple(one for one in first.slots if one.slot in before)
                text = " ".join(["Please help me with", *(one.value for one in left)])  # names nothing else
                yield replace(case, happenings=(replace(first, text=text, slots=left),))
            for number in range(1, len(more) + 1):
                yield replace(case, happenings=case.happenings[:number])

    def _whole(self, edge: Edge, case: Case) -> Iterator[Case]:
        if edge.key == "if_unsure":
            yield replace(case, happenings=(_writes("A person, please", "wants_person"),))
            return
        for prefix in self._until(case, None):
            yield replace(case, happenings=(*prefix, _waits(self.policy.patience)))

    def _empty(self, case: Case) -> Case:
        """The same about another record, whose lists are empty."""
        records = dict(case.given.records)
        for look_up in self.plan.look_ups.values():
            key, name = look_up.spec.gives.key, look_up.spec.name
            for one in records.get(name, ())[:1]:
                other = {
                    field: [] if isinstance(value, list | tuple) else value for field, value in one.items()
                }
                renamed = {field: _OTHER for field in look_up.spec.takes if field in other}
                records[name] = (*records[name], {**other, **renamed, key: f"{one[key]}x"})
        happenings = tuple(_about(one, _OTHER) for one in case.happenings)
        return replace(case, given=replace(case.given, records=records), happenings=happenings)

    def _answer(self, edge: Edge, step: Confirm | CheckIn | Approve) -> tuple[Happening, ...]:
        match edge.key:
            case "if_no":
                return (_writes("No, thanks", "no"),)
            case "if_unclear":
                return (_writes("Hm", "unclear"), _writes("I do not know", "unclear"))
            case "if_denied" if isinstance(step, Approve):
                return (Answers(step.team, approves=False, where=_HERE),)
            case "if_late" if isinstance(step, Approve):
                business = Days(step.within_business_days or 1, business=True)
                return (_waits(step.within) if step.within else Waits(business, _HERE),)
        within = step.within if isinstance(step, Confirm | CheckIn) else None
        return (_waits(within or self.policy.patience),)

    def _until(self, case: Case, step: str | None) -> Iterator[tuple[Happening, ...]]:
        """The happenings up to where the ticket waits at a step, or for an answer to any question."""
        for number in range(1, len(case.happenings) + 1):
            prefix = case.happenings[:number]
            facts = self._played(case.given, prefix).facts
            if facts is not None and facts.waiting is not None and facts.waiting.step == step:
                yield prefix

    def _played(self, given: Given, happenings: Sequence[Happening]) -> Rehearsal:
        limits = {name: {**self.policy.limits.get(name, {}), **more} for name, more in given.limits.items()}
        policy = replace(self.policy, limits={**self.policy.limits, **limits}) if limits else self.policy
        case = Case("", _HERE, given, tuple(happenings), Expected())
        rehearsal = Rehearsal(case, self.plans, self.plan.playbook, policy, Coverage(self.plan))
        for one in happenings:
            rehearsal.plays(one)
            if rehearsal.problems:
                break
        return rehearsal


def _result(edge: Edge) -> Performed:
    """What the action must come to so that the edge is taken."""
    if edge.key == "if_refused":
        return Performed("refused", code=None if edge.code == ANY_CODE else edge.code)
    return Performed("pending", external_id="test") if edge.key == "if_pending" else Performed("unknown")


def _writes(text: str, *moves: MoveKind) -> Writes:
    return Writes(text, moves, (), _HERE)


def _waits(length: timedelta) -> Waits:
    days, rest = divmod(length, timedelta(days=1))
    return Waits(length if rest else Days(days), _HERE)


def _about(happening: Happening, number: str) -> Happening:
    """The same message about another number."""
    if not isinstance(happening, Writes):
        return happening
    text, slots = happening.text, []
    for one in happening.slots:
        other = number if one.value.isdigit() else one.value
        text = text.replace(one.value, other)
        slots.append(structs.replace(one, value=other))
    return replace(happening, text=text, slots=tuple(slots))


def _worthless(
    records: Mapping[str, tuple[Mapping[str, Any], ...]],
) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """The records with lists of which nothing can be chosen: every amount is zero."""
    return {
        name: tuple({key: _without_worth(value) for key, value in one.items()} for one in found)
        for name, found in records.items()
    }


def _without_worth(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return [
        {key: Money(0, inner.currency) if isinstance(inner, Money) else inner for key, inner in one.items()}
        if isinstance(one, Mapping)
        else one
        for one in value
    ]

"""Plays test cases through the engine and says what came out otherwise than expected; counts what was covered.

Called by `resolver test`. The engine, the guard and the texts are those of production, only the shop is a fake.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resolver.condition.chosen import CHOSEN
from resolver.condition.storage import to_offer
from resolver.condition.values import PairValue, RecordValue, Value
from resolver.decision.coverage import Coverage
from resolver.decision.effects import (
    Act,
)
from resolver.decision.facts import Facts
from resolver.decision.rehearsal import Difference, Rehearsal
from resolver.decision.testcase import (
    Case,
    Expected,
    ExpectedAction,
    TestFile,
)
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy

_SPACES = re.compile(r"\s+")


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
    rehearsal = Rehearsal(
        case, plans, playbook, replace(policy, limits={**policy.limits, **limits}), coverage
    )
    for happening in case.happenings:
        rehearsal.plays(happening)
    return CaseResult(case.name, (*rehearsal.problems, *_differences(case, rehearsal)))


# -- comparing ----------------------------------------------------------------------------------------------------


def _differences(case: Case, rehearsal: Rehearsal) -> Iterator[Difference]:
    expected = case.expected
    for message in (
        *_decided(expected, rehearsal),
        *_done(expected, rehearsal),
        *_said(expected, rehearsal),
        *_ended(expected, rehearsal),
    ):
        yield Difference(case.where, message)


def _decided(expected: Expected, rehearsal: Rehearsal) -> Iterator[str]:
    if expected.rule is not None and (not rehearsal.rules or expected.rule not in rehearsal.rules):
        applied = (
            f"{rehearsal.rules[-1]} applied"
            if rehearsal.rules
            else f"none applied{_behind(waits_for(rehearsal.facts))}"
        )
        yield f"rule {expected.rule} was expected, {applied}"
    if expected.outcome is not None and expected.outcome not in rehearsal.path:
        took = " → ".join(rehearsal.path) or f"none{_behind(waits_for(rehearsal.facts))}"
        yield f"outcome {expected.outcome} was expected, the run took {took}"
    if expected.stopped_by is not None and expected.stopped_by not in (rehearsal.stopped_by or "").split(
        ", "
    ):
        yield f"stopped by {expected.stopped_by} was expected, it was {rehearsal.stopped_by or 'not stopped'}"


def _done(expected: Expected, rehearsal: Rehearsal) -> Iterator[str]:
    yield from _acted("done", expected.done, rehearsal.shop.done, [one.action for one in rehearsal.shop.done])
    yield from _acted("undone", expected.undone, rehearsal.shop.undone, rehearsal.shop.names_undone)


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


def _said(expected: Expected, rehearsal: Rehearsal) -> Iterator[str]:
    if expected.asked is not None and list(expected.asked) != rehearsal.asked:
        yield f"asked: {list(expected.asked)} expected, {rehearsal.asked} was asked"
    if expected.replies is not None and list(expected.replies) != rehearsal.replies:
        yield f"replies: {list(expected.replies)} expected, {rehearsal.replies} went out"
    last = _spaced(rehearsal.messages[-1]) if rehearsal.messages else ""
    for part in expected.last_reply_contains:
        if _spaced(part) not in last:
            yield f"the last reply should contain '{part}': {last or 'there is none'}"
    if expected.messages is not None and expected.messages != len(rehearsal.messages):
        yield f"{expected.messages} messages expected, {len(rehearsal.messages)} went out"


def _spaced(text: str) -> str:
    """Spaces of every kind as one; amounts carry one that does not break."""
    return _SPACES.sub(" ", text.replace("\u00a0", " ").replace("\u202f", " "))


def _ended(expected: Expected, rehearsal: Rehearsal) -> Iterator[str]:
    queue = rehearsal.hand_off.queue if rehearsal.hand_off else None
    if expected.handoff is not None and expected.handoff != queue:
        went = f"it went to {queue}" if queue else waits_for(rehearsal.facts) or "it went to nobody"
        yield f"a handoff to {expected.handoff} was expected, {went}"
    summary = rehearsal.hand_off.summary if rehearsal.hand_off else ""
    for part in expected.summary_contains:
        if _spaced(part) not in _spaced(summary):
            yield f"the summary should contain '{part}': {summary or 'there is none'}"
    for name, value in expected.ticket.items():
        actual: Any = getattr(rehearsal.ticket, name, None)
        actual = list(actual) if isinstance(actual, tuple) else actual
        if actual != value:
            yield f"ticket {name}: {value} expected, it is {actual}"
    disposition = rehearsal.facts.disposition if rehearsal.facts else None
    if expected.disposition is not None and expected.disposition != disposition:
        ended = disposition or f"not ended{_behind(waits_for(rehearsal.facts))}"
        yield f"disposition {expected.disposition} expected, it is {ended}"


def _behind(waits: str) -> str:
    return f": {waits}" if waits else ""


def waits_for(facts: Facts | None) -> str:
    """What an open run waits for, as a sentence without its end; empty if it waits for nothing."""
    if facts is None or facts.waiting is None:
        return ""
    if facts.proving is not None and facts.proving.open:
        asked = "the customer's details" if facts.proving.details else "the code the customer was sent"
        return f"the run waits for {asked}"
    if facts.questions:
        names = dict.fromkeys(f"'{one.slot}'" for one in facts.questions)
        return f"the run waits for the answer to the question for {' and '.join(names)}"
    waits = {
        "customer": "the customer's yes or no",
        "approval": "an approval",
        "settlement": "the end of an action",
    }
    return f"the run waits for {waits[facts.waiting.for_]}"

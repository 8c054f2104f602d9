"""Whether the days, times and countries that a test file says were understood would be read from its texts.

Called by `lint`. All other values stand in the text letter by letter, which the reader of test files sees to; which day
`on Thursday` is, only the readers of live messages know.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolver.decision.testcase import Case, TestFile, Writes
    from resolver.playbook.plan import Plan
    from resolver.playbook.policy import Policy
    from resolver.source.problem import Problem

_KINDS = ("date", "time", "country")


def not_read(file: "TestFile", plan: "Plan", policy: "Policy") -> "Iterator[Problem]":
    """Each text that says a day, a time or a country to a test and not to a live conversation."""
    for case in file.cases:
        for writes, now in _written(case):
            yield from _compared(writes, now, case.given.language, plan, policy)


def _written(case: "Case") -> "Iterator[tuple[Writes, datetime]]":
    """The messages, each with its moment."""
    from resolver.decision.testcase import Waits, Writes

    now = case.given.now
    for happens in case.happenings:
        if isinstance(happens, Writes):
            yield happens, now
        elif isinstance(happens, Waits):
            length = happens.length
            now += length if isinstance(length, timedelta) else timedelta(days=length.count)


def _compared(
    writes: "Writes", now: datetime, language: str, plan: "Plan", policy: "Policy"
) -> "Iterator[Problem]":
    from resolver.decision.answer import parsed
    from resolver.source.problem import Problem
    from resolver.understanding.slots import Slots

    for understood in writes.slots:
        type_ = plan.slots[understood.slot].type
        kind = str(type_)
        if kind not in _KINDS:
            continue
        found = Slots().read(writes.text, (kind,), language=language, written_at=policy.calendar.local(now))
        values = [one.value for one in found if one.slot_type == kind]
        if [parsed(type_, one) for one in values] != [parsed(type_, understood.value)]:
            told = f"what is read is {' and '.join(values)}" if values else f"no {kind} is read from it"
            yield Problem(
                "not-read",
                f"this text would not give '{understood.slot}' {understood.value} in a live message: {told}",
                writes.where,
                help="write it as a customer would who means it; see 'resolver understand'",
                severity="warning",
            )

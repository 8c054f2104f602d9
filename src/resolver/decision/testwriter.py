"""Cases as the text of a test file, which `testfile` reads back (LANGUAGE 15).

Called by `resolver test --generate`. Each case says all that is given, so that it can be moved by itself.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from resolver.condition.values import Days
from resolver.decision.effects import Performed
from resolver.decision.testcase import (
    Answers,
    Case,
    Expected,
    Given,
    Happening,
    Settles,
    Understood,
    Waits,
    World,
    Writes,
)
from resolver.money import Money
from resolver.playbook.plan import Plan

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]*( [A-Za-z0-9][A-Za-z0-9_.@:+-]*)*")


def written(plan: Plan, cases: Iterable[Case], zone: ZoneInfo, *, head: str) -> str:
    """The file: `head` as a comment, then the cases, each marked as generated."""
    writer = _Writer(plan, zone)
    lines = [*(f"# {line}".rstrip() for line in head.splitlines()), f"tests: {plan.playbook}", "cases:"]
    for case in cases:
        lines += writer.case(case)
    return "\n".join(lines) + "\n"


def snippet(plan: Plan, case: Case, zone: ZoneInfo, shared: Given | None) -> str:
    """One case to be put into a file whose cases share `shared`: what is given besides, and no more."""
    writer = _Writer(plan, zone, shared)
    lines = [line for line in writer.case(case) if line != GENERATED]
    return "\n".join(lines[1:]) + "\n"


GENERATED = "    generated: yes"


class _Writer:
    def __init__(self, plan: Plan, zone: ZoneInfo, shared: Given | None = None) -> None:
        self.plan = plan
        self.zone = zone
        self.shared = shared

    def case(self, case: Case) -> Iterator[str]:
        """One case, with an empty line above."""
        yield ""
        yield f"  - test: {self._scalar(case.name)}"
        yield GENERATED
        given = list(
            self._given(case.given) if self.shared is None else self._besides(case.given, self.shared)
        )
        yield from ["    given:", *given] if given else []
        yield "    when:"
        for happening in case.happenings:
            yield from self._broken(self._happening(happening, first=happening is case.happenings[0]))
        yield "    then:"
        for key, value in self._then(case.expected).items():
            yield f"      {key}: {self._flow(value)}"

    def _broken(self, happening: Mapping[str, Any]) -> Iterator[str]:
        """One line, or one for each key where that would be too long to read."""
        line = f"      - {self._flow(happening)}"
        if len(line) <= _WIDTH:
            yield line
            return
        for place, (key, value) in enumerate(happening.items()):
            yield f"      {'- ' if not place else '  '}{key}: {self._flow(value)}"

    def _given(self, given: Given) -> Iterator[str]:
        yield f"      now: {given.now.astimezone(self.zone):%Y-%m-%d %H:%M}"
        payouts = given.customer.get("payouts")
        about = {key: value for key, value in given.customer.items() if key != "payouts" or not value}
        customer = {"identity": given.level.value, **about}
        if payouts:
            yield "      customer:"
            yield from (f"        {key}: {self._flow(value)}" for key, value in customer.items())
            yield "        payouts:"
            yield from (f"          - {self._flow(one)}" for one in payouts)
        else:
            yield f"      customer: {self._flow(customer)}"
        for look_up, records in given.records.items():
            yield f"      {look_up}:"
            for record in records:
                yield from self._record(record, "        ")

        yield from self._more(given)

    def _more(self, given: Given) -> Iterator[str]:
        """What actions come to, limits and codes."""
        for key, results in (("results", given.results), ("dry_runs", given.dry_runs)):
            if results:
                yield f"      {key}: {self._flow({name: _came(one) for name, one in results.items()})}"
        if given.limits:
            limits = {
                name: {code: _digits(one) for code, one in each.items()}
                for name, each in given.limits.items()
            }
            yield f"      limits: {self._flow(limits)}"
        if given.codes:
            yield "      codes: yes"

    def _besides(self, given: Given, shared: Given) -> Iterator[str]:
        """What a case has otherwise than the file."""
        if given.now != shared.now:
            yield f"      now: {given.now.astimezone(self.zone):%Y-%m-%d %H:%M}"
        about = {key: value for key, value in given.customer.items() if shared.customer.get(key) != value}
        about = about | ({"identity": given.level.value} if given.level != shared.level else {})
        if about:
            yield f"      customer: {self._flow(about)}"
        for look_up, records in given.records.items():
            others = [one for one in records if one not in shared.records.get(look_up, ())]
            yield from [f"      {look_up}:"] if others else []
            for record in others:
                yield from self._record(record, "        ")
        results = {name: one for name, one in given.results.items() if shared.results.get(name) != one}
        dry_runs = {name: one for name, one in given.dry_runs.items() if shared.dry_runs.get(name) != one}
        limits = {name: one for name, one in given.limits.items() if shared.limits.get(name) != one}
        codes = given.codes and not shared.codes
        yield from self._more(replace(given, results=results, dry_runs=dry_runs, limits=limits, codes=codes))

    def _record(self, record: Mapping[str, Any], margin: str) -> Iterator[str]:
        """A field a line; lists of records an element a line."""
        dash = "- "
        for key, value in record.items():
            if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
                yield f"{margin}{dash}{key}:"
                yield from (f"{margin}    - {self._flow(one)}" for one in value)
            else:
                yield f"{margin}{dash}{key}: {self._flow(value)}"
            dash = "  "

    def _happening(self, happening: Happening, *, first: bool) -> dict[str, Any]:
        if isinstance(happening, Answers):
            return {"approves" if happening.approves else "denies": happening.team}
        if isinstance(happening, Waits):
            return {"waits": self._length(happening.length)}
        if isinstance(happening, World):
            return {"world": {f"{happening.look_up} {happening.argument}": dict(happening.fields)}}
        if isinstance(happening, Settles):
            return {"settles": {happening.action: _came(happening.performed)}}
        if not isinstance(happening, Writes):
            raise TypeError(f"a generated case has no {type(happening).__name__}")
        understood: Any = self._understood(happening.slots)
        if happening.moves:
            understood = (
                happening.moves[0] if not understood else {**understood, "moves": list(happening.moves)}
            )
        elif first and self.plan.intent:
            understood = {"intent": self.plan.intent, **understood}
        if happening.code is not None:
            understood = {**(understood if isinstance(understood, dict) else {}), "code": happening.code}
        return {"writes": happening.text, "understood": understood or "nothing"}

    def _length(self, length: timedelta | Days) -> str:
        if isinstance(length, Days):
            return f"{length.count} {'business ' if length.business else ''}day{'' if length.count == 1 else 's'}"
        return f"{length // timedelta(minutes=1)} minutes"

    def _understood(self, slots: Iterable[Understood]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in slots:
            slot = self.plan.slots.get(one.slot)
            if one.element:
                found.setdefault(one.slot, []).append({"item": one.element, "to": one.value})
            elif slot is not None and slot.options is not None and slot.options.several:
                found.setdefault(one.slot, []).append(one.value)
            else:
                found[one.slot] = one.value
        return found

    def _then(self, expected: Expected) -> dict[str, Any]:
        done = [
            {one.action: self._arguments(one.arguments)} if one.arguments else one.action
            for one in expected.done or ()
        ]
        known = {
            "rule": expected.rule,
            "outcome": expected.outcome,
            "stopped_by": expected.stopped_by,
            "done": done,
            "undone": [one.action for one in expected.undone] if expected.undone else None,
            "asked": list(expected.asked or ()),
            "replies": list(expected.replies or ()),
            "handoff": expected.handoff,
            "ticket": dict(expected.ticket) or None,
            "disposition": expected.disposition,
        }
        return {key: value for key, value in known.items() if value is not None}

    def _arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Amounts as people write them, not as an offer holds them."""
        return {
            name: Money(value["minor"], value["currency"])
            if isinstance(value, Mapping) and value.keys() == {"minor", "currency"}
            else value
            for name, value in arguments.items()
        }

    def _flow(self, value: Any) -> str:
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{key}: {self._flow(one)}" for key, one in value.items()) + "}"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(map(self._flow, value)) + "]"
        return self._scalar(value)

    def _scalar(self, value: Any) -> str:
        match value:
            case None:
                return "unknown"
            case bool():
                return "yes" if value else "no"
            case datetime():
                return f'"{value.astimezone(self.zone):%Y-%m-%d %H:%M}"'
            case date():
                return value.isoformat()
            case Decimal():
                return f"{value:f}"
            case int():
                return str(value)
            case Money():
                return str(value)
        text = str(value)
        return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _came(result: Performed) -> Any:
    """What an action comes to, as a file says it."""
    return {"refused": result.code} if result.state == "refused" and result.code else result.state


def _digits(amount: Money) -> Decimal:
    return amount.amount

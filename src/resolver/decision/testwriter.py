"""Cases as the text of a test file, which `testfile` reads back (LANGUAGE 15).

Called by `resolver test --generate`. Each case says all that is given, so that it can be moved by itself.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from resolver.decision.testcase import Answers, Case, Expected, Given, Happening, Understood, Writes
from resolver.money import Money
from resolver.playbook.plan import Plan

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]*( [A-Za-z0-9][A-Za-z0-9_.@:+-]*)*")


def written(plan: Plan, cases: Iterable[Case], zone: ZoneInfo, *, head: str) -> str:
    """The file: `head` as a comment, then the cases, each marked as generated."""
    writer = _Writer(plan, zone)
    lines = [*(f"# {line}".rstrip() for line in head.splitlines()), f"tests: {plan.playbook}", "cases:"]
    for case in cases:
        lines += writer.case(case)
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, plan: Plan, zone: ZoneInfo) -> None:
        self.plan = plan
        self.zone = zone

    def case(self, case: Case) -> Iterator[str]:
        """One case, with an empty line above."""
        yield ""
        yield f"  - test: {self._scalar(case.name)}"
        yield "    generated: yes"
        yield "    given:"
        yield from self._given(case.given)
        yield "    when:"
        for happening in case.happenings:
            yield f"      - {self._flow(self._happening(happening, first=happening is case.happenings[0]))}"
        yield "    then:"
        for key, value in self._then(case.expected).items():
            yield f"      {key}: {self._flow(value)}"

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

    def _record(self, record: Mapping[str, Any], margin: str) -> Iterator[str]:
        """A field a line; lists of records an element a line."""
        dash = "- "
        for key, value in record.items():
            if isinstance(value, list) and value and isinstance(value[0], Mapping):
                yield f"{margin}{dash}{key}:"
                yield from (f"{margin}    - {self._flow(one)}" for one in value)
            else:
                yield f"{margin}{dash}{key}: {self._flow(value)}"
            dash = "  "

    def _happening(self, happening: Happening, *, first: bool) -> Any:
        if isinstance(happening, Answers):
            return {"approves" if happening.approves else "denies": happening.team}
        if not isinstance(happening, Writes):
            raise TypeError(f"a generated case has no {type(happening).__name__}")
        understood: Any = self._understood(happening.slots)
        if happening.moves:
            understood = (
                happening.moves[0] if not understood else {**understood, "moves": list(happening.moves)}
            )
        elif first and self.plan.intent:
            understood = {"intent": self.plan.intent, **understood}
        return {"writes": happening.text, "understood": understood or "nothing"}

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

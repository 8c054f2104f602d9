"""Tickets drawn by a fixed seed: records as a backend would give them, keeping what their interface promises.

Used by `witness`, and by `case_drawing` for test cases. What an example says is taken, the rest comes from values that
stand around limits people write.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zlib import crc32

from resolver.condition.calendar import Calendar
from resolver.condition.env import Env
from resolver.condition.types import (
    Choice,
    Date,
    Field,
    ListOf,
    MoneyType,
    Number,
    Record,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.connector.interface import Interface, Unusable, read_record
from resolver.connector.interface_reader import interface_from_document
from resolver.money import Money
from resolver.playbook.plan import Plan, Slot
from resolver.playbook.policy import Policy
from resolver.proof.example import Example
from resolver.source.document import canonical

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
OWNER = "ann@example.com"
_AMOUNTS = ("0", "0.01", "1", "2", "10", "12.50", "39.90", "60", "160", "500")
_CENTS = 0.2
"""How often the value of several units is a cent: a part of it is then nothing, which people forget."""
_DAYS = (0, 1, 2, 5, 13, 14, 15, 29, 30, 31, 45, 90, 400)


@dataclass(slots=True)
class Drawing:
    """Values by type: what the example says, as often as `loyalty` demands, else one of a few.

    `gaps` is how often a field is left out that may be missing and that the example does not mention; days are counted
    from `now`.
    """

    plan: Plan
    random: Random
    example: Example | None
    calendar: Calendar
    loyalty: float = 0.7
    gaps: float = 0.2
    now: datetime = NOW
    interfaces: list[Interface] = field(init=False)
    _spoken: str = field(init=False)

    def __post_init__(self) -> None:
        document = json.loads(self.plan.document)
        self.interfaces = [interface_from_document(canonical(one)) for one in document["interfaces"].values()]
        self._spoken = json.dumps({name: one for name, one in document.items() if name != "interfaces"})

    def record(self, type_name: str, path: str) -> dict[str, Any] | None:
        """The fields of a record that keeps what its interface promises; None if this try does not."""
        declared = self.plan.records[type_name]
        raw: dict[str, Any] = {}
        for name, one in declared.fields.items():
            if one.may_be_missing and self._left_out(name, one.type, path):
                continue
            if one.from_look_up:
                reference = self.referred(one, f"{path}.{name}")
                raw |= {} if reference is None else {name: reference}
                continue
            value = self.value(one.type, f"{path}.{name}")
            if one.split_by_units and self.random.random() < _CENTS:
                value = Money.parse("0.01 EUR")
            if isinstance(value, Money) and self._may_be_negative(type_name) and self.random.random() < 0.5:
                value = Money(-value.minor, value.currency)
            raw[name] = OWNER if name in (declared.owner, declared.contact) and value is not None else value
        raw[declared.key] = self.key(raw.get(declared.key), path)
        return raw if self.is_usable(type_name, raw) else None

    def is_usable(self, type_name: str, raw: Mapping[str, Any]) -> bool:
        """Whether a record keeps what its interface promises of it."""
        interface = next((one for one in self.interfaces if type_name in one.records), None)
        if interface is None:
            return True
        return not isinstance(
            read_record(interface, type_name, raw, Env({}, self.now, self.calendar)), Unusable
        )

    def referred(self, field_: Field, path: str) -> Any:
        """What leads to the record behind a field declared `from LOOK_UP`; None leaves the field out."""
        return None

    def key(self, drawn: Any, path: str) -> Any:
        """What a record is called."""
        return drawn or path

    def limits(self, policy: Policy) -> dict[str, dict[str, Money]]:
        """Other amounts for the policy's limits: what is proven holds whatever they are."""
        return {name: {"EUR": Money.parse(f"{self._amount()} EUR")} for name in policy.limits}

    def _left_out(self, name: str, type_: Type, path: str) -> bool:
        """Whether a field is missing; records in a list that the playbook never speaks of would only cost time."""
        if isinstance(type_, ListOf) and name not in self._spoken:
            return True
        return self._missing(f"{path}.{name}")

    def _may_be_negative(self, type_name: str) -> bool:
        """Whether amounts of a record may be below zero: its interface promises nothing about them."""
        return any(type_name in one.records and not one.facts.get(type_name) for one in self.interfaces)

    def _missing(self, path: str) -> bool:
        said = self._said(path)
        return said is None if said is not False else self.random.random() < self.gaps

    def _said(self, path: str) -> str | bool | None:
        """What the example says of a path: a text, None for missing, False for nothing."""
        if self.example is None or path not in self.example.values or self.random.random() < 1 - self.loyalty:
            return False
        return self.example.values[path]

    def value(self, type_: Type, path: str) -> Any:
        """A value as a backend would give it."""
        said = self._said(path)
        match type_:
            case MoneyType():
                return Money.parse(
                    said if isinstance(said, str) and "EUR" in said else f"{self._amount()} EUR"
                )
            case Number():
                return Decimal(said) if isinstance(said, str) else Decimal(self.random.randint(0, 3))
            case YesNo():
                return said == "yes" if isinstance(said, str) else self.random.random() < 0.5
            case Choice(options=options):
                return said if said in options else self.random.choice(list(options))
            case Time() | Date():
                at = self.now + timedelta(days=self._days(said))
                return at if isinstance(type_, Time) else at.date()
            case ListOf(element=Record(name=name)):
                drawn = [self.record(name, f"{path}[{n}]") for n in range(self.random.randint(1, 2))]
                return [one for one in drawn if one is not None]
            case ListOf():
                return []
            case Record(name=name):
                return self.record(name, path)
            case Text(kind=kind):
                return said if isinstance(said, str) else _TEXTS.get(kind) or self.text(path)
        return f"x{crc32(path.encode())}"

    def text(self, path: str) -> str:
        """A text of no kind that conditions know: the names of things as they could be, else none of any meaning."""
        last, place = path.rpartition(".")[2], path.rpartition("[")[2].partition("]")[0]
        named = last == "name" and place.isdigit()
        return (
            _THINGS[(int(place) + path.count("[") - 1) % len(_THINGS)]
            if named
            else f"x{crc32(path.encode())}"
        )

    def written(self, slot: Slot) -> str:
        """A value for a slot as a customer writes it."""
        value = self.value(slot.type, slot.name)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value.isoformat() if isinstance(value, date) else str(value)

    def _amount(self) -> str:
        return self.random.choice(_AMOUNTS)

    def _days(self, said: str | bool | None) -> int:
        if isinstance(said, str) and said.split()[0].isdigit():
            return int(said.split()[0]) * (-1 if "ago" in said else 1)
        return self.random.choice(_DAYS) * self.random.choice((-1, -1, 1))


_THINGS = ("Blue mug", "Red bowl", "Green lamp", "Grey scarf")
_TEXTS = {
    "email": OWNER, "address": "Lindenweg 3, 10115 Berlin, DE", "country": "DE", "order_number": "10231",
    "phone": "+4930123456",
}  # fmt: skip

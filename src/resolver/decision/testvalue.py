"""Values as test files write them (`39.90 EUR`, `2026-11-11 09:00`, `yes`), read by the interface's declared types.

Used by `testfile` only. Times without a zone are the shop's.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from resolver.condition.storage import read_value
from resolver.condition.types import (
    Date,
    ListOf,
    MoneyType,
    Number,
    Record,
    Records,
    RecordType,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.condition.values import Unknown, Value
from resolver.country import is_code
from resolver.errors import Malformed
from resolver.money import Money
from resolver.source.node import Node, ScalarNode
from resolver.source.problem import Problem
from resolver.source.reader import read_entries, read_items, read_scalar, unknown_word, wrong_value

_HOW = {
    "country": "a country by its ISO code, such as DE",
    "date": "a date, such as 2026-11-23",
    "email": "an e-mail address, such as ann@example.com",
    "money": "money, such as 39.90 EUR",
    "phone": "a phone number in digits, such as +49301234567",
    "time": "a time, such as 2026-11-23 10:00",
}


def described(type_: Type) -> str:
    """What a value of this type is, for a message that says what is wanted."""
    return _HOW.get(str(type_), f"a {type_}")


class ValueReader:
    """Reads nodes by type; what does not fit is added to `problems` and left out."""

    def __init__(self, records: Records, zone: ZoneInfo, problems: list[Problem]) -> None:
        self.records = records
        self.zone = zone
        self.problems = problems

    def fields(self, record: str) -> dict[str, Type]:
        """The types of a record's fields; empty if the plan does not know it."""
        declared = self.records.get(record)
        return {name: one.type for name, one in declared.fields.items()} if declared else {}

    def record(self, declared: RecordType, node: Node) -> dict[str, Any]:
        """A record's fields, as far as the file writes them; None for one that is missing on purpose."""
        found: dict[str, Any] = {}
        for entry in read_entries(node, self.problems):
            field = declared.fields.get(entry.key.text)
            if field is None:
                self.problems.append(unknown_word(entry.key, declared.fields))
            elif field.from_look_up and isinstance(entry.value, ScalarNode):
                found[entry.key.text] = entry.value.text.strip()  # the key of the record it leads to
            else:
                found[entry.key.text] = self.read(field.type, entry.value)
        return found

    def merged(
        self, declared: RecordType, before: Mapping[str, Any], more: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One record over another; lists of records are merged element by element, an empty one leaves none."""
        whole = dict(before)
        for name, value in more.items():
            type_ = declared.fields[name].type
            inner = type_.element if isinstance(type_, ListOf) else None
            element = self.records.get(inner.name) if isinstance(inner, Record) else None
            if element is not None and value and before.get(name):
                whole[name] = self._merged_list(element, before[name], value)
            else:
                whole[name] = value
        return whole

    def _merged_list(self, element: RecordType, before: Any, more: Any) -> list[Any]:
        found = {one.get(element.key): one for one in before}
        for one in more:
            key = one.get(element.key)
            found[key] = self.merged(element, found[key], one) if key in found else one
        return list(found.values())

    def read(self, type_: Type, node: Node) -> Any:
        """The value as `storage.read_value` takes it; `unknown` in the file is a missing value."""
        if isinstance(node, ScalarNode) and not node.quoted and node.text == "unknown":
            return None
        if isinstance(type_, ListOf):
            return [self.read(type_.element, one) for one in read_items(node, self.problems)]
        if isinstance(type_, Record):
            declared = self.records.get(type_.name)
            return self.record(declared, node) if declared else None
        scalar = read_scalar(node, self.problems)
        if scalar is None or scalar.text == "unknown":
            return None
        raw = self._raw(type_, scalar.text.strip())
        abroad = isinstance(type_, Text) and type_.kind == "country" and not is_code(raw)
        if raw is None or abroad or isinstance(read_value(type_, raw, self.records), Unknown):
            self.problems.append(wrong_value(scalar, described(type_)))
            return None
        return raw

    def of_slot(self, type_: Type, text: str) -> str:
        """The canonical text of a slot's value: a time with the shop's zone, everything else as it is written."""
        raw = self._raw(type_, text) if isinstance(type_, Time) else None
        return raw.isoformat() if isinstance(raw, datetime) else text

    def _raw(self, type_: Type, text: str) -> Any:
        try:
            if isinstance(type_, YesNo):
                return {"yes": True, "no": False}.get(text)
            if isinstance(type_, MoneyType):
                return Money.parse(text)
            if isinstance(type_, Number):
                return Decimal(text)
            if isinstance(type_, Date):
                return date.fromisoformat(text)
            if isinstance(type_, Time):
                found = datetime.fromisoformat(text)
                return found if found.tzinfo else found.replace(tzinfo=self.zone)
        except (Malformed, ValueError, InvalidOperation):
            return None
        return text

    def key_or_value(self, type_: Type, node: ScalarNode) -> Value:
        """An argument as a test compares it: a record by its key, everything else by its type."""
        if isinstance(type_, Record):
            return node.text
        return read_value(type_, self.read(type_, node), self.records)

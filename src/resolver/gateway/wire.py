"""Arguments on their way out: from the language's values to what a connector takes, and to the ledger and back.

Used by intent and send. The JSON form is canonical: the key and every later send are made from it.
"""

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from resolver.condition.storage import read_value, to_offer
from resolver.condition.types import Date, ListOf, MoneyType, Number, PairsOf, Record, Time, Type
from resolver.condition.values import Amount, RecordValue, Unknown, Value
from resolver.connector.action import Argument, ChosenLine, ChosenPair, Plain
from resolver.connector.interface import ArgumentSpec
from resolver.money import Money


class Unsendable(ValueError):
    """An argument is unknown or unrounded. The engine stops before this; reaching it is a bug."""


def to_ledger(arguments: Mapping[str, Value]) -> dict[str, Any]:
    """The arguments as canonical JSON values: records by type and key, money in minor units."""
    for name, value in arguments.items():
        if isinstance(value, Unknown) or (isinstance(value, Amount) and value.money() is None):
            raise Unsendable(f"argument {name!r} has no definite value")
    return {name: to_offer(value) for name, value in arguments.items()}


def to_connector(takes: Mapping[str, ArgumentSpec], ledger: Mapping[str, Any]) -> dict[str, Argument]:
    """What a connector's function takes, from the ledger's JSON: the same bytes give the same call."""
    return {name: _argument(takes[name].type, value) for name, value in ledger.items()}


def idempotency_key(connection: str, run: str, step: str, generation: int, ledger: Mapping[str, Any]) -> str:
    """The key of an effect, computed once when its intent is written and ever after read back (LANGUAGE 7)."""
    parts = msgspec.json.encode([connection, run, step, generation, ledger], order="sorted")
    return "rsv1-" + b32encode(hashlib.sha256(parts).digest()).decode().rstrip("=").lower()


def _argument(type_: Type, value: Any) -> Argument:
    match type_:
        case ListOf(element=Record()):
            return tuple(_line(element) for element in value)
        case ListOf(element=PairsOf(item=Record(), to=to)):
            return tuple(ChosenPair(_line(pair["item"]), _plain(to, pair["to"])) for pair in value)
        case ListOf(element=element):
            return tuple(_plain(element, one) for one in value)
    return _plain(type_, value)


def _plain(type_: Type, value: Any) -> Plain:
    """What is no list."""
    if isinstance(type_, Record):
        return str(value["key"])
    if isinstance(type_, MoneyType):
        return Money(value["minor"], value["currency"])
    read = read_value(type_, value, {})
    if isinstance(type_, Time | Date | Number) and isinstance(read, datetime | date | Decimal):
        return read
    if isinstance(read, bool | str):
        return read
    raise Unsendable(f"a {type_} is not sent in this release")


def _line(element: Mapping[str, Any]) -> ChosenLine:
    chosen = element.get("chosen")
    return ChosenLine(str(element["key"]), None if chosen is None else Decimal(chosen))


def record_name(connection: str, record: RecordValue | None) -> str:
    """How the ledger names the record an action is about; one per connection if it is about none."""
    return f"{connection}|{record.type_name}|{record.key}" if record else f"{connection}||"

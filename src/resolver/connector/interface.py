"""What a playbook may count on: the record types, look-ups and actions of one interface, frozen.

Made by `interface_reader`, used by the registry, playbooks, decision and gateway. It knows no connector and performs
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled
from resolver.condition.storage import read_value
from resolver.condition.types import Field, Record, Records, RecordType, Type
from resolver.condition.values import RecordValue
from resolver.connector.interface_places import ResultWord
from resolver.ticket import Level


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """One argument of a look-up or action. `shown` False: the confirm text need not show it."""

    type: Type
    shown: bool = True
    may_be_missing: bool = False


@dataclass(frozen=True, slots=True)
class LookUpSpec:
    """A look-up: its full name, arguments, the record it gives and the level a run needs to ask."""

    name: str
    takes: Mapping[str, ArgumentSpec]
    gives: RecordType
    identity: Level


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """An action as the interface declares it; a connector may narrow it (`manifest.Narrowing`).

    `pays` and `requires` are expressions over the arguments. `record` is the argument that names the action's own
    record, None if it has none. `undo` None means it cannot be undone.
    """

    name: str
    title: str
    effect: Literal["write", "money"]
    takes: Mapping[str, ArgumentSpec]
    pays: Compiled | None
    requires: tuple[Compiled, ...]
    record: str | None
    identity: Level
    confirm: Literal["required", "not_needed"] | None
    result: ResultWord
    settles_within: timedelta | None
    refuses: tuple[str, ...]
    undo: str | None
    undo_with: Mapping[str, Compiled]
    ends: str | None
    gives: Mapping[str, Field]

    @property
    def needs_confirmation(self) -> bool:
        """Whether interface alone demands the customer's yes; the policy may demand it too."""
        if self.effect == "money" or self.confirm == "required":
            return True
        return self.undo is None and self.confirm != "not_needed"


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface file. `document` is its canonical JSON, from which it can be rebuilt; `id` that text's sha256.

    `records` has every record type by its full name, `facts` what each of them promises, asserted on every read.
    """

    name: str
    id: str
    document: str
    records: Records
    facts: Mapping[str, tuple[Compiled, ...]]
    look_ups: Mapping[str, LookUpSpec]
    actions: Mapping[str, ActionSpec]
    patterns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record that was read but cannot be used: without its key, or against the facts its interface promises."""

    record: str
    problem: str


def read_record(
    interface: Interface, record: str, raw: Mapping[str, object], env: Env
) -> RecordValue | Unusable:
    """The record a connector handed over, in the types `interface` declares for `record` (its full name).

    A field of a wrong type or with an undeclared word is unknown, one that is absent is missing; neither stops here.
    `env` brings time and calendar for the declared facts; a fact that is surely broken makes the record unusable.
    """
    value = read_value(Record(record), raw, interface.records)
    if not isinstance(value, RecordValue):
        return Unusable(record, f"{record} came without its key '{interface.records[record].key}'")
    broken = _broken_fact(interface, value, env)
    return Unusable(record, broken) if broken else value


def _broken_fact(interface: Interface, value: RecordValue, env: Env) -> str | None:
    inside = Env(value.fields, env.now, env.calendar)
    for fact in interface.facts[value.type_name]:
        if fact.call(inside) is False:
            return f"{value.type_name} {value.key} breaks the fact '{fact.source}'"
    nested = (element for field_ in value.fields.values() for element in _records_in(field_))
    return next((broken for element in nested if (broken := _broken_fact(interface, element, env))), None)


def _records_in(value: object) -> tuple[RecordValue, ...]:
    elements = value if isinstance(value, tuple) else (value,)
    return tuple(element for element in elements if isinstance(element, RecordValue))

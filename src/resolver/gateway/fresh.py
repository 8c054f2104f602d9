"""The last look before sending: the ticket and the records are read again, and the requirements must still hold.

Used by `send` for an intent that has surely not left us. What it cannot see stops the effect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from resolver.condition.chosen import CHOSEN, chosen_part
from resolver.condition.env import Env
from resolver.condition.storage import read_value
from resolver.condition.types import ListOf, PairsOf, Record
from resolver.condition.values import PairValue, RecordValue, Value, unknown
from resolver.connector.helpdesk import Helpdesk
from resolver.connector.interface import ActionSpec, ArgumentSpec
from resolver.connector.manifest import Interfaces
from resolver.decision import guard
from resolver.decision.effects import Found
from resolver.decision.guard import Stop
from resolver.errors import NotFound
from resolver.gateway.lookups import LookUps
from resolver.playbook.policy import Policy
from resolver.ticket import TicketId


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the intent's sealed document holds."""

    arguments: Mapping[str, Any]
    reads: tuple[tuple[str, Mapping[str, Any]], ...]
    staff_stamp: str
    email: str | None
    plan: str
    go_ahead: str | None = None


async def look_again(
    spec: ActionSpec,
    sealed: Sealed,
    *,
    look_ups: LookUps,
    interfaces: Interfaces,
    helpdesk: Helpdesk,
    ticket: TicketId,
    policy: Policy,
    env: Env,
) -> Stop | None:
    """`None` if the effect may be sent now. `Unavailable` passes through: it is tried later."""
    stop = await _staff(helpdesk, ticket, sealed)
    if stop is not None:
        return stop
    arguments = await arguments_now(spec, sealed, look_ups=look_ups, interfaces=interfaces, env=env)
    if isinstance(arguments, Stop):
        return arguments
    return guard.requirements(spec, arguments, now=env.now, policy=policy)


async def arguments_now(
    spec: ActionSpec, sealed: Sealed, *, look_ups: LookUps, interfaces: Interfaces, env: Env
) -> Mapping[str, Value] | Stop:
    """The arguments as the world has them now, every record read again; a `Stop` where one is not there any more."""
    records: dict[tuple[str, str], RecordValue] = {}
    for name, arguments in sealed.reads:
        found = await look_ups.read_again(name, arguments, email=sealed.email, env=env)
        if not isinstance(found, Found):
            return Stop("record", f"{name} no longer gives the record.")
        records.update(((one.type_name, one.key), one) for one in _inside(found.record))
    return {
        name: _now(spec.takes[name], value, records, interfaces) for name, value in sealed.arguments.items()
    }


async def _staff(helpdesk: Helpdesk, ticket: TicketId, sealed: Sealed) -> Stop | None:
    try:
        current = await helpdesk.fetch(ticket)
    except NotFound:
        return Stop("ticket", "The ticket is gone.")
    if current.closed:
        return Stop("ticket", "The ticket was closed.")
    if current.staff_stamp != sealed.staff_stamp:
        return Stop("staff", "A colleague has been active on the ticket.")
    return None


def _inside(value: Value) -> Iterator[RecordValue]:
    """A record and every record in it."""
    if isinstance(value, RecordValue):
        yield value
        for field in value.fields.values():
            yield from _inside(field)
    elif isinstance(value, tuple):
        for element in value:
            yield from _inside(element)


def _now(
    spec: ArgumentSpec, stored: Any, records: Mapping[tuple[str, str], RecordValue], interfaces: Interfaces
) -> Value:
    """The argument as the world has it now: records as just read, plain values as they were offered."""
    if isinstance(spec.type, Record):
        return records.get((stored["type"], stored["key"]), unknown(stored["type"]))
    if isinstance(spec.type, ListOf) and isinstance(spec.type.element, Record):
        return tuple(_element(spec.type.element.name, one, records, interfaces) for one in stored)
    if isinstance(spec.type, ListOf) and isinstance(spec.type.element, PairsOf):
        return tuple(_pair(spec.type.element, one, records, interfaces) for one in stored)
    return read_value(spec.type, stored, interfaces.records)


def _pair(
    type_: PairsOf,
    stored: Mapping[str, Any],
    records: Mapping[tuple[str, str], RecordValue],
    interfaces: Interfaces,
) -> Value:
    """Both sides of a pair as just read."""
    item, to = stored["item"], stored["to"]
    return PairValue(
        _element(type_.item.name, item, records, interfaces) if isinstance(type_.item, Record) else item,
        records.get((type_.to.name, to["key"]), unknown(type_.to.name))
        if isinstance(type_.to, Record)
        else read_value(type_.to, to, interfaces.records),
    )


def _element(
    type_name: str,
    stored: Mapping[str, Any],
    records: Mapping[tuple[str, str], RecordValue],
    interfaces: Interfaces,
) -> Value:
    """A list element as just read; of a chosen one the same number of units, unknown if it no longer has so many."""
    element = records.get((type_name, stored["key"]))
    if element is None or CHOSEN not in stored:
        return element or unknown(type_name)
    part = chosen_part(element, interfaces.records[type_name], Decimal(stored[CHOSEN]))
    return part or unknown(f"{type_name}.{CHOSEN}", "out of range")

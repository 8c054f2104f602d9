"""Values as a ticket file writes them (`39.90 EUR`, `2026-11-11 09:00`, `yes`), read by their declared types.

The notation is that of test files; JSON's own `true`, numbers and `null` are taken as well. Made once for each record
type and called for every ticket, so each type becomes one small function. Used by `archive` only.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from resolver.condition.storage import MAX_ELEMENTS, MAX_RECORDS_DEEP, MAX_TEXT, number_text, read_value
from resolver.condition.types import (
    Choice,
    Date,
    Field,
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
from resolver.condition.values import Amount, RecordValue, Reference, Unknown, Value, normal_email
from resolver.errors import Malformed
from resolver.money import Money
from resolver.source.name import nearest

_REMEMBERED = 8192  # amounts and numbers come again and again; more than that is not kept

Read = Callable[[Any], Value | None]
"""From JSON to the value; None for one that is missing. Raises `Malformed` without a place."""


class Fields:
    """Reads records, and loose fields such as the customer's, by their types. Times without a zone are the shop's."""

    def __init__(self, records: Records, zone: ZoneInfo) -> None:
        self._records = records
        self._zone = zone
        self._made: dict[tuple[str, int], Read] = {}

    def record(self, declared: RecordType, *, deep: int = 0) -> Read:
        """What reads a whole record of this type."""
        made = self._made.get((declared.name, deep))
        if made is None:
            made = self._made[declared.name, deep] = self._record(declared, deep)
        return made

    def some(self, declared: RecordType) -> Callable[[Mapping[str, Any]], dict[str, Value]]:
        """What reads those fields of a record that are there; nobody asks for its key."""
        return _fields_reader(declared, {name: self._field(one, 0) for name, one in declared.fields.items()})

    def time(self, raw: Any) -> datetime:
        """An instant."""
        found = _time_reader(self._zone)(raw)
        if not isinstance(found, datetime):
            raise _wrong(raw, Time())
        return found

    def _record(self, declared: RecordType, deep: int) -> Read:
        if deep >= MAX_RECORDS_DEEP:
            return _too_deep
        fields = _fields_reader(
            declared, {name: self._field(one, deep) for name, one in declared.fields.items()}
        )
        name, key_name = declared.name, declared.key

        def read(raw: Any) -> Value | None:
            if raw is None:
                return None
            if type(raw) is not dict:
                raise Malformed(f"{_shown(raw)} is no {name}", remedy="write its fields in braces")
            found = fields(raw)
            key = found.get(key_name)
            if type(key) is str:
                return RecordValue(name, key, found)
            if not isinstance(key, Decimal):
                raise Malformed(f"a {name} without its '{key_name}'", remedy=f"add '{key_name}'")
            return RecordValue(name, number_text(key), found)

        return read

    def _field(self, field: Field, deep: int) -> Read:
        read = self._type(field.type, deep)
        return _reference_or(field.from_look_up, read) if field.from_look_up else read

    def _type(self, type_: Type, deep: int) -> Read:
        if isinstance(type_, ListOf):
            return _list_reader(self._type(type_.element, deep))
        if isinstance(type_, Record):
            declared = self._records.get(type_.name)
            return self.record(declared, deep=deep + 1) if declared else _generic(type_, self._records)
        if isinstance(type_, Time):
            return _time_reader(self._zone)
        make = _SCALARS.get(type(type_))
        return make(type_) if make else _generic(type_, self._records)


def _fields_reader(
    declared: RecordType, reads: Mapping[str, Read]
) -> Callable[[Mapping[str, Any]], dict[str, Value]]:
    def read(raw: Mapping[str, Any]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, one in raw.items():
            try:
                value = reads[name](one)
            except KeyError:
                raise unknown_field(name, declared.name, reads) from None
            except Malformed as error:
                raise Malformed(f"{name}: {error.problem}", remedy=error.remedy) from None
            if value is not None:
                found[name] = value
        return found

    return read


def unknown_field(name: str, of: str, known: Mapping[str, object]) -> Malformed:
    """The error for a name that is not declared."""
    near = nearest(name, known)
    remedy = f"did you mean '{near}'?" if near else f"there are: {', '.join(known)}"
    return Malformed(f"{of} has no '{name[:40]}'", remedy=remedy)


def _list_reader(read: Read) -> Read:
    def read_list(raw: Any) -> Value | None:
        if raw is None:
            return None
        if type(raw) is not list or len(raw) > MAX_ELEMENTS:
            raise Malformed(f"{_shown(raw)} is no list", remedy=f"write at most {MAX_ELEMENTS} in brackets")
        return tuple([Unknown() if (value := read(one)) is None else value for one in raw])

    return read_list


def _reference_or(look_up: str, read: Read) -> Read:
    """A field declared `from LOOK_UP`: the key of a record, or the record itself."""

    def read_reference(raw: Any) -> Value | None:
        if type(raw) is str and raw:
            return Reference(look_up, raw)
        return Reference(look_up, str(raw)) if type(raw) is int else read(raw)

    return read_reference


def _too_deep(raw: Any) -> Value | None:
    if raw is None:
        return None
    raise Malformed("too many records inside one another", remedy="leave the innermost out")


# -- scalars ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=_REMEMBERED)
def _amount(text: str) -> Amount:
    return Amount.of(Money.parse(text))


@lru_cache(maxsize=_REMEMBERED)
def _decimal(text: str) -> Decimal:
    value = read_value(Number(), text, {})
    if not isinstance(value, Decimal):
        raise _wrong(text, Number())
    return value


def _money_reader(_: Type) -> Read:
    def read(raw: Any) -> Value | None:
        if type(raw) is str and raw != "unknown":
            return _amount(raw)
        if raw is None or raw == "unknown":
            return None
        raise Malformed(f"{_shown(raw)} is not an amount.", remedy="write it like 12.00 EUR")

    return read


def _number_reader(type_: Type) -> Read:
    def read(raw: Any) -> Value | None:
        if type(raw) is int or (type(raw) is str and raw != "unknown"):
            return _decimal(str(raw))
        if raw is None or raw == "unknown":
            return None
        if type(raw) is Decimal:
            return _decimal(f"{raw:f}") if abs(raw.adjusted()) < 40 else _refuse(raw, type_)
        return _refuse(raw, type_)

    return read


def _text_reader(type_: Type) -> Read:
    email = type_ == Text("email")

    def read(raw: Any) -> Value | None:
        if type(raw) is int:
            raw = str(raw)
        if raw is None or raw == "unknown":
            return None
        if type(raw) is not str or len(raw) > MAX_TEXT or not (text := raw.strip()):
            return _refuse(raw, type_)
        return normal_email(text) if email else text

    return read


def _choice_reader(type_: Type) -> Read:
    options = frozenset(type_.options) if isinstance(type_, Choice) else frozenset()

    def read(raw: Any) -> Value | None:
        if type(raw) is str and raw in options:
            return raw
        return None if raw is None or raw == "unknown" else _refuse(raw, type_)

    return read


def _yes_no_reader(type_: Type) -> Read:
    words = {"yes": True, "no": False}

    def read(raw: Any) -> Value | None:
        if type(raw) is bool:
            return raw
        if type(raw) is str and raw in words:
            return words[raw]
        return None if raw is None or raw == "unknown" else _refuse(raw, type_)

    return read


def _date_reader(type_: Type) -> Read:
    def read(raw: Any) -> Value | None:
        if raw is None or raw == "unknown":
            return None
        try:
            return date.fromisoformat(raw)
        except (ValueError, TypeError):
            return _refuse(raw, type_)

    return read


def _time_reader(zone: ZoneInfo) -> Read:
    def read(raw: Any) -> Value | None:
        if raw is None or raw == "unknown":
            return None
        try:
            found = datetime.fromisoformat(raw)
            if found.tzinfo is None:  # `combine` takes a fifth of the time of `replace`
                found = datetime.combine(found.date(), found.time(), zone)
            return found.astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            return _refuse(raw, Time())

    return read


def _generic(type_: Type, records: Records) -> Read:
    """Types that records seldom have, by the way facts are read back."""

    def read(raw: Any) -> Value | None:
        if raw is None or raw == "unknown":
            return None
        value = read_value(type_, raw, records)
        return _refuse(raw, type_) if isinstance(value, Unknown) else value

    return read


_SCALARS: Mapping[type, Callable[[Type], Read]] = {
    MoneyType: _money_reader,
    Number: _number_reader,
    Text: _text_reader,
    Choice: _choice_reader,
    YesNo: _yes_no_reader,
    Date: _date_reader,
}


def _refuse(raw: Any, type_: Type) -> Value | None:
    raise _wrong(raw, type_)


def _wrong(raw: Any, type_: Type) -> Malformed:
    examples = {Time: "2026-11-11 09:00", Date: "2026-11-11", YesNo: "yes or no", Number: "2"}
    example = examples.get(type(type_))
    remedy = f"write it like {example}" if example else "see docs/playbooks/7-backtesting.md"
    return Malformed(f"{_shown(raw)} is no {type_}", remedy=remedy)


def _shown(raw: Any) -> str:
    text = " ".join(str(raw).split())
    return f"'{text}'" if len(text) <= 40 else f"'{text[:40]}…'"

"""Values as canonical JSON, for facts, digests and offers, and back by their declared type.

Used by decision, gateway and connectors' edges. Reading never raises and never guesses: what does not fit the declared
type is `Unknown` with the reason, so that it stops a run instead of bending it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from resolver.condition.chosen import CHOSEN
from resolver.condition.types import (
    Choice,
    Date,
    DaysType,
    Duration,
    Field,
    ListOf,
    MoneyType,
    Number,
    PairsOf,
    Record,
    Records,
    RecordType,
    Secret,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.condition.values import (
    Amount,
    Cause,
    Days,
    PairValue,
    PerCurrency,
    RecordValue,
    Reference,
    Unknown,
    Value,
    normal_email,
    unknown,
)
from resolver.money import Money, is_currency

MAX_ELEMENTS = 100
MAX_RECORDS_DEEP = 4
MAX_DIGITS = 30
MAX_TEXT = 20_000

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_FRACTION = re.compile(r"-?[0-9]{1,5000}/[0-9]{1,5000}")
_LENGTH = re.compile(r"(-?[0-9]{1,8}) (minutes|days|business days)")

Json = bool | str | int | None | list["Json"] | dict[str, "Json"]


def to_json(value: Value) -> Json:
    """The value whole, as it is stored with a run: records with their fields."""
    if isinstance(value, RecordValue):
        fields = {name: to_json(field) for name, field in sorted(value.fields.items())}
        return {"fields": fields, "key": value.key, "type": value.type_name}
    return _plain(value, to_json)


def to_offer(value: Value) -> Json:
    """The value as it stands in an offer: records only by type and key, chosen elements by key and units chosen."""
    if isinstance(value, RecordValue):
        chosen = value.fields.get(CHOSEN)
        if chosen is not None:
            return {"chosen": to_offer(chosen), "key": value.key}
        return {"key": value.key, "type": value.type_name}
    return _plain(value, to_offer)


def _plain(value: Value, inner: Callable[[Value], Json]) -> Json:
    match value:
        case bool() | str():
            return value
        case Decimal() | Fraction():
            return number_text(value)
        case Amount():
            return _amount_json(value)
        case PerCurrency(amounts=amounts):
            return {"amounts": {code: number_text(amount) for code, amount in sorted(amounts.items())}}
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return f"{value // timedelta(minutes=1)} minutes"
        case Days(count=count, business=business):
            return f"{count} {'business ' if business else ''}days"
        case PairValue(item=item, to=to):
            return {"item": inner(item), "to": inner(to)}
        case Reference(look_up=look_up, key=key):
            return {"key": key, "look_up": look_up}
        case tuple():
            return [inner(element) for element in value]
        case Unknown(causes=causes):
            return {"unknown": [[cause.name, cause.why] for cause in causes]}
    raise TypeError(f"{type(value).__name__} is no value of the language")


@lru_cache(maxsize=1024, typed=True)  # a number and a fraction may be equal
def number_text(value: Decimal | Fraction) -> str:
    """The canonical text of an exact number: no exponent, no zeros at the end; a fraction as `2/3`."""
    if type(value) is Fraction:
        return f"{value.numerator}/{value.denominator}"
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _amount_json(value: Amount) -> Json:
    money = value.money()
    if money is not None:
        return {"currency": money.currency, "minor": money.minor}
    return {"amount": number_text(value.value), "currency": value.currency}


def read_value(type_: Type, raw: Any, records: Records, *, name: str = "") -> Value:
    """The value of declared `type_` from canonical JSON or from a connector's own Python value.

    Takes for money `Money`, for numbers `int`, `Decimal` or text, for times aware `datetime` or ISO text, for records
    a mapping of fields or the stored form; never a float. `name` is what unknown values are called.
    """
    return _read(type_, raw, records, name, 0)


def _read(type_: Type, raw: Any, records: Records, name: str, deep: int) -> Value:
    if raw is None:
        return unknown(name)
    if not isinstance(
        raw, str
    ):  # what is asked of a Mapping takes longer than all the rest of reading a text
        if isinstance(raw, Unknown):
            return raw if raw.causes else unknown(name)
        if isinstance(raw, Mapping) and set(raw) == {"unknown"}:
            return _stored_unknown(raw["unknown"], name)
    read = _SCALARS.get(type(type_))
    if read is None:
        return _several(type_, raw, records, name, deep)
    found: Value | None = read(raw, type_)
    if found is None:
        return unknown(name, "unreadable")
    if isinstance(type_, Choice) and found not in type_.options:
        return unknown(name, "undeclared")
    return found


def _several(type_: Type, raw: Any, records: Records, name: str, deep: int) -> Value:
    """A value made of others."""
    match type_:
        case ListOf():
            return _list(type_, raw, records, name, deep)
        case PairsOf():
            return _pair(type_, raw, records, name, deep)
        case Record():
            return _record(records.get(type_.name), raw, records, name, deep)
    return unknown(name, "unreadable")


def _stored_unknown(causes: Any, name: str) -> Unknown:
    if not isinstance(causes, list) or not all(
        isinstance(cause, list) and len(cause) == 2 for cause in causes
    ):
        return unknown(name, "unreadable")
    return Unknown(tuple(Cause(str(one), why) for one, why in causes)) if causes else unknown(name)


def _list(type_: ListOf, raw: Any, records: Records, name: str, deep: int) -> Value:
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        return unknown(name, "unreadable")
    if len(raw) > MAX_ELEMENTS:
        return unknown(name, "out of range")
    return tuple(_read(type_.element, element, records, name, deep) for element in raw)


def _pair(type_: PairsOf, raw: Any, records: Records, name: str, deep: int) -> Value:
    if isinstance(raw, PairValue):
        raw = {"item": raw.item, "to": raw.to}
    if not isinstance(raw, Mapping):
        return unknown(name, "unreadable")
    item = _read(type_.item, raw.get("item"), records, f"{name}.item", deep)
    return PairValue(item, _read(type_.to, raw.get("to"), records, f"{name}.to", deep))


def _record(declared: RecordType | None, raw: Any, records: Records, name: str, deep: int) -> Value:
    if isinstance(raw, RecordValue):
        raw = raw.fields
    elif isinstance(raw, Mapping) and set(raw) == {"fields", "key", "type"}:
        raw = raw["fields"]
    if declared is None or not isinstance(raw, Mapping):
        return unknown(name, "unreadable")
    if deep >= MAX_RECORDS_DEEP:
        return unknown(name, "out of range")
    fields: dict[str, Value] = {}
    for field_name, field in declared.fields.items():
        if raw.get(field_name) is not None:
            place = f"{name}.{field_name}" if name else field_name
            fields[field_name] = (
                _referred(field, raw[field_name], records, place, deep + 1)
                if field.from_look_up
                else _read(field.type, raw[field_name], records, place, deep + 1)
            )
    key = fields.get(declared.key, unknown(f"{name}.{declared.key}" if name else declared.key))
    if not isinstance(key, str | Decimal):
        return key if isinstance(key, Unknown) else unknown(name, "unreadable")
    return RecordValue(declared.name, key if isinstance(key, str) else number_text(key), fields)


def _referred(field: Field, raw: Any, records: Records, name: str, deep: int) -> Value:
    """A field declared `from LOOK_UP`: the key of a record to be read, or the record itself."""
    if isinstance(raw, Reference):
        return raw
    if isinstance(raw, Mapping) and set(raw) == {"key", "look_up"}:
        return Reference(field.from_look_up, str(raw["key"]))
    if isinstance(raw, str) and 0 < len(raw) <= MAX_TEXT:
        return Reference(field.from_look_up, raw)
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return Reference(field.from_look_up, number_text(Decimal(raw)))
    return _read(field.type, raw, records, name, deep)


# -- scalars: None is "does not fit" ------------------------------------------------------------------------------


def _yes_no(raw: Any, _: Type) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _number(raw: Any, _: Type) -> Decimal | Fraction | None:
    if isinstance(raw, bool | float):
        return None
    if isinstance(raw, Fraction):
        return raw
    if isinstance(raw, str) and _FRACTION.fullmatch(raw):
        top, _slash, bottom = raw.partition("/")
        return Fraction(int(top), int(bottom)) if int(bottom) else None
    text = (
        f"{raw:f}"
        if isinstance(raw, Decimal) and raw.is_finite() and abs(raw.adjusted()) < MAX_DIGITS
        else str(raw)
    )
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _money(raw: Any, type_: Type) -> Amount | PerCurrency | None:
    if isinstance(raw, Money):
        return Amount.of(raw)
    if isinstance(raw, Amount | PerCurrency):
        return raw
    if not isinstance(raw, Mapping):
        return None
    if set(raw) == {"amounts"} and isinstance(raw["amounts"], Mapping):
        amounts = {str(code): _number(amount, type_) for code, amount in raw["amounts"].items()}
        return PerCurrency({code: amount for code, amount in amounts.items() if amount is not None})
    currency = raw.get("currency")
    if not isinstance(currency, str) or not (is_currency(currency) or currency == ""):
        return None
    if set(raw) == {"currency", "minor"}:
        whole = (
            isinstance(raw["minor"], int)
            and not isinstance(raw["minor"], bool)
            and abs(raw["minor"]) < 10**MAX_DIGITS
        )
        return Amount.of(Money(raw["minor"], currency)) if whole and currency else None
    value = _number(raw["amount"], type_) if set(raw) == {"amount", "currency"} else None
    return None if value is None else Amount(value, currency)


def _text(raw: Any, type_: Type) -> str | None:
    if not isinstance(raw, str) or len(raw) > MAX_TEXT or not raw:
        return None
    return normal_email(raw) if isinstance(type_, Text) and type_.kind == "email" else raw


def _time(raw: Any, _: Type) -> datetime | None:
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            return None
    if not isinstance(raw, datetime) or raw.tzinfo is None:
        return None
    try:
        return raw.astimezone(UTC)
    except OverflowError:
        return None


def _date(raw: Any, _: Type) -> date | None:
    if isinstance(raw, str):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return None
    return raw if isinstance(raw, date) and not isinstance(raw, datetime) else None


def _length(raw: Any, type_: Type) -> timedelta | Days | None:
    if isinstance(raw, timedelta | Days):
        return raw if isinstance(raw, timedelta) == isinstance(type_, Duration) else None
    found = _LENGTH.fullmatch(raw) if isinstance(raw, str) else None
    if found is None or (found[2] == "minutes") != isinstance(type_, Duration):
        return None
    count = int(found[1])
    return timedelta(minutes=count) if found[2] == "minutes" else Days(count, found[2] == "business days")


_SCALARS: dict[type, Callable[[Any, Type], Any]] = {
    YesNo: _yes_no,
    Number: _number,
    MoneyType: _money,
    Choice: _text,
    Text: _text,
    Time: _time,
    Date: _date,
    Duration: _length,
    DaysType: _length,
    Secret: _text,
}

"""Reads what is written out in a condition: numbers, percentages, amounts, lengths of time, clock times.

Used by the parser alone. Every bound that keeps later arithmetic small stands here.
"""

from datetime import time, timedelta
from decimal import Decimal

from resolver.condition.cursor import Cursor
from resolver.condition.lexer import Misread, Token
from resolver.condition.values import Amount, Days
from resolver.errors import Malformed
from resolver.money import Money, is_currency
from resolver.source.name import RESERVED, shown

MAX_DAYS = 36_500
MINUTES_A_DAY = 1440
_UNITS = {"minute": 1, "hour": 60, "day": 1, "week": 7}


def read_number(cursor: Cursor) -> Decimal | Amount | timedelta | Days:
    """The number that comes next, with the `%`, unit or currency behind it."""
    token = cursor.take()
    whole, _, decimals = token.text.partition(".")
    if len(whole) > 15 or len(decimals) > 9:
        raise _refused(
            cursor, token, "a number has at most 15 digits before and 9 behind the point", "shorten it"
        )
    value = Decimal(token.text)
    unit = cursor.next
    if cursor.accept("%"):
        return value.scaleb(-2)
    if unit.kind != "word":
        return value
    if unit.text == "business" or unit.text.removesuffix("s") in _UNITS:
        return _length(cursor, token, value)
    if unit.text.isupper() or (is_currency(unit.text.upper()) and unit.text not in RESERVED):
        return _amount(cursor, token, value)
    return value


def read_clock(cursor: Cursor) -> time:
    """The clock time that comes next."""
    token = cursor.take()
    hour, minute = int(token.text[:2]), int(token.text[3:])
    if hour > 23 or minute > 59:
        raise _refused(cursor, token, f"there is no {token.text} on a clock", "write it like 18:00")
    return time(hour, minute)


def _length(cursor: Cursor, token: Token, value: Decimal) -> timedelta | Days:
    business = cursor.accept("business")
    unit = cursor.take().text.removesuffix("s")
    if business and unit != "day":
        raise _refused(cursor, token, "only days can be business days", "write 'business days'")
    if value != value.to_integral_value():
        raise _refused(cursor, token, "a length of time is a whole number", "use a smaller unit")
    count = int(value) * _UNITS[unit]
    exact = unit in ("minute", "hour")
    if count > MAX_DAYS * (MINUTES_A_DAY if exact else 1):
        raise _refused(cursor, token, f"a length of time is at most {MAX_DAYS} days", "shorten it")
    return timedelta(minutes=count) if exact else Days(count, business)


def _amount(cursor: Cursor, token: Token, value: Decimal) -> Amount:
    unit = cursor.take()
    if not is_currency(unit.text):
        remedy = "write a currency of ISO 4217 in three capital letters, for example 50 EUR"
        raise _refused(cursor, unit, f"{shown(unit.text)} is no currency", remedy)
    try:
        return Amount.of(Money.of(value, unit.text))
    except Malformed as error:
        raise Misread("not-rounded", error.problem, token.start, unit.end, "write fewer decimals") from None


def _refused(cursor: Cursor, token: Token, message: str, remedy: str) -> Misread:
    return Misread("condition", message, token.start, cursor.last_end, remedy)

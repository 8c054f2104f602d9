"""Answers: how a customer's words become the value of a slot, deterministically (LANGUAGE 5.1).

Used by `moves`. A value counts only if it parses as its type and stands in the message; whether its `check` holds is
seen when the run prepares, with the records at hand.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from resolver.condition.one_step import one_step
from resolver.condition.storage import read_value
from resolver.condition.types import Choice, Date, MoneyType, Number, Text, Time, Type, YesNo, has_form
from resolver.condition.values import Unknown, Value
from resolver.country import is_code, names_country
from resolver.decision.choice import several_named, whole_of
from resolver.decision.facts import OpenQuestion
from resolver.decision.reply import MAX_OPTIONS, MAX_TEXT
from resolver.errors import Malformed
from resolver.money import Money
from resolver.playbook.plan import Slot
from resolver.reading import Reading, SlotReading, Span

_WORDS = re.compile(r"\w+")
_ONLY_NUMBER = re.compile(r"(?!.*@)\D{0,20}?(\d{1,3})\s*[.):]?\D{0,12}")
_LED_BY_NUMBER = re.compile(r"(?:number|nr|no|option|nummer)?\s*#?(\d{1,3})\s*[.):]\s+\S")
_FORMS: Mapping[str, Callable[[str], object]] = {
    "country": is_code,
    "email": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+").fullmatch,
    "phone": re.compile(r"\+?\d{6,20}").fullmatch,
}
"""Kinds of text of which a message never gives just any words, and how their values look."""
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d+(?:[.,' \u00a0\u202f]\d+)*")


@one_step
def parsed(type_: Type, text: str) -> Value | None:
    """The value a canonical text is for a type; None if it is none."""
    if isinstance(type_, MoneyType):
        try:
            value = read_value(type_, Money.parse(text), {})
        except Malformed:
            return None
    elif isinstance(type_, YesNo):
        return {"yes": True, "no": False}.get(text)
    elif isinstance(type_, Text) and type_.kind in _FORMS and not _FORMS[type_.kind](text.strip()):
        return None
    else:
        value = read_value(type_, text.strip(), {})
    return None if isinstance(value, Unknown) else value


def of_form(type_: Type, word: str) -> Value | None:
    """The value of a word whose form tells that it can be nothing else; None for any other word or type."""
    if not has_form(type_) or not isinstance(type_, Text):
        return None
    if type_.kind == "order_number" and not _DIGITS.fullmatch(word):
        return None
    return parsed(type_, word)


@one_step
def derives(type_: Type, found: SlotReading, reading: Reading) -> bool:
    """Whether the value can be read off its span, and the span off the message, character by character."""
    span = found.span
    if not span.text or reading.text[span.start : span.end] != span.text:
        return False
    if found.value == span.text or isinstance(type_, Choice | YesNo | Date | Time):
        return (
            True  # which day `on Thursday` is depends on the day it was written on, which understanding knows
        )
    if isinstance(type_, Number | MoneyType):
        return _amount(found.value.partition(" ")[0]) in _amounts(span.text)
    if isinstance(type_, Text) and type_.kind == "country":
        return names_country(span.text, found.value)
    if isinstance(type_, Text) and type_.kind in ("text", "address"):
        return _squeezed(found.value) in _squeezed(span.text)
    return _squeezed(found.value) != "" and _squeezed(found.value) in _squeezed(span.text)


def _squeezed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return None


def _amounts(text: str) -> set[Decimal | None]:
    """Every number written in the text, with point and with comma as the decimal sign."""
    found: set[Decimal | None] = set()
    for match in _NUMBER.finditer(text):
        for decimal_sign in ".,":
            whole, sign, rest = match[0].rpartition(decimal_sign)
            digits = "".join(_DIGITS.findall(whole)) if sign else "".join(_DIGITS.findall(rest))
            found.add(_amount(f"{digits}.{rest}" if sign and rest.isdigit() else digits))
    return found


@one_step
def answered(
    slot: Slot, question: OpenQuestion, reading: Reading, *, only: bool
) -> tuple[Value, Span] | None:
    """The value a message gives in answer to an open question, beyond what understanding read; None if none.

    `only`: no other question was left open, so that free text can be meant for nothing else.
    """
    if slot.options is not None and slot.options.several:
        several = several_named(question, reading.text)
        return (several, whole_of(reading.text)) if several is not None else None
    if question.options:
        key = _option(slot, question, reading.text)
        return (key, whole_of(reading.text)) if key is not None else None
    if isinstance(slot.type, YesNo):
        said = {move for move in reading.moves if move in ("yes", "no")}
        return ("yes" in said, whole_of(reading.text)) if len(said) == 1 else None
    if isinstance(slot.type, Text) and slot.type.kind in ("text", "address") and only:
        return _free_text(slot.type, reading)
    return None


def _free_text(type_: Text, reading: Reading) -> tuple[Value, Span] | None:
    lines = (line.strip(" \t,") for line in reading.text.splitlines())
    text = (
        ", ".join(line for line in lines if line)
        if type_.kind == "address"
        else " ".join(reading.text.split())
    )
    speaks = bool(text) and not set(reading.moves) & {"yes", "no", "unclear", "nothing", "question"}
    if not speaks or len(text) > MAX_TEXT or (type_.kind == "address" and not _DIGITS.search(text)):
        return None
    return text, whole_of(reading.text)


def _option(slot: Slot, question: OpenQuestion, text: str) -> str | None:
    """The option named by number, by key or word, or by its text or label in any language; None if not exactly one."""
    numbered = _by_number(question, text)
    if numbered is not None:
        return numbered
    said = f" {' '.join(_WORDS.findall(text.casefold()))} "
    found: dict[str, int] = {}
    for key, shown in question.options:
        for name in (key, key.replace("_", " "), shown, *slot.labels.get(key, {}).values()):
            words = " ".join(_WORDS.findall(name.casefold()))
            if words and f" {words} " in said:
                found[key] = max(found.get(key, 0), len(words))
    longest = [key for key, length in found.items() if length == max(found.values())]
    return longest[0] if len(longest) == 1 else None


def _by_number(question: OpenQuestion, text: str) -> str | None:
    plain = text.strip().casefold()
    match = _LED_BY_NUMBER.match(plain) or _ONLY_NUMBER.fullmatch(plain)
    index = int(match[1]) - question.first if match else -1
    if not 0 <= index < min(len(question.options), MAX_OPTIONS):
        return None
    keys = {_squeezed(name) for option in question.options for name in option}
    return None if match and match[1] in keys else question.options[index][0]

"""Texts for people: templates filled with values as the customer's language and region write them (LANGUAGE 9).

Used by the engine, notes and tests. What a channel expands or escapes is the connector's business, not ours.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from resolver.condition.env import Env
from resolver.condition.one_step import one_step
from resolver.condition.types import Choice, Record, Records, RecordType
from resolver.condition.values import (
    UNKNOWN,
    Amount,
    Days,
    PairValue,
    PerCurrency,
    RecordValue,
    Unknown,
    Value,
    unknown,
)
from resolver.decision.facts import Facts
from resolver.decision.texts import built_in
from resolver.money import Money
from resolver.playbook.plan import Placeholder, Plan, Plural, Template
from resolver.playbook.plural import form_for
from resolver.playbook.policy import Policy

MAX_TEXT = 500
MAX_OPTIONS = 10

_FIELD = re.compile(r"\{([a-z0-9_.]+)\}")
_SPACES = re.compile(r"\s+")
_BRITISH = Locale("en", "GB")


ShowPart = tuple[Literal["text", "field", "path"], str]


@dataclass(frozen=True, slots=True)
class Voice:
    """How values are written: the reply's language, the customer's region, the shop's zone, the words of choices.

    `shows` remembers how records of each type are printed.
    """

    language: str
    locale: Locale
    zone: ZoneInfo
    policy: Policy
    plan: Plan
    shows: dict[str, tuple[ShowPart, ...]] = field(default_factory=dict, compare=False, repr=False)


def voice_of(plan: Plan, facts: Facts, language: str | None = None) -> Voice:
    """The voice a run speaks with, or that of another language."""
    spoken = language or language_of(plan, facts)
    customer = facts.customer.get("language")
    region = customer if isinstance(customer, str) else ""
    policy = facts.policy
    key = (id(plan), policy.id, spoken, region, facts.language)
    remembered = _VOICES.get(key)
    if remembered is not None and remembered.plan is plan and remembered.policy is policy:
        return remembered
    if len(_VOICES) > 512:
        _VOICES.clear()
    locale = _locale(spoken, region, facts.language)
    made = _VOICES[key] = Voice(spoken, locale, policy.calendar.zone, policy, plan)
    return made


_VOICES: dict[tuple[int, str, str, str, str], Voice] = {}


def language_of(plan: Plan, facts: Facts) -> str:
    """The language of replies: the customer's if the playbook speaks it, else the playbook's first."""
    wanted = facts.language
    if wanted in plan.languages:
        return wanted
    plain = wanted.partition("-")[0]
    return next((one for one in plan.languages if one.partition("-")[0] == plain), plan.languages[0])


@lru_cache(maxsize=256)
def _locale(language: str, *regions: str) -> Locale:
    """The most exact locale known that writes that language."""
    plain = language.partition("-")[0]
    for code in (*(one for one in regions if one.partition("-")[0] == plain), language, plain):
        try:
            return Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def say(plan: Plan, reply: str, env: Env, voice: Voice) -> str | Unknown:
    """A reply of the playbook with its placeholders filled; unknown if a value is."""
    template = _template(plan, reply, env, voice)
    return template if isinstance(template, Unknown) else _filled(template, env, voice)


def values_in(plan: Plan, reply: str | None, env: Env, voice: Voice) -> tuple[str, ...] | None:
    """The values of a reply as they stand in its text; None if the reply may not be rephrased."""
    if reply not in plan.polished or reply is None or plan.silent:
        return None
    template = _template(plan, reply, env, voice)
    if isinstance(template, Unknown):
        return None
    shown = (
        _shown(part, env, voice, alone=_alone(template, index))
        for index, part in enumerate(template)
        if not isinstance(part, str)
    )
    return tuple(dict.fromkeys(text for text in shown if not isinstance(text, Unknown)))


def _template(plan: Plan, reply: str, env: Env, voice: Voice) -> Template | Unknown:
    """The reply's text in the language it is said in, in the form that its count takes."""
    plural = plan.plurals.get(reply)
    if plural is not None:
        return _counted(plan, plural, env, voice)
    texts = plan.replies[reply]
    return texts.get(voice.language) or texts[plan.languages[0]]


def _counted(plan: Plan, plural: Plural, env: Env, voice: Voice) -> Template | Unknown:
    """The form that the count takes in the reply's language; unknown if the count is."""
    counted: Value = plural.count.call(env)
    if isinstance(counted, tuple):
        counted = Decimal(len(counted))
    if not isinstance(counted, Decimal | Fraction):
        return counted if isinstance(counted, Unknown) else UNKNOWN
    language = voice.language if voice.language in plural.forms else plan.languages[0]
    return form_for(language, counted, plural.forms[language])


def _filled(template: Template, env: Env, voice: Voice) -> str | Unknown:
    return _checked(template, env) if voice.plan.silent else fill(template, env, voice)


def _checked(template: Template, env: Env) -> str | Unknown:
    """Nothing, or what is unknown in the template."""
    for part in template:
        if not isinstance(part, str) and isinstance(value := _printable(part, env), Unknown):
            return value
    return ""


def fill(template: Template, env: Env, voice: Voice) -> str | Unknown:
    """The text of a template; unknown with the missing names if a value is."""
    parts: list[str] = []
    for index, part in enumerate(template):
        if isinstance(part, str):
            parts.append(part)
            continue
        text = _shown(part, env, voice, alone=_alone(template, index))
        if isinstance(text, Unknown):
            return text
        parts.append(text)
    return "".join(parts)


def fill_gaps(template: Template, env: Env, voice: Voice) -> str:
    """The text of a template with `?` where a value is unknown; for people inside the company."""
    if voice.plan.silent:
        return ""
    parts = []
    for part in template:
        text = part if isinstance(part, str) else _shown(part, env, voice, alone=False)
        parts.append("?" if isinstance(text, Unknown) else text)
    return "".join(parts)


def _alone(template: Template, index: int) -> bool:
    """Whether the placeholder has a line to itself."""
    before = template[index - 1] if index else "\n"
    after = template[index + 1] if index + 1 < len(template) else "\n"
    return (
        isinstance(before, str)
        and isinstance(after, str)
        and (before.rpartition("\n")[2].strip() == "" if "\n" in before or index == 1 else False)
        and (after.partition("\n")[0].strip() == "" if "\n" in after or index + 2 >= len(template) else False)
    )


def _shown(part: Placeholder, env: Env, voice: Voice, *, alone: bool) -> str | Unknown:
    value = _printable(part, env)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, tuple):
        known = [show(one, voice, part.name) for one in value]
        return "\n".join(f"- {one}" for one in known) if alone else _listed(known, voice)
    return show(value, voice, part.name)


def _printable(part: Placeholder, env: Env) -> Value:
    """The value of a placeholder; unknown where it cannot be shown."""
    value: Value = part.value.call(env)
    if isinstance(value, tuple):
        return unknown(part.name) if any(isinstance(one, Unknown) for one in value) else value
    if isinstance(value, PerCurrency) or (isinstance(value, Amount) and value.minor() is None):
        return unknown(part.name)
    return value


def _listed(items: Sequence[str], voice: Voice) -> str:
    # CLDR puts a comma before "and" in American English; ours reads `a, b and c` everywhere.
    return format_list(items, locale=_BRITISH if voice.locale.language == "en" else voice.locale)


def show(value: Value, voice: Voice, name: str = "") -> str:
    """One value as people read it; `name` is the dotted name it came by, which tells a choice from a text."""
    match value:
        case RecordValue():
            return show_record(value, voice)
        case Amount():
            minor = value.minor()
            return "?" if minor is None else _money(minor, value.currency, voice.locale)
        case bool():
            return built_in("yes" if value else "no", voice.language, voice.policy)
        case str():
            return _label(value, name, voice) or one_line(value)
        case Decimal() | Fraction():
            return _number(_decimal(value), voice.locale)
        case datetime():
            local = value.astimezone(voice.zone)
            return f"{_date(local.date(), voice.locale)}, {format_time(local, 'short', locale=voice.locale)}"
        case date():
            return _date(value, voice.locale)
        case PairValue():
            return f"{show(value.item, voice)} → {show(value.to, voice)}"
        case tuple():
            return _listed([show(one, voice, name) for one in value], voice)
        case timedelta():
            return _duration(value, voice)
        case Days():
            return format_unit(value.count, "day", locale=voice.locale)
        case PerCurrency():
            return " / ".join(
                format_currency(_decimal(amount), code, locale=voice.locale)
                for code, amount in value.amounts.items()
            )
    return "?"


def _duration(value: timedelta, voice: Voice) -> str:
    """Hours and minutes, as exact as they are written."""
    hours, minutes = divmod(value // timedelta(minutes=1), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    said = [format_unit(count, unit, locale=voice.locale) for count, unit in parts if count]
    return _listed(said or [format_unit(0, "minute", locale=voice.locale)], voice)


def _decimal(value: Decimal | Fraction) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)


@one_step
def show_record(record: RecordValue, voice: Voice) -> str:
    """A record by its `show` template; a missing field prints nothing, more than one unit chosen is counted."""
    parts = voice.shows.get(record.type_name)
    if parts is None:
        parts = voice.shows[record.type_name] = _show_parts(record.type_name, voice)
    if not parts:
        text = one_line(record.key)
    elif len(parts) == 1:
        text = _part(record, parts[0], voice)
    else:
        text = "".join([_part(record, part, voice) for part in parts])
    chosen = record.fields.get("chosen")
    return (
        f"{_number(chosen, voice.locale)} × {text}" if isinstance(chosen, Decimal) and chosen != 1 else text
    )


def _show_parts(type_name: str, voice: Voice) -> tuple[ShowPart, ...]:
    """A `show` template's pieces: text, a field that is no choice, or the path of another."""
    declared = voice.plan.records.get(type_name)
    if declared is None or not declared.show:
        return ()
    found: list[ShowPart] = []
    for index, part in enumerate(_FIELD.split(declared.show)):
        one = declared.fields.get(part)
        plain = one is not None and not isinstance(one.type, Choice)
        if index % 2 or part:
            found.append(("text" if index % 2 == 0 else "field" if plain else "path", part))
    return tuple(found)


def _part(record: RecordValue, part: ShowPart, voice: Voice) -> str:
    kind, text = part
    if kind == "text":
        return text
    if kind == "path":
        return _field(record, text, voice)
    value = record.fields.get(text, UNKNOWN)
    if type(value) is str:
        return one_line(value)
    return "" if isinstance(value, Unknown) else show(value, voice)


def _field(record: RecordValue, path: str, voice: Voice) -> str:
    value: Value = record
    declared: RecordType | None = None
    for part in path.split("."):
        if not isinstance(value, RecordValue):
            return ""
        declared = voice.plan.records.get(value.type_name)
        value = value.fields.get(part, UNKNOWN)
    if isinstance(value, Unknown):
        return ""
    choice = (
        declared is not None and part in declared.fields and isinstance(declared.fields[part].type, Choice)
    )
    return (
        _word(value, declared.labels, voice)
        if isinstance(value, str) and choice and declared
        else show(value, voice)
    )


def one_line(text: str) -> str:
    """Text as it may stand in a message: one line, no control or direction characters, at most 500 characters."""
    if not text.isprintable():  # else there is no space but the plain one, and none of these characters
        text = "".join(
            " " if char.isspace() else char
            for char in text
            if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
        )
    short = (_SPACES.sub(" ", text) if "  " in text else text).strip()
    return short if len(short) <= MAX_TEXT else short[: MAX_TEXT - 1] + "…"


# -- choices ------------------------------------------------------------------------------------------------------


def _label(value: str, name: str, voice: Voice) -> str | None:
    """The label of a choice's word, None if the name does not lead to a choice."""
    if not name:
        return None
    from_slot = voice.plan.slots.get(name)
    if from_slot is not None:
        return _word(value, from_slot.labels, voice) if isinstance(from_slot.type, Choice) else None
    declared = _record_behind(name, voice)
    field = declared.fields.get(name.rpartition(".")[2]) if declared else None
    if declared is None or field is None or not isinstance(field.type, Choice):
        return None
    return _word(value, declared.labels, voice)


def _record_behind(name: str, voice: Voice) -> RecordType | None:
    """The record type whose field the dotted name's last part is."""
    root, *path = name.split(".")
    look_up = voice.plan.look_ups.get(root)
    found = look_up.spec.gives if look_up else voice.plan.records.get(root)
    for part in path[:-1]:
        field = found.fields.get(part) if found else None
        found = _type_named(field.type, voice.plan.records) if field else None
    return found if path else None


def _type_named(type_: object, records: Records) -> RecordType | None:
    return records.get(type_.name) if isinstance(type_, Record) else None


def _word(value: str, labels: Mapping[str, Mapping[str, str]], voice: Voice) -> str:
    texts = labels.get(value, {})
    label = texts.get(voice.language) or texts.get(voice.language.partition("-")[0])
    return label or one_line(value.replace("_", " "))


def choice_label(word: str, labels: Mapping[str, Mapping[str, str]], voice: Voice) -> str:
    """A choice's word as the customer reads it."""
    return _word(word, labels, voice)


# -- CLDR, remembered: the same amounts and days come again in note, reply and confirmation ----------------------


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, locale: Locale) -> str:
    return str(format_currency(Money(minor, currency).amount, currency, locale=locale))


@lru_cache(maxsize=4096)
def _date(day: date, locale: Locale) -> str:
    return str(format_date(day, "full", locale=locale))


@lru_cache(maxsize=4096)
def _number(value: Decimal, locale: Locale) -> str:
    return str(format_decimal(value, locale=locale, decimal_quantization=False))


def number_options(lines: Sequence[str], first: int) -> str:
    """Options as a numbered list."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines[:MAX_OPTIONS], first))

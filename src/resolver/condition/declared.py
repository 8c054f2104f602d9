"""Reads declared types from words: `money`, `one of [a, b]`, `date, may be missing`, `list of order_line`.

Called by interfaces, the policy and playbooks for fields, arguments, customer fields and slots.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

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
    Secret,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.source.name import is_name, nearest, shown
from resolver.source.node import ScalarNode
from resolver.source.problem import Problem

TEXT_KINDS = ("text", "email", "phone", "address", "country", "order_number")
PLAIN: Mapping[str, Type] = {
    "yes/no": YesNo(),
    "number": Number(),
    "money": MoneyType(),
    "time": Time(),
    "date": Date(),
    "duration": Duration(),
    "days": DaysType(),
    "secret": Secret(),
    **{kind: Text(kind) for kind in TEXT_KINDS},
}
MAX_OPTIONS = 100
_CHOICE = re.compile(r"one of \[([^\[\]]*)\]")
_COMMA = re.compile(r",(?![^\[]*\])")
_FROM = "from LOOK_UP"
FIELD_WORDS: Mapping[str, str] = {
    "may be missing": "there may be no value; a rule that needs it then stops",
    "public": "may be shown to a customer who is not proven",
    "split by units": "a chosen part of the element has its share of the value, rounded down",
    _FROM: "holds the key of another record, which that look-up reads when it is first needed",
}
"""What may stand behind the type of a field, and what it means."""
_FLAGS = tuple(word for word in FIELD_WORDS if word != _FROM)


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """What a type may be besides the plain ones: records (short → full name) and text patterns."""

    records: Mapping[str, str] = field(default_factory=dict)
    patterns: Collection[str] = ()

    @classmethod
    def of(cls, interface: str, types: Collection[str], patterns: Collection[str] = ()) -> "DeclaredNames":
        """The words of one interface: its own record types are written short."""
        return cls({name: f"{interface}.{name}" for name in types}, patterns)


def read_type(scalar: ScalarNode, names: DeclaredNames, problems: list[Problem]) -> Type | None:
    """The type those words say; None with a problem if they say none."""
    return _read(scalar, scalar.text, names, problems)


def read_field(scalar: ScalarNode, names: DeclaredNames, problems: list[Problem]) -> Field | None:
    """A type and the words behind it: `date, may be missing`; None with a problem if they cannot be read."""
    first, *rest = _COMMA.split(scalar.text)
    found = _read(scalar, first, names, problems)
    flags = [" ".join(part.split()) for part in rest]
    for flag in flags:
        if flag not in _FLAGS and not flag.startswith("from "):
            near = nearest(flag, FIELD_WORDS)
            remedy = f"did you mean '{near}'?" if near else f"possible here: {', '.join(FIELD_WORDS)}"
            problems.append(_problem(scalar, flag, f"{shown(flag)} is not a word known here", remedy))
            found = None
    if found is None:
        return None
    return Field(
        found,
        may_be_missing="may be missing" in flags,
        public="public" in flags,
        split_by_units="split by units" in flags,
        from_look_up=next((flag.removeprefix("from ") for flag in flags if flag.startswith("from ")), ""),
    )


class _NoType(Exception):
    """A word that is no type."""

    def __init__(self, word: str, message: str, remedy: str, code: str = "unknown-word") -> None:
        self.code = code
        self.word = word
        self.message = message
        self.remedy = remedy
        super().__init__(message)


def _read(scalar: ScalarNode, text: str, names: DeclaredNames, problems: list[Problem]) -> Type | None:
    try:
        return _type_of(" ".join(text.split()), names)
    except _NoType as error:
        problems.append(_problem(scalar, error.word, error.message, error.remedy, error.code))
        return None


def _problem(scalar: ScalarNode, word: str, message: str, remedy: str, code: str = "unknown-word") -> Problem:
    start = max(0, scalar.text.find(word))
    return Problem(code, message, scalar.place(start), max(1, len(word)), help=remedy)


def _type_of(words: str, names: DeclaredNames) -> Type:
    if words.startswith("one of"):
        return _choice_of(words)
    if words.startswith("list of "):
        item, separator, to = words.removeprefix("list of ").partition(" to ")
        element = _single(item, names)
        return ListOf(PairsOf(element, _single(to, names)) if separator else element)
    return _single(words, names)


def _single(word: str, names: DeclaredNames) -> Type:
    if word in PLAIN:
        return PLAIN[word]
    if word in names.patterns:
        return Text(word)
    if word in names.records:
        return Record(names.records[word])
    known = [*PLAIN, "one of [a, b]", "list of T", *names.patterns, *names.records]
    near = nearest(word, known)
    remedy = f"did you mean '{near}'?" if near else f"types are: {', '.join(known)}"
    raise _NoType(word, f"{shown(word)} is not a word known here", remedy)


def _choice_of(words: str) -> Choice:
    found = _CHOICE.fullmatch(words)
    if found is None:
        remedy = "write the words it may be, for example 'one of [small, large]'"
        raise _NoType(words, f"{shown(words)} is no type", remedy, "wrong-type")
    options = [option.strip() for option in found[1].split(",")]
    for option in options:
        if not is_name(option):
            remedy = "use small letters, digits and _; not a reserved word"
            raise _NoType(option or words, f"{shown(option)} cannot be a name", remedy, "bad-name")
    if len(set(options)) < len(options):
        twice = next(option for option in options if options.count(option) > 1)
        raise _NoType(twice, f"{shown(twice)} is written twice here", "remove one", "written-twice")
    if len(options) > MAX_OPTIONS:
        raise _NoType(words, f"this choice has more than {MAX_OPTIONS} words", "use a text", "too-big")
    return Choice(tuple(options))

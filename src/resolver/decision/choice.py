"""Choosing from a list: what a slot `one of LIST` or `some of LIST` keeps, and which options a message names.

Used by `fill`, `given`, `answer` and `stored`. A slot keeps keys, not elements: the options are read anew each turn,
and a value that is no longer one of them empties the slot.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from resolver.condition.chosen import CHOSEN, chosen_part
from resolver.condition.one_step import one_step
from resolver.condition.storage import number_text
from resolver.condition.types import ListOf, PairsOf, Record, Records, Text, Type
from resolver.condition.values import PairValue, RecordValue, Value
from resolver.decision.facts import OpenQuestion
from resolver.playbook.plan import Slot
from resolver.reading import SlotReading, Span

ALL = "all"
"""All units of an element, as a slot keeps it."""
MAX_CHOSEN = 20
"""More elements than that are never taken together; whoever names more is asked again."""

_WORD = re.compile(r"\w+")
_COUNTED = re.compile(r"^\d+ × ")
_EVERYTHING = frozenset(
    """
    all everything both alle alles beide tout tous toutes todo todos todas ambos ambas wszystkie wszystko oba obie
    """.split()
)
_EXCEPT = frozenset(
    """
    except but without besides außer ausser ohne aber sauf sans mais excepto salvo sin pero oprócz prócz bez ale
    """.split()
)
_NOT = frozenset("not no none nicht kein keine keinen pas non nie".split())
_NUMBERS = {
    **dict.fromkeys("one a an ein eine einen einer eines un une uno una jeden jedna jedno jedną".split(), 1),
    **dict.fromkeys("two zwei deux dos dwa dwie".split(), 2),
    **dict.fromkeys("three drei trois tres trzy".split(), 3),
    **dict.fromkeys("four vier quatre cuatro cztery".split(), 4),
    **dict.fromkeys("five fünf cinq cinco pięć".split(), 5),
}
_BETWEEN = frozenset(
    "of the my these those x × von der den die das meiner meinen des de les mes los las mis z ze moich tych".split()
)
_JOINING = frozenset(
    "number numbers nr no option options item items nummer nummern position and und et y e i oraz please bitte".split()
)

_SMALL = _EVERYTHING | _EXCEPT | _NOT | _BETWEEN | _JOINING | _NUMBERS.keys()
"""Words that are no name of anything."""


def stored_type(slot: Slot) -> Type:
    """What kind of value the slot's fact holds: keys instead of elements."""
    if slot.each is not None and isinstance(slot.type, ListOf) and isinstance(slot.type.element, PairsOf):
        return ListOf(PairsOf(Text(), Text() if slot.each.options else slot.type.element.to))
    if slot.options is None:
        return slot.type
    return ListOf(PairsOf(Text(), Text())) if slot.options.several else Text()


def key_name(slot: Slot, records: Records) -> str:
    """The field that is the key of the elements to choose from."""
    element = slot.type.element if isinstance(slot.type, ListOf) else slot.type
    declared = records.get(element.name) if isinstance(element, Record) else None
    return declared.key if declared else "key"


@one_step
def stored(slot: Slot, value: Value) -> Value:
    """A value of the slot's type as its fact holds it."""
    if isinstance(value, RecordValue):
        return value.key
    if slot.options is None or not slot.options.several or not isinstance(value, tuple):
        return value
    return tuple([_pair(one.key, one.fields.get(CHOSEN)) for one in value if isinstance(one, RecordValue)])


def meant(slot: Slot, value: Value | None, options: Sequence[RecordValue], records: Records) -> Value | None:
    """The element or elements that a fact's value, or an expression, means; None if not all are among the options."""
    return value if slot.options is None or value is None else _among(slot, value, options, records)


@one_step
def _among(slot: Slot, value: Value, options: Sequence[RecordValue], records: Records) -> Value | None:
    by_key = {one.key: one for one in options}
    if slot.options is None or not slot.options.several:
        return by_key.get(value.key if isinstance(value, RecordValue) else str(value))
    parts = [_part(one, by_key, records) for one in value] if isinstance(value, tuple) else []
    found = {part.key: part for part in parts if part is not None}
    if not found or not len(found) == len(parts) <= MAX_CHOSEN:
        return None
    # in the list's order, whatever the customer's
    return tuple([found[key] for key in by_key if key in found])


def _part(one: Value, by_key: dict[str, RecordValue], records: Records) -> RecordValue | None:
    key, units = (one.item, one.to) if isinstance(one, PairValue) else (getattr(one, "key", None), ALL)
    element = by_key.get(str(key))
    if element is None or element.type_name not in records:
        return None
    return chosen_part(element, records[element.type_name], None if units == ALL else Decimal(str(units)))


def _pair(key: str, units: object) -> PairValue:
    return PairValue(key, number_text(units) if isinstance(units, Decimal) else ALL)


@one_step
def from_readings(readings: Iterable[SlotReading]) -> tuple[PairValue, ...]:
    """What understanding read for a slot that takes several, as its fact holds it; an element once, the first time."""
    found: dict[str, PairValue] = {}
    for one in readings:
        if one.value:
            found.setdefault(one.value, PairValue(one.value, ALL if one.units is None else str(one.units)))
    return tuple(found.values())


# -- answers to a numbered list -----------------------------------------------------------------------------------


def several_named(question: OpenQuestion, text: str) -> tuple[PairValue, ...] | None:
    """The options a message names: by number, by name with or without a count, or all; None if it is not clear.

    A message that excludes something ("all but the mug") is not read; whoever wrote it is asked again.
    """
    words = _WORD.findall(text.casefold())
    if _EXCEPT & set(words):
        return None
    found = _by_numbers(question, text) or _by_names(question.options, words)
    if not found and _EVERYTHING & set(words) and not _NOT & set(words):
        found = [PairValue(key, ALL) for key, _ in question.options]
    return tuple(found) or None


@one_step
def whole_of(text: str) -> Span:
    """The whole text as the place where a value stands."""
    return Span(0, len(text), text)


@one_step
def named_in(names: Sequence[tuple[str, str]], text: str) -> tuple[PairValue, ...]:
    """The elements named by a message that answers no list: by name only, its numbers mean something else."""
    folded = text.casefold()
    for _, shown in names:
        for start in _starts_of(shown):
            if start in folded:  # the commonest message names none; words that are the same begin alike
                words = _WORD.findall(folded)
                return () if not _EXCEPT.isdisjoint(words) else tuple(_by_names(names, words))
    return ()


@lru_cache(maxsize=4096)
def _starts_of(shown: str) -> tuple[str, ...]:
    return tuple([word[:3] for word in _words_of(shown)])


def numbers_named(text: str) -> list[int]:
    """The numbers of a message that says nothing else, each once; none if it says more."""
    words = _WORD.findall(text.casefold())
    if any(word not in _JOINING for word in words if not word.isdigit()):
        return []
    return list(dict.fromkeys(int(word) for word in words if word.isdigit() and len(word) <= 3))


def _by_numbers(question: OpenQuestion, text: str) -> list[PairValue]:
    places = [number - question.first for number in numbers_named(text)]
    if not all(0 <= place < len(question.options) for place in places):
        return []
    return [PairValue(question.options[place][0], ALL) for place in places]


def _by_names(options: Sequence[tuple[str, str]], words: Sequence[str]) -> list[PairValue]:
    names = {key: _words_of(shown) for key, shown in options}
    starts = {word[:3] for word in words}
    if not any(part[:3] in starts for name in names.values() for part in name):
        return []  # the commonest message names none, and two words that are the same begin alike
    whole = {key: at for key, name in names.items() if (at := _whole_name(name, words)) is not None}
    places = {
        key: at for key, at in whole.items()
        if not any(_covers(whole[other], len(names[other]), at, len(names[key])) for other in whole)
    }  # fmt: skip
    spoken = {at + n for key, at in places.items() for n in range(len(names[key]))}
    for key, at in _single_words(names, words, spoken).items():
        places.setdefault(key, at)
    if any(_is_denied(words, at) for at in places.values()):
        return []
    return [PairValue(key, _count_before(words, at)) for key, at in places.items()]


@lru_cache(maxsize=4096)
def _words_of(shown: str) -> tuple[str, ...]:
    """The words of an option as it is shown, without the number of units before it."""
    return tuple(_WORD.findall(_COUNTED.sub("", shown).casefold()))


def _whole_name(name: Sequence[str], words: Sequence[str]) -> int | None:
    """Where the name stands in the words; a plural ending more or less is the same word."""
    starts = range(len(words) - len(name) + 1) if name else ()
    return next((at for at in starts if all(map(_same_word, name, words[at : at + len(name)]))), None)


def _covers(at: int, length: int, other_at: int, other_length: int) -> bool:
    return at <= other_at and other_at + other_length <= at + length and length > other_length


def _single_words(
    names: Mapping[str, Sequence[str]], words: Sequence[str], spoken: Collection[int]
) -> dict[str, int]:
    """Options named by one word that no other option has, such as "the towel"; words of whole names left out."""
    found: dict[str, int] = {}
    for at, word in enumerate(words):
        if at in spoken or len(word) < 3 or not word.isalpha() or word in _SMALL:
            continue
        keys = [key for key, name in names.items() if any(_same_word(part, word) for part in name)]
        if len(keys) == 1:
            found.setdefault(keys[0], at)
    return found


def _same_word(name: str, word: str) -> bool:
    if name == word:
        return True
    short, long = sorted((name, word), key=len)
    return len(short) >= 3 and long.startswith(short) and len(long) - len(short) <= 2 and short.isalpha()


def _is_denied(words: Sequence[str], at: int) -> bool:
    """Whether "not the towel" is said; a "no" that begins the message answers the question before it."""
    while at > 0 and (words[at - 1] in _BETWEEN or words[at - 1] in _NUMBERS or words[at - 1].isdigit()):
        at -= 1
    return at > 0 and words[at - 1] in _NOT and (at > 1 or words[0] not in ("no", "non", "nie"))


def _count_before(words: Sequence[str], at: int) -> str:
    """How many units are meant by what stands before a name: "one of the two blue mugs" is 1, "the mugs" all."""
    count = ALL
    for word in reversed(words[:at]):
        number = int(word) if word.isdigit() and len(word) <= 3 else _NUMBERS.get(word)
        if number is not None:
            count = str(number)
        elif word not in _BETWEEN:
            break
    return count

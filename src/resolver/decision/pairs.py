"""Slots with `for_each`: one value for each element of a list, such as another variant for each item (LANGUAGE 5.1).

Used by `fill`, `question` and `given`. The slot keeps pairs of keys: the elements and their options are read anew
each turn, what is no longer there is dropped, and only what is missing is asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from resolver.condition.env import Env
from resolver.condition.storage import to_json
from resolver.condition.types import ListOf, PairsOf, Text, Type
from resolver.condition.values import PairValue, RecordValue, Unknown, Value
from resolver.decision.answer import answered, derives, parsed
from resolver.decision.choice import named_in, numbers_named
from resolver.decision.facts import OpenQuestion, SlotFact
from resolver.decision.reply import Voice, show_record
from resolver.playbook.plan import Each, Slot
from resolver.reading import Reading, SlotReading, Span

WHOLE_ANSWERS = ("text", "address")
"""Kinds of text that an answer, or a line of it, gives as a whole."""

Kept = Mapping[str, Value]
"""What is known so far: the key of an element → its value, or the key of the option chosen for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One element that needs a value, what its expressions see, and the options it has (none: any value will do)."""

    element: RecordValue
    env: Env
    options: tuple[RecordValue, ...]


def places_of(slot: Slot, each: Each, env: Env) -> list[Place] | None:
    """Every element with its options; None while the list, or the options of one of them, are unknown."""
    elements = each.list.call(env)
    if isinstance(elements, Unknown):
        return None
    found, whole = [], True
    for element in elements:
        inner = env.with_names({**env.names, each.alias: element})
        listed = each.options.list.call(inner) if each.options else ()
        if isinstance(listed, Unknown):
            whole = False  # go on all the same, so that all records behind references are asked for at once
        else:
            found.append(Place(element, inner, tuple(one for one in listed if isinstance(one, RecordValue))))
    return found if whole else None


def kept_by(fact: SlotFact | None) -> Kept:
    """What the slot's fact holds."""
    value = fact.value if fact else None
    pairs = value if isinstance(value, tuple) else ()
    return {str(one.item): one.to for one in pairs if isinstance(one, PairValue)}


def as_stored(kept: Kept) -> tuple[PairValue, ...]:
    """The same as the fact holds it."""
    return tuple(PairValue(key, value) for key, value in kept.items())


def meant_for(slot: Slot, place: Place, value: Value | None) -> Value | None:
    """The value an element has by what was kept: the option as it is now, or the plain value; None if it is gone."""
    if value is None or isinstance(value, Unknown):
        return None
    each = slot.each
    if each is None or each.options is None:
        return value
    key = value.key if isinstance(value, RecordValue) else value
    return next((one for one in place.options if one.key == key), None)


def to_type(slot: Slot) -> Type:
    """The type of the value that each element gets."""
    element = slot.type.element if isinstance(slot.type, ListOf) else slot.type
    return element.to if isinstance(element, PairsOf) else element


# -- what messages say --------------------------------------------------------------------------------------------


def mentioned_for(places: Sequence[Place], texts: Iterable[str], voice: Voice) -> dict[str, Value]:
    """Options that messages name by the words they are shown with, where it is beyond doubt whose they are."""
    for text in texts:
        named: dict[str, Value] = {}
        for place in places:
            shown = [(one.key, show_record(one, voice)) for one in place.options]
            found = named_in(shown, text)
            if len(found) == 1:
                named[place.element.key] = found[0].item
        if named and len({str(option) for option in named.values()}) == len(named):
            return named
    return {}


def read_for(slot: Slot, readings: Iterable[SlotReading], reading: Reading) -> dict[str, Value]:
    """What understanding read for elements of the slot; a plain value counts only if it stands in the message."""
    found: dict[str, Value] = {}
    for one in readings:
        if slot.each and slot.each.options:
            found[one.element] = one.value
        elif derives(to_type(slot), one, reading):
            value = parsed(to_type(slot), one.value)
            if value is not None:
                found[one.element] = value
    return found


def answered_for(slot: Slot, questions: Sequence[OpenQuestion], reading: Reading) -> dict[str, Value]:
    """What a message answers to the open questions of the slot: by numbers, line by line, or by name."""
    type_ = to_type(slot)
    whole = isinstance(type_, Text) and type_.kind in WHOLE_ANSWERS
    if not whole and any(one.slot_type == str(type_) for one in reading.slots):
        return _values_for(type_, questions, reading)
    numbers = numbers_named(reading.text)
    if numbers:
        return _by_numbers(questions, numbers)
    single = replace(slot, type=to_type(slot), options=slot.each.options if slot.each else None, each=None)
    lines = [line for line in reading.text.splitlines() if line.strip()]
    texts = lines if len(lines) == len(questions) else [reading.text] * len(questions)
    found: dict[str, Value] = {}
    for question, text in zip(questions, texts, strict=True):
        value = _one_answer(
            single, question, structs.replace(reading, text=text), only=len(questions) in (1, len(lines))
        )
        if value is not None:
            found[question.element] = value
    said = [str(to_json(value)) for value in found.values()]
    one_text = len(questions) > 1 and texts[0] is texts[-1]
    return {} if one_text and len(set(said)) < len(said) else found


def _values_for(type_: Type, questions: Sequence[OpenQuestion], reading: Reading) -> dict[str, Value]:
    """Values that understanding read, such as days: the only one for the only question, or one in each line."""
    lines = [line for line in _lines(reading.text) if line.text.strip()]
    if len(questions) == 1 or len(lines) != len(questions):
        lines = [Span(0, len(reading.text), reading.text)]
    if len(lines) != len(questions):
        return {}
    found: dict[str, Value] = {}
    for question, line in zip(questions, lines, strict=True):
        said = {
            one.value: one
            for one in reading.slots
            if one.slot_type == str(type_) and line.start <= one.span.start < line.end
        }
        values = [parsed(type_, one.value) for one in said.values() if derives(type_, one, reading)]
        if len(values) == 1 and values[0] is not None:
            found[question.element] = values[0]
    return found


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield Span(start, start + len(line), line)
        start += len(line)


def _one_answer(slot: Slot, question: OpenQuestion, reading: Reading, *, only: bool) -> Value | None:
    """What a text says about one element: as to any other question, or by a word that only one option has."""
    answer = answered(slot, question, reading, only=only)
    if answer is not None:
        return answer[0]
    named = named_in(question.options, reading.text)
    return named[0].item if len(named) == 1 else None


def _by_numbers(questions: Sequence[OpenQuestion], numbers: Sequence[int]) -> dict[str, Value]:
    """Lists are numbered through the whole message; two numbers for one element are no answer."""
    found: dict[str, Value] = {}
    for number in numbers:
        for question in questions:
            if 0 <= number - question.first < len(question.options):
                if question.element in found:
                    return {}
                found[question.element] = question.options[number - question.first][0]
    return found

"""What a message asks for: each request with the part of the message that is about it (LANGUAGE 12).

Used by `resolution.opening` for messages that no open question expects. Pure; whether a playbook handles a request is
decided there.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from resolver.decision.outline import outline_of
from resolver.playbook.plan import LookUp, Plan
from resolver.reading import IntentScore, Reading, SlotReading


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `intent` None where none of ours was recognised. `reading` says only what is about it."""

    intent: str | None
    reading: Reading


def requests_in(reading: Reading, *, known: Collection[str] = ()) -> list[Request]:
    """The requests of one message, in its order; those `known` already are no new ones.

    Each gets the text from where it is made up to where the next one is, at the same place in the message, and the
    values that stand there. A value that stands in the message only once is for all of them.
    """
    found = sorted(reading.intents, key=lambda one: (_start(one), -one.score))
    fresh = [one for one in found if one.intent not in known]
    if len(found) < 2:
        return [Request(one.intent, reading) for one in fresh]
    starts = [0, *(_start(one) for one in found[1:])]
    ends = [next((start for start in starts if start > mine), len(reading.text)) for mine in starts]
    cut = zip(found, starts, ends, strict=True)
    return [Request(one.intent, _part(reading, start, end)) for one, start, end in cut if one in fresh]


def rest_of(reading: Reading, *, known: Collection[str]) -> Reading:
    """What a message says before its first new request: the answer to what runs that wait have asked."""
    starts = [_start(one) for one in reading.intents if one.intent not in known]
    end = min(starts, default=len(reading.text))
    slots = tuple(one for one in reading.slots if one.span.start < end)
    return replace(reading, text=_blanked(reading.text, [(0, end)]), slots=slots)


def _start(score: IntentScore) -> int:
    return score.evidence.start if score.evidence is not None else 0


def _part(reading: Reading, start: int, end: int) -> Reading:
    """The reading with everything outside the part blanked out, so that spans still say where they stand."""
    slots = tuple(_slots(reading, start, end))
    kept = [(start, end), *((one.span.start, one.span.end) for one in slots)]
    return replace(reading, text=_blanked(reading.text, kept), slots=slots)


def _blanked(text: str, kept: Collection[tuple[int, int]]) -> str:
    return "".join(
        char if char.isspace() or any(start <= place < end for start, end in kept) else " "
        for place, char in enumerate(text)
    )


def _slots(reading: Reading, start: int, end: int) -> Iterator[SlotReading]:
    inside = [one for one in reading.slots if start <= one.span.start < end]
    have = {one.slot_type for one in inside}
    yield from inside
    for one in reading.slots:
        others = {other.value for other in reading.slots if other.slot_type == one.slot_type}
        if one.slot_type not in have and len(others) == 1:
            yield one


def one_for_each_record(plan: Plan, reading: Reading) -> list[Reading]:
    """The same request for several records: one reading for each value that a look-up finds one by."""
    for word, values in _by_type(reading).items():
        slots = [name for name, slot in plan.slots.items() if slot.options is None and str(slot.type) == word]
        if len(values) > 1 and len(slots) == 1 and _finds_by(plan, slots[0]):
            return [_with(reading, word, value) for value in values]
    return [reading]


def _by_type(reading: Reading) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in reading.slots:
        values = found.setdefault(one.slot_type, [])
        if one.value not in values:
            values.append(one.value)
    return found


def _finds_by(plan: Plan, slot: str) -> bool:
    """Whether a look-up takes the slot as it is."""
    look_ups = (one for one in outline_of(plan).preparation if isinstance(one, LookUp))
    return any(argument.source == slot for one in look_ups for argument in one.arguments.values())


def _with(reading: Reading, word: str, value: str) -> Reading:
    kept = tuple(one for one in reading.slots if one.slot_type != word or one.value == value)
    return replace(reading, slots=kept)

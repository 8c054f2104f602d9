"""What of an archived ticket is always looked at, and the same ticket with everything else hidden.

Used by `paths`. Tickets of one shape differ only in values; all that could lead to another way from the start is in it:
language, channel, level, what was understood of each message and which records there are.
"""

from collections.abc import Mapping
from typing import Any

from resolver.backtest.hidden import Hidden
from resolver.backtest.recording import Recording
from resolver.backtest.ticket import Archived
from resolver.condition.values import Value
from resolver.reading import Reading, SlotReading, Span

Shape = tuple[Any, ...]

_SHOWN = (bool, type(None))
_PLAIN = frozenset({"language", "channel"})
"""Fields of customer and ticket that decide about texts and are the same for many."""


def shape_of(ticket: Archived) -> Shape:
    """The shape of this ticket."""
    return (
        ticket.language,
        ticket.level,
        *[(name, _kind(name, value)) for name, value in ticket.customer.items()],
        None,
        *[(name, _kind(name, value)) for name, value in ticket.ticket.items()],
        None,
        *[_said(one) for one in ticket.readings],
        None,
        *[(name, len(found)) for name, found in ticket.records.items()],
    )


def _kind(name: str, value: Value) -> Any:
    if name in _PLAIN or isinstance(value, _SHOWN):
        return value
    return value if value == () else type(value)


def _said(reading: Reading) -> Shape:
    return (
        reading.language,
        reading.moves,
        *[(one.slot_type, one.units, one.element) for one in reading.slots],
    )


def hidden(ticket: Archived, tape: Recording) -> Archived:
    """The ticket as the engine sees it while it is recorded: `t` in the recording."""
    return Archived(
        id=_hide(tape, "t.id", ticket.id),
        intent=ticket.intent,
        opened_at=_hide(tape, "t.opened_at", ticket.opened_at),
        language=ticket.language,
        level=ticket.level,
        customer=tape.alias(_fields(tape, "t.customer", ticket.customer), "t.customer"),
        ticket=tape.alias(_fields(tape, "t.ticket", ticket.ticket), "t.ticket"),
        readings=tuple(
            [_reading(tape, f"t.readings[{place}]", one) for place, one in enumerate(ticket.readings)]
        ),
        records={
            name: tuple(
                [_hide(tape, f"t.records[{name!r}][{place}]", one) for place, one in enumerate(found)]
            )
            for name, found in ticket.records.items()
        },
    )


def _hide(tape: Recording, code: str, value: Any) -> Any:
    return Hidden(tape, code, value)


def _fields(tape: Recording, code: str, values: Mapping[str, Value]) -> dict[str, Any]:
    return {
        name: value if _kind(name, value) is value else _hide(tape, f"{code}[{name!r}]", value)
        for name, value in values.items()
    }


def _reading(tape: Recording, code: str, reading: Reading) -> Reading:
    slots = tuple(
        [
            tape.alias(
                SlotReading(
                    one.slot_type,
                    _hide(tape, f"{code}.slots[{place}].value", one.value),
                    _span(tape, f"{code}.slots[{place}].span", one.span),
                    one.units,
                    one.element,
                ),
                f"{code}.slots[{place}]",
            )
            for place, one in enumerate(reading.slots)
        ]
    )
    text = _hide(tape, f"{code}.text", reading.text)
    shown = Reading(reading.message, text, reading.language, moves=reading.moves, slots=slots)
    return tape.alias(shown, code)  # type: ignore[no-any-return]


def _span(tape: Recording, code: str, span: Span) -> Span:
    hidden_span = Span(
        _hide(tape, f"{code}.start", span.start),
        _hide(tape, f"{code}.end", span.end),
        _hide(tape, f"{code}.text", span.text),
    )
    return tape.alias(hidden_span, code)  # type: ignore[no-any-return]

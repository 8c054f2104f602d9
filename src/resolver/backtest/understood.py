"""What was understood of an archived message, in the notation of test files, as understanding would hand it over.

Used by `archive`. Whether a value counts is the engine's business: one that does not stand in the text does not.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec

from resolver.backtest.fields import unknown_field
from resolver.decision.testcase import Understood
from resolver.decision.testfile import MOVES, reading_of
from resolver.errors import Malformed
from resolver.reading import MoveKind, Reading
from resolver.ticket import MessageId

_OWN = ("intent", "moves")


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A message as it stands on a line."""

    writes: str
    understood: str | list[str] | dict[str, Any] | None = None


def intent_of(messages: Sequence[Message]) -> str | None:
    """What the ticket is about: the first intent that was understood."""
    for message in messages:
        if isinstance(message.understood, dict) and (intent := message.understood.get("intent")):
            return str(intent)
    return None


def reading_of_message(number: int, message: Message, language: str, slots: frozenset[str]) -> Reading:
    """The reading of message `number`. `Malformed` if a move or a slot has a name nobody knows."""
    understood = message.understood
    named: tuple[Understood, ...] = ()
    if isinstance(understood, dict):
        named = tuple([one for name, raw in understood.items() for one in _named(name, raw, slots)])
        understood = understood.get("moves")
    return reading_of(message.writes, _moves(understood), named, MessageId(f"m{number}"), language)


def _moves(raw: Any) -> tuple[MoveKind, ...]:
    if raw is None:
        return ()
    words = raw if isinstance(raw, list) else [raw]
    for word in words:
        if word not in MOVES:
            raise Malformed(f"understood: {word!r} is no move", remedy=f"there are: {', '.join(MOVES)}")
    return tuple([kind for word in words for kind in get_args(MoveKind) if kind == word])


def _named(name: str, raw: Any, slots: frozenset[str]) -> Iterator[Understood]:
    """The values given for a slot: one, a list of elements, or a list of pairs."""
    if name in _OWN or raw is None:
        return
    if name not in slots:
        raise unknown_field(name, "understood", dict.fromkeys((*_OWN, *sorted(slots))))
    for one in raw if isinstance(raw, list) else [raw]:
        if isinstance(one, dict) and {"item", "to"} <= one.keys():
            yield Understood(name, str(one["to"]), element=str(one["item"]))
        elif isinstance(one, dict):
            yield _part(name, one)
        else:
            yield Understood(name, _text(one))


def _part(name: str, raw: dict[str, Any]) -> Understood:
    """An element by its key and how many units of it: `{id: l1, chosen: 1}`."""
    keys = [key for key in raw if key != "chosen"]
    units = raw.get("chosen")
    if len(keys) != 1 or not (units is None or (type(units) is int and units > 0)):
        raise Malformed(f"understood: {name} names no element", remedy="write it like {id: l1, chosen: 1}")
    return Understood(name, str(raw[keys[0]]), units)


def _text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    return str(raw).strip()

"""What was understood of an archived message, in the notation of test files, as understanding would hand it over.

Used by `archive`. Whether a value counts is the engine's business: one that does not stand in the text does not.
"""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from resolver.backtest.fields import unknown_field
from resolver.decision.testcase import Understood
from resolver.decision.testfile import reading_of
from resolver.decision.testplaces import MOVES
from resolver.errors import Malformed
from resolver.reading import MoveKind, Reading
from resolver.ticket import MessageId

_OWN = ("intent", "moves")
_KINDS: dict[str, MoveKind] = {kind: kind for kind in get_args(MoveKind) if kind in MOVES}


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
        named = _all_named(understood, slots)
        understood = understood.get("moves")
    return reading_of(message.writes, _moves(understood), named, MessageId(f"m{number}"), language)


def _moves(raw: Any) -> tuple[MoveKind, ...]:
    if raw is None:
        return ()
    words = raw if isinstance(raw, list) else [raw]
    for word in words:
        if type(word) is not str or word not in _KINDS:
            raise Malformed(f"understood: {word!r} is no move", remedy=f"there are: {', '.join(MOVES)}")
    return tuple([_KINDS[word] for word in words])


def _all_named(understood: dict[str, Any], slots: frozenset[str]) -> tuple[Understood, ...]:
    """The values given for slots: one, a list of elements, or a list of pairs."""
    found: list[Understood] = []
    for name, raw in understood.items():
        if name in _OWN or raw is None:
            continue
        if name not in slots:
            raise unknown_field(name, "understood", dict.fromkeys((*_OWN, *sorted(slots))))
        if type(raw) is str:
            found.append(Understood(name, raw.strip()))
        else:
            found += [_named(name, one) for one in (raw if isinstance(raw, list) else [raw])]
    return tuple(found)


def _named(name: str, raw: Any) -> Understood:
    if not isinstance(raw, dict):
        return Understood(name, _text(raw))
    if {"item", "to"} <= raw.keys():
        return Understood(name, str(raw["to"]), element=str(raw["item"]))
    return _part(name, raw)


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

"""What understanding found in one message: intents with scores, slots with spans, moves.

Made by understanding (or written by hand in a test file), stored by the turn, read by decision. Frozen; no I/O.
"""

from typing import Literal

from msgspec import Struct

from resolver.ticket import MessageId

MoveKind = Literal[
    "gives",
    "changes",
    "yes",
    "no",
    "unclear",
    "code",
    "question",
    "new_intent",
    "wants_person",
    "stops",
    "nothing",
]


class Span(Struct, frozen=True):
    """Where in the message's own text (after quotes were cut) a value stands: text[start:end]."""

    start: int
    end: int
    text: str


class SlotReading(Struct, frozen=True):
    """A value for a slot type as the customer wrote it; `value` is canonical text, `span` the literal words.

    For an element of a list `value` is its key and `units` how many of it, None all of them. `element` is the key of
    the list element the value is for, where each has one of its own.
    """

    slot_type: str
    value: str
    span: Span
    units: int | None = None
    element: str = ""


class IntentScore(Struct, frozen=True):
    """One intent and its calibrated probability, 0 to 1; `evidence` is the sentence that scored best."""

    intent: str
    score: float
    evidence: Span | None = None


class Reading(Struct, frozen=True):
    """All that was understood of one message.

    `intents` are those above the threshold, best first; empty means none of ours (`nothing` or out of scope).
    `scores` are the best five whatever their height, for trace and explain. `moves` is the closed set of
    LANGUAGE 5.2 without slot values, which are in `slots`. `text` is the message without quotes and signature.
    """

    message: MessageId
    text: str
    language: str
    intents: tuple[IntentScore, ...] = ()
    scores: tuple[IntentScore, ...] = ()
    moves: tuple[MoveKind, ...] = ()
    slots: tuple[SlotReading, ...] = ()
    classifier: str = ""

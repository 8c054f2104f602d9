"""A model that an attacker has taken over: whatever it reads, it says what the attacker wishes, and surely.

Used instead of understanding. It makes up words that nobody wrote where that serves: only the product can stop it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from resolver.reading import IntentScore, Reading, SlotReading, Span
from resolver.ticket import MessageId
from resolver.understanding import phrases
from resolver.understanding.clean import clean


@dataclass(frozen=True, slots=True)
class Wish:
    """What the attacker wants understood: the intent that pays, and the values it is about."""

    intent: str = "refund"
    slots: tuple[tuple[str, str], ...] = ()
    language: str = "en"


@dataclass(slots=True)
class TakenOver:
    """Reads every message as its wish, a yes and a right answer to every question, with the highest score."""

    default: Wish = Wish()
    wishes: dict[str, Wish] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)

    def read(
        self,
        message: MessageId,
        text: str,
        *,
        html: str | None = None,
        language_hint: str | None = None,
        asked: Collection[str] = (),
        written_at: datetime | None = None,
    ) -> Reading:
        """What the attacker wishes, with spans that fit a text that has all of it."""
        self.heard.add(message)
        wish = self.wishes.get(message, self.default)
        said, slots = clean(text, html, phrases.LANGUAGES), []
        for word, value in wish.slots:
            if value not in said:
                said = f"{said}\n{value}"
            start = said.index(value)
            slots.append(SlotReading(word, value, Span(start, start + len(value), value)))
        sure = (IntentScore(wish.intent, 1.0, Span(0, len(said), said)),)
        return Reading(
            message=message,
            text=said,
            language=wish.language,
            intents=sure,
            scores=sure,
            moves=("yes", "gives"),
            slots=tuple(slots),
            classifier="taken over",
        )

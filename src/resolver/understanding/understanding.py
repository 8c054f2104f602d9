"""Reads one message: cleans it, then finds language, intents, slots and moves; the door to this package.

Built by `app` from the loaded playbooks, called by resolution in a bounded thread pool. Never decides, never calls out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from resolver.embedding.encoder import Encoder
from resolver.reading import Reading
from resolver.ticket import MessageId
from resolver.understanding import phrases
from resolver.understanding.clean import clean
from resolver.understanding.intents import THRESHOLD, Classifier, Found, IntentExamples
from resolver.understanding.language import Languages
from resolver.understanding.moves import moves, settled
from resolver.understanding.sentences import sentences
from resolver.understanding.slots import Slots


class Understanding:
    """Everything that was trained and compiled for one set of playbooks; immutable, shared by threads."""

    def __init__(
        self, classifier: Classifier, slots: Slots, languages: Sequence[str], threshold: float
    ) -> None:
        self._classifier = classifier
        self._slots = slots
        self._languages = tuple(languages)
        self._recognised = Languages(languages)
        self._threshold = threshold

    @classmethod
    def train(
        cls,
        intents: Sequence[IntentExamples],
        encoder: Encoder,
        *,
        languages: Sequence[str],
        threshold: float | None = None,
        order_number: str | None = None,
        kinds: Collection[str] = (),
        patterns: Mapping[str, str] | None = None,
        cache_dir: Path | None = None,
    ) -> "Understanding":
        """Learn the intents from their examples; some seconds for the starters, milliseconds from the cache.

        Args:
            intents: Each intent once, with examples and near misses of its playbook.
            encoder: The sentence encoder.
            languages: The playbooks' languages, the fallback first.
            threshold: The probability from which an intent counts, 0 to 1; below it people decide.
            order_number: A regular expression if order numbers look unusual; its first group is the number.
            kinds: The slot types that playbooks ask for; days, times, countries and kinds of `patterns` need it.
            patterns: The interfaces' own kinds of text by name, as regular expressions.
            cache_dir: Where the fitted weights are kept between starts.

        Raises:
            Malformed: An intent twice or without examples, or a pattern that is none.
        """
        slots = Slots(order_number, kinds=kinds, patterns=patterns)
        classifier = Classifier.train(intents, encoder, cache_dir)
        return cls(classifier, slots, languages or ("en",), THRESHOLD if threshold is None else threshold)

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
        """What one message says; spans point into `Reading.text`.

        Args:
            message: Whose reading this is.
            text: The plain text as the helpdesk gives it.
            html: The same as HTML, if there is any; it wins, because it shows what is hidden.
            language_hint: The language of the conversation so far, for messages of one or two words.
            asked: Slot types the open question asks for, `yes_no` for a confirmation; empty reads afresh.
            written_at: The message's own moment in the shop's time zone; without it `tomorrow` says no day.
        """
        own = clean(text, html, self._languages)
        language = self._recognised.of(own, language_hint)
        lists = self._lists(language, language_hint)
        reply = phrases.read(own, lists)
        found = Found() if settled(reply) else self._intents(own, lists, language)
        values = self._slots.read(own, asked, language=language, written_at=written_at)
        return Reading(
            message=message,
            text=own,
            language=language,
            intents=found.intents,
            scores=found.scores,
            moves=moves(own, reply, asked, values, lists, request=bool(found.intents)),
            slots=values,
            classifier=self._classifier.name,
        )

    def _intents(self, text: str, lists: Sequence[str], language: str) -> Found:
        """Greetings and thanks are no candidates; they cost time and ask for nothing."""
        asking = [span for span in sentences(text) if not settled(phrases.read(span.text, lists))]
        return self._classifier.classify(asking, self._threshold, language)

    def _lists(self, language: str, hint: str | None) -> tuple[str, ...]:
        """Word lists, the likeliest language first."""
        likely = (language, (hint or "").lower()[:2], *self._languages, *phrases.LANGUAGES)
        return tuple(dict.fromkeys(name for name in likely if name in phrases.LANGUAGES))

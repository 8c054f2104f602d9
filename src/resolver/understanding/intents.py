"""Which of the playbooks' intents a message asks for, sentence by sentence, with honest probabilities.

Called by `understanding`. Never decides anything: what is unsure is left out and goes to people.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resolver.embedding.encoder import Encoder
from resolver.errors import Malformed
from resolver.reading import IntentScore, Span
from resolver.understanding import head
from resolver.understanding.negation import denied, keywords
from resolver.understanding.sentences import clauses
from resolver.understanding.slots import EMAIL

THRESHOLD = 0.6
OURS = 0.1  # a sentence that is surely none of ours is not taken apart
ENCODER_SPEAKS = "en"
MEANING_SHARE_ELSEWHERE = 1 / 3  # in other languages the wording knows more than the meaning
TOO_CLOSE = 0.8  # an out-of-scope line this similar to an example would contradict it
NUMBER = re.compile(r"#?\b(?:[A-Za-z]{1,4}-\d{2,}|\d{4,})\b")
NEAR_MISS_COUNTS = 5.0  # a playbook's `not_for` against one of our general out-of-scope lines
RECIPE = 2  # raise when training changes, so that old cache files are not used


@dataclass(frozen=True, slots=True)
class IntentExamples:
    """One intent as its playbook describes it: texts that ask for it and texts that only sound so."""

    intent: str
    examples: tuple[str, ...]
    not_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The intents above the threshold and the best five of all, each best first."""

    intents: tuple[IntentScore, ...] = ()
    scores: tuple[IntentScore, ...] = ()


class Classifier:
    """Trained once by `train`; `classify` may be called from several threads."""

    def __init__(
        self, taught: Sequence[IntentExamples], encoder: Encoder, fitted: head.Head, name: str
    ) -> None:
        self._intents = tuple(one.intent for one in taught)
        self._stems = keywords([one.examples for one in taught], [*_not_for(taught), *out_of_scope()])
        self._encoder = encoder
        self._head = fitted
        self.name = name

    @classmethod
    def train(
        cls, taught: Sequence[IntentExamples], encoder: Encoder, cache_dir: Path | None
    ) -> "Classifier":
        """Fit on the examples, or take the weights that an earlier start left in `cache_dir`.

        Raises:
            Malformed: Two playbooks handle the same intent, or one has no example.
        """
        _check(taught)
        key = _key(taught, encoder)
        path = cache_dir / f"intents-{key[:32]}.npz" if cache_dir else None
        fitted = head.Head.read(path, len(taught) + 1, encoder.dimensions) if path else None
        if fitted is None:
            fitted = _fit(taught, encoder)
            if path:
                with suppress(OSError):  # a read-only file system only costs the next start some seconds
                    fitted.save(path)
        return cls(taught, encoder, fitted, f"local {encoder.digest[:12]} {key[:12]}")

    def classify(self, sentences: Sequence[Span], threshold: float, language: str) -> Found:
        """The best sentence or clause of each intent; an intent denied in a sentence does not count there."""
        if not sentences:
            return Found()
        share = head.MEANING_SHARE if language == ENCODER_SPEAKS else MEANING_SHARE_ELSEWHERE
        whole = self._table(sentences, share)
        parts = [
            part
            for span, row in zip(sentences, whole, strict=True)
            if row.sum() > OURS
            for part in clauses(span)
        ]
        spans = [*sentences, *parts]
        table = np.vstack([whole, self._table(parts, share)]) if parts else whole
        ranked = sorted(
            (
                IntentScore(intent, round(float(table[row, column]), 4), spans[int(row)])
                for column, (intent, row) in enumerate(zip(self._intents, table.argmax(axis=0), strict=True))
            ),
            key=lambda found: -found.score,
        )
        return Found(tuple(one for one in ranked if one.score >= threshold), tuple(ranked[:5]))

    def _table(self, spans: Sequence[Span], share: float) -> NDArray[np.float64]:
        """A row for each span, a column for each intent."""
        texts = [masked(span.text) for span in spans]
        vectors = self._encoder.encode(texts)
        table = self._head.probabilities(vectors, texts, share)[:, :-1]
        for column, stems in enumerate(self._stems):
            table[[denied(text, stems) for text in texts], column] = 0.0
        return table


def masked(text: str) -> str:
    """The text with one and the same number and address everywhere, so that no intent hangs on a digit."""
    return NUMBER.sub("10231", EMAIL.sub("anna@example.com", text))


def out_of_scope() -> tuple[str, ...]:
    """Our own everyday texts that no order playbook handles."""
    lines = files("resolver.understanding").joinpath("out_of_scope.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _not_for(taught: Sequence[IntentExamples]) -> list[str]:
    """What playbooks say they are not for, unless another playbook has just that as an example."""
    wanted = {text.casefold() for one in taught for text in one.examples}
    return [text for one in taught for text in one.not_for if text.casefold() not in wanted]


def _check(taught: Sequence[IntentExamples]) -> None:
    names = [one.intent for one in taught]
    if not names:
        raise Malformed(
            "There is no intent to tell apart.", remedy="Enable a playbook with `handles: {intent: …}`."
        )
    for one in taught:
        if names.count(one.intent) > 1:
            raise Malformed(
                f"Intent {one.intent!r} is handled by two playbooks.",
                remedy="Set `mode: off` in one of them, or give it an intent of its own.",
            )
        if not one.examples:
            raise Malformed(
                f"Intent {one.intent!r} has no examples.",
                remedy="Add at least five under `handles.examples`.",
            )


def _key(taught: Sequence[IntentExamples], encoder: Encoder) -> str:
    """Changes with anything the weights depend on."""
    content = [[one.intent, one.examples, one.not_for] for one in taught]
    parts = [RECIPE, encoder.digest, content, out_of_scope()]
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _fit(taught: Sequence[IntentExamples], encoder: Encoder) -> head.Head:
    examples = [(text, label) for label, one in enumerate(taught) for text in one.examples]
    hard = _not_for(taught)
    easy = out_of_scope()
    texts = [masked(text) for text in (*(text for text, _ in examples), *hard, *easy)]
    vectors = encoder.encode(texts)
    known, general = vectors[: len(examples)], vectors[len(examples) + len(hard) :]
    contradicts = (general @ known.T).max(axis=1) >= TOO_CLOSE
    kept = np.concatenate([np.ones(len(examples) + len(hard), dtype=bool), ~contradicts])
    labels = np.full(len(texts), len(taught), dtype=np.intp)
    labels[: len(examples)] = [label for _, label in examples]
    importance = np.ones(len(texts))
    importance[len(examples) : len(examples) + len(hard)] = NEAR_MISS_COUNTS
    wording = [text for text, keep in zip(texts, kept, strict=True) if keep]
    return head.train(vectors[kept], wording, labels[kept], len(taught) + 1, importance[kept])

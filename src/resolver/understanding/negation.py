"""Tells "I do not want a refund" from "I want a refund": sentence vectors hardly see the difference.

Called by `intents`. Only ever takes an intent away, never adds one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from resolver.understanding.lexical import simplified

REACH = 4  # words between the negation and what it denies
STEM = 6  # letters that stand for a word and its endings
BEFORE = frozenset(
    "not dont don't didnt didn't doesnt doesn't isnt isn't wasnt wasn't havent haven't hasnt hasn't wont won't never"
    " without no instead"
    " nicht kein keine keinen keiner keinerlei nie niemals ohne statt"
    " pas jamais sans non sin nunca nie bez".split()
)
AFTER = frozenset(("nicht", "pas"))  # German and French also put it behind the verb
TOKEN = re.compile(r"[\w'’-]+|[.,;:!?()\n]")
STOPS = frozenset(".,;:!?()\n") | {"and", "und", "et", "but", "aber", "sondern"}
COMMON = frozenset("order orders please want would like bestellung bitte mochte".split())


def keywords(intents: Sequence[Sequence[str]], others: Sequence[str]) -> tuple[frozenset[str], ...]:
    """For each intent the stems that its examples share and hardly any other text has."""
    shares = [_shares(texts) for texts in (*intents, others)]
    return tuple(
        frozenset(
            stem
            for stem, share in own.items()
            if share >= 0.12
            and share >= 3 * max(other.get(stem, 0.0) for other in shares if other is not own)
        )
        for own in shares[:-1]
    )


def denied(text: str, stems: frozenset[str]) -> bool:
    """Whether one of the stems is negated close by, inside the same clause."""
    words = TOKEN.findall(simplified(text).replace("’", "'"))
    for at, word in enumerate(words):
        behind = words[at + 1 : at + 2 + REACH]
        if word not in BEFORE or (
            word == "no" and behind[:1] in (["0"], ["."])
        ):  # "order no. 10231" denies nothing
            continue
        if _meets(behind, stems) or (word in AFTER and _meets(words[max(0, at - REACH) : at][::-1], stems)):
            return True
    return False


def _meets(words: list[str], stems: frozenset[str]) -> bool:
    """Whether a stem comes before the clause ends."""
    return any(word[:STEM] in stems for word in takewhile(lambda word: word not in STOPS, words))


def _shares(texts: Sequence[str]) -> dict[str, float]:
    """How large a part of the texts has each stem."""
    found: Counter[str] = Counter()
    for text in texts:
        words = (
            token for token in TOKEN.findall(simplified(text)) if len(token) >= 4 and token not in COMMON
        )
        found.update({word[:STEM] for word in words})
    return {stem: count / max(1, len(texts)) for stem, count in found.items()}

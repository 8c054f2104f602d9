"""Texts as hashed counts of words and character pieces, weighted by rarity (TF-IDF); the second half of the head.

Called by `head`. Never grows with the vocabulary: the width is fixed.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WIDTH = 1 << 13
WORD = re.compile(r"\w+|[?]")
NUMBER = re.compile(r"#?\b[\w-]*\d[\w-]*")

Matrix = NDArray[np.float32]


def simplified(text: str) -> str:
    """Lower case, without accents, every number or code the same word: what must not tell intents apart is gone."""
    bare = unicodedata.normalize("NFD", text.casefold())
    return NUMBER.sub("0", "".join(c for c in bare if unicodedata.category(c) != "Mn"))


def counts(texts: Sequence[str]) -> Matrix:
    """One row a text: the square root of how often each hashed piece occurs."""
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for piece, times in Counter(_pieces(simplified(text))).items():
            row[crc32(piece.encode()) % WIDTH] += times**0.5
    return rows


def rarity(rows: Matrix) -> Matrix:
    """Weight of each piece: high if few of the training texts have it."""
    return np.asarray(np.log((1 + len(rows)) / (1 + (rows > 0).sum(axis=0))) + 1, dtype=np.float32)


def weighted(rows: Matrix, weights: Matrix) -> Matrix:
    """Rows times rarity, each of length 1."""
    scaled = rows * weights
    scaled /= np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-12)
    return scaled


def _pieces(text: str) -> Iterator[str]:
    """Words, pairs of neighbouring words, and the pieces of 3 to 5 characters inside each word."""
    words = WORD.findall(text)
    yield from (f"w {word}" for word in words)
    yield from (f"p {first} {second}" for first, second in pairwise(words))
    for word in words:
        framed = f"<{word}>"
        for size in (3, 4, 5):
            yield from (f"c {framed[at : at + size]}" for at in range(len(framed) - size + 1))

"""The classifier on top of the sentence vectors: two small regressions, averaged, and calibrated on their examples.

Trained by `intents` when playbooks load, or read back from its cache. Never sees a customer's text in training.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from resolver.understanding import lexical, softmax

STRENGTH = 10.0
FOLDS = 5
MEANING_SHARE = 2 / 3  # of the average; the rest is the wording's
SCALES = np.geomspace(0.2, 4.0, 60)  # a handful of examples is no reason to be surer than that

SMALLEST = 1e-6  # of the largest eigenvalue; below it is rounding

Matrix = NDArray[np.float64]
Rows = NDArray[np.float32] | Matrix
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of both regressions and the scales that make their average honest. The last class is `other`."""

    meaning: Matrix
    wording: Matrix
    rarity: NDArray[np.float32]
    scales: tuple[float, float, float]

    def probabilities(
        self, vectors: Rows, texts: Sequence[str], meaning_share: float = MEANING_SHARE
    ) -> Matrix:
        """One row a text, one column an intent and the last for `other`; rows sum to one."""
        rows = lexical.weighted(lexical.counts(texts), self.rarity)
        meaning = vectors @ self.meaning[:-1] + self.meaning[-1]
        wording = rows @ self.wording[:-1] + self.wording[-1]
        return _averaged(meaning, wording, self.scales, meaning_share)

    def save(self, path: Path) -> None:
        """Write the weights; a reader never sees half a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{id(self)}.tmp")
        with unfinished.open("wb") as file:
            np.savez(
                file,
                meaning=self.meaning.astype(np.float32),
                wording=self.wording.astype(np.float32),
                rarity=self.rarity,
                scales=np.array(self.scales),
            )
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path, classes: int, dimensions: int) -> "Head | None":
        """The saved head, or None if there is none or it cannot be used; then it is trained anew."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
                meaning, wording = (saved[k].astype(np.float64) for k in ("meaning", "wording"))
                rarity = saved["rarity"].astype(np.float32)
                scales = saved["scales"].tolist()
        except (OSError, ValueError, TypeError, KeyError, BadZipFile, EOFError):
            return None
        right = meaning.shape == (dimensions + 1, classes) and wording.shape == (lexical.WIDTH + 1, classes)
        if not right or rarity.shape != (lexical.WIDTH,) or len(scales) != 3:
            return None
        return cls(meaning, wording, rarity, (scales[0], scales[1], scales[2]))


def train(vectors: Rows, texts: Sequence[str], labels: Labels, classes: int, importance: Matrix) -> Head:
    """Fit both regressions with all classes counting alike, then their scales by five-fold cross-validation.

    `importance` says how much a row counts among those of its own class.
    """
    with threadpool_limits(
        1, user_api="blas"
    ):  # the matrices are small: more threads wait for each other, busily
        return _trained(vectors, texts, labels, classes, importance)


def _trained(vectors: Rows, texts: Sequence[str], labels: Labels, classes: int, importance: Matrix) -> Head:
    weight = _balanced(labels, classes, importance)
    counted = lexical.counts(texts)
    rarity = lexical.rarity(counted)
    meaning, meaning_unseen = _fit(vectors, labels, classes, weight)
    wording, wording_unseen = _fit(lexical.weighted(counted, rarity), labels, classes, weight)
    first = _scale(meaning_unseen, labels, weight)
    second = _scale(wording_unseen, labels, weight)
    mixed = np.log(_averaged(meaning_unseen, wording_unseen, (first, second, 1.0), MEANING_SHARE))
    return Head(meaning, wording, rarity, (first, second, _scale(mixed, labels, weight)))


def _averaged(meaning: Matrix, wording: Matrix, scales: tuple[float, float, float], share: float) -> Matrix:
    """The weighted mean of both models' probabilities, sharpened or flattened as calibration found."""
    first = softmax.probabilities(meaning * scales[0])
    second = softmax.probabilities(wording * scales[1])
    mean = share * first + (1 - share) * second
    return softmax.probabilities(np.log(mean + 1e-12) * scales[2])


def _balanced(labels: Labels, classes: int, importance: Matrix) -> Matrix:
    """Each row's weight, so that few examples of an intent weigh as much as many of another."""
    sizes = np.bincount(labels, weights=importance, minlength=classes)
    weight = importance / sizes[labels]
    return np.asarray(weight / weight.mean())


def _fit(rows: Rows, labels: Labels, classes: int, weight: Matrix) -> tuple[Matrix, Matrix]:
    """Weights for all rows, and what models that had not seen a row say about it.

    The optimum lies in the span of the rows, so everything is solved in that smaller space.
    """
    small, lifted = _compressed(rows)
    fold = _folds(labels)
    unseen = np.zeros((len(rows), classes))
    for number in range(FOLDS):
        kept = fold != number
        if kept.all() or not kept.any():
            continue
        found = softmax.fit(small[kept], labels[kept], classes, strength=STRENGTH, weight=weight[kept])
        unseen[~kept] = small[~kept] @ found[:-1] + found[-1]
    found = softmax.fit(small, labels, classes, strength=STRENGTH, weight=weight)
    return np.vstack([lifted(found[:-1]), found[-1:]]), unseen


def _compressed(rows: Rows) -> tuple[Matrix, Callable[[Matrix], Matrix]]:
    """Rows in an orthonormal basis of their span, and how weights there become weights of the features."""
    if rows.shape[1] <= len(rows):
        return rows.astype(np.float64), lambda weights: weights
    values, axes = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    kept = values > SMALLEST * values.max()
    root = np.sqrt(values[kept])
    return axes[:, kept] * root, lambda weights: np.asarray(rows.T @ ((axes[:, kept] / root) @ weights))


def _folds(labels: Labels) -> Labels:
    """A fold for every row, each class spread evenly and without chance."""
    fold = np.zeros(len(labels), dtype=np.intp)
    for label in np.unique(labels):
        at = np.flatnonzero(labels == label)
        fold[at] = np.arange(len(at)) % FOLDS
    return fold


def _scale(logits: Matrix, labels: Labels, weight: Matrix) -> float:
    """The factor on the logits that makes the log-loss smallest."""

    def loss(factor: float) -> float:
        sure = softmax.probabilities(logits * factor)[np.arange(len(labels)), labels]
        return float(-(weight * np.log(sure + 1e-12)).mean())

    return float(min(SCALES, key=loss))

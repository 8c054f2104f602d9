"""Multinomial logistic regression in numpy: fit by L-BFGS, exact enough to agree with scikit-learn.

Called by `head` while it trains. Never uses chance: the same rows give the same weights.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]
Objective = Callable[[Matrix], tuple[float, Matrix]]

MEMORY = 10
TOLERANCE = 1e-4
ITERATIONS = 200


def probabilities(logits: Matrix) -> Matrix:
    """Rows that sum to one; safe for large numbers."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit(
    rows: Matrix, labels: Labels, classes: int, *, strength: float, weight: Matrix | None = None
) -> Matrix:
    """Weights of shape (features + 1, classes), the intercept in the last row.

    Minimises |w|² / 2 + strength × log-loss; the intercept is not penalised. `strength` is scikit-learn's C,
    `weight` how often each row counts. The sum is divided by strength × rows, so that the tolerance means the
    same for few and many examples.
    """
    counted = np.ones(len(rows)) if weight is None else weight
    share, decay = 1.0 / float(counted.sum()), 1.0 / (strength * float(counted.sum()))
    bordered = np.hstack([rows, np.ones((len(rows), 1))])
    wanted = np.zeros((len(rows), classes))
    wanted[np.arange(len(rows)), labels] = 1.0

    def objective(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.reshape(bordered.shape[1], classes)
        logits = bordered @ weights
        top = logits.max(axis=1, keepdims=True)
        log_total = top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        penalised = weights.copy()
        penalised[-1] = 0.0
        loss = share * float(counted @ (log_total[:, 0] - (logits * wanted).sum(axis=1)))
        gradient = (
            share * (bordered.T @ (counted[:, None] * (np.exp(logits - log_total) - wanted)))
            + decay * penalised
        )
        return loss + 0.5 * decay * float((penalised**2).sum()), gradient.ravel()

    start = np.zeros(bordered.shape[1] * classes)
    return _minimise(objective, start).reshape(bordered.shape[1], classes)


def _minimise(objective: Objective, point: Matrix) -> Matrix:
    """Limited-memory BFGS with back-tracking; `objective` is convex."""
    value, gradient = objective(point)
    steps: deque[tuple[Matrix, Matrix, float]] = deque(maxlen=MEMORY)
    for _ in range(ITERATIONS):
        if float(np.abs(gradient).max()) < TOLERANCE:
            break
        direction = _direction(gradient, steps)
        slope = float(direction @ gradient)
        length = 1.0 if steps else 1.0 / max(1.0, float(np.linalg.norm(gradient)))
        for _ in range(40):
            ahead, ahead_gradient = objective(point + length * direction)
            if ahead <= value + 1e-4 * length * slope:
                break
            length *= 0.5
        else:
            break
        moved, bent = length * direction, ahead_gradient - gradient
        if (curvature := float(moved @ bent)) > 1e-12:
            steps.append((moved, bent, 1.0 / curvature))
        point, value, gradient = point + moved, ahead, ahead_gradient
    return point


def _direction(gradient: Matrix, steps: deque[tuple[Matrix, Matrix, float]]) -> Matrix:
    """The two-loop recursion: minus the inverse curvature times the gradient."""
    turned = -gradient
    shares: list[float] = []
    for moved, bent, inverse in reversed(steps):
        share = inverse * float(moved @ turned)
        shares.append(share)
        turned = turned - share * bent
    if steps:
        moved, bent, inverse = steps[-1]
        turned = turned / (inverse * float(bent @ bent))
    for (moved, bent, inverse), share in zip(steps, reversed(shares), strict=True):
        turned = turned + moved * (share - inverse * float(bent @ turned))
    return turned

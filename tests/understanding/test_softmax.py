"""The regression in numpy finds what scikit-learn finds, and its probabilities are honest."""

import numpy as np
import pytest

from resolver.embedding.encoder import Encoder
from resolver.understanding import head, softmax
from resolver.understanding.intents import IntentExamples, out_of_scope


@pytest.mark.parametrize("strength", [0.5, 10.0, 100.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_agrees_with_scikit_learn(strength: float, weighted: bool) -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is a development dependency")
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(4, 12))
    labels = np.repeat(np.arange(4), 15)
    rows = centres[labels] + rng.normal(scale=1.2, size=(60, 12))
    weight = rng.uniform(0.2, 3.0, size=60) if weighted else np.ones(60)

    ours = softmax.fit(rows, labels, 4, strength=strength, weight=weight)

    theirs = linear.LogisticRegression(C=strength, tol=1e-8, max_iter=5000).fit(
        rows, labels, sample_weight=weight
    )
    found = softmax.probabilities(rows @ ours[:-1] + ours[-1])
    assert np.abs(found - theirs.predict_proba(rows)).max() < 0.01
    assert (found.argmax(axis=1) == theirs.predict(rows)).mean() == 1.0


def test_large_numbers_do_not_overflow() -> None:
    rows = softmax.probabilities(np.array([[1e6, 0.0], [-1e6, 0.0]]))

    assert np.allclose(rows, [[1.0, 0.0], [0.0, 1.0]])


def test_training_twice_gives_the_same_weights(encoder: Encoder) -> None:
    texts = ["Refund me", "Money back please", "Cancel it", "Stop my order", "Hello", "Is it vegan?"]
    vectors = encoder.encode(texts)
    labels = np.array([0, 0, 1, 1, 2, 2])

    first = head.train(vectors, texts, labels, 3, np.ones(6))
    second = head.train(vectors, texts, labels, 3, np.ones(6))

    assert np.array_equal(first.meaning, second.meaning)
    assert first.scales == second.scales


def test_probabilities_sum_to_one_and_unknown_text_is_no_request(encoder: Encoder) -> None:
    texts = ["Refund me", "Money back please", "Cancel it", "Stop my order", "Hello", "Is it vegan?"]
    vectors = encoder.encode(texts)
    fitted = head.train(vectors, texts, np.array([0, 0, 1, 1, 2, 2]), 3, np.ones(6))

    table = fitted.probabilities(encoder.encode(["qwrtz", ""]), ["qwrtz", ""])

    assert np.allclose(table.sum(axis=1), 1.0)
    assert table[:, :2].max() < 0.5


def test_out_of_scope_texts_are_many_and_all_different() -> None:
    lines = out_of_scope()

    assert len(lines) >= 250
    assert len(set(lines)) == len(lines)


def test_out_of_scope_texts_contradict_no_example(taught: list[IntentExamples]) -> None:
    examples = {text.casefold() for one in taught for text in one.examples}

    assert examples.isdisjoint(line.casefold() for line in out_of_scope())

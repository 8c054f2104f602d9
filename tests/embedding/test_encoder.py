"""The encoder gives stable vectors of length 1 and loads nothing but the file it was told to expect."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from resolver.embedding.encoder import MODEL_SHA256, Encoder
from resolver.errors import Malformed


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


def test_a_paraphrase_is_closer_than_another_topic(encoder: Encoder) -> None:
    asked, same, other = encoder.encode(
        [
            "Please refund order 10231",
            "I would like my money back for order 10231",
            "Is the jacket waterproof?",
        ]
    )

    assert asked @ same > 0.6
    assert asked @ other < 0.3


def test_every_vector_has_length_one_whatever_the_text(encoder: Encoder) -> None:
    rows = encoder.encode(["", "👍", "word " * 2000, "\x00", "Où est ma commande ?"])

    assert rows.shape == (5, encoder.dimensions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_no_text_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_rows_come_back_in_the_order_of_the_texts(encoder: Encoder) -> None:
    texts = [f"order {'very ' * (number % 7)}late {number}" for number in range(40)]

    together = encoder.encode(texts)

    alone = np.vstack([encoder.encode([text]) for text in texts[:8]])
    assert ((together[:8] * alone).sum(axis=1) > 0.98).all()


def test_several_threads_get_what_one_thread_gets(encoder: Encoder) -> None:
    texts = [f"Where is order {number}?" for number in range(12)]
    expected = [encoder.encode([text]) for text in texts]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: encoder.encode([text]), texts))

    assert all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))


def test_the_digest_names_the_pinned_model(encoder: Encoder) -> None:
    assert encoder.digest == MODEL_SHA256


def test_a_changed_model_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    changed = tmp_path / "model.onnx"
    changed.write_bytes(b"something else")

    with pytest.raises(Malformed) as refusal:
        Encoder.load(changed)

    assert "sha256" in refusal.value.problem
    assert str(changed) in str(refusal.value)
    assert "embedding.model_path" in refusal.value.remedy


def test_a_file_that_is_no_model_is_refused_even_with_the_right_checksum(tmp_path: Path) -> None:
    nonsense = tmp_path / "model.onnx"
    nonsense.write_bytes(b"not a model")

    with pytest.raises(Malformed, match="not a sentence model"):
        Encoder.load(nonsense, model_sha256=sha256(b"not a model").hexdigest())


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"nowhere\.onnx"):
        Encoder.load(tmp_path / "nowhere.onnx")

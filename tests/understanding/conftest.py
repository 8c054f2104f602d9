"""One encoder and one trained understanding for all tests of this folder."""

from pathlib import Path

import pytest
import yaml

from resolver.embedding.encoder import Encoder
from resolver.understanding.intents import IntentExamples
from resolver.understanding.understanding import Understanding


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture(scope="session")
def taught() -> list[IntentExamples]:
    texts = yaml.safe_load((Path(__file__).parent / "examples.yaml").read_text("utf-8"))
    return [
        IntentExamples(name, tuple(one["examples"]), tuple(one["not_for"])) for name, one in texts.items()
    ]


@pytest.fixture(scope="session")
def understanding(taught: list[IntentExamples], encoder: Encoder) -> Understanding:
    return Understanding.train(taught, encoder, languages=["en", "de"])

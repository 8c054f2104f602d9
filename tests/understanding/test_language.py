"""The language is told from three words on; below that the conversation's language stands."""

import pytest

from resolver.understanding.language import Languages


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages(["en", "de"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I want my money back", "en"),
        ("Please refund order 10231", "en"),
        ("Ich möchte mein Geld zurück für Bestellung 10260", "de"),
        ("Bitte stornieren Sie Bestellung 10240", "de"),
        ("Je voudrais un remboursement", "fr"),
        ("Quiero cancelar mi pedido", "es"),
        ("Proszę o zwrot pieniędzy", "pl"),
    ],
)
def test_a_sentence_tells_its_language(languages: Languages, text: str, language: str) -> None:
    assert languages.of(text) == language


@pytest.mark.parametrize(
    "text", ["", "ok", "Refund", "10231", "anna@example.com https://shop.example/de/bestellung"]
)
def test_too_few_words_keep_the_default_or_the_hint(languages: Languages, text: str) -> None:
    assert languages.of(text) == "en"
    assert languages.of(text, "de-AT") == "de"

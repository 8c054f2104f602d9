"""The own WordPiece splits as BERT's reference implementation does."""

import pytest

from resolver.embedding.wordpiece import WordPiece


@pytest.fixture(scope="module")
def tokens() -> WordPiece:
    return WordPiece.bundled()


@pytest.mark.parametrize(
    ("text", "ids"),
    [  # numbers as the reference tokenizer of bert-base-uncased gives them
        ("hello world", [101, 7592, 2088, 102]),
        ("Hello, World!", [101, 7592, 1010, 2088, 999, 102]),
        ("Héllo", [101, 7592, 102]),
        ("", [101, 102]),
        ("unaffable", [101, 14477, 20961, 3468, 102]),
        ("don't", [101, 2123, 1005, 1056, 102]),
    ],
)
def test_words_are_split_like_the_reference(tokens: WordPiece, text: str, ids: list[int]) -> None:
    assert tokens.encode(text) == ids


def test_a_word_that_no_piece_fits_is_unknown(tokens: WordPiece) -> None:
    unknown = tokens.encode("\u0b90" * 3)

    assert unknown == [101, 100, 102]


def test_a_very_long_word_is_one_unknown_piece(tokens: WordPiece) -> None:
    assert tokens.encode("a" * 101) == [101, 100, 102]


def test_a_long_text_is_cut_and_still_has_its_end_mark(tokens: WordPiece) -> None:
    ids = tokens.encode("order " * 1000)

    assert len(ids) == 256
    assert ids[0] == 101
    assert ids[-1] == 102


def test_chinese_characters_stand_alone_and_controls_vanish(tokens: WordPiece) -> None:
    assert tokens.encode("你好") == tokens.encode("你 好")
    assert tokens.encode("or\u0000der") == tokens.encode("order")

"""BERT's lower-casing WordPiece: text to the token numbers the encoder's model was trained on.

Called by `encoder` only. Never truncates in the middle of the special tokens and never downloads a vocabulary.
"""

import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from resolver.errors import Malformed

VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
LONGEST_WORD = 100  # longer words are one [UNK], as in the reference implementation


class WordPiece:
    """Splits text into the pieces of a fixed vocabulary; immutable, safe to share between threads."""

    def __init__(self, vocabulary: dict[str, int], *, max_tokens: int = 256) -> None:
        self._ids = vocabulary
        self._room = max_tokens - 2
        self._unknown = vocabulary["[UNK]"]
        self._start, self._end = vocabulary["[CLS]"], vocabulary["[SEP]"]

    @classmethod
    def bundled(cls) -> "WordPiece":
        """The vocabulary that ships with this package, checked against its checksum.

        Raises:
            Malformed: The file was changed; the start stops.
        """
        raw = files("resolver.embedding").joinpath("vocab.txt").read_bytes()
        if sha256(raw).hexdigest() != VOCABULARY_SHA256:
            raise Malformed(
                "embedding/vocab.txt is not the vocabulary this encoder was built for.",
                remedy="Reinstall helpdesk-resolver; the file must not be edited.",
            )
        return cls({piece: index for index, piece in enumerate(raw.decode("utf-8").splitlines())})

    def encode(self, text: str) -> list[int]:
        """Token numbers with the start and end marks, at most `max_tokens` of them."""
        ids = [piece for word in _words(text) for piece in self._pieces(word)]
        return [self._start, *ids[: self._room], self._end]

    def _pieces(self, word: str) -> list[int]:
        """The longest known prefix, again and again; one [UNK] if a rest is in no vocabulary entry."""
        if len(word) > LONGEST_WORD:
            return [self._unknown]
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                piece = self._ids.get(prefix + word[start:end])
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                return [self._unknown]
        return found


def _words(text: str) -> Iterator[str]:
    """Words and single punctuation marks, lower case and without accents."""
    spaced = "".join(_spaced(char) for char in text)
    bare = "".join(c for c in unicodedata.normalize("NFD", spaced.lower()) if unicodedata.category(c) != "Mn")
    for word in bare.split():
        begin = 0
        for at, char in enumerate(word):
            if _is_punctuation(char):
                if at > begin:
                    yield word[begin:at]
                yield char
                begin = at + 1
        if begin < len(word):
            yield word[begin:]


def _spaced(char: str) -> str:
    """White space as a blank, controls as nothing, Chinese characters as words of their own."""
    if char in "\t\n\r" or unicodedata.category(char) == "Zs":
        return " "
    if char in "\0\ufffd" or unicodedata.category(char).startswith("C"):
        return ""
    return f" {char} " if _is_chinese(ord(char)) else char


def _is_chinese(code: int) -> bool:
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    )


def _is_punctuation(char: str) -> bool:
    code = ord(char)
    if 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126:
        return True
    return unicodedata.category(char).startswith("P")

"""Walks over the tokens of one text: what comes next, what must come, and what to say if it does not.

Used by the parser alone.
"""

from resolver.condition.lexer import FOREIGN_WORDS, Misread, Token, tokens_of
from resolver.source.name import RESERVED, shown

_COMPARISONS = (
    "compare with 'is', 'is not', 'is at least', 'is at most', 'is more than', 'is less than', "
    "'is before', 'is after', 'is known', 'in [ ]' or 'contains'"
)

_HALVES = ("greater", "less", "more", "equal")  # "than" or "to" follows, and is part of what is meant


class Cursor:
    """A place between the tokens of a text; it only moves forward."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.at = 0

    @property
    def next(self) -> Token:
        """The token that comes next; the last one is of kind `end` and never passed."""
        return self.tokens[self.at]

    @property
    def after_next(self) -> Token:
        """The token behind the next one."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    @property
    def last_end(self) -> int:
        """Where the token taken last ends."""
        return self.tokens[self.at - 1].end

    def take(self) -> Token:
        """The next token, which is then behind."""
        token = self.next
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def is_next(self, *texts: str) -> bool:
        """Whether one of these words or marks comes next."""
        return self.next.text in texts and self.next.kind in ("word", "mark")

    def accept(self, *texts: str) -> bool:
        """Takes the next token if it is one of these words or marks."""
        if not self.is_next(*texts):
            return False
        self.take()
        return True

    def expect(self, text: str, words: str = "") -> None:
        """Takes that word or mark, or raises `Misread`."""
        if not self.accept(text):
            raise self.expected(words or f"'{text}'")

    def expect_end(self) -> None:
        """Raises `Misread` unless all was read."""
        token = self.next
        if token.kind == "end":
            return
        instead = FOREIGN_WORDS.get(token.text)
        if instead and token.kind == "word":
            message = f"'{token.text}' has no meaning here"
            only = "" if token.text in _HALVES else instead
            raise Misread("foreign-operator", message, token.start, token.end, f"write '{instead}'", only)
        raise self.expected("'and', 'or', a comparison or the end")

    def expected(self, what: str) -> Misread:
        """The error that something else should come next."""
        token = self.next
        found = "the end" if token.kind == "end" else shown(token.text)
        message = f"this does not read as a condition: expected {what}, found {found}"
        return Misread("condition", message, token.start, token.end, self._remedy(token))

    def _remedy(self, token: Token) -> str:
        before = self.tokens[self.at - 1].text if self.at else ""
        if token.kind == "clock" or token.text == "at":
            return "a clock time stands behind the day it is of: 'now is before order.expected_on at 18:00'"
        if token.text == "-":
            return "there are no negative numbers; write '0 - …'"
        if token.text in ("equal", "then", "to") or (before == "greater" and token.text == "than"):
            return "write 'is', 'is more than' or 'is less than'"
        if token.kind == "word" and token.text in RESERVED:
            return f"'{token.text}' is a word of the language and names nothing; {_COMPARISONS}"
        return _COMPARISONS

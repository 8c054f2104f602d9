"""The pure-Python YAML scanner with its slowest methods done by regular expressions; its events are the same.

Used by `load` only. PyYAML goes through words and over them character by character: a third of reading a file.
"""

import re
from typing import Any

import yaml

_BREAKS = "\r\n\x85\u2028\u2029"
_ENDS = rf"\0 \t{_BREAKS}"
_NOT_ONE_COLUMN = f"{_BREAKS}\ufeff"
_SPECIAL = re.compile(f"[{_NOT_ONE_COLUMN}]")
"""What is not simply one column more."""
_FLOW = r",\[\]{}"
_LINE_ENDS = re.compile(f"[\0\t{_BREAKS}]|:(?=[{_ENDS}])| ++(?=[#{_ENDS}]|:[{_ENDS}])")
_LINE_ENDS_IN_FLOW = re.compile(
    f"[\0\t{_BREAKS}?{_FLOW}]|:(?=[{_ENDS}{_FLOW}])| ++(?=[#{_ENDS}?{_FLOW}]|:[{_ENDS}{_FLOW}])"
)
"""Where words with single spaces or more between them end on a line."""
_BLANK = re.compile(f" *(#[^\0{_BREAKS}]*)?")
"""What stands before a token on its line, or a comment behind it."""
_FEW = 4
"""Characters that are gone over more quickly one by one."""


class Scanner(yaml.SafeLoader):
    """Reads a text (not a stream): all of it is in the buffer, with a NUL behind it."""

    def forward(self, length: int = 1) -> None:
        """Go on so many characters."""
        end = self.pointer + length
        if length == 1 and self.buffer[self.pointer] not in _NOT_ONE_COLUMN:
            self.pointer = end
            self.index += 1
            self.column += 1
            return
        if length < _FEW or _SPECIAL.search(self.buffer, self.pointer, end) is not None:
            super().forward(length)
            return
        self.pointer = end
        self.index += length
        self.column += length

    def check_token(self, *choices: Any) -> bool:
        """Whether the next token is of one of these types, or there is one at all."""
        while not self.tokens or self.possible_simple_keys:
            if not self.need_more_tokens():
                break
            self.fetch_more_tokens()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def need_more_tokens(self) -> Any:
        """Whether the next token is not certain yet; mostly nothing is open that could still make it a key."""
        if self.tokens and not self.possible_simple_keys:
            return False
        return super().need_more_tokens()

    def scan_to_next_token(self) -> None:
        """Over spaces, comments and line breaks: as PyYAML does it, but each at once."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        while True:
            found = _BLANK.match(self.buffer, self.pointer)
            if found and found.end() > self.pointer:
                self.forward(found.end() - self.pointer)
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_line_break(self) -> Any:
        """A line break, as the text it stands for; nothing if there is none here."""
        here = self.buffer[self.pointer]
        if here == "\n":
            self.pointer += 1
            self.index += 1
            self.line += 1
            self.column = 0
            return here
        return super().scan_line_break() if here in _BREAKS else ""  # type: ignore[no-untyped-call]

    def scan_plain(self) -> Any:
        """A scalar without quotes: as PyYAML does it, but all words of a line at once."""
        ends = _LINE_ENDS_IN_FLOW if self.flow_level else _LINE_ENDS
        chunks: list[str] = []
        spaces: list[str] = []
        start_mark = end_mark = self.get_mark()
        indent = self.indent + 1
        while self.peek() != "#":
            found = ends.search(self.buffer, self.pointer)
            length = found.start() - self.pointer if found else 0
            if length == 0:
                break
            self.allow_simple_key = False
            chunks += [*spaces, self.prefix(length)]
            self.forward(length)
            end_mark = self.get_mark()
            if self.buffer[self.pointer] == ":":  # the word was a key
                break
            spaces = self.scan_plain_spaces(indent, start_mark) or []
            if not spaces or self.peek() == "#" or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(chunks), True, start_mark, end_mark)

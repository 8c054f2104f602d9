"""Our scanner and PyYAML's own give the same events, with the same marks, and refuse the same texts."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from resolver.source.scan import Scanner
from resolver.starters import interfaces_folder, playbooks_folder

FILES = sorted([*playbooks_folder().glob("*.yaml"), *interfaces_folder().glob("*.yaml")])
PIECES = (
    "a", "word", "ü", "key", "1.10", ":", ": ", "::", "#", " #", " ", "  ", "\n", "\n  ", "\n- ", "- ", "? ", "?", ",",
    ", ", "[", "]", "{", "}", "'", '"', "|", ">", "|\n  ", "&a ", "*a", "!t ", "%", "@", "\t", "\r\n", "\x85", "\u2028",
    "\ufeff", "---", "\n---\n", "...", "long words in a row", "http://x.example/a:b",
)  # fmt: skip


def events(text, loader):
    """Every event with its marks, up to what is refused."""
    found = []
    try:
        for one in yaml.parse(text, Loader=loader):
            marks = [(mark.index, mark.line, mark.column) for mark in (one.start_mark, one.end_mark)]
            found.append((repr(one), marks))
    except (yaml.YAMLError, IndexError) as error:
        found.append((type(error), str(error)))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_starters_are_read_as_by_pyyaml(path):
    text = path.read_text("utf-8")

    assert events(text, Scanner) == events(text, yaml.SafeLoader)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_read_or_refused_as_by_pyyaml(text):
    assert events(text, Scanner) == events(text, yaml.SafeLoader)

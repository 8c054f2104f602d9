"""Every character of a scalar can be found again in the file, however it was written."""

import pytest

from resolver.source.load import load
from resolver.source.node import MappingNode, ScalarNode, kind_of, scalar


def value_of(text: str) -> ScalarNode:
    root = load(text, "f.yaml").root
    assert isinstance(root, MappingNode)
    node = root.get("a")
    assert isinstance(node, ScalarNode)
    return node


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("a: one two\n", "two", "1:8"),
        ("a: 'one two'\n", "two", "1:9"),
        ("a: 'it''s two'\n", "two", "1:11"),
        ('a: "o\\"e two"\n', "two", "1:10"),
        ('a: "\\u00e9 two"\n', "two", "1:12"),
        ('a: "one \\\n  two"\n', "two", "2:3"),
        ("a: one\n  and two\n", "two", "2:7"),
        ("a: >\n  one\n  and two\n", "two", "3:7"),
        ("a: |-\n  one\n  two\n", "two", "3:3"),
        ("a: |\n  one\n\n  two\n", "two", "4:3"),
        ('a: "one\n\n  two"\n', "two", "3:3"),
    ],
)
def test_a_word_is_found_where_it_was_written(text, word, place):
    node = value_of(text)

    found = node.place(node.text.index(word))

    assert f"{found.line}:{found.column}" == place


def test_the_end_of_a_text_is_behind_its_last_character():
    assert str(scalar("ab", "f").place(2)) == "f:1:3"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("a: b", "text"), ("a: ''", "text"), ("a:", "nothing"), ("a: []", "a list"), ("a: {}", "a mapping")],
)
def test_a_node_is_named_in_words(text, kind):
    root = load(text, "f.yaml").root
    assert isinstance(root, MappingNode)

    assert kind_of(root.get("a")) == kind

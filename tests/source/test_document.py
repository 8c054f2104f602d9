"""A tree as canonical JSON: the same file gives the same bytes, and the bytes give the tree again."""

from resolver.source.document import canonical, node_of, plain_of
from resolver.source.load import load
from resolver.source.node import MappingNode, Node, ScalarNode, SequenceNode


def root_of(text: str) -> Node:
    """The tree of a text that can be read."""
    root = load(text, "file.yaml").root
    assert root is not None
    return root


def words(node: Node) -> object:
    """The tree without its places."""
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, SequenceNode):
        return [words(item) for item in node.items]
    return {entry.key.text: words(entry.value) for entry in node.entries}


def test_a_tree_comes_back_with_its_words_and_lines() -> None:
    root = root_of("a: 1\nb:\n  - x\n  - {c: y}\n")

    again = node_of(plain_of(root), "elsewhere.yaml")

    assert words(again) == {"a": "1", "b": ["x", {"c": "y"}]}
    assert isinstance(again, MappingNode)
    value = again.get("b")
    assert isinstance(value, SequenceNode)
    assert [item.where.line for item in value.items] == [3, 4]
    assert again.where.path == "elsewhere.yaml"


def test_quotes_comments_and_the_order_of_keys_do_not_count() -> None:
    one = plain_of(root_of("{a: '1', b: two}  # here"), lines=False)
    other = plain_of(root_of('b: two\na: "1"\n'), lines=False)

    assert canonical(one) == canonical(other)


def test_the_order_of_keys_counts_where_it_says_something() -> None:
    one = plain_of(root_of("needs: {a: 1, b: 2}"), ordered=("needs",), lines=False)
    other = plain_of(root_of("needs: {b: 2, a: 1}"), ordered=("needs",), lines=False)

    assert canonical(one) != canonical(other)


def test_canonical_json_has_no_spaces_and_keeps_every_character() -> None:
    assert canonical({"b": ["ü", 1], "a": None}) == '{"a":null,"b":["ü",1]}'

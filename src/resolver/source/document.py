"""A loaded tree as canonical JSON, and back: what plans, policies and interfaces are stored and named by.

Comments, quotes and layout are gone; lines stay where they are asked for. Same file, same bytes, on every Python.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from resolver.errors import Where
from resolver.source.node import Entry, MappingNode, Node, ScalarNode, SequenceNode

Plain = Mapping[str, Any]
"""A tree as JSON data: `{text}`, `{items: […]}` or `{keys: [[key, line, tree], …]}`, each with its `line`."""


def plain_of(node: Node, *, ordered: Collection[str] = (), lines: bool = True, key: str = "") -> Plain:
    """The node as JSON data; keys are sorted except in mappings that stand under a key of `ordered`."""
    place = {"line": node.where.line} if lines else {}
    if isinstance(node, ScalarNode):
        return {"text": node.text, **place}
    if isinstance(node, SequenceNode):
        return {"items": [plain_of(item, ordered=ordered, lines=lines) for item in node.items], **place}
    entries = node.entries if key in ordered else sorted(node.entries, key=lambda entry: entry.key.text)
    keys = [
        [entry.key.text, entry.key.where.line if lines else 0,
         plain_of(entry.value, ordered=ordered, lines=lines, key=entry.key.text)]
        for entry in entries
    ]  # fmt: skip
    return {"keys": keys, **place}


def node_of(plain: Plain, path: str) -> Node:
    """The tree again, as if it had been loaded from `path`."""
    where = Where(path, plain.get("line", 1))
    if "text" in plain:
        text = plain["text"]
        return ScalarNode(text, where, max(1, len(text)), raw=text)
    if "items" in plain:
        return SequenceNode(tuple(node_of(item, path) for item in plain["items"]), where, 1)
    entries = (Entry(_key(key, line, path), node_of(value, path)) for key, line, value in plain["keys"])
    return MappingNode(tuple(entries), where, 1)


def _key(text: str, line: int, path: str) -> ScalarNode:
    return ScalarNode(text, Where(path, max(1, line)), max(1, len(text)), raw=text)


def canonical(data: object) -> str:
    """JSON with sorted keys, no spaces, every character as itself."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(document: str) -> str:
    """The name of a stored document: sha256 of its UTF-8 bytes, in hex."""
    return hashlib.sha256(document.encode()).hexdigest()

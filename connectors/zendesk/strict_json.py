"""JSON from outside, read so that it can mean one thing only.

Used on the bodies of deliveries, after the signature held. Stricter than JSON: UTF-8 without a byte order mark,
every name once, at most 32 levels deep, no NaN. It never touches the values it does not refuse.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from resolver.errors import Malformed

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
"""A number with a fraction stays the text it was: nothing here calculates."""

DEEPEST = 32
_REMEDY = "the delivery is dropped; if Zendesk itself sent it, report it with its invocation id"
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read(body: bytes) -> Mapping[str, Json]:
    """The one object that `body` is.

    Raises:
        Malformed: Anything that is not one unambiguous JSON object.
    """
    _check_depth(body)
    try:
        value: Json = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=str,
        )
    except ValueError as error:  # also UnicodeDecodeError, JSONDecodeError and a number of 5 000 digits
        raise Malformed(f"The body is not JSON: {error}.", remedy=_REMEDY) from error
    if not isinstance(value, Mapping):
        raise Malformed("The body is JSON, but not an object.", remedy=_REMEDY)
    return value


def _check_depth(body: bytes) -> None:
    """Brackets outside of strings are counted before the parser recurses into them."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(body):
        token = found[0]
        if token in (b"[", b"{"):
            depth += 1
        elif token in (b"]", b"}"):
            depth -= 1
        if depth > DEEPEST:
            raise Malformed(f"The body is nested deeper than {DEEPEST} levels.", remedy=_REMEDY)


def _unique(pairs: list[tuple[str, Json]]) -> Mapping[str, Json]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")

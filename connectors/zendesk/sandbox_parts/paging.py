"""Lists in pages: by cursor when `page[size]` or a cursor is asked for, else by offset, with the vendor's links.

API parts call it with records already sorted. Links carry the account's public name, as the vendor's do.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from connectors.zendesk.sandbox_parts.problems import Problem
from connectors.zendesk.sandbox_parts.records import JsonObject

R = TypeVar("R")

MOST_PER_PAGE = 100
MOST_PAGES = 100


def page(
    records: Sequence[R],
    query: dict[str, str],
    *,
    name: str,
    url: str,
    key: Callable[[R], object],
    shape: Callable[[R], JsonObject],
) -> JsonObject:
    """One page of records under `name`, with `meta` and `links` or `count` and `next_page`."""
    if "page[size]" in query or "page[after]" in query or "page[before]" in query:
        return _by_cursor(records, query, name=name, url=url, key=key, shape=shape)
    return _by_offset(records, query, name=name, url=url, shape=shape)


def _by_cursor(
    records: Sequence[R],
    query: dict[str, str],
    *,
    name: str,
    url: str,
    key: Callable[[R], object],
    shape: Callable[[R], JsonObject],
) -> JsonObject:
    size = _number(query, "page[size]", MOST_PER_PAGE)
    if size > MOST_PER_PAGE:
        raise Problem(400, "InvalidPaginationParameter", f"page[size] is at most {MOST_PER_PAGE}")
    start = 0
    if after := query.get("page[after]"):
        last = cursor_value(after)
        start = next(
            (index + 1 for index, record in enumerate(records) if str(key(record)) == last), len(records)
        )
    shown = records[start : start + size]
    more = start + size < len(records)
    cursor_after = make_cursor(str(key(shown[-1]))) if shown else None
    cursor_before = make_cursor(str(key(shown[0]))) if shown else None
    rest = {k: v for k, v in query.items() if k not in ("page[after]", "page[before]")}
    following = {**rest, "page[after]": cursor_after or ""}
    return {
        name: [shape(record) for record in shown],
        "meta": {"has_more": more, "after_cursor": cursor_after, "before_cursor": cursor_before},
        "links": {"next": f"{url}?{urlencode(following)}" if more else None, "prev": None},
    }


def _by_offset(
    records: Sequence[R],
    query: dict[str, str],
    *,
    name: str,
    url: str,
    shape: Callable[[R], JsonObject],
) -> JsonObject:
    number = _number(query, "page", 1)
    size = min(_number(query, "per_page", MOST_PER_PAGE), MOST_PER_PAGE)
    if number > MOST_PAGES:
        raise Problem(400, "InvalidPaginationDepth", f"Offset paging ends at page {MOST_PAGES}; use a cursor")
    start = (number - 1) * size

    def link(other: int) -> str:
        return f"{url}?{urlencode({**query, 'page': str(other)})}"

    return {
        name: [shape(record) for record in records[start : start + size]],
        "count": len(records),
        "next_page": link(number + 1) if start + size < len(records) else None,
        "previous_page": link(number - 1) if number > 1 else None,
    }


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise Problem(400, "InvalidPaginationParameter", f"{name} is not a number above 0")
    return int(text)


def make_cursor(value: str) -> str:
    """An opaque cursor that stands for a record's key."""
    return base64.urlsafe_b64encode(value.encode()).decode()


def cursor_value(cursor: str) -> str:
    """What a cursor stands for.

    Raises:
        Problem: 400 for a text that never was a cursor.
    """
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Problem(400, "InvalidPaginationParameter", "The cursor is not valid") from error

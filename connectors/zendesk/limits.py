"""The rate limits of a Zendesk account: which endpoint counts on what, and what an answer says is left.

The client asks before every call and reports every answer. It sends nothing itself.
Source: developer.zendesk.com/api-reference/introduction/rate-limits (read 2026-11-23).
"""

import re
from collections.abc import Mapping

from connectors.zendesk.settings import ZendeskSettings
from resolver.clock import Clock
from resolver.connector.bucket import Allowance, Buckets

UPDATE = "update of tickets"
AUDITS = "list of audits"
AUDITS_PER_MINUTE = 500

_UPDATED = re.compile(r"(?:/api/v2/)?tickets/[0-9]+(?:\.json)?")
_AUDITED = re.compile(r"(?:/api/v2/)?tickets/[0-9]+/audits(?:\.json)?")
_ENDPOINT_HEADER = (
    "zendesk-ratelimit-tickets-update"  # total=100; remaining=99; resets=41 (only partly documented)
)
_REMAINING = re.compile(r"remaining=([0-9]{1,6})")


def of(settings: ZendeskSettings, *, clock: Clock) -> Buckets:
    """The buckets of one account: all calls, ticket updates, lists of audits."""
    return Buckets(
        Allowance(settings.requests_per_minute),
        {UPDATE: Allowance(settings.updates_per_minute), AUDITS: Allowance(AUDITS_PER_MINUTE)},
        clock=clock,
    )


def endpoint_of(method: str, path: str) -> str:
    """The endpoint whose own limit a call counts on, if it has one."""
    if method == "PUT" and _UPDATED.fullmatch(path):
        return UPDATE
    return AUDITS if _AUDITED.fullmatch(path) else ""


def heard(buckets: Buckets, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
    """Believe what an answer says about the limits. Header names come in any case, from a mapping that ignores it."""
    endpoint = endpoint_of(method, path)
    left = headers.get("x-rate-limit-remaining", "")
    if left.isascii() and left.isdigit():
        buckets.told_what_is_left(int(left[:6]))
    own = _REMAINING.search(headers.get(_ENDPOINT_HEADER, ""))
    if own is not None:
        buckets.told_what_is_left(int(own[1]), UPDATE)
    wait = headers.get("retry-after", "").strip()
    if status == 429 and wait.isascii() and wait.isdigit():
        buckets.told_to_wait(float(wait[:6]), endpoint)

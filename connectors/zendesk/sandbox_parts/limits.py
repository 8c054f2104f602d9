"""How often an endpoint may be called: fixed windows per account, endpoint, user and ticket.

`calls` asks before it serves; every answer carries the account's headers. The exact form of the endpoint's header is
only partly documented by the vendor.
"""

from datetime import datetime, timedelta

import msgspec

from connectors.zendesk.sandbox_parts.problems import Problem


class Window(msgspec.Struct):
    """How much of a limit is used, and until when."""

    ends_at: datetime
    used: int = 0


class Limits:
    """The windows of one account."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def spend(self, name: str, key: str, total: int, seconds: int, now: datetime) -> dict[str, str]:
        """Count one call and return its headers.

        Raises:
            Problem: 429 with Retry-After as text; the call counts for nothing.
        """
        window = self._windows.get(f"{name}:{key}")
        if window is None or now >= window.ends_at:
            window = self._windows[f"{name}:{key}"] = Window(now + timedelta(seconds=seconds))
        resets = max(1, round((window.ends_at - now).total_seconds()))
        if window.used >= total:
            raise Problem(
                429,
                "APIRateLimitExceeded",
                f"Number of allowed calls exceeded ({name}: {total} in {seconds} s)",
                headers={**_headers(name, total, 0, resets), "Retry-After": str(resets)},
            )
        window.used += 1
        return _headers(name, total, total - window.used, resets)

    def clear(self) -> None:
        """Start every window anew."""
        self._windows.clear()


def _headers(name: str, total: int, remaining: int, resets: int) -> dict[str, str]:
    if name == "account":
        return {
            "X-Rate-Limit": str(total),
            "X-Rate-Limit-Remaining": str(remaining),
            "ratelimit-limit": str(total),
            "ratelimit-remaining": str(remaining),
            "ratelimit-reset": str(resets),
        }
    return {f"Zendesk-RateLimit-{name}": f"total={total}; remaining={remaining}; resets={resets}"}

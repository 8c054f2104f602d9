"""Token buckets: how fast one account may be called, as a whole and at single endpoints.

Connectors ask here before every call and report what the vendor says about its limits. It counts and waits; it never
sends anything. Buckets live in one process: where several share an account, the vendor's answers keep them right.
"""

import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import anyio

from resolver.clock import Clock
from resolver.errors import Malformed, Unavailable

LONGEST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many calls in so many seconds; all of them may come at once, then they trickle back."""

    calls: int
    seconds: float = 60.0

    def __post_init__(self) -> None:
        """Refuse an allowance that would let nothing through."""
        if self.calls < 1 or self.seconds <= 0:
            raise Malformed(
                f"{self.calls} calls in {self.seconds:g} s cannot be allowed.",
                remedy="write at least 1 call and more than 0 seconds",
            )


class Buckets:
    """The buckets of one account: one for every call, and one for each endpoint that has a limit of its own."""

    def __init__(
        self,
        account: Allowance,
        endpoints: Mapping[str, Allowance],
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        now = clock()
        self._account = _Bucket.full(account, now)
        self._endpoints = {name: _Bucket.full(allowance, now) for name, allowance in endpoints.items()}
        self._clock = clock
        self._sleep = sleep
        self._longest_wait_s = longest_wait_s
        self._lock = threading.Lock()  # vendor answers are reported from worker threads

    async def acquire(self, endpoint: str = "") -> None:
        """Return when one call to `endpoint` may go out; first come, first served.

        An endpoint without an allowance of its own counts on the account only.

        Raises:
            Unavailable: The wait would be longer than `longest_wait_s`; `retry_after_s` says how long. Nothing
                was sent and nothing is used up.
        """
        wanted = self._of(endpoint)
        with self._lock:
            wait_s = self._wait_s(wanted)
            self._refuse_beyond(wait_s, waited_s=0.0, endpoint=endpoint)
            for bucket in wanted:
                bucket.tokens -= 1
        waited_s = 0.0
        while wait_s > 0:
            await self._sleep(wait_s)
            waited_s += wait_s
            with self._lock:  # told to stop meanwhile?
                wait_s = max(bucket.paused_s(self._clock()) for bucket in wanted)
                self._give_back_and_refuse(wanted, wait_s, waited_s=waited_s, endpoint=endpoint)

    def told_to_wait(self, seconds: float, endpoint: str = "") -> None:
        """The vendor answered 429: nothing goes to `endpoint` (without one: to the account) for so long."""
        until = self._clock() + timedelta(seconds=max(0.0, seconds))
        with self._lock:
            bucket = self._endpoints.get(endpoint, self._account)
            bucket.paused_until = max(until, bucket.paused_until or until)

    def told_what_is_left(self, calls: int, endpoint: str = "") -> None:
        """The vendor says so many calls are left: never count on more. Others may use the account, too."""
        with self._lock:
            bucket = self._endpoints.get(endpoint, self._account)
            bucket.refill(self._clock())
            bucket.tokens = min(bucket.tokens, float(calls))

    def _of(self, endpoint: str) -> tuple["_Bucket", ...]:
        own = self._endpoints.get(endpoint)
        return (self._account,) if own is None else (self._account, own)

    def _wait_s(self, wanted: tuple["_Bucket", ...]) -> float:
        now = self._clock()
        return max(bucket.wait_s(now) for bucket in wanted)

    def _give_back_and_refuse(
        self, wanted: tuple["_Bucket", ...], wait_s: float, *, waited_s: float, endpoint: str
    ) -> None:
        try:
            self._refuse_beyond(wait_s, waited_s=waited_s, endpoint=endpoint)
        except Unavailable:
            for bucket in wanted:
                bucket.tokens += 1
            raise

    def _refuse_beyond(self, wait_s: float, *, waited_s: float, endpoint: str) -> None:
        if wait_s > 0 and waited_s + wait_s > self._longest_wait_s:
            raise Unavailable(
                f"The limit of {endpoint or 'this account'} is used up for another {wait_s:.1f} s.",
                retry_after_s=wait_s,
                remedy="nothing to do; if it happens all day, ask the vendor for a higher limit",
            )


@dataclass(slots=True)
class _Bucket:
    """Tokens at one moment; below zero are those already promised to callers that wait."""

    allowance: Allowance
    tokens: float
    filled_at: datetime
    paused_until: datetime | None = field(default=None)

    @classmethod
    def full(cls, allowance: Allowance, now: datetime) -> "_Bucket":
        return cls(allowance, float(allowance.calls), now)

    @property
    def _per_s(self) -> float:
        return self.allowance.calls / self.allowance.seconds

    def refill(self, now: datetime) -> None:
        passed_s = max(0.0, (now - self.filled_at).total_seconds())  # a clock set back gives nothing
        self.tokens = min(float(self.allowance.calls), self.tokens + passed_s * self._per_s)
        self.filled_at = now

    def wait_s(self, now: datetime) -> float:
        self.refill(now)
        missing = max(0.0, 1.0 - self.tokens)
        return max(missing / self._per_s, self.paused_s(now))

    def paused_s(self, now: datetime) -> float:
        if self.paused_until is None or self.paused_until <= now:
            self.paused_until = None
            return 0.0
        return (self.paused_until - now).total_seconds()

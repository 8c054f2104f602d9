"""One HTTP backend as a connector talks to it: what came back becomes an answer or one of the three fates.

Called by connectors' clients: `read` is tried up to three times, `write` is sent once and never again.
It never follows a redirect and never guesses: a write without a usable answer is Unknown.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
)
from tenacity.wait import wait_random_exponential

from resolver.errors import Unavailable, Unknown

Json = None | bool | int | Decimal | str | Sequence["Json"] | Mapping[str, "Json"]

READ_TRIES = 3
READ_LIMIT_S = 10.0
WRITE_LIMIT_S = 30.0
ANSWER_LIMIT_BYTES = 4 * 1024 * 1024

# Raised by httpx before one byte of the request left this machine; ProxyError: while opening the tunnel.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_backoff = wait_random_exponential(multiplier=0.2, max=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer: 2xx, or a 4xx with JSON that the connector reads itself. No content gives `None`."""

    status: int
    body: Json

    @property
    def ok(self) -> bool:
        """Whether the backend did what was asked."""
        return 200 <= self.status < 300


class _NoAnswer(Exception):
    """What came back cannot be used; the caller says what that means."""


@dataclass(frozen=True, slots=True)
class Http:
    """A backend reached through one httpx client; `credential` names the setting that logs us in."""

    client: httpx.AsyncClient
    credential: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def read(self, request: httpx.Request) -> Answer:
        """The answer to a request that changes nothing: at most 3 tries within 10 s, no sooner than asked.

        Raises:
            Unavailable: No usable answer, 401, 403 or 429; `retry_after_s` when the backend named a time.
        """
        tries = AsyncRetrying(
            sleep=self.sleep,
            retry=retry_if_exception_type(_Later),
            stop=stop_after_attempt(READ_TRIES) | stop_before_delay(READ_LIMIT_S),
            wait=_wait,
            reraise=True,
        )
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                return await tries(self._read_once, request)
        except TimeoutError:
            raise Unavailable(f"{_place(request)} gave no answer within {READ_LIMIT_S:.0f} s.") from None

    async def write(self, request: httpx.Request) -> Answer:
        """The answer to a request that changes something, sent exactly once.

        Raises:
            Unavailable: Surely not executed: not connected, 401, 403, 429, or 503 with Retry-After.
            Unknown: Anything else without a usable answer: time-out, reset, 5xx, a redirect, no proper JSON.
        """
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                response = await self._exchange(request)
            self._check_declined(response)
            return _answer(response)
        except _NOTHING_SENT as error:
            raise _Later(f"{_place(request)} could not be reached: {_name(error)}.") from error
        except (httpx.RequestError, _NoAnswer, TimeoutError) as error:
            raise Unknown(
                f"{_place(request)} was sent and gave no usable answer: {_name(error)}.",
                remedy="it is read back before anything else happens",
            ) from error

    async def aclose(self) -> None:
        """Let the client's connections go."""
        await self.client.aclose()

    async def _read_once(self, request: httpx.Request) -> Answer:
        try:
            response = await self._exchange(request)
            self._check_declined(response)
            return _answer(response)
        except (httpx.RequestError, _NoAnswer) as error:
            raise _Later(f"{_place(request)} gave no usable answer: {_name(error)}.") from error

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        """One request and its whole body; the body is cut off as no answer where it grows beyond reason."""
        response = await self.client.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_LIMIT_BYTES:
                    raise _NoAnswer(f"more than {ANSWER_LIMIT_BYTES} bytes")
        finally:
            await response.aclose()
        headers = response.headers.copy()
        headers.pop("content-encoding", None)  # decoded by now; httpx would do it again
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)

    def _check_declined(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            raise Unavailable(
                f"{_place(response.request)} does not accept our login ({status}).",
                remedy=f"renew the setting {self.credential!r} of this connection",
            )
        wait_s = retry_after_s(response)
        if status == 429 or (status == 503 and wait_s is not None):
            problem = f"{_place(response.request)} asks us to come back later ({status})."
            raise _Later(problem, retry_after_s=wait_s)


class _Later(Unavailable):
    """Unavailable for now: a read may be tried again within this call."""


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds the answer asks us to wait, from either form of Retry-After; `None` without a readable one.

    A date is counted from the answer's own Date, so that a clock that differs from ours does not matter.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until, since = (parsedate_to_datetime(text) for text in (value, response.headers.get("date", "")))
    except ValueError:
        return None
    return max(0.0, (_aware(until) - _aware(since)).total_seconds())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _wait(state: RetryCallState) -> float:
    """A jittered back-off, but never sooner than the backend asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, Unavailable) else None
    return max(asked or 0.0, _backoff(state))


def _answer(response: httpx.Response) -> Answer:
    status = response.status_code
    # 408 and 425 come from something in between that gave up on us, whatever the backend did.
    if not (200 <= status < 300 or 400 <= status < 500) or status in (408, 425):
        raise _NoAnswer(f"status {status}")
    if status in (204, 205):
        return Answer(status, None)
    try:
        body: Json = json.loads(
            response.content.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
        # Half a surrogate pair is read without complaint; it shall fail here and not in the store.
        json.dumps(body, ensure_ascii=False, default=str).encode("utf-8")
    except (ValueError, RecursionError):
        raise _NoAnswer(f"status {status} without proper JSON") from None
    return Answer(status, body)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, Json]]) -> Mapping[str, Json]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return fields


def _place(request: httpx.Request) -> str:
    """Method and address without the query, which may hold personal data."""
    return f"{request.method} {request.url.copy_with(query=None)}"


def _name(error: Exception) -> str:
    return str(error) if isinstance(error, _NoAnswer) else type(error).__name__

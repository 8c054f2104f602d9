"""The wire to the shop: the connector's own client on one side, the sandbox's own web side on the other.

Each request meets the fault its seed has for it, before the shop hears of it, while it answers, or after.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx

from benchmarks.fault_parts.chance import Chance
from benchmarks.fault_parts.life import Life

LATENCY_S = 0.05
TIMEOUT_S = 2.0
_HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_EXECUTED = (
    "read_timeout_after_execute", "reset_after_execute", "reset_mid_body", "500_after_execute", "200_malformed_json",
    "200_empty", "200_truncated", "200_wrong_schema", "200_extra_unknown_fields", "slow_body_10s",
    "duplicate_response_of_other_request",
)  # fmt: skip
"""The faults with which the shop has done what it was asked."""


@dataclass(slots=True)
class Wire(httpx.AsyncBaseTransport):
    """Carries requests to an application in this process. `life` is the process that sends."""

    shop: httpx.AsyncBaseTransport
    chance: Chance
    life: Callable[[], Life]
    seen: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The shop's answer, or what a broken wire makes of it."""
        life = self.life()
        life.boundary("before_send")
        await asyncio.sleep(LATENCY_S)
        fault = self.chance.fault("shop", f"{request.method} {request.url.path.rpartition('/')[2]}")
        body = b""
        status = 200
        if fault is None or fault in _EXECUTED:
            answer = await self.shop.handle_async_request(request)
            body, status = await answer.aread(), answer.status_code
        await asyncio.sleep(LATENCY_S)
        life.boundary("after_answer")
        earlier = next((text for path, text in self.seen if path != request.url.path), body)
        if status == 200 and fault is None:
            self.seen.insert(0, (request.url.path, body))
        if fault is None:
            return _answer(status, body)
        return await _broken(fault, request, status, body, earlier)


def _answer(status: int, body: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"content-type": "application/json", **named}, content=body)


async def _broken(
    fault: str, request: httpx.Request, status: int, body: bytes, earlier: bytes
) -> httpx.Response:
    match fault:
        case "connect_error" | "tls_error":
            raise httpx.ConnectError(fault, request=request)
        case "connect_timeout":
            await asyncio.sleep(TIMEOUT_S)
            raise httpx.ConnectTimeout(fault, request=request)
        case "read_timeout_after_execute" | "read_timeout_before_execute":
            await asyncio.sleep(TIMEOUT_S)
            raise httpx.ReadTimeout(fault, request=request)
        case "reset_after_execute":
            raise httpx.ReadError(fault, request=request)
        case "reset_mid_body":
            return httpx.Response(status, stream=_Cut(body))
        case "slow_body_10s":
            return httpx.Response(status, stream=_Slow(body))
    return _odd(fault, status, body, earlier)


def _odd(fault: str, status: int, body: bytes, earlier: bytes) -> httpx.Response:
    """An answer that came whole, and is none."""
    match fault:
        case "500_after_execute" | "500_before_execute":
            return _answer(500, b'{"error": {"code": "internal", "message": "try again"}}')
        case "502_html":
            return httpx.Response(502, headers={"content-type": "text/html"}, content=_HTML)
        case "503_retry_after_2":
            return _answer(503, b"{}", retry_after="2")
        case "429_retry_after_1":
            return _answer(429, b"{}", retry_after="1")
        case "429_no_header":
            return _answer(429, b"{}")
        case "429_retry_after_http_date":
            return _answer(429, b"{}", **_in_two_seconds())
        case "200_malformed_json":
            return _answer(200, b'{"refund": {"id": ')
        case "200_empty":
            return _answer(200, b"")
        case "200_truncated":
            return _answer(200, body[: len(body) // 2])
        case "200_wrong_schema":
            return _answer(200, b'{"refund": ["re_1"], "order": 7, "state": []}')
        case "200_extra_unknown_fields":
            return _answer(status, _with_more(body))
        case "401_expired_token":
            return _answer(401, b'{"error": {"code": "unauthorized", "message": "The token has expired."}}')
        case "403":
            return _answer(403, b'{"error": {"code": "forbidden", "message": "Not yours."}}')
        case "404_then_200":
            return _answer(404, b'{"error": {"code": "not_found", "message": "There is none."}}')
        case "409_conflict":
            return _answer(409, b'{"error": {"code": "conflict", "message": "Somebody else is at it."}}')
        case "422":
            return _answer(422, b'{"error": {"code": "invalid", "message": "No."}}')
        case "redirect_307_other_host":
            return httpx.Response(307, headers={"location": "http://127.0.0.2:9/orders"})
        case "duplicate_response_of_other_request":
            return _answer(200, earlier)
        case "200_graphql_userErrors":
            return _answer(
                200, b'{"data": {"refundCreate": {"refund": null, "userErrors": [{"message": "No"}]}}}'
            )
        case _:
            return _answer(
                200, b'{"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}'
            )


def _in_two_seconds() -> dict[str, str]:
    now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=2), usegmt=True)
    return {"date": format_datetime(now, usegmt=True), "retry_after": later}


def _with_more(body: bytes) -> bytes:
    try:
        whole = json.loads(body)
    except ValueError:
        return body
    return json.dumps({**whole, "x_new": {"since": 2027}} if isinstance(whole, dict) else whole).encode()


@dataclass(frozen=True, slots=True)
class _Cut(httpx.AsyncByteStream):
    """Half of the body, then nothing."""

    body: bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body[: len(self.body) // 2]
        raise httpx.ReadError("reset")


@dataclass(frozen=True, slots=True)
class _Slow(httpx.AsyncByteStream):
    """The body after longer than anybody waits for it."""

    body: bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await asyncio.sleep(TIMEOUT_S)
        raise httpx.ReadTimeout("slow body")
        yield self.body

"""Faults on demand: connections dropped, errors before or after executing, slow, throttled or broken answers.

Stands in front of the whole API; the control methods say which calls it spoils and how often. The control API and
the pages are never spoiled.
"""

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolver.errors import Malformed

Kind = Literal["drop", "drop_before", "error_after", "error_before", "throttle", "slow", "malformed"]

SPOILED_PATHS = ("/api/", "/oauth/")


@dataclass(slots=True)
class Fault:
    """Calls to spoil.

    Attributes:
        kind: `drop` executes and then resets the connection, `drop_before` resets without executing;
            `error_after` and `error_before` answer 500 likewise; `throttle` answers 429, `slow` waits
            `milliseconds` first, `malformed` executes and answers a JSON text that breaks off.
        method: The method to spoil, or `*`.
        path: A pattern of the path without `.json`, as in `/api/v2/tickets/*` or `/oauth/*`.
        times: How many calls are spoiled before the fault is used up.
    """

    kind: Kind
    method: str = "*"
    path: str = "/api/*"
    times: int = 1
    milliseconds: int = 1000
    retry_after_s: int = 30

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise Malformed(
                f"There is no fault {self.kind!r}.", remedy=f"One of: {', '.join(get_args(Kind))}."
            )
        if self.times < 1 or self.milliseconds < 0:
            raise Malformed("A fault spoils at least one call and waits at least 0 milliseconds.")


class FaultGate:
    """The ASGI application with its faults."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Spoil calls from now on; the fault added first is used up first."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Spoil nothing any more."""
        with self._lock:
            self._faults.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, spoiled or not."""
        fault = self._next(scope)
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.kind == "slow":
            await asyncio.sleep(fault.milliseconds / 1000)
            await self._app(scope, receive, send)
        elif fault.kind == "throttle":
            await _answer(
                send, 429, {"error": "APIRateLimitExceeded"}, {"Retry-After": str(fault.retry_after_s)}
            )
        elif fault.kind == "error_before":
            await _answer(send, 500, {"error": "InternalServerError"})
        elif fault.kind == "drop_before":
            await _drop(scope, receive)
        else:
            await self._execute_and_spoil(fault, scope, receive, send)

    async def _execute_and_spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        heads: list[Message] = []

        async def swallow(message: Message) -> None:
            if message["type"] == "http.response.start":
                heads.append(message)

        await self._app(scope, receive, swallow)
        if fault.kind == "drop":
            await _drop(scope, receive)
        elif fault.kind == "error_after":
            await _answer(send, 500, {"error": "InternalServerError"})
        else:
            await _answer(send, heads[0]["status"] if heads else 200, b'{"ticket":{"id":1,"subj')

    def _next(self, scope: Scope) -> Fault | None:
        if scope["type"] != "http" or not scope["path"].startswith(SPOILED_PATHS):
            return None
        path = scope["path"].removesuffix(".json")
        with self._lock:
            for fault in self._faults:
                if fault.method in ("*", scope["method"]) and fnmatchcase(path, fault.path):
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                    return fault
        return None


async def _answer(
    send: Send, status: int, body: dict[str, str] | bytes, headers: dict[str, str] | None = None
) -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    pairs = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(raw)),
        **(headers or {}),
    }
    listed = [(key.lower().encode(), value.encode()) for key, value in pairs.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": raw})


async def _drop(scope: Scope, receive: Receive) -> None:
    transport = scope["extensions"]["sandbox.transport"]["transport"]
    connection = transport.get_extra_info("socket")
    # No lingering: the caller sees a reset, not an orderly end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass

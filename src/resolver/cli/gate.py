"""What the server answers while it takes no work: 503 to everything but `/healthz`, so that helpdesks deliver again.

Stands in front of the application in `serve`. Closed from the start where nothing is connected, and while draining.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Gate:
    """Open it passes everything on to `application`; closed it says why."""

    def __init__(self, application: Application | None, closed: str | None = None) -> None:
        self._application = application
        self._closed = closed

    def close(self, why: str) -> None:
        """Take nothing in from now on."""
        self._closed = why

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._closed is None and self._application is not None:
            await self._application(scope, receive, send)
        elif scope["path"] == "/healthz":
            await _answer(send, 200, "ok")
        else:
            await _answer(send, 503, self._closed or "nothing is connected")


async def _answer(send: Send, status: int, word: str) -> None:
    body = json.dumps({"status": word}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

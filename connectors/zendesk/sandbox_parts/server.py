"""The sandbox's own web server: uvicorn on 127.0.0.1 in a background thread, so that blocking clients work.

`ZendeskSandbox` starts and stops it. Connections can be reset from inside, which the faults need.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from resolver.errors import Malformed

HOST = "127.0.0.1"
Step = Callable[[], Awaitable[None]]


class ResettableProtocol(HttpToolsProtocol):
    """Hands the connection to the application, as an ASGI extension."""

    def on_message_begin(self) -> None:
        """Note the connection in the scope of the call that begins."""
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox.transport": {"transport": self.transport}}


class _Announcing(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready.set()


class Server:
    """One server thread; `begin` runs in its event loop before the first call, `end` after the last."""

    def __init__(self, app: ASGIApp, port: int, *, begin: Step, end: Step) -> None:
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self._ready = threading.Event()
        self._begin, self._end = begin, end
        config = uvicorn.Config(
            app,
            http=ResettableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Announcing(config, self._ready)
        self._thread = threading.Thread(target=self._run, name=f"zendesk-sandbox-{self.port}", daemon=True)

    def start(self) -> None:
        """Serve from now on; returns when calls are answered."""
        self._thread.start()
        self._ready.wait()
        if not self._server.started:
            raise RuntimeError("The sandbox's server ended before it had begun; its thread says why.")

    def stop(self) -> None:
        """Stop serving; returns when the port is free again."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        try:
            await self._begin()
            await self._server.serve(sockets=[self._socket])
        finally:
            self._ready.set()
            await self._end()


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's algorithm off; else every answer would wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise Malformed(
            f"The Zendesk sandbox cannot listen on {HOST}:{port}: {error.strerror}.",
            remedy="Name another port, or 0 for a free one.",
        ) from error
    listener.listen(128)
    return listener

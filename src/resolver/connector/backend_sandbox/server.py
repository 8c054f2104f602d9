"""The web server of a backend's sandbox: uvicorn on 127.0.0.1 in a background thread, whose connections can be cut.

A sandbox starts and stops it as often as it likes; the address stays the same.
"""

import socket
import struct
import threading
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from resolver.connector.backend_sandbox.answers import no_such_address

HOST = "127.0.0.1"
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST


class _Server(uvicorn.Server):
    """uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


class LocalServer:
    """One server thread at a time; `name` is the thread's."""

    def __init__(self, name: str, *, port: int) -> None:
        self._name, self._port = name, port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it answers; known once it was started."""
        return f"http://{HOST}:{self._port}"

    def start(self, routes: Sequence[Route]) -> None:
        """Serve these addresses; returns once it listens."""
        # Without naming TCP asyncio leaves Nagle's algorithm on, and every answer takes 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self._port))
        listener.listen(512)
        self._port = listener.getsockname()[1]
        app = Starlette(routes=list(routes), exception_handlers={HTTPException: no_such_address})
        config = uvicorn.Config(
            app, loop="asyncio", http="httptools", lifespan="off", log_config=None, access_log=False,
            timeout_graceful_shutdown=1, timeout_keep_alive=30,
        )  # fmt: skip
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name=self._name, daemon=True
        )
        self._thread.start()
        self._server.listens.wait()

    def stop(self) -> None:
        """Stop serving and free the port; whoever still waits for an answer is cut off."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join()
            self._server = self._thread = None

    def cut(self, request: Request, reset: bool) -> None:
        """End the connection a request came over; with `reset` rudely, else orderly."""
        connections = list(self._server.server_state.connections) if self._server else []
        for connection in connections:
            if not isinstance(connection, HttpToolsProtocol) or connection.client != request.scope["client"]:
                continue
            if reset:
                connection.transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _RESET
                )
                connection.transport.abort()
            else:
                connection.transport.close()

"""The demo shop's sandbox: a stateful shop on 127.0.0.1 that forgets nothing when it is killed.

Started by `resolver sandbox`, demo and tests as `open_sandbox`, or as a process of its own:
`python -m connectors.demo_shop.sandbox --state F --ledger F`. It shares no code with the connector.
"""

import argparse
import json
import secrets
import signal
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.demo_shop.sandbox_control import control_routes
from connectors.demo_shop.sandbox_ledger import utc_now
from connectors.demo_shop.sandbox_web import ShopWeb, no_such_address
from connectors.demo_shop.sandbox_world import Idempotency, World, habits_of

_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST


def open_sandbox(*, state: Path | None, port: int = 0, ledger: Path | None = None,
                 idempotency: Idempotency = "native") -> "ShopSandbox":  # fmt: skip
    """A shop whose state lives in `state` (its ledger beside it unless named), or only in memory."""
    return ShopSandbox(state=state, ledger=ledger, port=port, idempotency=idempotency)


class _Server(uvicorn.Server):
    """uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


class ShopSandbox(World):
    """A shop with a web side. Start and stop it as often as you like; its address stays the same."""

    def __init__(
        self,
        *,
        state: Path | None = None,
        ledger: Path | None = None,
        port: int = 0,
        idempotency: Idempotency = "native",
        stale_reads: int = 3,
        stale_s: float = 5.0,
        guards: bool = True,
        token: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        habits = habits_of(idempotency, stale_reads=stale_reads, stale_s=stale_s, guards=guards)
        self.ledger = ledger or (state.with_name(state.name + ".ledger") if state else None)
        super().__init__(state=state, ledger=self.ledger, habits=habits, now=now)
        self.idempotency = idempotency
        self._port = port
        self._token = token or _kept_token(state)
        self._web = ShopWeb(self.shop, self.faults, token=self._token, cut=self._cut)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the shop answers; known once it was started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def requests(self) -> Counter[str]:
        """How often each operation was asked for, carried out or not."""
        return self._web.requests

    def reset(self) -> None:
        """Forget orders, movements, faults and what was asked, on disk as well."""
        super().reset()
        self.requests.clear()

    def start(self) -> None:
        """Serve on 127.0.0.1 in a background thread; returns once it listens."""
        # Without naming TCP asyncio leaves Nagle's algorithm on, and every answer takes 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(512)
        self._port = listener.getsockname()[1]
        app = Starlette(
            routes=[*control_routes(self), *self._web.routes()],
            exception_handlers={HTTPException: no_such_address},
        )
        config = uvicorn.Config(
            app, loop="asyncio", http="httptools", lifespan="off", log_config=None, access_log=False,
            timeout_graceful_shutdown=1, timeout_keep_alive=30,
        )  # fmt: skip
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="demo-shop", daemon=True
        )
        self._thread.start()
        self._server.listens.wait()

    def stop(self) -> None:
        """Stop serving and free the port; whoever still waits for an answer is cut off. The files stay."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join()
            self._server = self._thread = None
        self.shop.close()

    def connection(self) -> Mapping[str, str]:
        """What a connection needs to reach this shop."""
        return {
            "url": self.url,
            "token": self._token,
            "idempotency": "native" if self.idempotency == "native" else "none",
            "timeout_s": "2",
        }

    def describe(self) -> Mapping[str, str]:
        """Address, token and files, for a person."""
        files = {"ledger": str(self.ledger)} if self.ledger else {}
        return {
            "url": self.url,
            "token": self._token,
            "page": f"{self.url}/",
            "idempotency": self.idempotency,
            **files,
        }

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _cut(self, request: Request, reset: bool) -> None:
        """End the connection a request came over."""
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


def _kept_token(state: Path | None) -> str:
    """A token that is the same after a restart: it lies beside the state file."""
    if state is None:
        return secrets.token_urlsafe(16)
    kept = state.with_name(state.name + ".token")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_urlsafe(16), encoding="ascii")
        kept.chmod(0o600)
    return kept.read_text(encoding="ascii")


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; prints one JSON line with addresses and token once it answers."""
    parser = argparse.ArgumentParser(prog="python -m connectors.demo_shop.sandbox", description=main.__doc__)
    parser.add_argument(
        "--state", type=Path, help="file the shop's orders live in; without it only in memory"
    )
    parser.add_argument("--ledger", type=Path, help="file of movements; beside the state if not named")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--idempotency", choices=get_args(Idempotency), default="native")
    parser.add_argument(
        "--stale-reads", type=int, default=3, help="with none_stale: reads that show the past"
    )
    parser.add_argument(
        "--stale-s", type=float, default=5.0, help="with none_stale: seconds reads show the past"
    )
    parser.add_argument("--no-guards", action="store_true", help="pay back whatever is asked, however often")
    parser.add_argument("--token", help="bearer token; kept beside the state if not named")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    shop = ShopSandbox(
        state=options.state, ledger=options.ledger, port=options.port, idempotency=options.idempotency,
        stale_reads=options.stale_reads, stale_s=options.stale_s, guards=not options.no_guards, token=options.token,
    )  # fmt: skip
    with shop:
        print(json.dumps(dict(shop.describe())), flush=True)
        ended.wait()


if __name__ == "__main__":
    main()

"""A whole installation against sandboxes on loopback: the demo, `serve --sandbox`, tests and benchmarks start here.

Every bundled connector's sandbox is started in this process and connected; nothing here talks to anybody else.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from resolver.app import Resolver
from resolver.clock import Clock, system_clock
from resolver.config import Config, ConnectionConfig, EngineConfig
from resolver.connector.registry import Shelf, read_shelf, sandbox_of
from resolver.connector.sandbox import HelpdeskSandbox, Sandbox
from resolver.resolution.resources import Polisher, Reader

HOST = "127.0.0.1"
QUICK = EngineConfig(turns_poll_s=0.05, timers_poll_s=0.2, notifications_poll_s=0.05)


class Sandboxed:
    """Sandboxes and a resolver that works on them. Use as an async context manager.

    `sandboxes` are by connector name; `url` is where the resolver itself listens. With `only` sandboxes, no resolver
    runs. With `needs_proof` playbooks need certificates to act, as they do on real systems.
    """

    def __init__(
        self,
        data: Path,
        *,
        config: Config | None = None,
        clock: Clock = system_clock,
        reader: Reader | None = None,
        sandboxes: Mapping[str, Sandbox] | None = None,
        port: int = 0,
        needs_proof: bool = False,
        polisher: Polisher | None = None,
    ) -> None:
        self.data = data
        self.sandboxes: dict[str, Sandbox] = dict(sandboxes or {})
        self.config = config or Config(engine=QUICK)
        self._clock = clock
        self._reader = reader
        self._port = port
        self._needs_proof = needs_proof
        self._polisher = polisher
        self._stack = AsyncExitStack()
        self._resolver: Resolver | None = None

    @property
    def resolver(self) -> Resolver:
        """The running resolver."""
        if self._resolver is None:
            raise RuntimeError("enter the context first")
        return self._resolver

    @property
    def url(self) -> str:
        """Where the resolver answers."""
        return f"http://{HOST}:{self._port}"

    async def __aenter__(self) -> Self:
        """Start the sandboxes, then the resolver, then let the helpdesks ring it."""
        shelf = read_shelf(self.config.connector_folders)
        await asyncio.to_thread(self.start_sandboxes, shelf)
        self.config = self.connected(shelf)
        self._resolver = await Resolver.open(
            self.config,
            sandboxed=not self._needs_proof,
            clock=self._clock,
            reader=self._reader,
            polisher=self._polisher,
        )
        self._stack.push_async_callback(self._resolver.close)
        await self._resolver.start()
        await self._listen(self._resolver)
        await asyncio.to_thread(self.ring)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the receiver, drain, then stop the sandboxes."""
        await self._stack.aclose()

    def start_sandboxes(self, shelf: Shelf) -> None:
        """Start the sandbox of every connector that has one."""
        self.data.mkdir(parents=True, exist_ok=True)
        for name, found in shelf.connectors.items():
            opener = sandbox_of(found)
            if name not in self.sandboxes and opener is not None:
                self.sandboxes[name] = opener(state=self.data / f"{name}.sandbox")
            if name in self.sandboxes:
                self.sandboxes[name].start()
                self._stack.callback(self.sandboxes[name].stop)

    def connected(self, shelf: Shelf) -> Config:
        """The configuration with one connection per connector, every interface bound to the first that serves it."""
        connections = {}
        interfaces: dict[str, str] = {}
        for name, found in shelf.connectors.items():
            settings = dict(self.sandboxes[name].connection()) if name in self.sandboxes else {}
            settings["connection"] = name
            connections[name] = ConnectionConfig(name, "auto", settings)
            for interface in found.manifest.implements:
                interfaces.setdefault(interface, name)
        return replace(
            self.config,
            data=self.data,
            connections=connections,
            interfaces=interfaces,
            port=self._port,
            audit=replace(
                self.config.audit, checkpoints=None
            ),  # another installation's file is not for this one
        )

    def ring(self) -> None:
        """Let every helpdesk's sandbox deliver its webhooks here."""
        for name, sandbox in self.sandboxes.items():
            if isinstance(sandbox, HelpdeskSandbox):
                sandbox.rings(f"{self.url}/hooks/{name}")

    def describe(self) -> dict[str, Any]:
        """Addresses and credentials of everything that runs, ready to print as JSON."""
        found: dict[str, Any] = {name: dict(sandbox.describe()) for name, sandbox in self.sandboxes.items()}
        return {"resolver": {"url": self.url, "data": str(self.data)}, "sandboxes": found}

    async def _listen(self, resolver: Resolver) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self._port))
        listener.listen(512)
        self._port = listener.getsockname()[1]
        server = _Server(uvicorn.Config(resolver.web(), log_config=None, lifespan="off", access_log=False))
        # uvicorn's own signal handling belongs to `serve`; here whoever started us decides when to stop.
        serving = asyncio.create_task(server._serve(sockets=[listener]))
        self._stack.push_async_callback(_stop, server, serving)
        await server.listens.wait()


class _Server(uvicorn.Server):
    """uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


async def _stop(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    server.should_exit = True
    await serving

"""A stateful local imitation of Zendesk Support that the unmodified zenpy works against.

`resolver sandbox`, the demo and tests start it; other processes drive it through `POST /sandbox/…`. It shares no code
with the connector, listens on 127.0.0.1 only, and keeps everything in one file or in memory.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from connectors.zendesk.sandbox_parts import api, control_api
from connectors.zendesk.sandbox_parts.control import Control
from connectors.zendesk.sandbox_parts.deliveries import Courier
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.faults import FaultGate
from connectors.zendesk.sandbox_parts.limits import Limits
from connectors.zendesk.sandbox_parts.pages import Pages
from connectors.zendesk.sandbox_parts.records import JsonObject
from connectors.zendesk.sandbox_parts.seeds import seed
from connectors.zendesk.sandbox_parts.server import HOST, Server
from connectors.zendesk.sandbox_parts.settings import ZendeskSandboxSettings as ZendeskSandboxSettings
from connectors.zendesk.sandbox_parts.state import State
from connectors.zendesk.sandbox_parts.webhooks_api import new_secret

HOSTS = ["127.0.0.1", "localhost", "*.zendesk.com"]


def open_sandbox(*, state: Path | None, port: int = 0) -> "ZendeskSandbox":
    """An account whose state lives in the file `state`, or only in memory."""
    return ZendeskSandbox(ZendeskSandboxSettings(state=state, port=port))


class ZendeskSandbox(Control):
    """One imitated account with a server of its own; many may live in one process.

    Start it with `start()` and `stop()` or as a context manager, plain or async. The control methods work from any
    thread, also before it is started; deliveries wait until then.
    """

    def __init__(self, settings: ZendeskSandboxSettings | None = None) -> None:
        self.settings = settings or ZendeskSandboxSettings()
        state = State(self.settings.state)
        seed(state, self.settings)
        courier = Courier(state, self.settings)
        desk, limits = Desk(state, self.settings, courier), Limits()
        faults = FaultGate(api.WithoutSuffix(self._application(desk, limits)))
        super().__init__(desk, courier, faults, limits)
        self._server: Server | None = None
        self._secret = next((webhook.secret for webhook in state.webhooks), None) or new_secret()

    def _application(self, desk: Desk, limits: Limits) -> Starlette:
        pages = Pages(self, self.settings.subdomain)
        return Starlette(
            routes=[*api.routes(desk, limits), *control_api.routes(self), *pages.routes()],
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        )

    @property
    def subdomain(self) -> str:
        """The account's name."""
        return self.settings.subdomain

    @property
    def client_id(self) -> str:
        """Of the OAuth client that acts as the bot."""
        return self._state.account.client_id

    @property
    def client_secret(self) -> str:
        """Of the OAuth client that acts as the bot."""
        return self._state.account.client_secret

    @property
    def bot_id(self) -> int:
        """The user the OAuth client acts as."""
        return self._state.account.bot_id

    @property
    def url(self) -> str:
        """Where the sandbox answers; the web page is there, too."""
        return f"http://{HOST}:{self._running().port}"

    def started(self) -> bool:
        """Whether calls are answered."""
        return self._server is not None

    def start(self) -> Self:
        """Serve in a background thread; returns when calls are answered."""
        if self._server is None:
            server = Server(
                self._faults, self.settings.port, begin=self._courier.start, end=self._courier.stop
            )
            server.start()
            self._server = server
        return self

    def stop(self) -> None:
        """Stop for good and close the state file; what was not delivered is, by the next sandbox on that file."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._state.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start."""
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await asyncio.to_thread(self.stop)

    def connection(self) -> Mapping[str, str]:
        """The settings of a connection to this account."""
        return {
            "subdomain": self.subdomain,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "signing_secret": self._secret,
            "base_url": self.url,
        }

    def rings(self, endpoint: str) -> None:
        """Deliver every ticket event to `endpoint` from now on, signed with the secret that `connection` names."""
        with self._state.lock:
            for webhook in list(self._state.webhooks):
                self._state.remove(webhook)
        self.register_webhook(endpoint, secret=self._secret)

    def describe(self) -> JsonObject:
        """Everything needed to use it, credentials included, as JSON."""
        with self._state.lock:
            return {
                "name": "zendesk",
                "url": self.url,
                "page": f"{self.url}/",
                "control": f"{self.url}/sandbox",
                "subdomain": self.subdomain,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "bot": {"id": self.bot_id, "email": self._state.bot().email},
                "agents": [
                    {"id": agent.id, "name": agent.name, "email": agent.email}
                    for agent in self._state.agents()
                ],
                "groups": [{"id": group.id, "name": group.name} for group in self._state.groups],
                "webhooks": [
                    {"id": webhook.id, "endpoint": webhook.endpoint, "secret": webhook.secret}
                    for webhook in self._state.webhooks
                ],
            }

    def _running(self) -> Server:
        if self._server is None:
            raise RuntimeError("The sandbox is not started: call start() first.")
        return self._server

"""How tests reach a sandbox: zenpy over a rewriting adapter, httpx with a token, and a receiver of deliveries."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from requests.adapters import HTTPAdapter
from zenpy import Zenpy

from connectors.zendesk.sandbox import ZendeskSandbox


class Rewrite(HTTPAdapter):
    """Sends what is meant for the account's public name to the sandbox; zenpy never notices."""

    def __init__(self, base: str) -> None:
        self.base = base
        super().__init__(max_retries=0)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        rewritten = request.copy()
        rewritten.url = self.base + parts.path + (f"?{parts.query}" if parts.query else "")
        answer = super().send(rewritten, **options)
        answer.request, answer.url = request, request.url or ""
        return answer


class Bearer(requests.auth.AuthBase):
    """Adds the token to every request."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class TooManyCalls(Exception):
    """Raised by the session on 429, before zenpy would sleep."""


def _raise_on_429(answer: requests.Response, **_: Any) -> None:
    if answer.status_code == 429:
        answer.close()
        raise TooManyCalls(answer.headers["Retry-After"])


def token_for(sandbox: ZendeskSandbox, scope: str = "read write", **more: Any) -> str:
    body = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "scope": scope,
        **more,
    }
    answer = httpx.post(f"{sandbox.url}/oauth/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["access_token"])


def http_on(sandbox: ZendeskSandbox, scope: str = "read write") -> httpx.Client:
    headers = {"Authorization": f"Bearer {token_for(sandbox, scope)}"}
    return httpx.Client(base_url=f"{sandbox.url}/api/v2", headers=headers, trust_env=False)


def session_on(sandbox: ZendeskSandbox) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.authorized = True  # zenpy then leaves the session's own authentication alone
    session.auth = Bearer(token_for(sandbox))
    session.hooks["response"].append(_raise_on_429)
    session.mount(f"https://{sandbox.subdomain}.zendesk.com", Rewrite(sandbox.url))
    return session


@contextmanager
def zenpy_on(sandbox: ZendeskSandbox) -> Iterator[Zenpy]:
    with session_on(sandbox) as session:
        yield Zenpy(subdomain=sandbox.subdomain, session=session, disable_cache=True)


@dataclass
class Delivery:
    """One request as it arrived."""

    method: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def kind(self) -> str:
        return str(self.body["type"]).removeprefix("zen:event-type:")


@dataclass
class Receiver:
    """Takes deliveries and answers with what stands in `answers`, then with 200; `hold` keeps it from answering."""

    received: list[Delivery] = field(default_factory=list)
    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    hold: threading.Event | None = None

    def __enter__(self) -> "Receiver":
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {key.lower(): value for key, value in self.headers.items()}
                receiver.received.append(Delivery("POST", headers, raw))
                if receiver.hold is not None:
                    receiver.hold.wait(30)
                code, more = receiver.answers.popleft() if receiver.answers else (200, {})
                self.send_response(code)
                for key, value in {"Content-Length": "0", **more}.items():
                    self.send_header(key, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        return self

    def __exit__(self, *_: object) -> None:
        if self.hold is not None:
            self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def kinds(self) -> list[str]:
        return [delivery.kind for delivery in self.received]

"""The session zenpy works through carries our token to one host only and reads nothing of the environment."""

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from zenpy import Zenpy

from connectors.zendesk.transport import NoSuccess, open_session, surely_not_sent

ACME = "https://acme.zendesk.com"


@pytest.fixture
def zendesk() -> Iterator[tuple[str, list[str]]]:
    """A server that sends everybody elsewhere, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"{ACME}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def session_to(url: str) -> requests.Session:
    return open_session(
        public_url=ACME, url=url, token=lambda: "secret", heard=lambda *_: None, connections=1
    )


def test_a_redirect_is_an_answer_and_is_not_followed(zendesk: tuple[str, list[str]]) -> None:
    url, asked = zendesk

    with closing(session_to(url)) as session, pytest.raises(NoSuccess) as given:
        session.get(f"{ACME}/api/v2/tickets/1.json")

    assert given.value.status == 302
    assert asked == ["/api/v2/tickets/1.json"]


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x", "http://acme.zendesk.com/x", "https://acme.zendesk.com.evil.example/"],
)
def test_no_other_address_is_called(zendesk: tuple[str, list[str]], address: str) -> None:
    url, asked = zendesk

    with closing(session_to(url)) as session, pytest.raises(requests.RequestException) as refused:
        session.get(address)

    assert surely_not_sent(refused.value)
    assert asked == []


def test_an_environment_that_redirects_zenpy_cannot_take_the_token_along(
    zendesk: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = zendesk
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", url.removeprefix("http://"))
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")

    with closing(session_to(url)) as session, pytest.raises(requests.exceptions.InvalidSchema):
        Zenpy(subdomain="acme", session=session, disable_cache=True).tickets(id=1)

    assert asked == []


def test_a_proxy_in_the_environment_is_not_used(
    zendesk: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = zendesk
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with closing(session_to(url)) as session, pytest.raises(NoSuccess):
        session.get(f"{ACME}/api/v2/tickets/1.json")

    assert len(asked) == 1

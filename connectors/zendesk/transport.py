"""The requests session zenpy works through, with a guard for each trap of that library.

The client gives it to zenpy. It sends once (zenpy's own adapter repeats a PUT up to four times), follows no redirect,
reads no proxy settings, knows one host, and turns every answer that is not a usable 2xx into an exception before
zenpy sees it (which would sleep in the thread on a 429, for ever).
"""

import ssl
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.zendesk.payloads import UpdateAnswer

CONNECT_TIMEOUT_S = 5.0
_PROBLEM_LIMIT = 300


class NoSuccess(Exception):
    """An answer that is not 2xx. `problem` is what Zendesk says about it, cut short."""

    def __init__(self, status: int, *, problem: str = "", retry_after_s: float | None = None) -> None:
        self.status = status
        self.problem = problem
        self.retry_after_s = retry_after_s
        super().__init__(f"status {status}")


class Garbled(Exception):
    """A 2xx that says nothing we can use."""


Heard = Callable[[str, str, int, Mapping[str, str]], None]
"""Called with method, path, status and headers (any case) of every answer, in a worker thread."""


def open_session(
    *, public_url: str, url: str, token: Callable[[], str], heard: Heard, connections: int
) -> requests.Session:
    """A session for one account at `public_url`, whose calls really go to `url`."""
    session = requests.Session()
    session.trust_env = False
    session.authorized = True  # type: ignore[attr-defined]  # zenpy asks for it before it takes a session
    session.auth = _Bearer(token)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "helpdesk-resolver"
    # Nothing else is mounted: a link in an answer, or ZENPY_FORCE_NETLOC, cannot carry the token to another host.
    session.adapters.clear()
    session.mount(public_url + "/", _Rewrite(url, connections))
    session.hooks["response"] = [_judge_and_tell(heard)]
    return session


def surely_not_sent(error: requests.RequestException) -> bool:
    """Whether the call failed before one byte of it left this machine."""
    # InvalidSchema: an address other than the account's, for which nothing is mounted.
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidSchema):
        return True
    cause: object = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, NewConnectionError):
        return True
    refused_certificate = cause.args[0] if isinstance(cause, Exception) and cause.args else None
    return isinstance(refused_certificate, ssl.SSLCertVerificationError)


class _Bearer(AuthBase):
    """Puts the token of the moment on every call; the session outlives many tokens."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        return request


class _Rewrite(HTTPAdapter):
    """Sends to `url` whatever is addressed to the account, once.

    zenpy builds https://SUBDOMAIN.zendesk.com itself and later looks for that host in the answer: both are put back.
    """

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        super().__init__(max_retries=0, pool_maxsize=connections)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a copy of the request to where the account really is."""
        parts = urlsplit(request.url or "")
        sent = request.copy()
        sent.url = f"{self._url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        response = super().send(sent, *args, **kwargs)
        response.request, response.url = request, request.url or ""
        return response


def _judge_and_tell(heard: Heard) -> Callable[..., None]:
    def hook(response: requests.Response, *_args: object, **_kwargs: object) -> None:
        method, path = response.request.method or "", urlsplit(response.url).path
        heard(method, path, response.status_code, response.headers)
        body = response.content  # read here, so that the connection goes back even when this raises
        if not 200 <= response.status_code < 300:
            raise NoSuccess(
                response.status_code,
                problem=_problem(body),
                retry_after_s=_seconds(response.headers.get("Retry-After", "")),
            )
        _check_readable(method, body)

    return hook


def _check_readable(method: str, body: bytes) -> None:
    """What zenpy would trip over in its own ways. An update's answer must hold both the ticket and the audit."""
    kind: type[UpdateAnswer] | type[dict[str, object]] = (
        UpdateAnswer if method == "PUT" else dict[str, object]
    )
    try:
        msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(f"an answer that cannot be read ({type(error).__name__})") from error


def _problem(body: bytes) -> str:
    """Zendesk's own words. `error` may be a text or an object, and details say which field it is about."""
    try:
        answer = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    said = [answer.get("error"), answer.get("description"), answer.get("details")]
    return "; ".join(str(part) for part in said if part)[:_PROBLEM_LIMIT]


def _seconds(header: str) -> float | None:
    text = header.strip()
    return float(text[:9]) if text.isascii() and text.isdigit() else None

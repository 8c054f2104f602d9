"""A backend that speaks plain JSON: bearer token, `Idempotency-Key`, errors as `{"error": {"code", "message"}}`.

Called by the clients of connectors to such backends. It reads settings and fields, sends every write once, and
decides nothing. What cannot be read is handed on as it came: the interface's type refuses it and names the field.
"""

import math
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from resolver.connector.action import Raw
from resolver.connector.http import Answer, Http, Json
from resolver.errors import Malformed, NotFound, Refused, Unavailable, Unknown
from resolver.money import Money, is_currency

_T = TypeVar("_T")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class JsonBackend:
    """One account of it. `reads_prove` says that what a read does not show has not happened; `name` is for people."""

    http: Http
    name: str
    reads_prove: bool

    async def read(self, path: str, query: Mapping[str, str] | None = None) -> Mapping[str, Json]:
        """What stands at an address. Raises NotFound or Unavailable."""
        answer = await self.http.read(self.http.client.build_request("GET", path, params=query))
        if answer.ok and isinstance(answer.body, Mapping):
            return answer.body
        code, message = _error(answer)
        if code == "not_found":
            raise NotFound(message)
        raise self._not_understood(answer)

    async def dry_run(self, path: str, body: object) -> Mapping[str, Json]:
        """What it answers to the question whether a change would go; it changes nothing, so it is asked like a read.

        Raises Refused, or Unavailable where it could not be asked.
        """
        answer = await self.http.read(self.http.client.build_request("POST", path, json=body))
        if answer.ok and isinstance(answer.body, Mapping):
            return answer.body
        code, message = _error(answer)
        if code is None or code == "no_such_address":
            raise self._not_understood(answer)
        raise Refused(code, message)

    async def write(self, method: str, path: str, body: object, *, key: str) -> Mapping[str, Json]:
        """What it answers to a change, sent once; to be read strictly. Raises Refused, Unavailable or Unknown."""
        request = self.http.client.build_request(method, path, json=body, headers={"Idempotency-Key": key})
        answer = await self.http.write(request)
        if answer.ok:
            # Something happened, whatever stands in there; the caller reads it strictly.
            return answer.body if isinstance(answer.body, Mapping) else {}
        code, message = _error(answer)
        if code == "no_such_address":
            raise self._not_understood(answer)
        # A key that was used for something else means that something did happen under it.
        if code is None or code == "key_reused":
            raise Unknown(
                f"The {self.name} answered {answer.status} in a way that does not say whether it happened."
            )
        raise Refused(code, message)

    async def aclose(self) -> None:
        """Let connections go."""
        await self.http.aclose()

    def _not_understood(self, answer: Answer) -> Unavailable:
        return Unavailable(
            f"What answers at the {self.name}'s address does not speak as it should ({answer.status}).",
            remedy="check the setting 'url' of this connection",
        )


def json_backend(settings: Mapping[str, str], *, name: str) -> JsonBackend:
    """A backend as settings `url`, `token`, `timeout_s` and `idempotency` say; `Malformed` says which to mend.

    The environment's proxies are not used: such a backend is local or inside the company. No request is made.
    """
    timeout_s = _timeout_s(settings.get("timeout_s", "10"))
    client = httpx.AsyncClient(
        base_url=_url(settings.get("url", ""), name),
        headers={
            "Authorization": f"Bearer {_token(settings.get('token', ''), name)}",
            "Accept": "application/json",
        },
        timeout=httpx.Timeout(timeout_s, connect=min(3.0, timeout_s), pool=min(3.0, timeout_s)),
        # Shorter than the 5 s after which common servers hang up on an idle connection: a write that meets a
        # connection just closed would be Unknown for nothing.
        limits=httpx.Limits(max_connections=20, keepalive_expiry=2.0),
        trust_env=False,
    )
    reads_prove = _honours_keys(settings.get("idempotency", "native"))
    return JsonBackend(Http(client, credential="token"), name, reads_prove)


async def if_there(reading: Awaitable[_T]) -> _T | None:
    """What was read; `None` where the record itself is gone, which says nothing about what was done to it."""
    try:
        return await reading
    except NotFound:
        return None


def amount_json(amount: Money) -> Mapping[str, Json]:
    """An amount as such a backend takes it."""
    return {"minor": amount.minor, "currency": amount.currency}


def as_money(value: Json) -> Raw:
    """An amount."""
    match value:
        case {"minor": int(minor), "currency": str(currency)} if is_currency(currency):
            return Money(minor, currency)
    return value


def as_time(value: Json) -> Raw:
    """A moment with its zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return moment if moment is not None and moment.tzinfo is not None else value


def as_date(value: Json) -> Raw:
    """A calendar day."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _error(answer: Answer) -> tuple[str | None, str]:
    match answer.body:
        case {"error": {"code": str(code), "message": str(message)}}:
            return code, message
    return None, ""


def _url(text: str, name: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise Malformed(
            f"{text!r} is not the address of a {name}.",
            remedy=f"write url: https://{name.replace(' ', '-')}.example",
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise Malformed(
            f"{text!r} would send the token unencrypted.", remedy="write https:// instead of http://"
        )
    return text


def _token(text: str, name: str) -> str:
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise Malformed(
            "The setting 'token' is no bearer token.", remedy=f"copy it from the {name}, without spaces"
        )
    return text


def _timeout_s(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.1 <= seconds <= 25:
        raise Malformed(f"timeout_s: {text!r} is no time to wait.", remedy="write seconds from 0.1 to 25")
    return seconds


def _honours_keys(text: str) -> bool:
    if text not in ("native", "none"):
        raise Malformed(f"idempotency: {text!r} is unknown.", remedy="write native or none")
    return text == "native"

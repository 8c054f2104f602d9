"""A backend's own web interface as its customers' software meets it: bearer token, faults, keys.

A sandbox's web side names its addresses here. It decides nothing about what is asked.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolver.connector.backend_sandbox.answers import No, refusal
from resolver.connector.backend_sandbox.faults import Cut, Faults, carried_out

Handle = Callable[[Request, bytes], Response]
"""What answers a request with its body; `No` and what cannot be decoded become refusals."""


@dataclass(frozen=True, slots=True)
class Call:
    """What came with a request that changes something: the key (or marker), and a digest of the body."""

    key: str
    digest: str


class Door:
    """The way into one backend. `requests` counts what arrived per operation, carried out or not."""

    def __init__(self, faults: Faults, *, token: str, cut: Cut) -> None:
        self._faults, self._token, self._cut = faults, token, cut
        self.requests: Counter[str] = Counter()

    def route(self, method: str, path: str, operation: str, handle: Handle) -> Route:
        """An address that answers to the token only."""

        async def endpoint(request: Request) -> Response:
            self.requests[operation] += 1
            body = await request.body()
            if not self._may(request):
                return refusal(No(401, "unauthorized", "The token is missing or wrong."))

            async def execute() -> Response:
                try:
                    return handle(request, body)
                except No as no:
                    return refusal(no)
                except msgspec.DecodeError as error:
                    return refusal(No(422, "invalid", str(error)))

            return await carried_out(execute, request, self._faults, self._cut, operation=operation)

        return Route(path, endpoint, methods=[method])

    def _may(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())


def call_of(request: Request, body: bytes, reference: str) -> Call:
    """The header is the key; the reference in the body stands in for it, so that the ledger names the caller's key."""
    digest = hashlib.sha256(request.url.path.encode() + b"\n" + body).hexdigest()
    return Call(request.headers.get("idempotency-key", "") or reference, digest)


def kept_token(state: Path | None) -> str:
    """A token that is the same after a restart: it lies beside the state file."""
    if state is None:
        return secrets.token_urlsafe(16)
    kept = state.with_name(state.name + ".token")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_urlsafe(16), encoding="ascii")
        kept.chmod(0o600)
    return kept.read_text(encoding="ascii")

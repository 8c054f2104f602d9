"""The access token of one account, by OAuth client credentials; API tokens end on 30 April 2027 and are not offered.

The client asks for it before every call and has it renewed after a 401. It never stores or logs a token.
Source: developer.zendesk.com, "OAuth Tokens for Grant Types" (read 2026-11-23).
"""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import anyio
import httpx
import msgspec

from connectors.zendesk.payloads import TokenAnswer
from connectors.zendesk.settings import ZendeskSettings
from resolver.clock import Clock
from resolver.connector.http import retry_after_s
from resolver.errors import Unavailable

SCOPE = "read write"  # audits, and so read-backs, need the global scope `read`
DEFAULT_LIFE_S = 1800
MARGIN_S = 60
_REMEDY = (
    "compare client_id and client_secret with Admin Center > Apps and integrations > APIs > OAuth clients"
)


class Tokens:
    """Gives out one token at a time and renews it shortly before it ends."""

    def __init__(self, http: httpx.AsyncClient, settings: ZendeskSettings, clock: Clock) -> None:
        self.latest = ""
        self._http = http
        self._settings = settings
        self._clock = clock
        self._ends_at: datetime | None = None
        self._lock = anyio.Lock()

    async def current(self) -> str:
        """A token that is good for a while.

        Raises:
            Unavailable: Zendesk gives none.
        """
        async with self._lock:
            if self._ends_at is None or self._clock() >= self._ends_at:
                await self._renew()
            return self.latest

    async def renewed(self, refused: str) -> str:
        """Another token than the one just refused; many calls refused at once cause one renewal."""
        async with self._lock:
            if self.latest == refused:
                await self._renew()
            return self.latest

    async def _renew(self) -> None:
        asked_at = self._clock()
        answer = _read(await self._ask())
        life_s = (
            max(DEFAULT_LIFE_S if answer.expires_in is None else answer.expires_in, 2 * MARGIN_S) - MARGIN_S
        )
        self.latest = answer.access_token
        self._ends_at = asked_at + timedelta(seconds=life_s)

    async def _ask(self) -> httpx.Response:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
            "scope": SCOPE,
        }
        try:
            return await self._http.post("/oauth/tokens", json=wanted, auth=httpx.Auth())
        except httpx.HTTPError as error:
            raise Unavailable(f"Zendesk gave no access token: {type(error).__name__}.") from error


def _read(response: httpx.Response) -> TokenAnswer:
    status = response.status_code
    if status in (400, 401, 403):
        raise Unavailable(f"Zendesk does not accept our OAuth client ({status}).", remedy=_REMEDY)
    if status not in (200, 201):
        problem = f"Zendesk gave no access token ({status})."
        raise Unavailable(problem, retry_after_s=retry_after_s(response))
    try:
        return msgspec.json.decode(response.content, type=TokenAnswer)
    except msgspec.MsgspecError as error:
        raise Unavailable("Zendesk's answer holds no access token.") from error


class BearerAuth(httpx.Auth):
    """Logs every httpx call in, and once more with a new token after a 401."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The call with the current token; a 401 was surely not executed, so that it may go out again."""
        token = await self._tokens.current()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {await self._tokens.renewed(token)}"
            yield request

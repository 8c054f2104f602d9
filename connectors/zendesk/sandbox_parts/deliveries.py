"""The courier: takes events and trigger bodies, signs them, posts them, tries again where the vendor would.

The desk hands deliveries in from any thread; they travel in the server's event loop, several at a time, in no
promised order. Every try is in the invocation log. It never looks into a body.
"""

import asyncio
import base64
import random
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from connectors.zendesk.sandbox_parts.records import Attempt, Invocation, Webhook
from connectors.zendesk.sandbox_parts.settings import ZendeskSandboxSettings
from connectors.zendesk.sandbox_parts.signature import sign, timestamp_of
from connectors.zendesk.sandbox_parts.state import State
from connectors.zendesk.sandbox_parts.ulid import new_ulid

# Tries after the first one. Counts are the best known, not confirmed by the vendor's documentation.
MORE_TRIES = {"conflict": 3, "busy": 3, "timeout": 5}
LONGEST_RETRY_AFTER_S = 60
TERMINATED = 403


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended and, if there is another one, after how many seconds."""

    status: str
    status_code: int | None
    headers: dict[str, str]
    body: str
    again: str | None = None
    wait_s: float = 0.0


class Courier:
    """Carries deliveries until they are accepted, refused for good, or out of tries."""

    def __init__(self, state: State, settings: ZendeskSandboxSettings) -> None:
        self._state = state
        self._settings = settings
        self._waiting: deque[str] = deque()
        self._open: set[str] = set()
        self._changed = threading.Condition()
        self._paused = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._client: httpx.AsyncClient | None = None
        for invocation in state.invocations:
            if invocation.status == "accepted":
                self._hold(invocation.id)

    async def start(self) -> None:
        """Begin to deliver, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        timeout = httpx.Timeout(self._settings.delivery_timeout_s / self._settings.speed)
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._settings.deliveries_at_once)]
        self._release()

    async def stop(self) -> None:
        """Stop at once; what was not delivered is delivered after the next start."""
        with self._changed:
            self._loop = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def accept(self, webhook: Webhook, *, event_type: str, body: str, ticket_id: int | None) -> Invocation:
        """Take one delivery and return its log entry; it travels as soon as deliveries are not paused."""
        now = self._state.now()
        invocation = Invocation(
            id=new_ulid(now),
            webhook_id=webhook.id,
            event_type=event_type,
            ticket_id=ticket_id,
            body=body,
            accepted_at=now,
        )
        self._state.save(invocation)
        self._hold(invocation.id)
        self._release()
        return invocation

    def pause(self) -> None:
        """Keep every delivery from now on until `resume`; what is on its way arrives."""
        self._paused = True

    def resume(self, *, shuffled_with: int | None = None) -> None:
        """Let the kept deliveries go, in order or, with a seed, shuffled."""
        with self._changed:
            if shuffled_with is not None:
                kept = list(self._waiting)
                random.Random(shuffled_with).shuffle(kept)  # noqa: S311  # a test's order, not a secret
                self._waiting = deque(kept)
            self._paused = False
        self._release()

    def idle(self, timeout_s: float) -> bool:
        """Wait until no delivery is waiting or on its way; false when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, timeout_s)

    @property
    def pending(self) -> int:
        """How many deliveries are waiting or on their way."""
        return len(self._open)

    def _hold(self, invocation_id: str) -> None:
        with self._changed:
            self._open.add(invocation_id)
            self._waiting.append(invocation_id)

    def _release(self) -> None:
        with self._changed:
            while self._waiting and not self._paused and self._loop is not None:
                self._loop.call_soon_threadsafe(self._queue.put_nowait, self._waiting.popleft())

    async def _work(self) -> None:
        while True:
            invocation_id = await self._queue.get()
            await self._deliver(self._state.invocations.rows[invocation_id])
            with self._changed:
                self._open.discard(invocation_id)
                self._changed.notify_all()

    async def _deliver(self, invocation: Invocation) -> None:
        tries: dict[str, int] = {}
        while True:
            webhook = self._state.webhooks.get(invocation.webhook_id)
            if webhook is None or webhook.status != "active":
                self._log(invocation, Outcome("terminated", None, {}, ""), {})
                return
            outcome, headers = await self.send(webhook, invocation.id, invocation.body)
            self._log(invocation, outcome, headers)
            if outcome.again is None or tries.get(outcome.again, 0) >= MORE_TRIES[outcome.again]:
                return
            tries[outcome.again] = tries.get(outcome.again, 0) + 1
            await asyncio.sleep(outcome.wait_s * 2 ** (tries[outcome.again] - 1) / self._settings.speed)

    async def send(self, webhook: Webhook, invocation_id: str, text: str) -> tuple[Outcome, dict[str, str]]:
        """Post once and say how it ended and which headers went along; nothing is logged or tried again."""
        body = b"" if webhook.http_method in ("GET", "DELETE") else text.encode()
        headers = self._headers(webhook, invocation_id, body)
        if self._client is None:
            return Outcome("failed", None, {}, ""), headers
        try:
            answer = await self._client.request(
                webhook.http_method, webhook.endpoint, content=body, headers=headers
            )
        except httpx.TimeoutException:
            return Outcome("timeout", None, {}, "", again="timeout", wait_s=1.0), headers
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome("failed", None, {}, str(error)), headers
        return _outcome(answer), headers

    def _headers(self, webhook: Webhook, invocation_id: str, body: bytes) -> dict[str, str]:
        stamp = timestamp_of(datetime.now(UTC))
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(self._state.account.account_id),
            "X-Zendesk-Webhook-Id": webhook.id,
            "X-Zendesk-Webhook-Invocation-Id": invocation_id,
            "X-Zendesk-Webhook-Signature": sign(webhook.secret, stamp, body),
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
            **_authentication(webhook),
            **webhook.custom_headers,
        }

    def _log(self, invocation: Invocation, outcome: Outcome, headers: dict[str, str]) -> None:
        now = self._state.now()
        attempt = Attempt(
            id=new_ulid(now),
            completed_at=now,
            status=outcome.status,
            status_code=outcome.status_code,
            request_headers=headers,
            response_headers=outcome.headers,
            response_body=outcome.body[:2000],
        )
        with self._state.lock:
            invocation.attempts.append(attempt)
            invocation.status = outcome.status
            self._state.save(invocation)


def _outcome(answer: httpx.Response) -> Outcome:
    code, headers = answer.status_code, dict(answer.headers)
    if code == 409:
        return Outcome("client error", code, headers, answer.text, again="conflict", wait_s=1.0)
    if code in (429, 503):
        wait_s = _retry_after(answer)
        status = "throttled" if code == 429 else "server error"
        if wait_s is None:
            return Outcome(status, code, headers, answer.text)
        return Outcome(status, code, headers, answer.text, again="busy", wait_s=wait_s)
    if code == TERMINATED:
        return Outcome("terminated", code, headers, answer.text)
    if code < 300:
        return Outcome("success", code, headers, answer.text)
    return Outcome("server error" if code >= 500 else "client error", code, headers, answer.text)


def _retry_after(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    if not text.isdigit() or int(text) >= LONGEST_RETRY_AFTER_S:
        return None
    return float(text)


def _authentication(webhook: Webhook) -> dict[str, str]:
    given = webhook.authentication or {}
    data = given.get("data")
    if not isinstance(data, dict):
        return {}
    if given.get("type") == "bearer_token":
        return {"Authorization": f"Bearer {data.get('token', '')}"}
    if given.get("type") == "basic_auth":
        pair = f"{data.get('username', '')}:{data.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {str(data.get("name", "Authorization")): str(data.get("value", ""))}

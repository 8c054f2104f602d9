"""A small HTTP client for load: prepared requests over a fixed number of kept connections, every answer timed.

Used by intake and messages. It opens no connection after the first calls and retries nothing.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from resolver.connector.helpdesk import WebhookRequest


@dataclass(slots=True)
class Answers:
    """What came back: how long each call took, in seconds from when it was due, and which status it got."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, status: int, seconds: float) -> None:
        """Note one answer."""
        self.seconds.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    @property
    def non_2xx(self) -> int:
        """How many calls were not taken; a broken connection counts as status 0."""
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300)

    def percentile_ms(self, share: float) -> float:
        """The time within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)


def prepared(path: str, request: WebhookRequest, **headers: str) -> bytes:
    """The bytes of a POST, made before the clock runs."""
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in {**request.headers, **headers}.items()]
    lines.append(f"content-length: {len(request.body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body


class Caller:
    """Connections to one server. Use as an async context manager."""

    def __init__(self, port: int, *, connections: int) -> None:
        self._port = port
        self._connections = connections
        self._free: asyncio.Queue[_Line] = asyncio.Queue()
        self._lines: list[_Line] = []

    async def __aenter__(self) -> Self:
        """Connect."""
        for _ in range(self._connections):
            line = _Line(*await asyncio.open_connection("127.0.0.1", self._port))
            self._lines.append(line)
            self._free.put_nowait(line)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        for line in self._lines:
            line.writer.close()

    async def all_at_once(self, requests: Sequence[bytes]) -> Answers:
        """A closed loop: every connection calls again as soon as it was answered."""
        answers, waiting = Answers(), iter(requests)

        async def work(line: _Line) -> None:
            for request in waiting:
                due = time.perf_counter()
                answers.add(await line.call(request), time.perf_counter() - due)

        await asyncio.gather(*[work(line) for line in self._lines])
        return answers

    async def at_rate(self, requests: Sequence[bytes], *, per_s: float) -> Answers:
        """An open loop: a call is due when its time has come, whether or not the earlier ones were answered."""
        answers, began = Answers(), time.perf_counter()

        async def one(request: bytes, due: float) -> None:
            line = await self._free.get()
            answers.add(await line.call(request), time.perf_counter() - due)
            self._free.put_nowait(line)

        async with asyncio.TaskGroup() as group:
            for place, request in enumerate(requests):
                due = began + place / per_s
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(one(request, due))
        return answers


@dataclass(frozen=True, slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def call(self, request: bytes) -> int:
        """Send it and read the whole answer; its status, 0 if there was none."""
        try:
            self.writer.write(request)
            head = await self.reader.readuntil(b"\r\n\r\n")
            _, _, after = head.lower().partition(b"content-length:")
            await self.reader.readexactly(int(after.split(b"\r\n", 1)[0] or 0) if after else 0)
        except (OSError, asyncio.IncompleteReadError):
            return 0
        return int(head.split(b" ", 2)[1])

"""Signing checkpoints while the server runs: every so many lines or minutes, and once more when it ends.

Started by `app` beside the janitor. It looks at every line since the last checkpoint before it signs, so that nothing
is vouched for that was changed meanwhile; what does not hold is logged and never signed over.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resolver.audit.checkpoint import Checkpoint, appending, signed
from resolver.audit.verify import first_break
from resolver.clock import Clock
from resolver.decision.trace import FIRST
from resolver.errors import ResolverError
from resolver.store import times, trail
from resolver.store.database import Connection, Database

log = logging.getLogger("resolver.audit")

LOOK = timedelta(seconds=5)
"""How often the trail's head is looked at."""


@dataclass(frozen=True, slots=True)
class Often:
    """When a checkpoint is due: after so many new lines, or this long after the last one if there is a new line."""

    lines: int
    time: timedelta


class Diverged(ResolverError):
    """The trail in the database does not go on from what was signed before."""


def sign(connection: Connection, path: Path, key: Ed25519PrivateKey, *, now: datetime) -> Checkpoint | None:
    """The checkpoint over the trail's head: the last one if it says all, else one more; `None` if there is no line.

    Raises:
        Diverged: Lines were changed or are gone since the last checkpoint, or it was signed by another key.
        Malformed: The file's last line is no checkpoint.
        OSError: The file cannot be written.
    """
    with appending(path) as tail:
        last = tail.last
        _check(connection, last, key, path)
        seen = _Seen(last)
        broken = first_break(seen.each(connection), follows=seen.hash)
        if broken is not None:
            raise _diverged(f"Line {broken} of the audit trail does not follow from the one before.", path)
        if seen.count == (last.count if last else 0):
            return last
        one = signed(key, last=last, seq=seen.seq, count=seen.count, head=seen.hash, now=now)
        tail.append(one)
        return one


class Signing:
    """Signs as often as configured from `start` to `close`."""

    def __init__(
        self,
        database: Database,
        path: Path,
        key: Ed25519PrivateKey,
        *,
        often: Often,
        clock: Clock,
        look: timedelta = LOOK,
    ) -> None:
        self._database = database
        self._path = path
        self._key = key
        self._often = often
        self._clock = clock
        self._look_s = look.total_seconds()
        self._said = ""
        self._last: Checkpoint | None = None
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: what is not signed yet is signed at once."""
        self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Sign what came last, and stop. It never raises."""
        if self._running is None:
            return
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self._running = None
        await self._attempt(self._sign)

    async def look(self) -> None:
        """Sign if a checkpoint is due."""
        seq, _ = await self._database.read(trail.head)
        if self._last is None or self._is_due(self._last, seq):
            await self._sign()

    async def _run(self) -> None:
        await self._attempt(self._sign)
        while True:
            await asyncio.sleep(self._look_s)
            await self._attempt(self.look)

    def _is_due(self, last: Checkpoint, seq: int) -> bool:
        if seq == last.seq:
            return False
        return seq - last.seq >= self._often.lines or self._clock() - times.read(last.at) >= self._often.time

    async def _sign(self) -> None:
        now = self._clock()
        self._last = await self._database.read(lambda c: sign(c, self._path, self._key, now=now))

    async def _attempt(self, chore: Callable[[], Awaitable[None]]) -> None:
        """Do it; what goes wrong is logged once, and tried again."""
        try:
            await chore()
            self._said = ""
        except (ResolverError, OSError) as error:
            if str(error) != self._said:
                log.error("no checkpoint of the audit trail was signed: %s", error)
            self._said = str(error)
        except Exception:
            log.exception("signing the audit trail broke and is tried again")


class _Seen:
    """How far the lines after a checkpoint were read."""

    def __init__(self, last: Checkpoint | None) -> None:
        self.seq, self.count = (last.seq, last.count) if last else (0, 0)
        self.hash = last.hash if last else FIRST

    def each(self, connection: Connection) -> Iterator[trail.Line]:
        """The lines; each is counted once it was found to follow."""
        for line in trail.after(connection, self.seq):
            yield line
            self.seq, self.hash = line.seq, line.hash
            self.count += 1


def _check(connection: Connection, last: Checkpoint | None, key: Ed25519PrivateKey, path: Path) -> None:
    if last is None:
        return
    if not last.is_signed(key.public_key()):
        raise _diverged("The last checkpoint was changed, or signed with another installation's key.", path)
    if trail.head(connection, up_to=last.seq) != (last.seq, last.hash):
        raise _diverged(f"The audit trail has no line {last.seq} as checkpoint {last.n} signed it.", path)


def _diverged(problem: str, path: Path) -> Diverged:
    remedy = (
        f"see what is wrong: resolver audit verify; after a restore put back the {path.name} of that copy"
    )
    return Diverged(problem, remedy=remedy)

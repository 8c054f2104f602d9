"""Playbooks and policy taken up while the server runs: what changed in the folder is compiled together, or not at all.

Made and started by `app`; `serve` also calls it on SIGHUP. Runs under way keep the plan and policy they began with. The
folder is looked at, not subscribed to: that works alike on network drives, mounted volumes and in containers.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resolver import telemetry
from resolver.clock import Clock
from resolver.playbook.library import Library

log = logging.getLogger("resolver.reload")

PAUSE_S = 2.0
"""How often the folder is looked at. Files count once nothing has changed in it for as long."""

Signature = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What reading the folder came to: a library, or the problems that keep there from being one, a line each."""

    library: Library | None
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class InForce:
    """The library that new runs go by, since when, and why the files as they are now do not take its place."""

    library: Library
    since: datetime
    problems: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """For `/readyz`: since when, and the problems of the files as they are now."""
        return {"since": self.since.isoformat(), "problems": list(self.problems)}


class Reloading:
    """Looks at a folder and puts what is new in it into force.

    `read` reads and compiles everything, in a thread; `take` prepares what else depends on it, before it is in force.
    `seen` is what the folder held before what is in force was read from it.
    """

    def __init__(
        self,
        folder: Path,
        in_force: InForce,
        *,
        read: Callable[[], Loaded],
        take: Callable[[Library], Awaitable[None]],
        clock: Clock,
        seen: Signature,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._folder = folder
        self._in_force = in_force
        self._read = read
        self._take = take
        self._clock = clock
        self._seen = seen
        self._pause_s = pause_s
        self._one_at_a_time = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from now on."""
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching

    async def now(self) -> bool:
        """Load the folder as it is; False if that could not be, and then everything goes on as before."""
        async with self._one_at_a_time:
            try:
                loaded = await asyncio.to_thread(self._read)
                if loaded.library is None:
                    return self._refused(loaded.problems)
                if _same(loaded.library, self._in_force.library):
                    self._settled("unchanged")
                    return True
                await self._take(loaded.library)
            except Exception as error:  # whatever it is, what is in force stays in force
                log.exception("the playbooks could not be taken up")
                return self._refused((f"{type(error).__name__} while they were taken up",))
            before, self._in_force.library = self._in_force.library, loaded.library
            self._in_force.since = self._clock()
            self._settled("taken")
            _tell(before, loaded.library)
            return True

    def _refused(self, problems: tuple[str, ...]) -> bool:
        for problem in problems:
            log.error("playbooks: %s", problem)
        log.error(
            "the changed playbooks are not taken up; those in force since %s stay", self._in_force.since
        )
        self._in_force.problems = problems
        telemetry.RELOADS.labels("refused").inc()
        telemetry.PLAYBOOKS_STALE.set(1)
        return False

    def _settled(self, result: str) -> None:
        self._in_force.problems = ()
        telemetry.RELOADS.labels(result).inc()
        telemetry.PLAYBOOKS_STALE.set(0)

    async def _watch(self) -> None:
        """Load once a change has come to rest: half of what somebody copies there is no version of anything."""
        taken = last = self._seen
        while True:
            await asyncio.sleep(self._pause_s)
            found = await asyncio.to_thread(signature, self._folder)
            if found == last and found != taken:
                taken = found
                await self.now()
            last = found


def signature(folder: Path) -> Signature:
    """What the folder holds, as far as it tells that a file came, went or changed; certificates count as well."""
    found = set()
    for path in (*folder.glob("*.yaml"), *folder.glob(".*/*.json")):
        with contextlib.suppress(OSError):  # it went this very moment
            about = path.stat()
            found.add((str(path), about.st_mtime_ns, about.st_size))
    return frozenset(found)


def _same(new: Library, old: Library) -> bool:
    return (new.plans.keys(), new.policy.id, new.proven) == (old.plans.keys(), old.policy.id, old.proven)


def _tell(old: Library, new: Library) -> None:
    """What is different now, for whoever reads the log."""
    for name in sorted(new.by_playbook.keys() | old.by_playbook.keys()):
        before, after = old.by_playbook.get(name), new.by_playbook.get(name)
        if after is None and before is not None:
            log.info("playbook %s is gone; runs by %s go on", name, before.id[:8])
        elif after is not None and (before is None or before.id != after.id):
            log.info("playbook %s runs as %s now, in mode %s", name, after.id[:8], after.mode)
    if new.policy.id != old.policy.id:
        log.info("the policy is %s now", new.policy.id[:8])

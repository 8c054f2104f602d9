"""One life of the process: it ends where the seed says, and then none of its work goes on."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from benchmarks.fault_parts.chance import Chance


class Died(BaseException):
    """The process is dead. Nothing of ours may catch this, as nothing catches a kill."""


@dataclass(slots=True)
class Life:
    """From a start to a death; `ended` is called once when it dies."""

    chance: Chance
    ended: Callable[[], None]
    dead: bool = False
    tasks: "set[asyncio.Task[Any]]" = field(default_factory=set)

    def boundary(self, name: str) -> None:
        """A moment at which the process may die; after its death every one of them ends what passes it."""
        if not self.dead and self.chance.dies(name):
            self.dies()
        if self.dead:
            raise Died

    def dies(self) -> None:
        """Now."""
        self.dead = True
        for task in self.tasks:
            task.cancel()
        self.ended()

    def begins(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let something happen in this life."""
        task = asyncio.get_running_loop().create_task(self._lived(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _lived(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except (Died, asyncio.CancelledError):
            if not self.dead:
                raise

"""Where a worker may die: named boundaries, and the fuse that kills the process at one of them.

Made by the worker's wrappers, planned by the parent. Nothing of it exists outside the benchmark.
"""

import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field

# What is committed, in the order a refund meets it; `watch` reads these words off the statements of a transaction.
COMMITS = (
    "delivery",
    "turn begun",
    "reading",
    "intent",
    "refund leaves",
    "refund settled",
    "run stored",
    "update leaves",
    "update settled",
    "turn over",
    "checkpoint",
    "engine",
)
CALLS = ("refund", "update", "look_up", "fetch")
DOUBTS = ("read_back", "find_receipt")
BOUNDARIES = (
    *(f"{when} commit: {what}" for what in COMMITS for when in ("before", "after")),
    *(f"{when} call: {what}" for what in (*CALLS, *DOUBTS) for when in ("before", "after")),
    "during call: refund",
    "during call: update",
    "after refusal",
    "before checkpoint: refund",
)
"""Every boundary a kill can hit. A call's `after` is before anything of its answer is stored."""


@dataclass(frozen=True, slots=True)
class Fuse:
    """Kills this process when `boundary` is passed for the `nth` time; without a boundary never."""

    boundary: str | None = None
    nth: int = 1
    _passed: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def passes(self, boundary: str) -> None:
        """Say that a boundary is reached; returns unless this is where the process dies."""
        if boundary != self.boundary:
            return
        with self._lock:
            self._passed[boundary] += 1
            if self._passed[boundary] >= self.nth:
                os.kill(os.getpid(), signal.SIGKILL)

    def waits_for(self, boundary: str) -> bool:
        """Whether this is where the process is going to die."""
        return boundary == self.boundary

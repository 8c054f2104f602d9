"""The worker's lives, one after the other: started quickly, watched, ended by their fuse or from outside.

Each is a process forked from a server that has the modules loaded already, so that a life costs no import.
"""

import multiprocessing
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess

from benchmarks.crash_parts.worker import Life, live

LONGEST_START_S = 60.0
_TICK_S = 0.05
_PRELOADED = [
    "benchmarks.crash_parts.judge",
    "benchmarks.crash_parts.world",
    "benchmarks.crash_parts.worker",
    "connectors.demo_shop.actions",
    "connectors.postal.actions",
    "connectors.zendesk.client",
    "rich.progress",
]


class Stuck(RuntimeError):
    """A worker did not start."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a life ended: `by_fuse` at its boundary, otherwise killed from outside; how long it had worked."""

    by_fuse: bool
    lived_s: float


class Lives:
    """Starts lives."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)

    def spend(
        self, life: Life, *, longest_s: float, awake: Callable[[], None], meanwhile: Callable[[], bool]
    ) -> Death:
        """Start the life and let it work until its fuse burns, `meanwhile` is false, or its time is over; then kill it.

        `awake` is called once it takes deliveries, `meanwhile` again and again.
        """
        told, tells = self._context.Pipe(duplex=False)
        process = self._context.Process(target=live, args=(life, tells), daemon=True)
        process.start()
        tells.close()
        try:
            began = _ready(process, told)
            if began is None:
                return Death(by_fuse=True, lived_s=0.0)
            awake()
            while process.is_alive() and time.monotonic() - began < longest_s:
                if not meanwhile():
                    break
                process.join(_TICK_S)
            by_fuse = not process.is_alive()
            if by_fuse:
                _died(process)
            return Death(by_fuse, time.monotonic() - began)
        finally:
            process.kill()
            process.join()
            told.close()
            process.close()


def _ready(process: ForkServerProcess, told: "multiprocessing.connection.Connection") -> float | None:
    """When it began to take deliveries; `None` if its fuse burnt before."""
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until:
        if told.poll(0.02):
            try:
                told.recv()
            except EOFError:
                return _died(process)
            return time.monotonic()
        if not process.is_alive():
            return _died(process)
    raise Stuck("The worker did not start within a minute; its log is in the data folder.")


def _died(process: ForkServerProcess) -> None:
    process.join()
    if process.exitcode != -9:
        raise Stuck(f"The worker ended by itself with {process.exitcode}; its log is in the data folder.")


def free_port() -> int:
    """A port of this machine that nobody uses now, the same for every life."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

"""How a process that serves is asked to end, and that it does: two signals, one deadline; and to load playbooks anew.

Used by `serve` and `sandbox`. Ending at the deadline is safe by design: what is left goes on at the next start.
"""

import asyncio
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolver.reloading import Reloading

log = logging.getLogger("resolver.serve")

LIMIT_S = 19.0
"""How long an orderly end may take; 20 s are promised, the last one is for the interpreter."""


def stop_signals() -> asyncio.Event:
    """Set by SIGTERM or Ctrl-C; the second one ends the process at once. Call inside the running loop."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def asked(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, asked, one)
    return stop


def reload_signal(reloading: "Reloading") -> None:
    """SIGHUP loads the playbooks anew at once, without waiting for the next look at their folder."""
    loop, running = asyncio.get_running_loop(), set[asyncio.Task[bool]]()

    def asked() -> None:
        task = asyncio.create_task(reloading.now())
        running.add(task)  # or nobody holds it while it runs
        task.add_done_callback(running.discard)

    loop.add_signal_handler(signal.SIGHUP, asked)


def deadline() -> None:
    """From now on the process ends within the limit, whatever still hangs: a vendor's call cannot be cancelled."""

    def end() -> None:
        log.warning("still busy after %s s; what is left goes on at the next start", LIMIT_S)
        os._exit(0)

    timer = threading.Timer(LIMIT_S, end)
    timer.daemon = True
    timer.start()

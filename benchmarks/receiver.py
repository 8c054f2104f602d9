"""One receiver in a process of its own: the resolver's or the bare one, with or without turns running behind it.

Started by `benchmarks.intake`, which talks to it by HTTP and ends it by closing its standard input.
"""

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
import uvloop
from dbos import DBOS
from fastapi import FastAPI

from benchmarks.bare import BareStore, Load
from benchmarks.databases import STORES, Store, fresh_database, fresh_folder
from benchmarks.installation import BUSY, configured, desk_of, opened
from benchmarks.shop import email_of

FIRST_ORDER = 5001
KINDS = ("resolver", "bare")
_SCHEDULED = 2  # the kind of clock, in the lowest bits of its id; see clock_getcpuclockid(3)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A running receiver: its port, and how much CPU (in seconds) its process has used so far."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """User and system time of the whole process, all threads, by Linux's clock for it: nanoseconds, not ticks."""
        return time.clock_gettime((~self.pid << 3) | _SCHEDULED)


@contextmanager
def started(kind: str, store: Store, *, tickets: int = 0, load: Load | None = None) -> Iterator[Receiver]:
    """A receiver in its own process. With `tickets` turns run: the real ones, or bare ones with this load."""
    command = [sys.executable, "-m", "benchmarks.receiver", kind, "--store", store, "--tickets", str(tickets)]
    if load is not None:
        command += ["--steps", str(load.steps), "--transactions", str(load.transactions)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield Receiver(told["port"], process.pid)
        finally:
            process.stdin.close()
            process.wait(timeout=60)


async def serve_resolver(store: Store, tickets: int) -> None:
    """The resolver on doubles; with `tickets`, each of them holds a request that its turn answers."""
    with fresh_folder() as folder, fresh_database(store, folder) as url:
        async with opened(configured(folder, url)) as resolver:
            desk = desk_of(resolver)
            for order in range(FIRST_ORDER, FIRST_ORDER + tickets):
                desk.customer_writes(str(order), f"refund {order}", email=email_of(str(order)))
            if tickets:
                await resolver.start()
            await _serve(resolver.web())


async def serve_bare(store: Store, tickets: int, load: Load) -> None:
    """The bare receiver."""
    with fresh_folder() as folder, fresh_database(store, folder) as url:
        bare = BareStore(url)
        if tickets:
            await bare.launch([load], poll_s=BUSY.turns_poll_s)
        await _serve(bare.web())
        if tickets:
            await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=1)


async def _serve(application: FastAPI) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="off", access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    print(json.dumps({"port": listener.getsockname()[1], "at": time.time()}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.should_exit = True
    await serving


def main() -> None:
    """The command line of the started process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receiver", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--tickets", type=int, default=0)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--transactions", type=int, default=0)
    given = parser.parse_args()
    load = Load(given.steps, given.transactions)
    play = (
        serve_resolver(given.store, given.tickets)
        if given.kind == "resolver"
        else serve_bare(given.store, given.tickets, load)
    )
    uvloop.run(play)


if __name__ == "__main__":
    main()

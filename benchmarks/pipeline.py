"""What a whole refund costs (asked, confirmed, paid, answered) against bare workflows on the same engine.

Helpdesk and shop are in memory, everything else is what ships. The bare side makes as many checkpoints and commits as
many own transactions, each of one insert. `throughput_ratio` compares CPU: 1 would mean that the rest costs nothing.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from dbos import DBOS

from benchmarks.bare import BareStore, Load
from benchmarks.databases import STORES, Store, fresh_database, fresh_folder
from benchmarks.decide import measure
from benchmarks.figures import told
from benchmarks.installation import DESK, configured, desk_of, opened
from benchmarks.patience import ended, until
from benchmarks.shop import email_of
from resolver.app import Resolver
from resolver.config import EngineConfig
from resolver.store import runs
from resolver.store.database import Database, Job, T
from resolver.ticket import Status

FIRST_ORDER = 5001
MOST_CHECKPOINTS = 6


@dataclass(frozen=True, slots=True)
class Side:
    """What one process came to. CPU is of the whole process, all threads, per ticket."""

    tickets: int
    cpu_ms: float
    per_s: float
    steps: tuple[int, int] = (0, 0)
    transactions: tuple[int, int] = (0, 0)
    reads: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The figures; `*_cpu_ms` and `*_per_s` are the medians of all rounds."""

    throughput_ratio: float
    checkpoints: int
    decide_us: float
    store: Store
    tickets: int
    rounds: int
    cpu_ms: float
    bare_cpu_ms: float
    per_s: float
    bare_per_s: float
    transactions: int
    reads: int


class CountingDatabase(Database):
    """The real database, counting what is asked of it."""

    reads = 0
    writes = 0

    async def read(self, job: Job[T]) -> T:
        """As it is, counted."""
        self.reads += 1
        return await super().read(job)

    async def write(self, job: Job[T]) -> T:
        """As it is, counted."""
        self.writes += 1
        return await super().write(job)


# -- one side, in a process of its own --------------------------------------------------------------------------------


async def resolver_side(store: Store, tickets: int) -> Side:
    """Refund as many orders as there are tickets, the whole way; every one must end paid."""
    with fresh_folder() as folder, fresh_database(store, folder) as url:
        config = configured(folder, url, engine=EngineConfig())
        database = CountingDatabase(config.database_url)
        async with opened(config, database=database) as resolver:
            await resolver.start()
            clock = _Clock()
            marks = [(0, database.writes)]
            for text in ("refund {number}", "yes"):
                await _everybody_writes(resolver, tickets, text)
                marks.append((await _last_steps(resolver, tickets), database.writes))
            per_ticket_ms, per_s = clock.read(tickets)
            ended = [ticket.status for ticket in desk_of(resolver).tickets.values()]
    assert ended == [Status.SOLVED] * tickets, f"not every refund was paid: {set(ended)}"
    return Side(
        tickets=tickets,
        cpu_ms=per_ticket_ms,
        per_s=per_s,
        steps=(marks[1][0], marks[2][0]),
        transactions=(_each(marks[1][1] - marks[0][1], tickets), _each(marks[2][1] - marks[1][1], tickets)),
        reads=_each(database.reads, tickets),
    )


async def bare_side(store: Store, like: Side) -> Side:
    """Run two bare workflows a ticket with as many checkpoints and transactions as the resolver's."""
    loads = [
        Load(steps, max(0, transactions - steps - 1))  # the one that takes the event in is there anyway
        for steps, transactions in zip(like.steps, like.transactions, strict=True)
    ]
    with fresh_folder() as folder, fresh_database(store, folder) as url:
        bare = BareStore(url)
        await bare.launch(loads, poll_s=EngineConfig().turns_poll_s)
        clock = _Clock()
        for turn in range(2):
            takes = [
                bare.take_in(f"event-{ticket}-{turn}", "", case=f"desk:{ticket}", load=turn)
                for ticket in range(like.tickets)
            ]
            await asyncio.gather(*takes)
            await bare.finished((turn + 1) * like.tickets)
        per_ticket_ms, per_s = clock.read(like.tickets)
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=1)
    return Side(like.tickets, per_ticket_ms, per_s, like.steps, like.transactions)


class _Clock:
    """CPU of this process and time gone by since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.monotonic()

    def read(self, tickets: int) -> tuple[float, float]:
        """Milliseconds of CPU per ticket, tickets per second."""
        cpu_s, wall_s = time.process_time() - self._cpu, time.monotonic() - self._wall
        return round(cpu_s / tickets * 1000, 2), round(tickets / wall_s, 1)


async def _everybody_writes(resolver: Resolver, tickets: int, text: str) -> None:
    """One message each, and the wait until all of them are handled."""
    desk = desk_of(resolver)
    answered = desk.asked["write_back"] + tickets

    async def one(number: str) -> None:
        message = desk.customer_writes(number, text.format(number=number), email=email_of(number))
        request = desk.rings(number, message, event_id=f"event-{message}")
        await resolver.intake.webhook(DESK, desk, request)

    await asyncio.gather(*[one(str(FIRST_ORDER + ticket)) for ticket in range(tickets)])
    await until(lambda: desk.asked["write_back"] >= answered)
    await ended(resolver)


async def _last_steps(resolver: Resolver, tickets: int) -> int:
    """How many checkpoints the newest turn made."""
    newest = await asyncio.to_thread(
        resolver.resources.database.read_now, lambda c: runs.events_of(c, _case(tickets))
    )
    handled = await DBOS.list_workflows_async(workflow_id_prefix=f"{newest[-1][0]:016d}-")
    return len(await DBOS.list_workflow_steps_async(handled[0].workflow_id))


def _case(tickets: int) -> str:
    return f"{DESK}:{FIRST_ORDER + tickets - 1}"


def _each(count: int, tickets: int) -> int:
    return round(count / tickets)


# -- both sides, one after the other ----------------------------------------------------------------------------------


def compare(store: Store, *, tickets: int, rounds: int) -> Found:
    """Alternate the two sides, each time in a fresh process on a fresh database."""
    ours: list[Side] = []
    bare: list[Side] = []
    for _ in range(rounds):
        ours.append(_apart("resolver", store, Side(tickets, 0, 0)))
        bare.append(_apart("bare", store, ours[-1]))
    ratios = [yardstick.cpu_ms / own.cpu_ms for own, yardstick in zip(ours, bare, strict=True)]
    return Found(
        throughput_ratio=round(statistics.median(ratios), 3),
        checkpoints=sum(ours[-1].steps),
        decide_us=measure()["decide_us"],
        store=store,
        tickets=tickets,
        rounds=rounds,
        cpu_ms=_median(ours, lambda side: side.cpu_ms),
        bare_cpu_ms=_median(bare, lambda side: side.cpu_ms),
        per_s=_median(ours, lambda side: side.per_s),
        bare_per_s=_median(bare, lambda side: side.per_s),
        transactions=sum(ours[-1].transactions),
        reads=ours[-1].reads,
    )


def _apart(side: str, store: Store, like: Side) -> Side:
    command = [
        sys.executable,
        "-m",
        "benchmarks.pipeline",
        "--store",
        store,
        "--side",
        side,
        json.dumps(asdict(like)),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(done.stdout)
    return Side(**found | {"steps": tuple(found["steps"]), "transactions": tuple(found["transactions"])})


def _median(sides: list[Side], figure: Callable[[Side], float]) -> float:
    return round(statistics.median(figure(side) for side in sides), 2)


def main() -> int:
    """The command line; 1 if a refund takes more than six checkpoints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--tickets", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", nargs=2, metavar=("NAME", "LIKE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        name, like = given.side[0], json.loads(given.side[1])
        side = Side(**like | {"steps": tuple(like["steps"]), "transactions": tuple(like["transactions"])})
        play = (
            resolver_side(given.store, side.tickets) if name == "resolver" else bare_side(given.store, side)
        )
        print(json.dumps(asdict(asyncio.run(play))))
        return 0
    found = compare(given.store, tickets=given.tickets, rounds=given.rounds)
    print(told(asdict(found), as_json=given.json))
    return 1 if found.checkpoints > MOST_CHECKPOINTS else 0


if __name__ == "__main__":
    sys.exit(main())

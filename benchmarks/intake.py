"""What taking a delivery in costs, against a bare FastAPI route that only stores and enqueues in group commits.

Both receivers run in processes of their own and are called in turns, over as many connections. `cpu_ratio` and
`duplicate_ratio` are CPU of the receiver; `p99_*` at 100 deliveries a second while turns run behind both.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from benchmarks.bare import Load
from benchmarks.caller import Answers, Caller, prepared
from benchmarks.databases import STORES, Store
from benchmarks.desk import envelope, signed
from benchmarks.figures import told
from benchmarks.installation import SECRET
from benchmarks.receiver import FIRST_ORDER, KINDS, Receiver, started

CONNECTIONS = 32
PER_S = 100.0
TURN = Load(steps=2, transactions=4)  # what the first turn of a refund makes, see benchmarks.pipeline


@dataclass(frozen=True, slots=True)
class Found:
    """The figures. Ratios compare the resolver with the bare receiver in the same run."""

    cpu_ratio: float
    p99_ratio: float
    p99_ms: float
    non_2xx: int
    duplicate_ratio: float
    store: Store
    requests: int
    rounds: int
    cpu_us: float
    bare_cpu_us: float
    duplicate_cpu_us: float
    bare_p99_ms: float
    quiet_p99_ms: float
    bare_quiet_p99_ms: float


@dataclass(frozen=True, slots=True)
class _Round:
    """One side, once: CPU per first delivery and per duplicate, and every answer."""

    cpu_us: float
    duplicate_us: float
    answers: Answers
    duplicates: Answers


def deliveries(kind: str, count: int, *, first: int, name: str) -> list[bytes]:
    """Requests about as many tickets, signed now."""
    found, now = [], datetime.now(UTC)
    for place in range(count):
        ticket, event_id = str(first + place), f"{name}-{place}"
        request = signed(SECRET, envelope(ticket, f"{ticket}000", event_id=event_id), now=now)
        extra = {"x-event-id": event_id, "x-case": f"desk:{ticket}"} if kind == "bare" else {}
        found.append(prepared("/hooks/desk", request, **extra))
    return found


async def run(store: Store, *, requests: int, rounds: int, seconds: float) -> Found:
    """First the CPU of quiet receivers, then the latency of busy ones."""
    quiet = await _quiet(store, requests, rounds)
    busy = {kind: await _busy(kind, store, round(seconds * PER_S)) for kind in KINDS}
    ours, bare = quiet["resolver"], quiet["bare"]
    everything = [*(one.answers for side in quiet.values() for one in side), *busy.values()]
    everything += [one.duplicates for one in ours]
    p99_ms, bare_p99_ms = (busy[kind].percentile_ms(0.99) for kind in KINDS)
    return Found(
        cpu_ratio=_median([own.cpu_us / yard.cpu_us for own, yard in zip(ours, bare, strict=True)]),
        p99_ratio=round(p99_ms / bare_p99_ms, 2),
        p99_ms=p99_ms,
        non_2xx=sum(answers.non_2xx for answers in everything),
        duplicate_ratio=_median([one.duplicate_us / one.cpu_us for one in ours]),
        store=store,
        requests=requests,
        rounds=rounds,
        cpu_us=_median([one.cpu_us for one in ours]),
        bare_cpu_us=_median([one.cpu_us for one in bare]),
        duplicate_cpu_us=_median([one.duplicate_us for one in ours]),
        bare_p99_ms=bare_p99_ms,
        quiet_p99_ms=_median([one.answers.percentile_ms(0.99) for one in ours]),
        bare_quiet_p99_ms=_median([one.answers.percentile_ms(0.99) for one in bare]),
    )


async def _quiet(store: Store, requests: int, rounds: int) -> dict[str, list[_Round]]:
    """Both receivers without turns, alternating; the first round warms them up and does not count."""
    found: dict[str, list[_Round]] = {kind: [] for kind in KINDS}
    with ExitStack() as stack:
        receivers = {kind: stack.enter_context(started(kind, store)) for kind in KINDS}
        for number in range(rounds + 1):
            for kind, receiver in receivers.items():
                some = deliveries(kind, requests, first=FIRST_ORDER, name=f"round{number}")
                found[kind].append(await _round(kind, receiver, some))
    return {kind: each[1:] for kind, each in found.items()}


async def _round(kind: str, receiver: Receiver, requests: Sequence[bytes]) -> _Round:
    async with Caller(receiver.port, connections=CONNECTIONS) as caller:
        before = receiver.cpu_s()
        answers = await caller.all_at_once(requests)
        between = receiver.cpu_s()
        duplicates = await caller.all_at_once(requests) if kind == "resolver" else Answers()
        after = receiver.cpu_s()
    each = 1e6 / len(requests)
    return _Round((between - before) * each, (after - between) * each, answers, duplicates)


async def _busy(kind: str, store: Store, requests: int) -> Answers:
    """A receiver with turns behind it, called at a fixed rate; each delivery brings a turn."""
    with started(kind, store, tickets=requests, load=TURN) as receiver:
        some = deliveries(kind, requests, first=FIRST_ORDER, name="busy")
        async with Caller(receiver.port, connections=CONNECTIONS) as caller:
            return await caller.at_rate(some, per_s=PER_S)


def _median(figures: Sequence[float]) -> float:
    return round(statistics.median(figures), 3)


def main() -> int:
    """The command line; 1 if a delivery was not taken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--requests", type=int, default=2000, help="per round and receiver")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long the busy part takes")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(run(given.store, requests=given.requests, rounds=given.rounds, seconds=given.seconds))
    print(told(asdict(found), as_json=given.json))
    return 1 if found.non_2xx else 0


if __name__ == "__main__":
    sys.exit(main())

"""Do money and words stay right whatever goes wrong with wires, clocks, databases and processes?

Each seed is a world in virtual time: three customers, a shop, a helpdesk, and for an hour everything may fail: some 30
kinds of fault on each call, deaths at every boundary, the database, the clock. A seed goes wrong the same way again.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from benchmarks.databases import fresh_folder
from benchmarks.fault_parts.ground import Ground, prepare
from benchmarks.fault_parts.loop import VirtualLoop
from benchmarks.fault_parts.world import World
from benchmarks.figures import told


@dataclass(frozen=True, slots=True)
class Found:
    """What one seed came to. `violations` are sentences; none where all is well."""

    seed: int
    violations: list[str]
    deaths: int
    tickets: int
    paid: int
    to_people: int
    dead_letters: int


@dataclass(slots=True)
class Sum:
    """All seeds together."""

    seeds: int = 0
    violations: int = 0
    first_failing: int | None = None
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("tickets", "paid", "to_people", "dead_letters", "deaths"), 0)
    )

    def add(self, found: Found) -> None:
        """Count one; the seeds come in order."""
        self.seeds += 1
        self.violations += len(found.violations)
        if found.violations and self.first_failing is None:
            self.first_failing = found.seed
        for name in self.counts:
            self.counts[name] += getattr(found, name)


def play(ground: Ground, folder: Path, seed: int) -> Found:
    """One seed from beginning to end."""
    with _virtual_time() as loop:
        world = World(ground, folder, seed)
        try:
            loop.run_until_complete(world.plays())
            verdict = world.judged()
        finally:
            world.close()
    for file in folder.glob(f"{seed}.db*"):
        file.unlink()
    return Found(
        seed,
        verdict.violations,
        world.deaths,
        len(world.stories),
        verdict.paid,
        verdict.to_people,
        verdict.dead_letters,
    )


@contextmanager
def _virtual_time() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
        asyncio.set_event_loop(None)


# -- many seeds ---------------------------------------------------------------------------------------------------

_here: dict[str, Any] = {}


def _begin(folder: Path) -> None:
    """In each process: read the playbooks once."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    own = folder / str(os.getpid())
    own.mkdir()
    _here.update(ground=prepare(own), folder=own)


def _one(seed: int) -> Found:
    return play(_here["ground"], _here["folder"], seed)


def measure(seeds: range, *, processes: int) -> tuple[Sum, list[Found]]:
    """Play all seeds; the sum, and those in which something was violated."""
    found, bad = Sum(), []
    with fresh_folder() as folder:
        context = multiprocessing.get_context("spawn")
        with context.Pool(processes, _begin, (folder,)) as pool:
            console = Console(stderr=True)
            each = pool.imap(_one, seeds, chunksize=1)
            for one in track(
                each, "seeds", total=len(seeds), console=console, disable=not console.is_terminal
            ):
                found.add(one)
                if one.violations:
                    bad.append(one)
    return found, bad


def _range(text: str) -> range:
    first, _, last = text.partition("..")
    try:
        return range(int(first), int(last or first) + 1)
    except ValueError:
        raise argparse.ArgumentTypeError("write one seed, or two with '..' between them: 0..999") from None


def main() -> int:
    """The command line; 1 if something was violated."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=range(100), metavar="FIRST..LAST")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found, bad = measure(given.seeds, processes=max(1, given.processes))
    figures = {"seeds": found.seeds, "violations": found.violations, "first_failing": found.first_failing}
    print(told(figures | found.counts, as_json=given.json))
    for one in bad:
        for violation in one.violations:
            print(f"seed {one.seed}: {violation}", file=sys.stderr)
        print(f"play it again: ./dev bench faults --seeds {one.seed}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

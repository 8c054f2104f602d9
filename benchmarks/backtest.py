"""What a backtest costs: reading, deciding with the full trace, hashing and reporting of a year of refund tickets.

The tickets are made up by seed and written to a file first, which does not count. The yardstick for the machine is the
standard library reading, writing and hashing the same lines, before and after, the quicker of both.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeVar

from benchmarks.archive import write_archive
from benchmarks.databases import fresh_folder
from benchmarks.figures import told
from resolver.backtest.playing import Version
from resolver.backtest.simulation import simulate, version
from resolver.cli.folder import interfaces_of, read_folder
from resolver.config import Config
from resolver.connector.manifest import Interfaces
from resolver.starters import playbooks_folder

T = TypeVar("T")
_YARDSTICK = 5_000  # lines


def measure(tickets: int, seed: int) -> dict[str, int | float | str]:
    """The figures: CPU seconds of every thread and process, against the yardstick, the most memory held, the hash."""
    interfaces, versions = _versions()
    with fresh_folder() as folder:
        file = folder / "tickets.jsonl"
        write_archive(file, tickets, seed)
        before = _yardstick(file)
        cpu_s, found = _cpu_s(lambda: _played(file, versions, interfaces))
        yardstick = min(before, _yardstick(file))
    return {
        "tickets": tickets,
        "cpu_s": round(cpu_s, 2),
        "ratio_to_calibration": round(cpu_s / tickets / yardstick, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "hash": found,
    }


def _versions() -> tuple[Interfaces, list[Version]]:
    interfaces = interfaces_of(Config())
    library = read_folder(playbooks_folder(), interfaces).result.library
    assert library is not None
    plan = library.by_playbook["refund_order"]
    return interfaces, [version("refund_order", plan, library.by_playbook, library.policy)]


def _played(file: Path, versions: list[Version], interfaces: Interfaces) -> str:
    tally = simulate(file, versions, interfaces)
    assert not tally.bad_lines, tally.bad[0]
    json.dumps([one.to_json() for one in tally.versions])
    return tally.hash


def _yardstick(file: Path) -> float:
    """CPU seconds a ticket for what the standard library takes to read, write and hash the line."""
    with file.open("rb") as lines:
        some = list(islice(lines, _YARDSTICK))
    return _cpu_s(lambda: [sha256(_again(line)).hexdigest() for line in some])[0] / len(some)


def _again(line: bytes) -> bytes:
    return json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _cpu_s(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtest", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    print(told(measure(given.tickets, given.seed), as_json=given.json))
    return 0


if __name__ == "__main__":
    sys.exit(main())

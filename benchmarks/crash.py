"""Is money moved once, and is what customers hear true, when the resolver is killed at every moment there is?

A real installation is killed again and again with refunds under way; its database and the shop survive. Judged by
the shop's own ledger. A seed gives the same kills, customers and changes again, at about the same moments.
"""

import argparse
import json
import logging
import random
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.crash_parts.judge import HELPDESK, Verdict, is_quiet, judge
from benchmarks.crash_parts.kills import Kill, kills
from benchmarks.crash_parts.lives import Death, Lives, free_port
from benchmarks.crash_parts.tale import tale
from benchmarks.crash_parts.worker import Life
from benchmarks.crash_parts.world import Provider, World
from benchmarks.databases import STORES, Store, fresh_database, fresh_folder
from resolver.config import Config, ConnectionConfig, EngineConfig
from resolver.store.database import Database

LEAST_UNDER_WAY = 10
WANTED_UNDER_WAY = 18
LONGEST_END_S = 150.0
_CUSTOMERS_LOOK_EVERY_S = 0.25
_QUIET_FOR_S = 1.0
BACKEND = "demo_shop"
NOBODY = {"url": "http://127.0.0.1:9", "token": "none"}  # the starters need one; no ticket here asks it
ENGINE = EngineConfig(turns_poll_s=0.05, timers_poll_s=0.2, notifications_poll_s=1.0)


@dataclass(slots=True)
class Crash:
    """One run of the benchmark."""

    world: World
    config: Config
    database: Database
    wanted: int
    lives: Lives = field(default_factory=Lives)
    port: int = field(default_factory=free_port)
    killed: int = 0
    least_under_way: int = 1_000
    boundaries: Counter[str] = field(default_factory=Counter)
    _looked_at: float = 0.0
    _quiet_since: float | None = None

    def run(self, chance: random.Random, progress: Progress) -> None:
        """All kills, then one life in peace."""
        self.world.rings(f"http://127.0.0.1:{self.port}/hooks/{HELPDESK}")
        task = progress.add_task("kills", total=self.wanted)
        for kill in kills(chance):
            if self.killed >= self.wanted:
                break
            self._kill(kill)
            progress.update(task, completed=self.killed)
        progress.update(task, description="until quiet")
        self._in_peace()

    def _kill(self, kill: Kill) -> None:
        """One life and its death; it counts only with enough refunds under way."""
        self.world.fill(WANTED_UNDER_WAY)
        self.world.misfortune()
        death = self._spend(kill)
        self.world.desk.pause_deliveries()
        self.world.answer()
        under_way = len(self.world.under_way)
        self.world.meddle()
        if under_way < LEAST_UNDER_WAY:
            return
        self.killed += 1
        self.least_under_way = min(self.least_under_way, under_way)
        if death.by_fuse and kill.boundary:
            self.boundaries[kill.boundary] += 1

    def _spend(self, kill: Kill) -> Death:
        races = frozenset(story.order for story in self.world.stories if story.races)
        life = Life(self.config, self.port, self.world.shop["url"], races, kill.boundary, kill.nth)
        return self.lives.spend(life, longest_s=kill.after_s, awake=self.world.wakes, meanwhile=self._crowd)

    def _crowd(self) -> bool:
        """Customers come and answer while the worker lives."""
        if time.monotonic() - self._looked_at > _CUSTOMERS_LOOK_EVERY_S:
            self.world.answer()
            self.world.fill(WANTED_UNDER_WAY)
            self._looked_at = time.monotonic()
        return True

    def _in_peace(self) -> None:
        """A life without a fuse, until nothing is left to do."""
        life = Life(self.config, self.port, self.world.shop["url"], frozenset())
        self.lives.spend(life, longest_s=LONGEST_END_S, awake=self.world.wakes, meanwhile=self._not_quiet)

    def _not_quiet(self) -> bool:
        now = time.monotonic()
        if now - self._looked_at < _CUSTOMERS_LOOK_EVERY_S:
            return True
        self._looked_at = now
        self.world.answer()
        if self.world.under_way or not is_quiet(self.database):
            self._quiet_since = None
            return True
        self._quiet_since = self._quiet_since or now
        return now - self._quiet_since < _QUIET_FOR_S


def configured(folder: Path, database: str, world: World) -> Config:
    """The starters on the world's helpdesk and shop."""
    return Config(
        data=folder,
        database=database,
        connections={
            HELPDESK: ConnectionConfig("zendesk", "auto", {**world.desk_settings(), "connection": HELPDESK}),
            BACKEND: ConnectionConfig("demo_shop", "auto", world.shop_settings()),
            "billing": ConnectionConfig("demo_billing", "auto", NOBODY),
            "postal": ConnectionConfig("postal", "auto", {}),
        },
        interfaces={"billing": "billing", "shop": BACKEND, "post": "postal"},
        engine=ENGINE,
    )


def crash(
    provider: Provider, wanted: int, seed: int, store: Store, *, keep: Path | None, progress: Progress
) -> tuple[dict[str, object], str]:
    """What a run found, ready for JSON, and the tale of the first bad ticket."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        folder = keep or stack.enter_context(fresh_folder())
        folder.mkdir(parents=True, exist_ok=True)
        # The sandboxes complain about callers that die in the middle of a call.
        logging.basicConfig(filename=folder / "sandboxes.log", force=True)
        url = stack.enter_context(fresh_database(store, folder))
        world = stack.enter_context(World(folder, provider, chance))
        config = configured(folder, url, world)
        database = Database(config.database_url)
        stack.callback(database.close)
        run = Crash(world, config, database, wanted)
        began = time.monotonic()
        run.run(chance, progress)
        verdict = judge(world, database)
        figures = {
            "provider": provider,
            "store": store,
            "backend": BACKEND,
            "kills": run.killed,
            **counted(verdict),
            "seed": seed,
            "tickets": len(world.stories),
            "under_way_least": run.least_under_way,
            "boundaries_hit": len(run.boundaries),
            "seconds": round(time.monotonic() - began, 1),
        }
        bad = verdict.findings[0][0] if verdict.findings else None
        stories = [story for story in world.stories if story.ticket == bad]
        told = "\n".join(f"ticket {ticket}: {what}" for ticket, what in verdict.findings)
        return figures, "\n".join([told, *(tale(world, database, story) for story in stories)])


def counted(verdict: Verdict) -> dict[str, object]:
    """The verdict's numbers."""
    return {
        "double": verdict.double,
        "lost": verdict.lost,
        "wrong_reply": verdict.wrong_reply,
        "unaudited": verdict.unaudited,
        "to_person": verdict.to_person,
        "changed_to_person": dict(sorted(verdict.changed_to_person.items())),
        "unexplained": verdict.unexplained,
        "paid": verdict.paid,
        "trail_broken_at": verdict.trail_broken_at,
        "dead_letters": verdict.dead_letters,
    }


def passed(figures: dict[str, object]) -> bool:
    """Whether everything that must be nothing is nothing."""
    nothing = ["double", "lost", "wrong_reply", "unaudited", "unexplained", "dead_letters", "trail_broken_at"]
    nothing += ["to_person"] if figures["provider"] == "native" else []
    return not any(figures[name] for name in nothing)


def main() -> int:
    """Run it; 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__)
    parser.add_argument("--provider", choices=get_args(Provider), default="native")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--keep", type=Path, help="an empty folder for database, ledger and the worker's log")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    asked = parser.parse_args()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        figures, told = crash(
            asked.provider, asked.kills, asked.seed, asked.store, keep=asked.keep, progress=progress
        )
    print(
        json.dumps(figures)
        if asked.json
        else "\n".join(f"{name:18} {value}" for name, value in figures.items())
    )
    if passed(figures):
        return 0
    again = (
        f"--provider {asked.provider} --kills {asked.kills} --seed {asked.seed} --store {asked.store} --json"
    )
    print(f"{told}\n\nReplay it: python -m benchmarks.crash {again}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""When the folder of playbooks is looked at, and that nothing which goes wrong there reaches what is in force."""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resolver.app import read_blueprint
from resolver.cli.shutdown import reload_signal
from resolver.config import Config
from resolver.connector.registry import read_shelf
from resolver.playbook.library import Library
from resolver.reloading import InForce, Loaded, Reloading, signature
from resolver.sandboxed import Sandboxed

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The starters."""
    config = Config(data=tmp_path_factory.mktemp("data"))
    return read_blueprint(Sandboxed(config.data, config=config).connected(read_shelf(()))).library


class Running:
    """Something that takes playbooks up; `reads` are what reading the folder comes to, one after the other."""

    def __init__(self, folder: Path, library: Library, *reads: Loaded | Exception) -> None:
        self.in_force = InForce(library, NOW)
        self.taken = asyncio.Event()
        self.reads = list(reads)
        self.reloading = Reloading(
            folder, self.in_force, read=self._read, take=self._take, clock=lambda: NOW,
            seen=signature(folder), pause_s=0.01,
        )  # fmt: skip

    def _read(self) -> Loaded:
        found = self.reads.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def _take(self, library: Library) -> None:
        self.taken.set()


def without(library: Library) -> Library:
    """Another library: one playbook less."""
    plans = dict(list(library.plans.items())[1:])
    return replace(library, plans=plans, by_playbook={one.playbook: one for one in plans.values()})


@pytest.mark.parametrize("name", ["refund_order.yaml", "policy.yaml", ".certificates/1234.json"])
async def test_a_changed_file_is_taken_up_without_being_told(
    tmp_path: Path, library: Library, name: str
) -> None:
    (tmp_path / ".certificates").mkdir()
    other = without(library)
    running = Running(tmp_path, library, Loaded(other))
    running.reloading.start()

    (tmp_path / name).write_text("new", "utf-8")
    await asyncio.wait_for(running.taken.wait(), 20)
    await running.reloading.close()

    assert running.in_force.library is other


async def test_the_hangup_signal_loads_at_once(tmp_path: Path, library: Library) -> None:
    running = Running(tmp_path, library, Loaded(without(library)))
    reload_signal(running.reloading)

    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.wait_for(running.taken.wait(), 20)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)

    assert running.reads == []


@pytest.mark.parametrize(
    "read", [Loaded(None, ("a.yaml:1:1: no",)), OSError("gone"), RuntimeError("a bug")], ids=str
)
async def test_whatever_goes_wrong_what_is_in_force_stays(
    tmp_path: Path, library: Library, read: Loaded | Exception
) -> None:
    running = Running(tmp_path, library, read)

    assert await running.reloading.now() is False

    assert running.in_force.library is library
    assert len(running.in_force.problems) == 1


async def test_the_same_playbooks_again_are_no_news(tmp_path: Path, library: Library) -> None:
    running = Running(tmp_path, library, Loaded(None, ("a.yaml:1:1: no",)), Loaded(replace(library)))
    await running.reloading.now()

    assert await running.reloading.now()

    assert running.in_force.library is library
    assert (running.in_force.problems, running.taken.is_set()) == ((), False)

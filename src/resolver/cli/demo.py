"""`resolver demo`: twelve tickets played on sandboxes in one process, each judged by what the outside shows.

Called by the command line; it is the smoke test of an installation. It talks to nobody but loopback.
"""

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from resolver.app import read_blueprint, train_reader
from resolver.cli.demo_findings import findings
from resolver.cli.demo_judge import problems
from resolver.cli.demo_report import COLUMNS, Played, Report
from resolver.cli.demo_story import Story
from resolver.cli.demo_telling import Telling
from resolver.cli.demo_tickets import DemoTicket, tickets
from resolver.cli.demo_world import World
from resolver.cli.serving import alone
from resolver.clock import system_clock
from resolver.config import Config
from resolver.connector.registry import read_shelf
from resolver.errors import Malformed, ResolverError
from resolver.resolution.resources import Reader
from resolver.sandboxed import Sandboxed

DATA = Path("var", "demo")
"""Where the demo keeps its data, beside that of `serve`: `runs list` and `explain` find the newest there."""

_LOOK_EVERY_S = 0.02
_WIDE = 130  # columns of a terminal that holds the whole table
_LEFT_OUT = ("playbook", "status")  # in a narrower one; each ticket's chapter has them
_TITLE = 24  # letters of a title there
_NAME = "demo"  # its lock file in the data folder also says that the folder is a demo's


def play(*, plain: bool, json_path: Path | None, stay: bool, data: Path | None = None) -> int:
    """Play the demo and print it; 0 if every ticket ended as expected, else 1.

    The data of the demo before is replaced and this one's is kept, for `runs list` and `explain`. With `stay`
    everything keeps running until Ctrl-C or SIGTERM.

    Raises:
        Malformed: The demo could not begin, or `json_path` cannot be written.
    """
    if json_path is not None:
        _write(json_path, b"")
    folder = DATA if data is None else data
    telling = Telling(plain=plain)
    with _held(folder) as lock:
        began = time.monotonic()
        telling.line("Starting the resolver with the sandboxes of a helpdesk and a shop ...")
        reader = _read(folder)
        _empty(folder, lock)
        width = _WIDE if plain else Console().width
        return asyncio.run(
            _play(
                Sandboxed(folder, reader=reader), telling, began, width=width, json_path=json_path, stay=stay
            )
        )


async def demonstrate(installation: Sandboxed, telling: Telling, played: Sequence[DemoTicket]) -> Report:
    """Play these tickets on a running installation and judge them; `telling` is told as it happens."""
    began = time.monotonic()
    world = World.of(installation)
    await asyncio.to_thread(_stock, world, played)
    stories = [Story(installation.resolver, world, one, telling.chapter(one.id, one.title)) for one in played]
    tasks = {}
    async with asyncio.TaskGroup() as group:
        # A fault meets the shop's next request, whoever makes it: until then its ticket is played alone.
        for story in sorted(stories, key=lambda story: story.ticket.fault is None):
            tasks[story.ticket.id] = group.create_task(_played(story))
            await _fault_met(story, tasks[story.ticket.id])
    return Report([tasks[one.id].result() for one in played], world.movements(), time.monotonic() - began)


async def _play(
    sandboxed: Sandboxed,
    telling: Telling,
    began: float,
    *,
    width: int,
    json_path: Path | None,
    stay: bool,
) -> int:
    async with sandboxed as installation:
        world = World.of(installation)
        telling.line(
            f"Ready after {time.monotonic() - began:.1f} s. The helpdesk: {_page(world.desk.describe())}"
        )
        telling.line()
        report = await demonstrate(installation, telling, tickets(now=system_clock()))
        _conclude(report, telling, width)
        if json_path is not None:
            _write(json_path, msgspec.json.format(msgspec.json.encode(report.to_json())) + b"\n")
        if stay:
            await _stay(installation, world, telling)
            telling.line("Ending. What was played stays until the next demo.")
        else:
            telling.line("How any of it was decided: resolver explain NUMBER, of the column ticket")
            telling.line("To read the tickets and answer as the customer: resolver demo --stay")
            telling.line(
                "In the repository put ./dev in front: ./dev resolver explain NUMBER, ./dev demo --stay"
            )
    return 0 if report.ok else 1


# -- one ticket ---------------------------------------------------------------------------------------------------


def _stock(world: World, played: Sequence[DemoTicket]) -> None:
    """Put what the customers bought into the shop."""
    for order in (order for ticket in played for order in ticket.orders):
        world.shop.has_order(order.number, email=order.email, **order.fields)


async def _played(story: Story) -> Played:
    """Play a ticket to its end and judge it; what goes wrong is said, and the other tickets go on."""
    wrong: list[str] = []
    try:
        await story.play()
    except ResolverError as error:
        wrong.append(str(error))
    if story.ticket.fault is not None and story.world.shop.faults.armed():
        wrong.append("Nothing went wrong in the shop: no request met the fault.")
    found = None
    if story.number is not None:
        found = await findings(story.resolver, story.world, story.ticket, story.number)
        wrong += problems(story.ticket, found)
    if wrong or found is None:
        story.chapter.ends("\n".join(wrong), ok=False)
    else:
        by = f" by {found.playbook}" if found.playbook else ""
        ended = f"{found.disposition}{by} ({found.why})"
        story.chapter.ends(f"{ended}; ticket {story.number} is {found.status}", ok=True)
    return Played(story.ticket, found, tuple(wrong), story.number)


async def _fault_met(story: Story, task: "asyncio.Task[Played]") -> None:
    """Wait until the shop has met the ticket's fault, or the ticket is over without it, which is a mistake."""
    if story.ticket.fault is None:
        return
    (operation, kind), faults = story.ticket.fault, story.world.shop.faults
    story.world.shop.fault(operation, kind)
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        if task.done() or not faults.armed():
            break
    if not faults.armed():
        story.chapter.says("shop", f"fault on {operation}: {kind.replace('_', ' ')}")
    faults.clear()


# -- the end ------------------------------------------------------------------------------------------------------


def _conclude(report: Report, telling: Telling, width: int) -> None:
    telling.table(*fitting(report, width))
    telling.line()
    telling.line(report.summary())
    for stray in report.strays:
        telling.line(f"NOT OK: nobody asked for this movement in the shop: {stray}", style="bold red")


def fitting(report: Report, width: int) -> tuple[list[str], list[list[str]]]:
    """Columns and rows that fit `width`, a line for each ticket."""
    if width >= _WIDE:
        return [*COLUMNS], [[*row] for row in report.rows()]
    kept = [place for place, name in enumerate(COLUMNS) if name not in _LEFT_OUT]
    title = COLUMNS.index("request")
    rows = [
        [_shortened(row[place]) if place == title else row[place] for place in kept] for row in report.rows()
    ]
    return [COLUMNS[place] for place in kept], rows


def _shortened(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1].rstrip()}…"


async def _stay(installation: Sandboxed, world: World, telling: Telling) -> None:
    """Keep everything running until somebody ends it."""
    telling.line("Everything keeps running until you press Ctrl-C:")
    telling.line(
        f"  helpdesk  {_page(world.desk.describe())}  (read the tickets, write or answer as a customer)"
    )
    telling.line(f"  shop      {_page(world.shop.describe())}  (orders and the ledger)")
    telling.line(f"  resolver  {installation.url}/metrics")
    telling.line(f"  data      {installation.data}")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)
    await ended.wait()


def _page(described: Mapping[str, object]) -> str:
    return str(described.get("page") or described["url"])


def _read(folder: Path) -> Reader:
    """Read all that somebody may have broken, as the start will, before the last demo's data is given up.

    Raises:
        Malformed: Connectors, playbooks or the model are wrong.
    """
    installation = Sandboxed(folder)
    blueprint = read_blueprint(installation.connected(read_shelf(installation.config.connector_folders)))
    return train_reader(blueprint.config, blueprint.library, blueprint.interfaces)


@contextmanager
def _held(folder: Path) -> Iterator[Path]:
    """Hold the data folder; gives its lock file.

    Raises:
        Malformed: It cannot be written, another demo runs there, or it holds what is no demo's.
    """
    lock = folder / f"{_NAME}.lock"
    try:
        if folder.is_dir() and any(folder.iterdir()) and not lock.exists():
            raise Malformed(f"{folder} holds something else.", remedy="name an empty folder with --data")
        with alone(folder, _NAME):
            yield lock
    except OSError as error:
        problem = f"The data folder {folder} cannot be used: {error.strerror or error}."
        raise Malformed(problem, remedy="name another one with --data") from None


def _empty(folder: Path, lock: Path) -> None:
    """Remove what the last demo left, but for what it learnt from the playbooks."""
    kept = (lock, Config(data=folder).learnt)
    for path in folder.iterdir():
        if path in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Malformed(
            f"{path} cannot be written: {error.strerror}.", remedy="name another file with --json"
        ) from None

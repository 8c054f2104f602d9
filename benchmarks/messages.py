"""Real people's messages as tickets: does every one end well, and does nobody reach somebody else's order?

Every row of a JSON-lines file (`text` a row) becomes a ticket of a new customer on a running installation with its
sandboxes, real webhooks and real zenpy. Whoever is asked for an order names their own or, every second one, another's;
half of the orders are delivered, the others still here, so that what is asked for their own can be done.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.databases import fresh_folder
from benchmarks.figures import told
from connectors.demo_shop.sandbox import ShopSandbox
from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings
from resolver.config import Config
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.registry import Shelf
from resolver.sandboxed import Sandboxed
from resolver.store import cases, events, ledger, runs
from resolver.store.cases import Case
from resolver.store.database import Connection

FIRST_ORDER = 20_000
UNDER_WAY = 24  # tickets at the same time: a helpdesk's own limits are not what is asked here
NO_LIMIT = 99_999
GIVE_UP_S = 60.0
ANSWERS = ("It is order {number}", "Lindenweg 5, 10117 Berlin, Germany", "Yes please")
_HERE: dict[str, Any] = {"status": "processing"}
_DELIVERED: dict[str, Any] = {"status": "delivered", "delivered_days_ago": 5}
_NUMBER = re.compile(r"\b[0-9]{4,8}\b")


@dataclass(frozen=True, slots=True)
class Found:
    """How many tickets there were and how they stand. `stuck`, `5xx` and `foreign_effects` are to be 0.

    `handed_off` are with people, `asked` wait for the customer, `solved` are done, `left` needed nothing.
    """

    tickets: int
    fivexx: int
    stuck: int
    foreign_effects: int
    handed_off: int
    asked: int
    solved: int
    left: int
    dead_letters: int
    deliveries: int
    effects: int
    seconds: float

    def figures(self) -> dict[str, int | float]:
        """By the names they are printed with."""
        return {("5xx" if name == "fivexx" else name): value for name, value in asdict(self).items()}


class _Unhurried(Sandboxed):
    """An installation whose helpdesk allows as many calls as anybody likes."""

    def connected(self, shelf: Shelf) -> Config:
        config = super().connected(shelf)
        desk = config.connections["zendesk"]
        limits = {"requests_per_minute": str(NO_LIMIT), "updates_per_minute": str(NO_LIMIT)}
        raised = replace(desk, settings={**desk.settings, **limits})
        return replace(config, connections={**config.connections, "zendesk": raised})


@dataclass(frozen=True, slots=True)
class _World:
    installation: Sandboxed
    desk: ZendeskSandbox
    shop: ShopSandbox

    async def settled(self, tickets: list[int]) -> None:
        """Wait until every delivery was made and every event has ended; give up when nothing moves for a minute."""
        last, moved_at = None, time.monotonic()
        while time.monotonic() - moved_at < GIVE_UP_S:
            await asyncio.to_thread(self.desk.idle)
            counts = await self.installation.resolver.resources.database.read(events.count_by_state)
            heard = set(await self.installation.resolver.resources.database.read(_ended_tickets(tickets)))
            if not counts.get("queued") and heard >= set(tickets):
                return
            if (counts, heard) != last:
                last, moved_at = (counts, heard), time.monotonic()
            await asyncio.sleep(0.05)


async def run(texts: list[str], *, answers: tuple[str, ...] = ANSWERS) -> Found:
    """Post every text, answer what is asked, and judge by the sandboxes and the stored rows."""
    began = time.monotonic()
    with fresh_folder() as folder:
        desk = ZendeskSandbox(
            ZendeskSandboxSettings(
                requests_per_minute=NO_LIMIT, updates_per_minute=NO_LIMIT, solving_needs_assignee=False
            )
        )
        shop = ShopSandbox(Setting(state=folder / "shop", ledger=folder / "ledger"))
        _stock(shop, texts)
        installation = _Unhurried(folder / "data", sandboxes={"zendesk": desk, "demo_shop": shop})
        async with installation:
            world = _World(installation, desk, shop)
            tickets = await _post(world, texts)
            for answer in answers:
                await _reply(world, tickets, answer)
            return await _judged(world, tickets, time.monotonic() - began)


def owner(place: int) -> str:
    """The address of the customer who wrote row `place`."""
    return f"customer{place}@example.com"


def read_texts(file: Path) -> list[str]:
    """The texts of a JSON-lines file."""
    with file.open(encoding="utf-8") as lines:
        return [str(json.loads(line)["text"]) for line in lines if line.strip()]


def _stock(shop: ShopSandbox, texts: list[str]) -> None:
    """An order for everybody, and every number that a text names belongs to somebody else."""
    own = {str(FIRST_ORDER + place) for place in range(len(texts))}
    for place in range(len(texts)):
        number = str(FIRST_ORDER + place)
        shop.has_order(
            number, email=owner(place), paid="9.90 EUR", **(_HERE if place // 2 % 2 else _DELIVERED)
        )
    for number in sorted({found for text in texts for found in _NUMBER.findall(text)} - own):
        shop.has_order(number, email="somebody.else@example.com", paid="9.90 EUR", delivered_days_ago=5)


async def _post(world: _World, texts: list[str]) -> list[int]:
    tickets: list[int] = []
    for some in _chunks(list(enumerate(texts))):
        for place, text in some:
            ticket = await asyncio.to_thread(
                world.desk.customer_writes, owner(place), f"Customer {place}", "Question", text
            )
            tickets.append(ticket)
        await world.settled(tickets)
    return tickets


async def _reply(world: _World, tickets: list[int], answer: str) -> None:
    """Whoever waits for the customer gets an answer; every second one names a neighbour's order."""
    asked = [
        place for place, ticket in enumerate(tickets) if world.desk.ticket(ticket)["status"] == "pending"
    ]
    for some in _chunks(asked):
        for place in some:
            number = FIRST_ORDER + (place if place % 2 == 0 else (place + 1) % len(tickets))
            text = answer.format(number=number)
            await asyncio.to_thread(
                world.desk.customer_writes, owner(place), "", "", text, ticket=tickets[place]
            )
        await world.settled(tickets)


async def _judged(world: _World, tickets: list[int], seconds: float) -> Found:
    database = world.installation.resolver.resources.database
    found = await database.read(lambda c: {ticket: _stands(c, ticket) for ticket in tickets})
    dead = len(await database.read(events.dead_letters))
    requesters = {place_ticket: owner(place) for place, place_ticket in enumerate(tickets)}
    by_key = await database.read(lambda c: _requesters_by_key(c, requesters))
    movements = world.shop.movements()
    owners = {order.number: order.email for order in world.shop.orders()}
    foreign = [one for one in movements if by_key.get(one.key) != owners[one.number]]
    statuses = {ticket: str(world.desk.ticket(ticket)["status"]) for ticket in tickets}
    ends = Counter(_end(found[ticket], statuses[ticket]) for ticket in tickets)
    codes = [code for one in world.desk.deliveries() for code in _codes(one)]
    return Found(
        tickets=len(tickets),
        fivexx=sum(code is None or code >= 500 for code in codes),
        stuck=ends["stuck"] + dead,
        foreign_effects=len(foreign),
        handed_off=ends["handed_off"],
        asked=ends["asked"],
        solved=ends["solved"],
        left=ends["left"],
        dead_letters=dead,
        deliveries=len(codes),
        effects=len(movements),
        seconds=round(seconds, 1),
    )


def _end(case: Case | None, status: str) -> str:
    """In one word how a ticket stands; `case` is `None` if something about it has not ended."""
    if case is None:
        return "stuck"
    if case.people:
        return "handed_off"
    return {"pending": "asked", "solved": "solved"}.get(status, "left")


def _stands(connection: Connection, ticket: int) -> Case | None:
    """The case, if every event and every turn of the ticket is over."""
    case = f"zendesk:{ticket}"
    states = [state for _, _, state, _ in runs.events_of(connection, case)]
    unfinished = cases.unfinished_turns(connection, case, before=sys.maxsize)
    return cases.get(connection, case) if set(states) == {"done"} and not unfinished else None


def _requesters_by_key(connection: Connection, requesters: Mapping[int, str]) -> dict[str, str]:
    """For whom each effect was done, by its key."""
    return {
        entry.key: email
        for ticket, email in requesters.items()
        for entry in ledger.of_case(connection, f"zendesk:{ticket}")
    }


def _ended_tickets(tickets: list[int]) -> Any:
    def job(connection: Connection) -> list[int]:
        return [ticket for ticket in tickets if runs.events_of(connection, f"zendesk:{ticket}")]

    return job


def _codes(delivery: Mapping[str, Any]) -> list[int | None]:
    return list(delivery["codes"])


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), UNDER_WAY):
        yield rows[start : start + UNDER_WAY]


def main() -> int:
    """The command line; 1 if anything answered 5xx, stuck, or touched somebody else's order."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.messages", description=__doc__)
    parser.add_argument("--file", type=Path, required=True, help="JSON lines with a `text` each")
    parser.add_argument("--most", type=int, default=NO_LIMIT, help="only so many rows from the start")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(run(read_texts(given.file)[: given.most]))
    print(told(found.figures(), as_json=given.json))
    return 1 if found.fivexx or found.stuck or found.foreign_effects else 0


if __name__ == "__main__":
    sys.exit(main())

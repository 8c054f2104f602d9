"""Are a ticket's messages handled once each and in their order, whatever order and how often deliveries come in?

Every message rings first and shows later; deliveries of many tickets are mixed, repeated, and repeated again late.
Judged afterwards by the audit trail: `inversions` and `repeats` are to be 0, and `unhandled` with them.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from benchmarks.databases import STORES, Store, fresh_database, fresh_folder
from benchmarks.figures import told
from benchmarks.installation import DESK, CheapReader, configured, desk_of, opened
from resolver.app import Resolver
from resolver.store import cases, events, runs, trail
from resolver.store.database import Connection

AT_ONCE = 64  # deliveries under way at the same time
LATE_SHARE = 0.1  # of the messages stay hidden for long enough that their turn must come back
LATE_S = (0.2, 1.5)
AGAIN_SHARE = 0.3  # of the deliveries come again at once, and as many again later
GIVE_UP_S = 60.0  # without any progress


@dataclass(frozen=True, slots=True)
class Ring:
    """One delivery to make: about message `place` of `ticket`; `writes` if it is the first about it."""

    ticket: str
    place: int
    event_id: str
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What the trail says. An inversion is a message handled after a newer one of its ticket."""

    store: Store
    tickets: int
    messages: int
    deliveries: int
    seed: int
    inversions: int
    repeats: int
    unhandled: int
    seconds: float


def schedule(tickets: int, messages: int, chance: random.Random) -> list[Ring]:
    """All deliveries: in order within a ticket, mixed across tickets, many of them twice or late once more."""
    order = [str(1000 + ticket) for ticket in range(tickets) for _ in range(messages)]
    chance.shuffle(order)
    written = dict.fromkeys(order, 0)
    rings: list[Ring] = []
    late: list[tuple[int, Ring]] = []
    for ticket in order:
        first = Ring(ticket, written[ticket], f"event-{ticket}-{written[ticket]}", writes=True)
        written[ticket] += 1
        rings.append(first)
        again = Ring(ticket, first.place, first.event_id)
        other = Ring(
            ticket, first.place, f"{first.event_id}-other"
        )  # a second kind of webhook about the same comment
        rings += [one for one in (again, other) if chance.random() < AGAIN_SHARE]
        if chance.random() < AGAIN_SHARE:
            late.append((chance.randrange(len(rings), len(rings) + tickets * messages), again))
    for place, ring in sorted(late, key=lambda one: one[0]):
        rings.insert(place, ring)
    return rings


class Customers:
    """They write and ring: a message is written hidden, rung for, and shown at once or after a while."""

    def __init__(self, resolver: Resolver, chance: random.Random) -> None:
        self._intake = resolver.intake
        self._desk = desk_of(resolver)
        self._chance = chance

    async def ring(self, rings: list[Ring]) -> None:
        """Deliver them all, some at the same time."""
        for some in _chunks(rings, AT_ONCE):
            await asyncio.gather(*[self._deliver(ring) for ring in some])

    async def _deliver(self, ring: Ring) -> None:
        message = message_id(ring.ticket, ring.place)
        if ring.writes:
            email = f"customer{ring.ticket}@example.com"
            self._desk.customer_writes(ring.ticket, f"thanks {message}x", email=email, visible=False)
        request = self._desk.rings(ring.ticket, message, event_id=ring.event_id)
        await self._intake.webhook(DESK, self._desk, request)
        if ring.writes:
            late_s = self._chance.uniform(*LATE_S) if self._chance.random() < LATE_SHARE else 0.0
            asyncio.get_running_loop().call_later(late_s, self._desk.show, ring.ticket, message)


async def run(store: Store, *, tickets: int, messages: int, seed: int) -> Found:
    """Play it on a fresh database and judge the trail."""
    chance = random.Random(seed)
    rings = schedule(tickets, messages, chance)
    names = sorted({ring.ticket for ring in rings})
    began = time.monotonic()
    reader = CheapReader()
    with fresh_folder() as folder, fresh_database(store, folder) as url:
        async with opened(configured(folder, url), reader) as resolver:
            await resolver.start()
            await Customers(resolver, chance).ring(rings)
            await all_ended(resolver, names)
            handled = await resolver.resources.database.read(lambda c: handled_messages(c, names))
    written = {message_id(ticket, place) for ticket in names for place in range(messages)}
    every = [message for one in handled.values() for message in one]
    return Found(
        store=store,
        tickets=tickets,
        messages=messages,
        deliveries=len(rings),
        seed=seed,
        inversions=sum(inversions(one) for one in handled.values()),
        repeats=max(repeats(every), repeats(reader.read_ids)),
        unhandled=len(written - set(every)),
        seconds=round(time.monotonic() - began, 1),
    )


async def all_ended(resolver: Resolver, tickets: list[str]) -> None:
    """Wait until no event is queued and no turn is to come back; give up when nothing moves for a minute."""
    database, last, moved_at = resolver.resources.database, -1, time.monotonic()
    while True:
        counts = await database.read(events.count_by_state)
        if not counts.get("queued") and not await database.read(lambda c: _to_come_back(c, tickets)):
            return
        ended = sum(counts.values()) - counts.get("queued", 0)
        if ended != last:
            last, moved_at = ended, time.monotonic()
        if time.monotonic() - moved_at > GIVE_UP_S:
            return
        await asyncio.sleep(0.2)


def handled_messages(connection: Connection, tickets: list[str]) -> dict[str, list[str]]:
    """Each ticket's messages in the order in which the trail says that they were handled."""
    found = {}
    for ticket in tickets:
        lines = trail.of_case(connection, f"{DESK}:{ticket}")
        turns = [cases.get_turn(connection, seq) for seq in dict.fromkeys(line.turn for line in lines) if seq]
        found[ticket] = [str(message) for turn in turns if turn for message in turn.messages]
    return found


def inversions(handled: list[str]) -> int:
    """How many messages were handled after a newer one."""
    newest, count = "", 0
    for message in handled:
        count += message < newest
        newest = max(newest, message)
    return count


def repeats(handled: list[str]) -> int:
    """How often a message was handled that had been handled before."""
    return sum(count - 1 for count in Counter(handled).values())


def message_id(ticket: str, place: int) -> str:
    """The id the desk gives to a ticket's message; text order is message order."""
    return f"{ticket}{place:03d}"


def _to_come_back(connection: Connection, tickets: list[str]) -> int:
    """Turns that were put off and whose timer has not rung yet."""
    found = [event for ticket in tickets for event in runs.events_of(connection, f"{DESK}:{ticket}")]
    put_off = sum((ending or "").startswith("later:") for _, _, _, ending in found)
    return put_off - sum(kind.startswith("fetch:") for _, kind, _, _ in found)


def _chunks(rings: list[Ring], size: int) -> Iterator[list[Ring]]:
    for start in range(0, len(rings), size):
        yield rings[start : start + size]


def main() -> int:
    """The command line; 1 if a message was handled twice, out of order or not at all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.order", description=__doc__)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--tickets", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=10, help="per ticket, at most 999")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(run(given.store, tickets=given.tickets, messages=given.messages, seed=given.seed))
    print(told(asdict(found), as_json=given.json))
    return 1 if found.inversions or found.repeats or found.unhandled else 0


if __name__ == "__main__":
    sys.exit(main())

"""A process that dies anywhere in a turn: the next one finds its rows, says the same and pays once.

Turns are taken by hand here, on one database, each time by a resolver that knows nothing but what is stored.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from resolver.app import Resolver
from resolver.connector.registry import read_shelf
from resolver.durable import workflow
from resolver.durable.workflow import Json, Work
from resolver.intake import receive
from resolver.resolution.replaying import Replay
from resolver.resolution.turn import Turns
from resolver.resolution.understand import Understanding
from resolver.resolution.writeback import WriteBacks
from resolver.store import ledger, runs, trail, writebacks
from tests.installation import RUNNING, House, Installation, new_person, trained

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Died(BaseException):
    """The process is gone; nothing of ours may catch this."""


@dataclass(slots=True)
class Life:
    """One life of the resolver. It dies at its `dies_at`-th step: before it was taken, or after but unheard."""

    resolver: Resolver
    dies_at: int | None = None
    after: bool = False
    steps: list[str] = field(default_factory=list)

    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        self.steps.append(name)
        dying = len(self.steps) == self.dies_at
        if dying and not self.after:
            raise Died
        answer = await work()
        if dying:
            raise Died
        return answer

    async def takes(self, seq: int) -> None:
        """Take the turn of this event; what is left of a dead life is let go."""
        resources = self.resolver.resources
        reading, write_backs, turns = Understanding(resources), WriteBacks(resources), Turns(resources)

        async def perform(row: str) -> Json:
            if row.startswith("effect-"):
                return (await resources.gateway.perform(row)).to_json()
            return await write_backs.perform(row)

        async def understood(turn: int) -> Json:
            return await self.step("understand", lambda: reading.understand(turn))

        async def performed(row: str) -> Json:
            return await self.step(row.partition("-")[0], lambda: perform(row))

        workflow.register(Work(turns.take, understood, performed, self.resolver.intake.timer))
        try:
            await turns.take(seq)
        finally:
            workflow.register(None)
            reading.close()


@dataclass(slots=True)
class Bench:
    """Sandboxes, one database, and one life after the other."""

    installation: Installation
    email: str
    ticket: int = 0
    seq: int = 0

    @property
    def case(self) -> str:
        return f"zendesk:{self.ticket}"

    async def hears(self, text: str) -> None:
        """The customer writes; the event is stored and its turn not yet taken."""
        zendesk = self.installation.zendesk
        self.ticket = zendesk.customer_writes(self.email, "Ann", "Hello", text, ticket=self.ticket or None)
        life = await self._born()
        resources = life.resources
        await resources.database.write(
            lambda c: receive.add(
                c, resources.engine, clock=resources.clock, connection="zendesk",
                event_id=f"{self.ticket}-{text}", kind="ticket.comment_added", ticket=str(self.ticket),
            )
        )  # fmt: skip
        self.seq = resources.database.read_now(lambda c: runs.events_of(c, self.case))[-1][0]
        await life.close()

    async def lives(self, *, dies_at: int | None = None, after: bool = False) -> Life:
        """A resolver is started on the database, takes the turn, and dies on the way if told so."""
        life = Life(await self._born(), dies_at, after)
        with contextlib.suppress(Died):
            await life.takes(self.seq)
        await life.resolver.close()
        return life

    async def replays(self) -> list[str]:
        """How the ticket's runs are decided again."""
        resolver = await self._born()
        vault = resolver.resources.vault
        found = resolver.resources.database.read_now(lambda c: Replay(c, vault).of_ticket(self.case))
        await resolver.close()
        return [one.ending for one in found]

    async def _born(self) -> Resolver:
        config = self.installation.connected(read_shelf(()))
        return await Resolver.open(config, sandboxed=True, reader=trained())

    @property
    def said(self) -> list[str]:
        return [
            one["body"] for one in self.installation.zendesk.ticket(self.ticket)["comments"] if one["bot"]
        ]

    @property
    def paid(self) -> list[str]:
        return [one.amount for one in self.installation.shop.refunds if one.number == self.order]

    @property
    def order(self) -> str:
        return "31001"


@pytest_asyncio.fixture(loop_scope="session")
async def bench() -> AsyncIterator[Bench]:
    await RUNNING.vacate()
    installation = Installation(House())
    installation.start_sandboxes(read_shelf(()))
    bench = Bench(installation, new_person())
    installation.shop.has_order(bench.order, email=bench.email, paid="39.90 EUR")
    await bench.hears(f"I want my money back for order {bench.order}")
    await bench.lives()
    assert "Shall I do that?" in bench.said[0]
    yield bench
    installation.zendesk.stop()
    installation.shop.stop()


STEPS = ["understand", "effect", "writeback"]


async def test_a_turn_nobody_disturbs_takes_these_steps(bench: Bench) -> None:
    await bench.hears("Yes")

    life = await bench.lives()

    assert life.steps == STEPS
    assert (bench.paid, len(bench.said)) == (["39.90"], 2)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", [1, 2, 3], ids=STEPS)
async def test_a_death_at_any_step_pays_once_and_says_what_was_done(
    bench: Bench, dies_at: int, after: bool
) -> None:
    await bench.hears("Yes")

    await bench.lives(dies_at=dies_at, after=after)
    await bench.lives()

    assert bench.paid == ["39.90"]
    assert [text.split(".")[0] for text in bench.said[1:]] == ["Done"]
    assert await bench.replays() == ["identical"]


@pytest.mark.parametrize(
    "change", [{"status": "cancelled"}, {"email": "eve@example.com"}, {"refunded": "39.90 EUR"}]
)
async def test_after_the_money_moved_a_changed_shop_changes_no_word(
    bench: Bench, change: dict[str, str]
) -> None:
    await bench.hears("Yes")

    await bench.lives(dies_at=2, after=True)
    bench.installation.shop.changes(bench.order, **change)
    life = await bench.lives()

    assert bench.paid == ["39.90"]
    assert [text.split(".")[0] for text in bench.said[1:]] == ["Done"]
    assert life.steps == STEPS


@pytest.mark.parametrize("change", [{"email": "eve@example.com"}, {"refunded": "39.90 EUR"}])
async def test_before_the_money_moved_a_changed_shop_stops_it(bench: Bench, change: dict[str, str]) -> None:
    await bench.hears("Yes")

    await bench.lives(dies_at=2, after=False)
    bench.installation.shop.changes(bench.order, **change)
    await bench.lives()

    assert bench.paid == []
    assert "Done" not in "".join(bench.said)


async def test_a_turn_that_died_and_was_taken_again_leaves_one_unbroken_trail(bench: Bench) -> None:
    await bench.hears("Yes")
    await bench.lives(dies_at=2, after=True)
    await bench.lives(dies_at=3, after=True)
    await bench.lives()

    resolver = await Resolver.open(
        bench.installation.connected(read_shelf(())), sandboxed=True, reader=trained()
    )
    read = resolver.resources.database.read_now
    effects = read(lambda c: ledger.of_case(c, bench.case))
    rows = read(lambda c: writebacks.of_case(c, bench.case))
    lines = read(lambda c: trail.of_case(c, bench.case))
    broken = read(trail.first_break)
    await resolver.close()

    assert [(entry.action, entry.state) for entry in effects] == [("shop.refund", "done")]
    assert [row.state for row in rows] == ["done", "done"]
    assert len([line for line in lines if '"what":"effect"' in line.line]) == 1
    assert broken is None


async def test_a_turn_taken_twice_after_it_ended_does_nothing(bench: Bench) -> None:
    await bench.hears("Yes")
    await bench.lives()

    again = await bench.lives()

    assert (again.steps, bench.paid, len(bench.said)) == (STEPS, ["39.90"], 2)


# -- two requests in one turn -----------------------------------------------------------------------------------------

BOTH = ["understand", "effect", "effect", "writeback"]


@pytest_asyncio.fixture(loop_scope="session")
async def both(bench: Bench) -> Bench:
    """The refund was offered; beside it a cancellation is asked for, so that one yes is for two."""
    bench.installation.shop.has_order("31002", email=bench.email, paid="12.00 EUR", status="paid")
    await bench.hears("Please also cancel order 31002")
    await bench.lives()
    assert "2. " in bench.said[-1]
    return bench


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", [1, 2, 3, 4], ids=["understand", "first", "second", "writeback"])
async def test_a_death_between_two_requests_does_each_once_and_tells_both(
    both: Bench, dies_at: int, after: bool
) -> None:
    await both.hears("Yes")

    await both.lives(dies_at=dies_at, after=after)
    life = await both.lives()

    moved = sorted((one.kind, one.number) for one in both.installation.shop.movements() if one.amount)
    assert moved == [("cancellation", "31002"), ("refund", both.order)]
    assert len(both.said) == 3
    assert "Done" in both.said[-1]
    assert "31002" in both.said[-1]
    assert set(life.steps) <= set(BOTH)
    assert await both.replays() == ["identical", "identical"]

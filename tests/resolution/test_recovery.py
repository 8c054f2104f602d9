"""A process that dies anywhere in a turn: the next one finds its rows, says the same and pays once.

Turns are taken by hand here: see `bench`.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from connectors.mail.sandbox import Mail, MailSandbox
from resolver.app import Resolver
from resolver.audit.verify import first_break
from resolver.connector.registry import read_shelf
from resolver.store import ledger, trail, writebacks
from tests.installation import RUNNING, House, Installation, new_person
from tests.learning import trained
from tests.resolution.bench import Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
    await bench.ends()
    for sandbox in installation.sandboxes.values():
        sandbox.stop()


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
    broken = read(lambda c: first_break(trail.after(c, 0)))
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


# -- a code on its way ------------------------------------------------------------------------------------------------

CODED = ["understand", "code", "writeback"]


@pytest_asyncio.fixture(loop_scope="session")
async def valuable(bench: Bench) -> Bench:
    """Another ticket of a customer whose parcel is so valuable that a code is asked for."""
    bench.ticket = 0
    york = "5 Mill Lane, York YO1 7HB, United Kingdom"
    order = {"status": "paid", "paid": "350.00 GBP", "country": "GB", "address": york}
    bench.installation.shop.has_order("31003", email=bench.email, **order)
    await bench.hears("I moved, please send order 31003 to 22 Hill Road, Leeds LS1 4AB, United Kingdom.")
    return bench


def mailed(bench: Bench) -> list[Mail]:
    """The mails that were handed over, also the same one twice."""
    return [one for one in mail_of(bench).mails if one.to == bench.email]


def mail_of(bench: Bench) -> MailSandbox:
    """The mail server."""
    found = bench.installation.sandboxes["mail"]
    assert isinstance(found, MailSandbox)
    return found


@pytest.mark.parametrize(("dies_at", "after"), [(1, True), (2, False), (2, True), (3, True)])
async def test_a_death_at_any_step_of_a_code_leaves_one_code_that_counts(
    valuable: Bench, dies_at: int, after: bool
) -> None:
    await valuable.lives(dies_at=dies_at, after=after)
    life = await valuable.lives()

    assert life.steps == CODED
    assert len({one.text for one in mailed(valuable)}) == 1
    assert ["we need a code" in text for text in valuable.said] == [True]
    await valuable.hears(mailed(valuable)[-1].text.partition("is ")[2][:6])
    await valuable.lives()
    assert "Is that right?" in valuable.said[-1]
    assert await valuable.replays() == ["identical"]


@pytest.mark.parametrize("dies_at", [1, 2], ids=["understand", "writeback"])
async def test_a_death_while_the_code_comes_back_uses_it_once_and_goes_on(
    valuable: Bench, dies_at: int
) -> None:
    await valuable.lives()
    await valuable.hears(mailed(valuable)[-1].text.partition("is ")[2][:6])

    await valuable.lives(dies_at=dies_at, after=True)
    await valuable.lives()

    assert "Is that right?" in valuable.said[-1]
    assert await valuable.replays() == ["identical"]


async def test_a_mail_that_left_unheard_is_sent_again_with_the_same_code(valuable: Bench) -> None:
    mail_of(valuable).faults.append("unheard")

    await valuable.lives()
    await valuable.lives()

    assert len(mailed(valuable)) == 2
    assert len({(one.id, one.text) for one in mailed(valuable)}) == 1
    assert len(valuable.said) == 1

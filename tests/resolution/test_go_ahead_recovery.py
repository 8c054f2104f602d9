"""A process that dies while it carries out a suggestion: the next one does it once and says it once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from resolver.connector.registry import read_shelf
from tests.installation import RUNNING, House, Installation, new_person
from tests.resolution.bench import Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEPS = ["effect", "writeback"]


@pytest_asyncio.fixture(loop_scope="session")
async def bench() -> AsyncIterator[Bench]:
    """A ticket whose customer was asked, by a go-ahead, and said yes; the refund is suggested and accepted."""
    await RUNNING.vacate()
    installation = Installation(House(mode="suggest"))
    installation.start_sandboxes(read_shelf(()))
    bench = Bench(installation, new_person())
    installation.shop.has_order(bench.order, email=bench.email, paid="39.90 EUR")
    await bench.hears(f"I want my money back for order {bench.order}")
    await bench.lives()
    await bench.accepts()
    await bench.lives()
    await bench.hears("Yes")
    await bench.lives()
    assert (bench.paid, len(bench.replies)) == ([], 1)
    await bench.accepts()
    yield bench
    await bench.ends()
    installation.zendesk.stop()
    installation.shop.stop()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", [1, 2], ids=STEPS)
async def test_a_death_at_any_step_pays_once_and_tells_the_customer_once(
    bench: Bench, dies_at: int, after: bool
) -> None:
    first = await bench.lives(dies_at=dies_at, after=after)
    await bench.lives()

    assert first.steps == STEPS[:dies_at]
    assert bench.paid == ["39.90"]
    assert [text.split(".")[0] for text in bench.replies[1:]] == ["Done"]
    assert await bench.replays() == ["identical"]

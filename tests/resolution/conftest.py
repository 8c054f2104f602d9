"""One running installation by the rules of `house`, a desk and a shop for a customer nobody has met before."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from resolver.resolution.replaying import Replay
from resolver.store import runs
from resolver.store.database import Connection
from tests.installation import RUNNING, Desk, House, Installation, Shop, new_person


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def engine_is_freed() -> AsyncIterator[None]:
    yield
    await RUNNING.vacate()


@pytest.fixture
def house() -> House:
    return House()


@pytest_asyncio.fixture(loop_scope="session")
async def installation(engine_is_freed: None, house: House) -> AsyncIterator[Installation]:
    installation = await RUNNING.by(house)
    before = set(installation.read(runs.every_id))
    yield installation
    installation.zendesk.clear_faults()
    installation.shop.faults.clear()
    installation.billing.faults.clear()
    await installation.forgets_timers()
    await installation.settles()
    assert not_replayed(installation, before) == []


def not_replayed(installation: Installation, before: set[str]) -> list[str]:
    """The runs of this test that are not decided again to the same bytes."""

    def job(connection: Connection) -> list[str]:
        replay = Replay(connection, installation.resolver.resources.vault)
        found = (replay.of_run(run) for run in runs.every_id(connection) if run not in before)
        return [str(one) for one in found if one.ending not in ("identical", "erased")]

    return installation.read(job)


@pytest.fixture
def email() -> str:
    return new_person()


@pytest.fixture
def desk(installation: Installation, email: str) -> Desk:
    return Desk(installation, email)


@pytest.fixture
def shop(installation: Installation, email: str) -> Shop:
    return Shop(installation.shop, email)

"""One running installation by the rules of `house`, a desk and a shop for a customer nobody has met before."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.installation import RUNNING, Desk, House, Installation, Shop, new_person


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine_is_freed() -> AsyncIterator[None]:
    yield
    await RUNNING.vacate()


@pytest.fixture
def house() -> House:
    return House()


@pytest_asyncio.fixture(loop_scope="session")
async def installation(engine_is_freed: None, house: House) -> AsyncIterator[Installation]:
    installation = await RUNNING.by(house)
    yield installation
    installation.zendesk.clear_faults()
    installation.shop.faults.clear()
    await installation.forgets_timers()
    await installation.settles()


@pytest.fixture
def email() -> str:
    return new_person()


@pytest.fixture
def desk(installation: Installation, email: str) -> Desk:
    return Desk(installation, email)


@pytest.fixture
def shop(installation: Installation, email: str) -> Shop:
    return Shop(installation.shop, email)

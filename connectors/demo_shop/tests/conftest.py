"""A running demo shop and the connector that talks to it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.demo_shop import actions
from connectors.demo_shop.sandbox import ShopSandbox
from resolver.connector.action import Backend


@pytest.fixture(scope="session")
def running_shop() -> Iterator[ShopSandbox]:
    with ShopSandbox() as shop:
        yield shop


@pytest.fixture
def shop(running_shop: ShopSandbox) -> ShopSandbox:
    running_shop.reset()
    return running_shop


@pytest.fixture
async def backend(shop: ShopSandbox) -> AsyncIterator[Backend]:
    """The connector, connected as the sandbox says, but quick to lose patience."""
    connected = Backend.of(actions, actions.connect({**shop.connection(), "timeout_s": "0.3"}))
    yield connected
    await connected.aclose()

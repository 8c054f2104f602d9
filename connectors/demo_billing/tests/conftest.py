"""A running demo billing system and the connector that talks to it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.demo_billing import actions
from connectors.demo_billing.sandbox import BillingSandbox
from resolver.connector.action import Backend


@pytest.fixture(scope="session")
def running_billing() -> Iterator[BillingSandbox]:
    with BillingSandbox() as billing:
        yield billing


@pytest.fixture
def billing(running_billing: BillingSandbox) -> BillingSandbox:
    running_billing.reset()
    return running_billing


@pytest.fixture
async def backend(billing: BillingSandbox) -> AsyncIterator[Backend]:
    """The connector, connected as the sandbox says, but quick to lose patience."""
    connected = Backend.of(actions, actions.connect({**billing.connection(), "timeout_s": "0.3"}))
    yield connected
    await connected.aclose()

"""A connector without a read-back of its own: the condition that its manifest names says whether an action happened."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
import pytest_asyncio

from resolver.ticket import ConnectionName
from tests.installation import Desk, Installation, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOP = ConnectionName("demo_shop")
MOVE = "Please change the delivery address of order {} to Marktstraße 7, 50667 Köln, Germany"


@pytest_asyncio.fixture(loop_scope="session")
async def only_a_condition(installation: Installation) -> AsyncIterator[None]:
    """The shop's connector as if it read nothing back by itself; its manifest says `order.address is address`."""
    backends = cast(dict[ConnectionName, Any], installation.resolver.resources.connections.backends)
    whole = backends[SHOP]
    backends[SHOP] = replace(whole, read_backs={})
    yield
    backends[SHOP] = whole


@pytest.mark.usefixtures("only_a_condition")
async def test_what_happened_behind_a_lost_answer_is_seen_by_the_condition(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")
    ticket = await desk.receives(MOVE.format(order))
    before = shop.sandbox.requests["change_address"]
    shop.sandbox.fault("change_address", "timeout_after_executing")

    await ticket.answers("Yes")

    assert shop.sandbox.requests["change_address"] == before + 1
    assert (ticket.actions, ticket.disposition) == ([("shop.change_address", "done")], "resolved")
    assert ticket.effects[0].settled_how == "read_back"


@pytest.mark.usefixtures("only_a_condition")
async def test_what_surely_did_not_happen_is_done_once_more(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")
    ticket = await desk.receives(MOVE.format(order))
    before = shop.sandbox.requests["change_address"]
    shop.sandbox.fault("change_address", "timeout_before")

    await ticket.answers("Yes")

    assert shop.sandbox.requests["change_address"] == before + 2
    assert [one.kind for one in shop.movements(order)] == ["address_change"]
    assert ticket.disposition == "resolved"


@pytest.mark.usefixtures("only_a_condition")
async def test_where_the_manifest_has_only_words_nobody_can_tell(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Please cancel order {shop.has_order(status='paid')}")
    shop.sandbox.fault("cancel_order", "timeout_after_executing")

    await ticket.answers("Yes")

    assert ticket.actions == [("shop.cancel_order", "unknown")]
    assert "MAY HAVE HAPPENED" in ticket.notes[-1]

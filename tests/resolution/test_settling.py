"""What stayed unknown is closed by a person who has looked: it counts as what it was, and its record is free again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from resolver.cli.commands import app
from tests.installation import Desk, House, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")
Typed = Callable[..., dict[str, Any]]


@pytest.fixture
def house() -> House:
    return House(idempotency="none_stale")


@pytest.fixture
def effects(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """`resolver effects WORDS` on this installation; what it prints as JSON."""
    monkeypatch.chdir(tmp_path)

    def typed(*words: str) -> dict[str, Any]:
        whole = ["effects", *words, "--json", "--data", str(installation.folder / "data")]
        ended = CliRunner().invoke(app, whole, catch_exceptions=False)
        return json.loads(ended.stdout) if ended.exit_code == 0 else {"refused": ended.stderr}

    return typed


async def in_doubt(desk: Desk, shop: Shop, order: str, fault: str = "timeout_after_executing") -> Ticket:
    """A ticket whose refund nobody can tell of."""
    ticket = await desk.receives(f"I want my money back for order {order}")
    shop.sandbox.fault("refund", fault)
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "unknown")]
    return ticket


async def test_what_is_in_doubt_is_listed_with_its_ticket_and_amount(
    desk: Desk, shop: Shop, effects: Typed
) -> None:
    ticket = await in_doubt(desk, shop, shop.has_order(paid="39.90 EUR"))

    (found,) = [one for one in effects("list")["effects"] if one["ticket"] == ticket.case_id]

    assert (found["action"], found["pays"], found["state"]) == ("shop.refund", "39.90 EUR", "unknown")
    assert found["key"].startswith("rsv1-")


async def test_one_that_was_done_counts_as_paid_and_the_trail_names_who_said_so(
    desk: Desk, shop: Shop, effects: Typed
) -> None:
    ticket = await in_doubt(desk, shop, shop.has_order(paid="39.90 EUR"))
    (unknown,) = ticket.effects

    told = effects("settle", unknown.id, "done", "--external-id", "re_77", "--as", "kim@acme.example")

    (settled,) = ticket.effects
    assert told == {"effect": unknown.id, "state": "done", "by": "kim@acme.example"}
    assert (settled.state, settled.settled_how, settled.external_id) == ("done", "person", "re_77")
    last = ticket.trail[-1]
    assert (last["what"], last["result"], last["how"], last["by"]) == (
        "effect", "done", "person", "kim@acme.example",
    )  # fmt: skip
    assert shop.paid_back == [("refund", "39.90 EUR")]


async def test_one_that_was_not_done_leaves_its_order_free_for_a_refund(
    desk: Desk, shop: Shop, effects: Typed
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await in_doubt(desk, shop, order, "timeout_before")
    (unknown,) = ticket.effects

    effects("settle", unknown.id, "not-done")
    second = await desk.receives(f"I want my money back for order {order}")
    await second.answers("Yes")

    assert ticket.actions == [("shop.refund", "refused")]
    assert (second.disposition, shop.paid_back) == ("resolved", [("refund", "39.90 EUR")])


async def test_nothing_is_closed_twice_nor_what_is_known(desk: Desk, shop: Shop, effects: Typed) -> None:
    ticket = await in_doubt(desk, shop, shop.has_order(paid="39.90 EUR"))
    (unknown,) = ticket.effects
    paid = await desk.receives(f"I want my money back for order {shop.has_order(paid='20.00 EUR')}")
    await paid.answers("Yes")
    lines = len(ticket.trail)

    effects("settle", unknown.id, "done")
    again = effects("settle", unknown.id, "not-done")
    known = effects("settle", paid.effects[0].id, "not-done")
    none = effects("settle", "effect-0-99", "done")

    assert f"{unknown.id} is done, which a person said" in again["refused"]
    assert f"{paid.effects[0].id} is done" in known["refused"]
    assert "There is no effect 'effect-0-99'" in none["refused"]
    assert len(ticket.trail) == lines + 1
    assert paid.effects[0].state == "done"


async def test_what_may_still_settle_by_itself_is_not_closed_by_hand(
    desk: Desk, shop: Shop, effects: Typed
) -> None:
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "open")]

    refused = effects("settle", ticket.effects[0].id, "done")["refused"]

    assert "is open" in refused
    assert "it has not left yet" in refused

"""Playbooks that change while the server runs: new runs go by them, runs under way by their own, bad ones count not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from resolver import telemetry
from tests.installation import Desk, House, Installation, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

OFFER = "I can refund {amount} for"


@pytest.fixture
def house() -> House:
    """An installation of its own, because its folder changes."""
    return House(edits=(("refund_order.yaml", "title: Refund an order", "title: Refunding an order"),))


class Folder:
    """The installation's folder of playbooks as an author changes it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.path = installation.folder / "playbooks"
        self.before = {path: path.read_text("utf-8") for path in self.path.glob("*.yaml")}

    async def changes(self, name: str, old: str, new: str) -> bool:
        """An author changes a file, and the server takes it up, or says that it does not."""
        text = self.before[self.path / name]
        assert old in text
        return await self.becomes({self.path / name: text.replace(old, new)})

    async def becomes(self, files: dict[Path, str]) -> bool:
        for path, text in files.items():
            await asyncio.to_thread(path.write_text, text, "utf-8")
        return await self.installation.resolver.reloading.now()


@pytest_asyncio.fixture(loop_scope="session")
async def folder(installation: Installation) -> AsyncIterator[Folder]:
    folder = Folder(installation)
    yield folder
    assert await folder.becomes(folder.before)


async def ready(installation: Installation) -> dict[str, object]:
    """What `/readyz` says of the playbooks."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{installation.url}/readyz")
    assert answer.status_code == 200
    told: dict[str, object] = answer.json()["playbooks"]
    return told


async def test_a_changed_text_is_for_new_runs_and_a_run_under_way_keeps_its_own(
    desk: Desk, shop: Shop, folder: Folder
) -> None:
    early = await desk.receives(f"I want my money back for order {shop.has_order()}")

    taken = await folder.changes("refund_order.yaml", OFFER, f"Hear, hear: {OFFER}")
    await early.answers("perhaps")
    late = await desk.receives(f"I want my money back for order {shop.has_order()}")

    assert taken
    assert "Hear, hear" not in "".join(early.replies)
    assert late.replies[0].startswith("Hear, hear: ")
    assert early.runs[0].plan != late.runs[0].plan


async def test_a_limit_that_is_lowered_is_for_new_runs_only(desk: Desk, shop: Shop, folder: Folder) -> None:
    early = await desk.receives(f"I want my money back for order {shop.has_order()}")

    await folder.changes(
        "policy.yaml", "refund_without_approval: {EUR: 50", "refund_without_approval: {EUR: 5"
    )
    late = await desk.receives(f"I want my money back for order {shop.has_order()}")
    await early.answers("Yes")
    await late.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert (early.runs[0].disposition, late.runs[0].disposition) == ("resolved", None)


async def test_a_file_with_an_error_changes_nothing_and_is_told_with_its_place(
    desk: Desk, shop: Shop, installation: Installation, folder: Folder
) -> None:
    library = installation.resolver.in_force.library

    taken = await folder.changes("refund_order.yaml", "then: ", "them: ")
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    told = await ready(installation)

    assert not taken
    assert installation.resolver.in_force.library is library
    assert ticket.waits_for == "customer"
    assert any("refund_order.yaml" in one and "[unknown-word]" in one for one in told["problems"])  # type: ignore[attr-defined]  # JSON
    assert telemetry.REGISTRY.get_sample_value("resolver_playbooks_stale") == 1


async def test_once_the_error_is_mended_the_files_are_taken_up(
    installation: Installation, folder: Folder
) -> None:
    await folder.changes("refund_order.yaml", "then: ", "them: ")

    taken = await folder.changes("refund_order.yaml", OFFER, f"Hear, hear: {OFFER}")

    assert taken
    assert (await ready(installation))["problems"] == []
    assert telemetry.REGISTRY.get_sample_value("resolver_playbooks_stale") == 0


async def test_a_playbook_that_is_switched_off_sends_its_requests_to_the_default_queue(
    desk: Desk, shop: Shop, folder: Folder
) -> None:
    await folder.changes("refund_order.yaml", "mode: auto", "mode: off")

    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

    assert (ticket.runs, ticket.queue) == ([], "Support")
    assert "refund_order is switched off" in ticket.notes[0]

"""The starter playbooks as they are, and tickets of a small archive to play through them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from resolver.backtest.playing import Version
from resolver.backtest.simulation import simulate, version
from resolver.backtest.tally import Tally
from resolver.cli.folder import interfaces_of, read_folder
from resolver.config import Config
from resolver.connector.manifest import Interfaces
from resolver.playbook.compile import compile_playbook
from resolver.playbook.library import Library
from resolver.source.load import load
from resolver.starters import playbooks_folder

ASKS = {
    "writes": "I want my money back for order 10231",
    "understood": {"intent": "refund", "order_number": "10231"},
}
AGREES = {"writes": "Yes please", "understood": "yes"}


def order(**more: Any) -> dict[str, Any]:
    return {
        "id": "o1",
        "number": 10231,
        "email": "ann@example.com",
        "status": "delivered",
        "total": "39.90 EUR",
        "refunded": "0 EUR",
        "country": "DE",
        "address": "Lindenweg 3, 10115 Berlin, DE",
        "delivered_at": "2026-11-11 09:00",
        "lines": [
            {"id": "l1", "name": "Blue mug", "quantity": 2, "refundable": "24.00 EUR", "final_sale": "no"},
            {"id": "l2", "name": "Tea towel", "quantity": 1, "refundable": "15.90 EUR", "final_sale": False},
        ],
        **more,
    }


def a_ticket(number: int = 1, *messages: Any, shop: Any = None, **more: Any) -> dict[str, Any]:
    """A ticket as it stands in a file: Ann asks for her money back, and says yes."""
    return {
        "id": number,
        "opened_at": "2026-11-23 10:00",
        "customer": {"email": "ann@example.com"},
        "messages": list(messages or (ASKS, AGREES)),
        "records": {"shop.order": [order()] if shop is None else shop},
        **more,
    }


@dataclass(frozen=True)
class Bench:
    """Plays tickets through the starter's refund playbook, or through a text made from it."""

    library: Library
    interfaces: Interfaces
    folder: Path

    def version(self, *changes: tuple[str, str], playbook: str = "refund_order") -> Version:
        plan = self.library.by_playbook[playbook]
        if changes:
            text = (playbooks_folder() / f"{playbook}.yaml").read_text("utf-8")
            for before, after in changes:
                assert before in text, before
                text = text.replace(before, after)
            made, problems = compile_playbook(
                load(text, f"{playbook}.yaml"), self.interfaces, self.library.policy
            )
            assert made is not None, problems
            plan = made
        return version(playbook, plan, self.library.by_playbook, self.library.policy)

    def file(self, *tickets: Any) -> Path:
        path = self.folder / "tickets.jsonl"
        lines = [one if isinstance(one, str) else json.dumps(one) for one in tickets]
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return path

    def plays(self, *tickets: Any, against: Version | None = None, **more: Any) -> Tally:
        versions = [self.version(), *([against] if against else [])]
        return simulate(self.file(*tickets), versions, self.interfaces, **more)


@pytest.fixture(scope="session")
def starters():
    interfaces = interfaces_of(Config())
    return read_folder(playbooks_folder(), interfaces).result.library, interfaces


@pytest.fixture
def bench(starters, tmp_path) -> Bench:
    return Bench(*starters, tmp_path)

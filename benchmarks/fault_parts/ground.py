"""What all seeds of a process share: playbooks read and compiled once, and a database with nothing but them in it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from resolver.app import Blueprint, read_blueprint
from resolver.config import Config, ConnectionConfig
from resolver.playbook.compile import plan_from_document
from resolver.playbook.policy_reader import policy_from_document
from resolver.resolution.plans import Plans
from resolver.store.database import Database
from resolver.store.migrate import migrate
from resolver.store.vault import open_vault

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TOKEN = "seeded"
_NOBODY = {"url": "http://127.0.0.1:9", "token": TOKEN}


@dataclass(frozen=True, slots=True)
class Ground:
    """`keyed` believes that the shop honours keys, `keyless` that it does not."""

    keyed: Blueprint
    keyless: Blueprint
    template: Path
    key_file: Path


def prepare(folder: Path) -> Ground:
    """Read the starters and make the database that each seed begins with a copy of."""
    config = _configured(folder, "native")
    keyed, keyless = read_blueprint(config), read_blueprint(_configured(folder, "none"))
    migrate(config.database_url)
    database = Database(config.database_url)
    database.write_now(lambda c: open_vault(c, config.key_file))
    plans = Plans(database, lambda: keyed.library, plan_from_document, policy_from_document)
    asyncio.run(plans.keep_all(keyed.library, now=BEGAN))
    database.close()
    return Ground(keyed, keyless, folder / "resolver.db", config.key_file)


def _configured(folder: Path, idempotency: str) -> Config:
    """The starters on a shop where nobody listens: its wire is replaced."""
    return Config(
        data=folder,
        connections={
            "demo_shop": ConnectionConfig(
                "demo_shop", "auto", {**_NOBODY, "timeout_s": "2", "idempotency": idempotency}
            ),
            "billing": ConnectionConfig("demo_billing", "auto", _NOBODY),
            "postal": ConnectionConfig("postal", "auto", {}),
        },
        interfaces={"billing": "billing", "shop": "demo_shop", "post": "postal"},
    )

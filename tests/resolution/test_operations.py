"""What operators do to a running installation: stop it, copy its database, restore the copy."""

import shutil
import time
from pathlib import Path

import pytest

from resolver.audit.verify import first_break
from resolver.decision.facts import Facts
from resolver.errors import Malformed
from resolver.store import cases, runs, trail
from resolver.store.database import Database
from resolver.store.sqlite import sqlite_module
from resolver.store.vault import Vault, master_key
from tests.installation import RUNNING, Desk, House, Installation, Shop, Ticket, new_person

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_clean_stop_finishes_what_is_under_way() -> None:
    await RUNNING.vacate()
    installation = Installation(House())
    await installation.__aenter__()
    desk = Desk(installation, new_person())
    shop = Shop(installation.shop, desk.email)
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(paid='39.90 EUR')}")
    installation.shop.fault("refund", "slow", ms=400)
    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.refund", "sent") in ticket.actions)
    began = time.monotonic()

    await installation.__aexit__(None, None, None)

    assert time.monotonic() - began < 20
    assert shop.paid_back == [("refund", "39.90 EUR")]
    database = Database(installation.config.database_url)
    run = database.read_now(lambda c: runs.of_case(c, ticket.case_id))[-1]
    database.close()
    shutil.rmtree(installation.folder)
    assert (run.stage, run.disposition) == ("ended", "resolved")


async def waiting_ticket(desk: Desk, shop: Shop) -> Ticket:
    """A ticket that waits for its customer."""
    return await desk.receives(f"I want my money back for order {shop.has_order()}")


def copied(installation: Installation, folder: Path) -> Path:
    """The database as docs/operations.md says to copy it while the server runs."""
    source = sqlite_module().connect(f"file:{installation.data / 'resolver.db'}?mode=ro", uri=True)
    copy = sqlite_module().connect(folder / "resolver.db")
    source.backup(copy)
    copy.close()
    source.close()
    return folder / "resolver.db"


async def test_a_copy_taken_while_it_runs_tells_everything_with_its_key(
    desk: Desk, shop: Shop, installation: Installation, tmp_path: Path
) -> None:
    ticket = await waiting_ticket(desk, shop)

    database = Database(f"sqlite:///{copied(installation, tmp_path)}")
    shutil.copy2(installation.data / "resolver.key", tmp_path / "resolver.key")
    vault = Vault(master_key(tmp_path / "resolver.key"))
    case = database.read_now(lambda c: cases.get(c, ticket.case_id))
    assert case is not None
    key = database.read_now(lambda c: vault.known(c, case.requester))
    run = database.read_now(lambda c: runs.of_case(c, ticket.case_id))[-1]
    library = installation.resolver.resources.plans.library()
    facts = Facts.from_json(key.open(run.facts_sealed), library.plans[run.plan], library.policy)
    broken = database.read_now(lambda c: first_break(trail.after(c, 0)))
    database.close()

    assert facts.waiting is not None
    assert (facts.customer["email"], facts.waiting.for_) == (desk.email, "customer")
    assert broken is None


async def test_a_copy_without_its_key_tells_nothing(
    desk: Desk, shop: Shop, installation: Installation, tmp_path: Path
) -> None:
    ticket = await waiting_ticket(desk, shop)
    requester = ticket.case.requester

    database = Database(f"sqlite:///{copied(installation, tmp_path)}")
    other = Vault(master_key(tmp_path / "new.key"))

    with pytest.raises(Malformed, match="key file does not belong to this database"):
        database.read_now(lambda c: other.known(c, requester))
    database.close()
    assert desk.email.encode() not in (tmp_path / "resolver.db").read_bytes()

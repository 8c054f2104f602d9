"""What is stored about a requester opens with their key only, and never again once the key was forgotten."""

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from resolver.errors import Malformed
from resolver.store.database import Database
from resolver.store.tables import requester
from resolver.store.vault import Erased, Vault, master_key, open_vault

MASTER = bytes(range(32))


async def test_what_was_sealed_opens_again_also_after_a_restart(database: Database) -> None:
    vault = Vault(MASTER)
    key = await database.write(lambda c: vault.key(c, "zendesk:7"))
    sealed = key.seal("Lindenweg 3, Köln")

    again = database.read_now(lambda c: Vault(MASTER).known(c, "zendesk:7"))

    assert b"Linden" not in sealed
    assert again.open(sealed) == "Lindenweg 3, Köln"
    assert again.digest("order", "o-1") == key.digest("order", "o-1")


async def test_the_same_text_is_never_sealed_alike_twice(database: Database) -> None:
    key = await database.write(lambda c: Vault(MASTER).key(c, "zendesk:7"))

    assert key.seal("yes") != key.seal("yes")


async def test_one_requesters_key_opens_nothing_of_another(database: Database) -> None:
    vault = Vault(MASTER)
    ann = await database.write(lambda c: vault.key(c, "zendesk:7"))
    bob = await database.write(lambda c: vault.key(c, "zendesk:8"))

    with pytest.raises(Malformed, match="does not open"):
        bob.open(ann.seal("a secret"))
    assert ann.digest("order", "o-1") != bob.digest("order", "o-1")


async def test_a_changed_byte_is_noticed(database: Database) -> None:
    key = await database.write(lambda c: Vault(MASTER).key(c, "zendesk:7"))
    sealed = bytearray(key.seal("100 EUR"))

    sealed[-1] ^= 1

    with pytest.raises(Malformed, match="does not open"):
        key.open(bytes(sealed))


async def test_a_stored_key_cannot_be_given_to_somebody_else(database: Database) -> None:
    vault = Vault(MASTER)
    await database.write(lambda c: vault.key(c, "zendesk:7"))

    def copy(connection: sa.Connection) -> None:
        sealed = connection.execute(sa.select(requester.c.key_sealed)).scalar_one()
        connection.execute(sa.insert(requester).values(id="zendesk:8", key_sealed=sealed))

    await database.write(copy)

    with pytest.raises(Malformed, match="key file does not belong"):
        database.read_now(lambda c: Vault(MASTER).known(c, "zendesk:8"))


async def test_nothing_opens_after_the_requester_was_erased(database: Database) -> None:
    await database.write(lambda c: Vault(MASTER).key(c, "zendesk:7"))

    await database.write(lambda c: c.execute(sa.update(requester).values(key_sealed=None)))

    with pytest.raises(Erased):
        database.read_now(lambda c: Vault(MASTER).known(c, "zendesk:7"))
    with pytest.raises(Erased):
        await database.write(lambda c: Vault(MASTER).key(c, "zendesk:7"))


async def test_a_requester_nobody_stored_anything_about_has_no_key(database: Database) -> None:
    with pytest.raises(Erased, match="no key"):
        database.read_now(lambda c: Vault(MASTER).known(c, "zendesk:7"))


async def test_another_installations_master_key_opens_nothing(database: Database) -> None:
    await database.write(lambda c: Vault(MASTER).key(c, "zendesk:7"))

    with pytest.raises(Malformed, match="key file does not belong"):
        database.read_now(lambda c: Vault(bytes(32)).known(c, "zendesk:7"))


async def test_a_key_made_in_a_transaction_that_failed_is_forgotten(database: Database) -> None:
    vault = Vault(MASTER)

    def fails(connection: sa.Connection) -> None:
        vault.key(connection, "zendesk:7")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)

    with pytest.raises(Erased, match="no key"):
        database.read_now(lambda c: vault.known(c, "zendesk:7"))


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "resolver.key"

    first = master_key(path)

    assert (len(first), master_key(path)) == (32, first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "resolver.key"
    master_key(path)

    path.chmod(mode)

    with pytest.raises(Malformed, match="chmod 600"):
        master_key(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"!" * 44, b"A" * 43, b"\xff\xfe"])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "resolver.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(Malformed, match="holds no key"):
        master_key(path)


def test_a_key_is_made_for_a_database_that_has_sealed_nothing(database, tmp_path):
    database.read_now(lambda c: open_vault(c, tmp_path / "resolver.key"))

    assert (tmp_path / "resolver.key").stat().st_mode & 0o077 == 0


def test_a_database_whose_key_file_is_missing_is_not_opened_with_a_new_one(database, tmp_path):
    vault = database.read_now(lambda c: open_vault(c, tmp_path / "resolver.key"))
    database.write_now(lambda c: vault.key(c, "zendesk:1"))
    (tmp_path / "resolver.key").unlink()

    with pytest.raises(Malformed, match="There is no key file"):
        database.read_now(lambda c: open_vault(c, tmp_path / "resolver.key"))
    assert not (tmp_path / "resolver.key").exists()


def test_a_key_file_of_another_database_is_refused_at_once(database, tmp_path):
    vault = database.read_now(lambda c: open_vault(c, tmp_path / "resolver.key"))
    database.write_now(lambda c: vault.key(c, "zendesk:1"))

    master_key(tmp_path / "other.key")

    with pytest.raises(Malformed, match="does not belong to this database"):
        database.read_now(lambda c: open_vault(c, tmp_path / "other.key"))

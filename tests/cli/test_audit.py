"""`resolver audit`: what it says of a trail that holds and of one that was changed, on the database and on a file."""

import stat

import pytest

from resolver.audit.checkpoint import lines_of, signing_key
from resolver.audit.signing import sign
from resolver.store import cases, trail
from resolver.store.cases import Case
from resolver.store.database import Database
from resolver.store.vault import Erased, Vault, master_key
from tests.audit.trails import KEY, NOW
from tests.databases import let_tamper, ready_database


@pytest.fixture
def data(tmp_path):
    """The data folder of an installation with 25 lines, of which 20 are signed."""
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database(ready_database("sqlite", folder))
    key = signing_key(master_key(folder / "resolver.key"))

    def written(count):
        for n in range(count):
            database.write_now(lambda c, n=n: trail.append(c, case="z:1", run=None, turn=n, record={"n": n}))

    for count in (10, 10):
        written(count)
        database.read_now(lambda c: sign(c, folder / "audit-checkpoints.jsonl", key, now=NOW))
    written(5)
    database.close()
    return folder


@pytest.fixture
def typed(resolver, data):
    return lambda *words: resolver("audit", *words, "--data", data)


def changed(data, statement):
    database = Database(f"sqlite:///{data / 'resolver.db'}")
    let_tamper(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def test_a_trail_that_holds_is_counted_and_its_key_is_named(typed):
    plain, told = typed("verify"), typed("verify", "--json").data

    assert plain.code == 0
    assert plain.out.startswith("25 lines, 2 checkpoints, all hold.\n")
    assert told == {
        "holds": True,
        "lines": 25,
        "checkpoints": 2,
        "public_key": plain.out.split()[-1],
        "wrong": None,
    }


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE audit SET line = replace(line, '\"n\":2', '\"n\":9') WHERE seq = 13",
            "Line 13 was changed after",
        ),
        ("DELETE FROM audit WHERE seq = 7", "From line 7 on lines are missing."),
        (
            "DELETE FROM audit WHERE seq > 14",
            "The end was cut off: lines 15 to 20 are missing, behind checkpoint 1.",
        ),
    ],
)
def test_what_was_changed_is_named_with_its_line_and_the_exit_code_is_1(typed, data, statement, says):
    changed(data, statement)

    plain, told = typed("verify"), typed("verify", "--json")

    assert plain.code == told.code == 1
    assert plain.out.startswith(says)
    assert told.data["wrong"]["problem"] == plain.out.splitlines()[0]


def test_an_exported_file_is_signed_to_its_end_and_verified_without_the_installation(
    typed, resolver, tmp_path
):
    exported, again = typed("export", tmp_path / "trail.jsonl"), typed("export", tmp_path / "trail.jsonl")
    key = typed("verify", "--json").data["public_key"]

    alone = resolver("audit", "verify", tmp_path / "trail.jsonl", "--key", key)
    other = resolver(
        "audit", "verify", tmp_path / "trail.jsonl", "--key", KEY.public_key().public_bytes_raw().hex()
    )

    assert exported.out.startswith(f"{tmp_path / 'trail.jsonl'}: 25 lines, 3 checkpoints.")
    assert (again.code, "File exists" in again.err) == (2, True)
    assert (alone.code, alone.out.splitlines()[0]) == (0, "25 lines, 3 checkpoints, all hold.")
    assert (other.code, other.out.splitlines()[0]) == (
        1,
        "Checkpoint 1 was changed or taken away, or another key signed it.",
    )


def test_a_trail_that_was_changed_can_still_be_exported_as_it_is(typed, resolver, data, tmp_path):
    changed(data, "DELETE FROM audit WHERE seq = 22")

    exported = typed("export", tmp_path / "trail.jsonl")
    verified = resolver("audit", "verify", tmp_path / "trail.jsonl")

    assert exported.code == 0
    assert "Line 23 of the audit trail does not follow" in exported.err
    assert verified.code == 1
    assert verified.out.startswith("From line 22 on lines are missing.")


def test_without_checkpoints_or_with_a_key_that_is_none_nothing_is_said_to_hold(typed, data):
    no_key = typed("verify", "--key", "abc")
    (data / "audit-checkpoints.jsonl").unlink()
    unsigned = typed("verify")

    assert (no_key.code, "is no public key" in no_key.err) == (2, True)
    assert unsigned.code == 1
    assert "nothing is signed" in unsigned.out


@pytest.mark.xdist_group("served")
def test_a_running_server_signs_its_trail_and_it_holds(served, resolver):
    served.receives("Hello, how are you?")
    path = served.data / "audit-checkpoints.jsonl"

    served.eventually(lambda: lines_of(path))
    told = resolver("audit", "verify", "--data", served.data, "--json").data

    assert told["holds"]
    assert told["checkpoints"] >= 1
    assert stat.S_IMODE(path.stat().st_mode) & 0o022 == 0


def test_an_erased_requester_cannot_be_read_again_and_the_trail_holds(typed, resolver, data):
    database = Database(f"sqlite:///{data / 'resolver.db'}")
    vault = Vault(master_key(data / "resolver.key"))
    database.write_now(lambda c: vault.key(c, "zendesk:7"))
    case = Case("zendesk:1", "zendesk", "1", "zendesk:7")
    database.write_now(lambda c: cases.put(c, case, now=NOW))

    unsure = resolver("erase", "zendesk:7", "--data", data)
    database.read_now(lambda c: vault.known(c, "zendesk:7"))
    erased = resolver("erase", "zendesk:1", "--yes", "--data", data)
    again = resolver("erase", "zendesk:7", "--yes", "--data", data)
    nobody = resolver("erase", "zendesk:8", "--yes", "--data", data)

    assert (unsure.code, "say --yes" in unsure.err) == (2, True)
    assert erased.out.startswith(
        "zendesk:7 is erased: what was stored about them, 1 ticket with 0 runs, can no"
    )
    with pytest.raises(Erased):
        database.read_now(lambda c: Vault(master_key(data / "resolver.key")).known(c, "zendesk:7"))
    database.close()
    assert (again.code, "was erased before" in again.err) == (2, True)
    assert (nobody.code, "Nothing is stored about" in nobody.err) == (2, True)
    assert typed("verify").code == 0

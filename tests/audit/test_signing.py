"""Signed checkpoints: when they are made, what they are never signed over, and what a crash or a second writer does."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from resolver.audit.checkpoint import Checkpoint, first_wrong, lines_of, signing_key
from resolver.audit.signing import Diverged, Often, Signing, sign
from resolver.audit.verify import verify
from resolver.errors import Malformed
from resolver.store import trail
from resolver.store.database import Database
from tests.audit.trails import KEY, NOW
from tests.databases import let_tamper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "audit-checkpoints.jsonl"


async def written(database: Database, count: int) -> None:
    for n in range(count):
        await database.write(lambda c, n=n: trail.append(c, case="z:1", run=None, turn=n, record={"n": n}))


def signed(database: Database, path: Path) -> Checkpoint | None:
    return database.read_now(lambda c: sign(c, path, KEY, now=NOW))


def held(path: Path) -> list[tuple[int, int]]:
    found, wrong = first_wrong(lines_of(path), KEY.public_key())
    assert wrong is None
    return [(one.n, one.count) for one in found]


async def test_a_checkpoint_vouches_for_all_lines_and_is_not_repeated(database: Database, path: Path) -> None:
    assert signed(database, path) is None
    await written(database, 3)

    first = signed(database, path)
    again = signed(database, path)
    await written(database, 2)
    signed(database, path)

    assert first is not None
    assert first == again
    assert held(path) == [(1, 3), (2, 5)]
    checkpoints, _ = first_wrong(lines_of(path), KEY.public_key())
    assert database.read_now(lambda c: verify(trail.after(c, 0), checkpoints)).finding is None


async def test_nothing_is_signed_over_a_trail_that_was_changed_or_restored(
    database: Database, path: Path
) -> None:
    await written(database, 6)
    signed(database, path)
    await written(database, 3)
    let_tamper(database)

    await database.write(lambda c: c.execute(sa.text("UPDATE audit SET line = line || ' ' WHERE seq = 8")))
    with pytest.raises(Diverged, match=r"Line 8 .* does not follow"):
        signed(database, path)
    await database.write(lambda c: c.execute(sa.text("DELETE FROM audit WHERE seq > 5")))
    with pytest.raises(Diverged, match="has no line 6 as checkpoint 1 signed it"):
        signed(database, path)

    assert held(path) == [(1, 6)]


async def test_a_file_of_another_installation_or_with_a_changed_end_is_not_gone_on_with(
    database: Database, path: Path
) -> None:
    await written(database, 1)
    database.read_now(lambda c: sign(c, path, signing_key(b"o" * 32), now=NOW))

    with pytest.raises(Diverged, match="another installation's key"):
        signed(database, path)
    path.write_bytes(b"{}\n")  # noqa: ASYNC240  # a test may wait
    with pytest.raises(Malformed, match="is no checkpoint"):
        signed(database, path)


async def test_a_checkpoint_that_a_crash_left_half_written_is_written_again(
    database: Database, path: Path
) -> None:
    await written(database, 1)
    signed(database, path)
    with path.open("ab") as file:
        file.write(lines_of(path)[0][:200])
    await written(database, 1)

    assert held(path) == [(1, 1)]
    signed(database, path)

    assert held(path) == [(1, 1), (2, 2)]


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


async def test_one_is_due_after_so_many_lines_or_minutes_and_when_the_server_ends(
    database: Database, path: Path
) -> None:
    clock = Hands()
    often = Often(lines=10, time=timedelta(minutes=5))
    signing = Signing(database, path, KEY, often=often, clock=clock, look=timedelta(hours=1))
    await written(database, 1)
    await signing.look()

    await written(database, 9)
    await signing.look()
    assert held(path) == [(1, 1)]
    await written(database, 1)
    await signing.look()
    assert held(path) == [(1, 1), (2, 11)]
    clock.now += timedelta(minutes=6)
    await signing.look()
    await written(database, 1)
    await signing.look()
    assert held(path) == [(1, 1), (2, 11), (3, 12)]

    signing.start()
    await written(database, 1)
    await signing.close()
    assert held(path)[-1] == (4, 13)


async def test_what_keeps_it_from_signing_is_logged_once_and_the_server_goes_on(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await written(database, 1)
    path.mkdir(parents=True)  # noqa: ASYNC240
    often = Often(lines=10, time=timedelta(minutes=5))
    signing = Signing(database, path, KEY, often=often, clock=Hands(), look=timedelta(0))

    with caplog.at_level(logging.ERROR):
        signing.start()
        await database.read(lambda _: None)
        await signing.close()

    said = [one.getMessage() for one in caplog.records if one.name == "resolver.audit"]
    assert len(said) == 1
    assert said[0].startswith("no checkpoint of the audit trail was signed: ")

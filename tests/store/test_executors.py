"""Whoever stopped beating is dead; nobody is forgotten who beats again."""

from datetime import timedelta

from resolver.store import executors
from resolver.store.database import Database
from tests.store.conftest import NOW

EXPIRY = timedelta(seconds=30)
LATE = NOW + timedelta(seconds=31)


async def test_looking_for_the_dead_forgets_nobody(database: Database) -> None:
    await database.write(lambda c: executors.beat(c, "a", now=NOW))

    found = [
        await database.read(lambda c: executors.dead(c, but="b", now=LATE, expiry=EXPIRY)) for _ in range(2)
    ]

    assert found == [["a"], ["a"]]


async def test_nobody_is_dead_to_themselves(database: Database) -> None:
    await database.write(lambda c: executors.beat(c, "a", now=NOW))

    assert await database.read(lambda c: executors.dead(c, but="a", now=LATE, expiry=EXPIRY)) == []


async def test_one_that_beats_again_meanwhile_is_not_forgotten(database: Database) -> None:
    for name in ("a", "b", "c"):
        await database.write(lambda c, n=name: executors.beat(c, n, now=NOW))
    await database.write(lambda c: executors.beat(c, "a", now=LATE))

    await database.write(lambda c: executors.remove(c, ["a", "b"], now=LATE, expiry=EXPIRY))

    later = LATE + timedelta(hours=1)
    assert await database.read(lambda c: executors.dead(c, but="", now=later, expiry=EXPIRY)) == ["a", "c"]

"""Group commit: many callers share a transaction, and each gets an answer of its own."""

import asyncio
import threading

import pytest
import sqlalchemy as sa

from resolver.store import switches
from resolver.store.database import Connection, Database
from resolver.store.writer import StoreUnavailable
from tests.store.conftest import NOW


def throws(name: str) -> object:
    """A job that stores one row."""
    return lambda connection: switches.throw(connection, name, by="test", now=NOW)


async def thrown(database: Database) -> set[str]:
    return set(await database.read(switches.thrown))


async def test_what_was_written_is_read_by_everybody_after_the_answer(database: Database) -> None:
    await database.write(lambda c: switches.throw(c, "all", by="test", now=NOW))

    assert await thrown(database) == {"all"}


async def test_a_job_that_fails_takes_only_itself_down(database: Database) -> None:
    def fails(connection: Connection) -> None:
        switches.throw(connection, "poisoned", by="test", now=NOW)
        connection.execute(sa.text("SELECT no_such_column FROM switch"))

    gate = threading.Event()
    first = asyncio.create_task(database.write(lambda c: gate.wait(10)))
    await asyncio.sleep(0)  # the batch that holds the rest together
    jobs = [database.write(lambda c, n=n: switches.throw(c, f"playbook:{n}", by="test", now=NOW)) for n in range(20)]
    results = asyncio.gather(*jobs[:10], database.write(fails), *jobs[10:], return_exceptions=True)
    await asyncio.sleep(0)
    gate.set()
    answers = await results
    await first

    assert [type(answer) for answer in answers].count(StoreUnavailable) == 1
    assert isinstance(answers[10], StoreUnavailable)
    assert await thrown(database) == {f"playbook:{n}" for n in range(20)}


async def test_a_bug_in_a_job_is_raised_where_it_was_asked_for(database: Database) -> None:
    def breaks(connection: Connection) -> None:
        switches.throw(connection, "poisoned", by="test", now=NOW)
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        await database.write(breaks)

    assert await thrown(database) == set()


async def test_a_job_that_nobody_waits_for_any_more_is_not_begun(database: Database) -> None:
    gate = threading.Event()
    running = [asyncio.create_task(database.write(lambda c: gate.wait(10))) for _ in range(3)]
    await asyncio.sleep(0.05)
    given_up = asyncio.create_task(database.write(lambda c: switches.throw(c, "late", by="test", now=NOW)))
    await asyncio.sleep(0)

    given_up.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*running)

    assert await thrown(database) == set()


async def test_a_caller_who_gives_up_does_not_harm_the_next(database: Database) -> None:
    gate = threading.Event()
    given_up = asyncio.create_task(database.write(lambda c: gate.wait(10)))
    await asyncio.sleep(0.05)

    given_up.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    for n in range(5):
        await database.write(lambda c, n=n: switches.throw(c, f"playbook:{n}", by="test", now=NOW))

    assert len(await thrown(database)) == 5


async def test_what_is_queued_is_committed_before_the_store_closes(database: Database) -> None:
    jobs = [
        asyncio.create_task(database.write(lambda c, n=n: switches.throw(c, f"playbook:{n}", by="test", now=NOW)))
        for n in range(50)
    ]
    await asyncio.sleep(0)

    await asyncio.to_thread(database.close)

    assert [await job for job in jobs] == [None] * 50


async def test_a_closed_store_says_so(database: Database) -> None:
    database.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await database.write(lambda c: None)

"""Group commit: many callers share a transaction, and each gets an answer of its own."""

import asyncio
import threading

import pytest
import sqlalchemy as sa

from resolver.store import switches
from resolver.store.database import Connection, Database
from resolver.store.writer import StoreUnavailable
from tests.store.conftest import NOW


class Gate:
    """A job that has begun and goes on when it is let go: until then the writer is busy with it."""

    def __init__(self) -> None:
        self._begun, self._open = threading.Event(), threading.Event()

    def __call__(self, connection: Connection) -> None:
        self._begun.set()
        self._open.wait(10)

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, 10)

    def let_go(self) -> None:
        self._open.set()


async def thrown(database: Database) -> set[str]:
    return set(await database.read(switches.thrown))


async def test_what_was_written_is_read_by_everybody_after_the_answer(database: Database) -> None:
    await database.write(lambda c: switches.throw(c, "all", by="test", now=NOW))

    assert await thrown(database) == {"all"}


async def test_a_job_that_fails_takes_only_itself_down(database: Database) -> None:
    def fails(connection: Connection) -> None:
        switches.throw(connection, "poisoned", by="test", now=NOW)
        connection.execute(sa.text("SELECT no_such_column FROM switch"))

    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await gate.begun()  # what is queued meanwhile is one batch
    jobs = [
        database.write(lambda c, n=n: switches.throw(c, f"playbook:{n}", by="test", now=NOW))
        for n in range(20)
    ]
    results = asyncio.gather(*jobs[:10], database.write(fails), *jobs[10:], return_exceptions=True)
    await asyncio.sleep(0)
    gate.let_go()
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
    gates = [Gate() for _ in range(1 if database.is_sqlite else 3)]  # as many as there are writers
    running = []
    for gate in gates:
        running.append(asyncio.create_task(database.write(gate)))
        await gate.begun()
    given_up = asyncio.create_task(database.write(lambda c: switches.throw(c, "late", by="test", now=NOW)))
    await asyncio.sleep(0)

    given_up.cancel()
    await asyncio.sleep(0)
    for gate in gates:
        gate.let_go()
    await asyncio.gather(*running)
    await asyncio.to_thread(database.close)  # everything that was queued has been looked at

    again = Database(database.url)
    assert await thrown(again) == set()
    again.close()


async def test_a_caller_who_gives_up_does_not_harm_the_next(database: Database) -> None:
    gate = Gate()
    given_up = asyncio.create_task(database.write(gate))
    await gate.begun()

    given_up.cancel()
    gate.let_go()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    for n in range(5):
        await database.write(lambda c, n=n: switches.throw(c, f"playbook:{n}", by="test", now=NOW))

    assert len(await thrown(database)) == 5


async def test_what_is_queued_is_committed_before_the_store_closes(database: Database) -> None:
    jobs = [
        asyncio.create_task(
            database.write(lambda c, n=n: switches.throw(c, f"playbook:{n}", by="test", now=NOW))
        )
        for n in range(50)
    ]
    await asyncio.sleep(0)

    await asyncio.to_thread(database.close)

    assert [await job for job in jobs] == [None] * 50


async def test_a_closed_store_says_so(database: Database) -> None:
    database.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await database.write(lambda c: None)


@pytest.mark.asyncio
async def test_a_database_that_cannot_be_read_says_so_in_our_words(database):
    with pytest.raises(StoreUnavailable, match="could not be read"):
        await database.read(lambda c: c.exec_driver_sql("SELECT nothing FROM nowhere"))


def test_a_new_database_file_is_readable_by_its_owner_only(tmp_path):
    Database(f"sqlite:///{tmp_path / 'resolver.db'}").close()

    assert (tmp_path / "resolver.db").stat().st_mode & 0o077 == 0

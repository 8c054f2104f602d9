"""The audit trail: a chain in which no line can be changed, dropped, swapped or slipped in unnoticed."""

import asyncio

import pytest
import sqlalchemy as sa

from resolver.audit.verify import first_break
from resolver.store import trail
from resolver.store.database import Database
from resolver.store.tables import audit
from tests.databases import let_tamper


async def written(database: Database, count: int = 5) -> None:
    for n in range(count):
        await database.write(
            lambda c, n=n: trail.append(c, case="zendesk:1", run=None, turn=n, record={"n": n})
        )


def first_break_of(database: Database) -> int | None:
    return database.read_now(lambda c: first_break(trail.after(c, 0)))


async def test_an_untouched_chain_holds(database: Database) -> None:
    await written(database)

    assert first_break_of(database) is None
    assert len(database.read_now(lambda c: trail.of_case(c, "zendesk:1"))) == 5


async def test_lines_written_at_once_follow_one_another(database: Database) -> None:
    await asyncio.gather(
        *(
            database.write(
                lambda c, n=n: trail.append(c, case=f"zendesk:{n}", run=None, turn=n, record={"n": n})
            )
            for n in range(200)
        )
    )

    assert first_break_of(database) is None


CHANGES = {
    "a changed word": sa.update(audit)
    .where(audit.c.seq == 3)
    .values(line=sa.func.replace(audit.c.line, '"n":2', '"n":9')),
    "a changed hash": sa.update(audit).where(audit.c.seq == 3).values(hash="0" * 64),
    "a dropped line": sa.delete(audit).where(audit.c.seq == 3),
    "the first line dropped": sa.delete(audit).where(audit.c.seq == 1),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_chain_names_the_first_line_that_does_not_follow(
    database: Database, change: str
) -> None:
    await written(database)
    let_tamper(database)

    await database.write(lambda c: c.execute(CHANGES[change]))

    broken = {"a dropped line": 4, "the first line dropped": 2}
    assert first_break_of(database) == broken.get(change, 3)


async def test_a_line_hashed_anew_breaks_the_next_one(database: Database) -> None:
    await written(database)
    let_tamper(database)

    def forge(connection: sa.Connection) -> None:
        last = connection.execute(sa.select(audit).where(audit.c.seq == 3)).one()
        connection.execute(sa.delete(audit).where(audit.c.seq >= 3))
        trail.append(connection, case="zendesk:1", run=None, turn=2, record={"n": 9})
        forged = connection.execute(sa.select(audit).order_by(audit.c.seq.desc()).limit(1)).one()
        assert forged.hash != last.hash

    lines = database.read_now(lambda c: trail.of_case(c, "zendesk:1"))
    await database.write(forge)
    row = {name: getattr(lines[3], name) for name in ("case", "run", "turn", "line", "hash")}
    await database.write(lambda c: c.execute(sa.insert(audit).values(seq=900, **row)))

    assert first_break_of(database) == 900


ATTEMPTS = {
    "a change": "UPDATE audit SET line = 'x' WHERE seq = 3",
    "a change of nothing": "UPDATE audit SET hash = hash",
    "a deletion": "DELETE FROM audit WHERE seq = 5",
    "a line in place of another": "INSERT OR REPLACE INTO audit SELECT 3, 'x', run, turn, 'x', 'x' FROM audit LIMIT 1",
    "emptying": "TRUNCATE audit",
}
KNOWN = {"a line in place of another": "sqlite", "emptying": "postgres"}


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_the_database_itself_refuses_to_change_or_delete_a_line(
    database: Database, kind: str, attempt: str
) -> None:
    if KNOWN.get(attempt, kind) != kind:
        pytest.skip("the other database's statement")
    await written(database)
    before = database.read_now(lambda c: trail.of_case(c, "zendesk:1"))

    with pytest.raises(sa.exc.DBAPIError, match="only grows"), database.engine.begin() as connection:
        connection.execute(sa.text(ATTEMPTS[attempt]))

    assert database.read_now(lambda c: trail.of_case(c, "zendesk:1")) == before
    await written(database, 1)
    assert first_break_of(database) is None

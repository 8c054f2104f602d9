"""Stored turns are decided again to the same bytes; one byte that is another one is found, and where.

That every run of every other test here replays is checked by the fixture `installation`.
"""

import pytest
import pytest_asyncio
import sqlalchemy as sa

from resolver.audit.verify import first_break
from resolver.resolution.replaying import Replay, Replayed
from resolver.store import trail
from resolver.store.vault import Vault, master_key
from tests.databases import let_tamper
from tests.installation import Desk, House, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def ticket(desk: Desk, shop: Shop) -> Ticket:
    """A refund that was asked for and paid: two turns."""
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    await ticket.answers("Yes")
    assert ticket.runs[0].disposition == "resolved"
    return ticket


def replayed(installation: Installation, ticket: Ticket) -> Replayed:
    """The ticket's run, decided again by somebody who remembers no key."""
    vault = Vault(master_key(installation.data / "resolver.key"))
    (found,) = installation.read(lambda c: Replay(c, vault).of_ticket(ticket.case_id))
    return found


async def change(installation: Installation, sql: str, **values: object) -> None:
    let_tamper(installation.resolver.resources.database)
    await installation.write(lambda c: c.execute(sa.text(sql), values))


async def test_a_refund_is_decided_again_turn_by_turn(ticket: Ticket, installation: Installation) -> None:
    found = replayed(installation, ticket)

    assert (found.turns, found.ending, found.differences) == (2, "identical", [])


class TestInShadow:
    @pytest.fixture
    def house(self) -> House:
        return House(mode="shadow")

    async def test_a_run_that_only_watched_is_decided_again(
        self, desk: Desk, shop: Shop, installation: Installation
    ) -> None:
        ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")

        assert ticket.runs[0].mode == "shadow"
        assert replayed(installation, ticket).ending == "identical"


async def test_a_byte_of_a_trace_that_is_another_one_is_named_with_its_value(
    ticket: Ticket, installation: Installation
) -> None:
    run = ticket.runs[0].id
    one = (await _trace(installation, run))[0]
    changed = one.line.replace('"is":false', '"is":fa1se'.replace("1", "l"), 1).replace(
        '"turn":1', '"turn":7', 1
    )

    await change(installation, "UPDATE audit SET line = :line WHERE seq = :seq", line=changed, seq=one.seq)
    found = replayed(installation, ticket)
    await change(installation, "UPDATE audit SET line = :line WHERE seq = :seq", line=one.line, seq=one.seq)

    (difference,) = found.differences
    byte = one.line.index('"turn":1') + len('"turn":') + 1
    assert (found.ending, difference.turn) == ("different", one.turn)
    assert difference.place == f"byte {byte}, turn"


async def test_a_trace_that_is_no_json_any_more_is_named_by_its_byte(
    ticket: Ticket, installation: Installation
) -> None:
    run = ticket.runs[0].id
    one = (await _trace(installation, run))[0]

    await change(
        installation, "UPDATE audit SET line = :line WHERE seq = :seq", line=f"[{one.line[1:]}", seq=one.seq
    )
    found = replayed(installation, ticket)
    broken = installation.read(lambda c: first_break(trail.after(c, 0)))
    await change(installation, "UPDATE audit SET line = :line WHERE seq = :seq", line=one.line, seq=one.seq)

    assert [difference.place for difference in found.differences] == ["byte 1"]
    assert broken == one.seq


@pytest.mark.parametrize(
    ("table", "column", "place"),
    [
        ("turn_input", "document_sealed", "what it was decided from"),
        ("run", "facts_sealed", "the run's facts"),
    ],
)
async def test_one_byte_of_what_is_sealed_is_found(
    ticket: Ticket, installation: Installation, table: str, column: str, place: str
) -> None:
    run = ticket.runs[0].id
    key = "run" if table == "turn_input" else "id"
    query = sa.text(f"SELECT {column} FROM {table} WHERE {key} = :run")
    sealed = bytes(installation.read(lambda c: c.execute(query, {"run": run}).first())[0])
    flipped = sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:]
    sql = f"UPDATE {table} SET {column} = :new WHERE {column} = :old"

    await change(installation, sql, new=flipped, old=sealed)
    found = replayed(installation, ticket)
    await change(installation, sql, new=sealed, old=flipped)

    assert found.ending == "different"
    assert found.differences[0].place == place
    assert "does not open" in found.differences[0].problem


async def test_a_changed_plan_is_no_plan_of_the_run(ticket: Ticket, installation: Installation) -> None:
    plan = ticket.runs[0].plan
    sql = "UPDATE plan SET document = replace(document, :before, :after) WHERE id = :plan"

    await change(installation, sql, before="more than 30 days", after="more than 31 days", plan=plan)
    found = replayed(installation, ticket)
    await change(installation, sql, before="more than 31 days", after="more than 30 days", plan=plan)

    assert {difference.place for difference in found.differences} == {"its plan, policy or facts"}


async def test_a_turn_whose_line_or_record_is_gone_is_told(
    ticket: Ticket, installation: Installation
) -> None:
    run = ticket.runs[0].id
    first, second = await _trace(installation, run)
    row = "INSERT INTO turn_input SELECT run, turn + 1000, requester, document_sealed FROM turn_input WHERE turn = :t"

    await change(installation, row, t=first.turn)
    extra = replayed(installation, ticket)
    await change(installation, "DELETE FROM turn_input WHERE turn > :t", t=(second.turn or 0) + 500)
    await change(
        installation,
        "UPDATE turn_input SET run = run || '?' WHERE run = :r AND turn = :t",
        r=run,
        t=second.turn,
    )
    unrecorded = replayed(installation, ticket)
    await change(installation, "UPDATE turn_input SET run = :r WHERE run = :r || '?'", r=run)

    assert [one.problem for one in extra.differences] == ["its line is missing"]
    assert unrecorded.ending == "not recorded"


async def test_a_movement_that_was_changed_is_told(ticket: Ticket, installation: Installation) -> None:
    run = ticket.runs[0].id
    lines = installation.read(lambda c: trail.of_run(c, run))
    one = next(line for line in lines if '"what":"effect"' in line.line)
    changed = one.line.replace('"done"', '"lost"')

    await change(installation, "UPDATE audit SET line = :line WHERE seq = :seq", line=changed, seq=one.seq)
    found = replayed(installation, ticket)
    await change(installation, "UPDATE audit SET line = :line WHERE seq = :seq", line=one.line, seq=one.seq)

    assert changed != one.line
    assert [difference.place for difference in found.differences] == [f"line {one.seq} of the trail"]


async def test_after_the_requester_was_erased_it_says_so(ticket: Ticket, installation: Installation) -> None:
    requester = ticket.case.requester

    await change(installation, "UPDATE requester SET key_sealed = NULL WHERE id = :who", who=requester)

    found = replayed(installation, ticket)
    assert (found.ending, found.turns, found.differences) == ("erased", 2, [])


async def _trace(installation: Installation, run: str) -> list[trail.Line]:
    """The lines of the run's turns."""
    return [one for one in installation.read(lambda c: trail.of_run(c, run)) if '"what"' not in one.line]

"""The ledger: one open money intent per record, one row per key and place, and limits that count what may move."""

import asyncio
from dataclasses import replace

import pytest

from resolver.store import ledger
from resolver.store.database import Database
from resolver.store.ledger import Entry
from tests.store.conftest import NOW

REFUND = Entry(
    id="effect-1-0",
    turn=1,
    n=0,
    case="zendesk:1",
    run="zendesk:1/1-1",
    step="refund_order/pay_back/do-shop.refund",
    generation=1,
    playbook="refund_order",
    requester="zendesk:7",
    connection="shop",
    action="shop.refund",
    effect_class="money",
    key="rsv1-a",
    record="shop|order|o1",
    document_sealed=b"",
    offer="offer",
    pays_minor=1000,
    pays_currency="EUR",
    day="2026-11-23",
    intended_at="2026-11-23T09:00:00.000000Z",
)


def another(n: int, **changes: object) -> Entry:
    """An intent of another run about another record."""
    fresh = replace(
        REFUND,
        id=f"effect-{n}-0",
        turn=n,
        case=f"zendesk:{n}",
        run=f"zendesk:{n}/{n}-1",
        key=f"rsv1-{n}",
        record=f"r{n}",
    )
    return replace(fresh, **changes)


async def intended(database: Database, entry: Entry) -> bool:
    return await database.write(lambda c: ledger.intend(c, entry))


async def settled(database: Database, entry: Entry, state: str) -> bool:
    return await database.write(lambda c: ledger.settle(c, entry.id, state=state, how="answer", now=NOW))


async def test_one_record_has_one_open_money_intent(database: Database) -> None:
    assert await intended(database, REFUND)

    second = another(2, record=REFUND.record)

    assert not await intended(database, second)
    await settled(database, REFUND, "done")
    assert await intended(database, second)


@pytest.mark.parametrize("state", ["sent", "pending", "unknown"])
async def test_an_intent_that_may_have_moved_money_keeps_its_record(database: Database, state: str) -> None:
    await intended(database, REFUND)
    if state == "sent":
        await database.write(lambda c: ledger.mark_sent(c, REFUND.id, now=NOW))
    else:
        await settled(database, REFUND, state)

    assert not await intended(database, another(2, record=REFUND.record))
    found = database.read_now(
        lambda c: ledger.open_on(c, record=REFUND.record, action="shop.cancel_order", money=True, run="other")
    )
    assert found is not None


@pytest.mark.parametrize("same", ["key", "turn", "run"])
async def test_a_key_and_a_place_are_taken_once(database: Database, same: str) -> None:
    await intended(database, REFUND)

    assert not await intended(database, another(2, **{same: getattr(REFUND, same)}))


async def test_ten_tickets_that_want_the_same_money_at_once_get_one_intent(database: Database) -> None:
    entries = [another(n, record=REFUND.record) for n in range(2, 12)]

    taken = await asyncio.gather(*(intended(database, entry) for entry in entries))

    assert sum(taken) == 1


async def test_what_was_settled_stays_settled(database: Database) -> None:
    await intended(database, REFUND)
    assert await settled(database, REFUND, "done")

    assert not await settled(database, REFUND, "refused")

    found = database.read_now(lambda c: ledger.get(c, REFUND.id))
    assert found is not None
    assert found.state == "done"


async def test_everything_that_moved_or_may_have_counts_and_what_was_refused_does_not(
    database: Database,
) -> None:
    for n, state in enumerate(["open", "sent", "pending", "unknown", "done", "refused"], start=2):
        entry = another(n, pays_minor=10**n)
        await intended(database, entry)
        if state not in ("open", "sent"):
            await settled(database, entry, state)

    def spent(**narrow: object) -> int:
        return database.read_now(
            lambda c: ledger.spent(c, action="shop.refund", currency="EUR", day="2026-11-23", **narrow)
        )

    assert spent() == 10**2 + 10**3 + 10**4 + 10**5 + 10**6
    assert spent(case="zendesk:3") == 10**3
    assert spent(requester="zendesk:8") == 0


async def test_another_day_and_another_currency_count_for_themselves(database: Database) -> None:
    await intended(database, another(2, day="2026-11-22"))
    await intended(database, another(3, pays_currency="GBP"))

    def spent(**narrow: object) -> int:
        return database.read_now(
            lambda c: ledger.spent(c, action="shop.refund", currency="EUR", day="2026-11-23", **narrow)
        )

    assert spent() == 0
    assert spent(whole_time=True) == 1000

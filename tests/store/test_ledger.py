"""The ledger: one open money intent per record, one row per key and place, and limits that count what may move."""

import asyncio
from dataclasses import replace
from datetime import timedelta

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


async def sent(database: Database) -> Entry:
    """The refund's entry, whose sending has begun."""
    entry = await database.write(lambda c: ledger.mark_sent(c, REFUND, now=NOW))
    assert entry is not None
    return entry


def stored_refund(database: Database) -> Entry:
    entry = database.read_now(lambda c: ledger.get(c, REFUND.id))
    assert entry is not None
    return entry


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
        await sent(database)
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

    assert stored_refund(database).state == "done"


async def test_whoever_marks_it_sent_knows_the_entry_as_it_is_stored(database: Database) -> None:
    await intended(database, REFUND)

    marked = await sent(database)

    assert marked == stored_refund(database)
    assert (marked.state, marked.sent_at) == ("sent", "2026-11-23T09:00:00.000000Z")


async def test_an_intent_is_marked_sent_by_one_worker_only(database: Database) -> None:
    await intended(database, REFUND)
    await sent(database)

    assert await database.write(lambda c: ledger.mark_sent(c, REFUND, now=NOW)) is None


async def test_a_sending_that_surely_did_not_execute_opens_the_intent_again(database: Database) -> None:
    await intended(database, REFUND)
    marked = await sent(database)

    assert await database.write(lambda c: ledger.unmark_sent(c, marked))

    found = stored_refund(database)
    assert (found.state, found.sent_at) == ("open", None)


async def test_a_sending_that_another_worker_repeats_can_take_nothing_back(database: Database) -> None:
    await intended(database, REFUND)
    first = await sent(database)
    again = await database.write(lambda c: ledger.take_over(c, first))

    assert not await database.write(lambda c: ledger.unmark_sent(c, first))

    assert stored_refund(database) == again
    assert (again.state, again.sent_at) == ("sent", first.sent_at)


async def test_a_sending_of_an_intent_that_was_opened_again_and_sent_anew_can_take_nothing_back(
    database: Database,
) -> None:
    await intended(database, REFUND)
    first = await sent(database)
    await database.write(lambda c: ledger.unmark_sent(c, first))
    opened = stored_refund(database)
    second = await database.write(lambda c: ledger.mark_sent(c, opened, now=NOW))

    assert not await database.write(lambda c: ledger.unmark_sent(c, first))

    assert second is not None
    assert stored_refund(database) == second


async def test_of_two_who_would_repeat_a_doubtful_sending_one_may(database: Database) -> None:
    await intended(database, REFUND)
    marked = await sent(database)

    takers = [await database.write(lambda c: ledger.take_over(c, marked)) for _ in range(2)]

    assert [taken is not None for taken in takers] == [True, False]


async def test_an_intent_that_has_not_left_us_is_stopped(database: Database) -> None:
    await intended(database, REFUND)

    assert await database.write(lambda c: ledger.stop(c, REFUND.id, by="kill_switch", now=NOW))

    found = stored_refund(database)
    assert (found.state, found.stopped_by, found.settled_how) == ("refused", "kill_switch", "answer")


@pytest.mark.parametrize("state", ["sent", "pending", "unknown", "done"])
async def test_what_may_have_left_us_is_not_stopped_any_more(database: Database, state: str) -> None:
    await intended(database, REFUND)
    await sent(database)
    if state != "sent":
        await settled(database, REFUND, state)

    assert not await database.write(lambda c: ledger.stop(c, REFUND.id, by="kill_switch", now=NOW))

    found = stored_refund(database)
    assert (found.state, found.stopped_by) == (state, None)


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


@pytest.mark.parametrize(
    ("state", "counts"),
    [("done", 0), ("open", 1000), ("unknown", 1000), ("pending", 1000), ("refused", 1000)],
)
async def test_money_that_was_surely_taken_back_counts_no_more(
    database: Database, state: str, counts: int
) -> None:
    back = replace(REFUND, id="effect-1-1", n=1, key="rsv1-b", step="refund_order/pay_back/undo-shop.refund")
    back = replace(back, action="shop.take_back", effect_class="write", pays_minor=None, pays_currency=None)
    await intended(database, REFUND)
    await settled(database, REFUND, "done")
    await intended(database, back)
    if state != "open":
        await settled(database, back, state)

    def found(connection: object) -> tuple[int, tuple[int, int, int], int]:
        about = {"action": "shop.refund", "currency": "EUR", "day": "2026-11-23"}
        whose = {"case": REFUND.case, "requester": REFUND.requester}
        paid = ledger.payouts(connection, requester=REFUND.requester, since=NOW - timedelta(days=400))
        return ledger.spent(connection, **about), ledger.spent_so_far(connection, **about, **whose), len(paid)

    assert database.read_now(found) == (counts, (counts,) * 3, int(counts > 0))


async def test_what_another_run_took_back_is_still_paid(database: Database) -> None:
    await intended(database, REFUND)
    await settled(database, REFUND, "done")
    undo = another(2, step="refund_order/pay_back/undo-shop.refund", action="shop.take_back", pays_minor=None)
    await intended(database, undo)
    await settled(database, undo, "done")

    assert (
        database.read_now(lambda c: ledger.spent(c, action="shop.refund", currency="EUR", day=REFUND.day))
        == 1000
    )

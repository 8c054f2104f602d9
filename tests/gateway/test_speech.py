"""The caps on replies, counted in the rows of what was or may have been said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resolver.gateway.speech import may_speak, spoken
from resolver.store import switches, writebacks
from resolver.store.database import Database
from resolver.store.writebacks import Row
from tests.databases import ready_database

ROW = Row(
    id="writeback-1-0",
    turn=1,
    n=0,
    case="desk:7",
    run="desk:7/1-1",
    requester="desk:1",
    document_sealed=b"",
    public=True,
    progress=False,
    offer=None,
    day="2026-11-23",
    intended_at="2026-11-23T09:00:00.000000Z",
    state="done",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(ready_database("sqlite", tmp_path))
    yield database
    database.close()


def said(database: Database, *rows: dict[str, object]) -> None:
    """These replies were written before, one a turn."""
    for turn, changes in enumerate(rows, start=1):
        row = replace(ROW, id=f"writeback-{turn}-0", turn=turn, **changes)
        database.write_now(lambda c, row=row: writebacks.add(c, row))


def stopped_by(
    database: Database, *, progress: bool = False, stop: frozenset[str] = frozenset()
) -> str | None:
    """The check that forbids one more reply."""
    so_far = database.read_now(lambda c: spoken(c, case="desk:7", day="2026-11-23"))
    found = may_speak(so_far, playbook="refund_order", stop=stop, progress=progress)
    return found.check if found else None


def test_the_first_reply_may_go(database: Database) -> None:
    assert stopped_by(database) is None


def test_three_in_a_row_without_news_are_enough(database: Database) -> None:
    said(database, {}, {})
    assert stopped_by(database) is None

    said_again = replace(ROW, id="writeback-3-0", turn=3)
    database.write_now(lambda c: writebacks.add(c, said_again))

    assert stopped_by(database) == "replies_in_a_row"


def test_a_reply_with_news_starts_the_count_anew(database: Database) -> None:
    said(database, {}, {}, {"progress": True}, {}, {})

    assert stopped_by(database) is None


def test_a_reply_that_brings_news_itself_is_not_one_of_them(database: Database) -> None:
    said(database, {}, {}, {})

    assert stopped_by(database, progress=True) is None


@pytest.mark.parametrize(
    "other",
    [{"public": False}, {"state": "dropped"}, {"state": "open"}, {"state": "refused"}, {"case": "desk:8"}],
)
def test_what_the_customer_did_not_get_does_not_count(database: Database, other: dict[str, object]) -> None:
    said(database, {}, {}, other)

    assert stopped_by(database) is None


def test_a_reply_that_may_have_arrived_counts(database: Database) -> None:
    said(database, {}, {}, {"state": "sent"})

    assert stopped_by(database) == "replies_in_a_row"


def test_twelve_a_day_are_enough_whatever_they_brought(database: Database) -> None:
    said(database, *[{"progress": True}] * 12)

    assert stopped_by(database, progress=True) == "replies_a_day"


def test_yesterdays_replies_are_not_todays(database: Database) -> None:
    said(database, *[{"progress": True, "day": "2026-11-22"}] * 12)

    assert stopped_by(database) is None


@pytest.mark.parametrize("name", ["all", "playbook:refund_order"])
def test_the_kill_switch_stops_words_from_policy_and_from_the_store(database: Database, name: str) -> None:
    assert stopped_by(database, stop=frozenset({name})) == "kill_switch"

    database.write_now(lambda c: switches.throw(c, name, by="ops@acme.example", now=datetime.now(UTC)))

    assert stopped_by(database) == "kill_switch"


def test_an_action_that_is_stopped_stops_no_words(database: Database) -> None:
    assert stopped_by(database, stop=frozenset({"action:shop.refund"})) is None

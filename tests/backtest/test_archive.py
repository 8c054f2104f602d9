"""A file of tickets is read like a test file, and a line that is none is told with its number and what to do."""

import json
from pathlib import Path

import pytest

from resolver.backtest.archive import MAX_LINE, Archive
from resolver.backtest.fields import Fields
from resolver.condition.storage import read_value
from resolver.condition.types import Record
from resolver.decision.testvalue import ValueReader
from resolver.errors import Malformed
from resolver.playbook.vocabulary import Vocabulary
from resolver.source.load import load
from resolver.ticket import Level
from tests.backtest.conftest import a_ticket, order


@pytest.fixture
def archive(starters):
    library, interfaces = starters
    slots = frozenset(name for plan in library.plans.values() for name in plan.slots)
    vocabulary = Vocabulary.of(interfaces, library.policy)
    return Archive(Path("tickets.jsonl"), vocabulary, library.policy, slots)


def refused(archive: Archive, ticket) -> Malformed:
    line = ticket if isinstance(ticket, bytes) else json.dumps(ticket).encode()
    with pytest.raises(Malformed) as caught:
        archive.ticket(7, line)
    return caught.value


def test_a_record_reads_the_same_as_in_a_test_file(starters):
    library, _ = starters
    plan, zone = library.by_playbook["refund_order"], library.policy.calendar.zone
    declared = plan.records["shop.order"]
    problems = []
    node = load(json.dumps(order()).replace("false", "no"), "order.yaml").root

    raw = ValueReader(plan.records, zone, problems).record(declared, node)
    read = Fields(plan.records, zone).record(declared)(order())

    assert problems == []
    assert read == read_value(Record("shop.order"), raw, plan.records, name="order")


def test_what_a_line_leaves_out_is_what_the_policy_and_the_commonest_ticket_say(archive):
    ticket = archive.ticket(1, json.dumps(a_ticket()).encode())

    assert (ticket.id, ticket.intent, ticket.language, ticket.ticket["channel"]) == (
        "1",
        "refund",
        "en",
        "email",
    )
    assert ticket.level is Level.VERIFIED  # the starters' policy trusts e-mail
    assert ticket.agents is None


@pytest.mark.parametrize(
    ("customer", "channel", "level"),
    [
        ({"email": "ann@example.com", "identity": "code"}, "email", "code"),
        ({"email": "ann@example.com"}, "messenger", "claimed"),
        ({}, "email", "anonymous"),
    ],
)
def test_who_wrote_is_proven_as_far_as_the_file_or_the_channel_says(archive, customer, channel, level):
    ticket = archive.ticket(1, json.dumps(a_ticket(customer=customer, channel=channel)).encode())

    assert ticket.level == level


def test_a_blank_line_is_no_ticket_and_no_error(archive):
    assert archive.ticket(1, b"  \r\n") is None


@pytest.mark.parametrize(
    ("ticket", "problem", "remedy"),
    [
        (b"nonsense", "This is no JSON", "one ticket a line"),
        (b'{"id": "\xff"}', "This is no JSON", "UTF-8"),
        (b'{"id": "\\ud800"}', "This is no JSON", "UTF-8"),
        (b"[" * 5000, "", ""),
        (b"x" * (MAX_LINE + 1), "too long", "at most"),
        ({"id": 1}, "missing required field `opened_at`", "7-backtesting"),
        (a_ticket(ids=2), "unknown field `ids`", "7-backtesting"),
        (a_ticket(messages=[]), "messages", "1 to 100"),
        (a_ticket(id=" "), "id", "its number"),
        (a_ticket(opened_at="yesterday"), "'yesterday' is no time", "2026-11-11 09:00"),
        (a_ticket(language="English, please"), "language", "de-AT"),
        (a_ticket(channel="fax"), "Invalid enum value 'fax'", "7-backtesting"),
        (a_ticket(customer={"emial": "a@b.example"}), "customer has no 'emial'", "did you mean 'email'?"),
        (a_ticket(customer={"identity": "sure"}), "identity", "verified"),
        (a_ticket(records={"shop.ordr": []}), "records has no 'shop.ordr'", "did you mean 'shop.order'?"),
        (a_ticket(shop=[order(total="39.90")]), "total: '39.90' is not an amount", "12.00 EUR"),
        (a_ticket(shop=[order(total=39.9)]), "total: '39.9' is not an amount", "12.00 EUR"),
        (a_ticket(shop=[order(status="gone")]), "status: 'gone' is no one of", ""),
        (a_ticket(shop=[order(sum="1 EUR")]), "shop.order has no 'sum'", ""),
        (a_ticket(shop=[order(id=None)]), "without its 'id'", "add 'id'"),
        (a_ticket(shop=["o1"]), "'o1' is no shop.order", "in braces"),
        (a_ticket(shop=[order(lines="l1")]), "lines: 'l1' is no list", "in brackets"),
        (a_ticket(1, {"writes": "x", "understood": "maybe"}), "'maybe' is no move", "yes, no"),
        (
            a_ticket(1, {"writes": "x", "understood": {"ordr_number": "1"}}),
            "",
            "did you mean 'order_number'?",
        ),
        (a_ticket(1, {"writes": "x", "understood": {"items": [{"chosen": 1}]}}), "items", "chosen: 1"),
        (a_ticket(agents={"done": [{"shop.refund": {"amount": "much"}}]}), "amount", "12.00 EUR"),
        (a_ticket(agents={"disposition": "fine"}), "Invalid enum value 'fine'", "7-backtesting"),
    ],
)
def test_a_line_that_is_no_ticket_says_what_is_wrong_where_and_what_to_do(archive, ticket, problem, remedy):
    error = refused(archive, ticket)

    assert str(error.where) == "tickets.jsonl:7:1"
    assert problem in error.problem
    assert remedy in error.remedy

"""What a backtest counts: agreement with agents, what another version changes, what was left out; always the same."""

from datetime import UTC, datetime

import pytest

from resolver.backtest.simulation import simulate, version
from resolver.backtest.tally import EXAMPLES, SHOWN
from resolver.errors import Malformed
from tests.backtest.conftest import AGREES, ASKS, a_ticket, order

TEN_DAYS = (
    ("more than 30 days ago", "more than 10 days ago"),
    ("at most 30 days ago", "at most 10 days ago"),
)


def agents(*done, **more):
    return {"agents": {"done": list(done), **more}}


def paid(amount):
    return {"shop.refund": {"amount": amount}}


@pytest.mark.parametrize(
    ("ticket", "found"),
    [
        (a_ticket(**agents(paid("39.90 EUR"), disposition="resolved")), "agrees"),
        (a_ticket(**agents("shop.refund")), "agrees"),
        (a_ticket(**agents(paid("20 EUR"))), "another amount"),
        (a_ticket(**agents("shop.exchange")), "another action"),
        (a_ticket(**agents()), "only the playbook acted"),
        (a_ticket(**agents(paid("39.90 EUR"), disposition="declined")), "another disposition"),
        (
            a_ticket(shop=[order(refunded="39.90 EUR", lines=[])], **agents(paid("1 EUR"))),
            "only agents acted",
        ),
        (a_ticket(shop=[order(refunded="1 EUR", lines=[])], **agents(paid("1 EUR"))), "left to people"),
        (a_ticket(shop=[], **agents(disposition="handed_off", queue="Orders")), "agrees"),
        (a_ticket(shop=[], **agents(disposition="handed_off", queue="refunds")), "another queue"),
    ],
)
def test_a_ticket_agrees_with_the_agents_or_counts_under_the_first_difference(bench, ticket, found):
    (counted,) = bench.plays(ticket).versions

    kinds = {one["kind"]: one["examples"] for one in counted.disagreements.to_json("kind", "outcome")}
    assert ({**dict(counted.verdicts), **kinds}) == {
        found: counted.verdicts[found] or ["1"],
    }


def test_agreement_is_the_share_of_what_can_be_compared(bench):
    tally = bench.plays(
        a_ticket(1, **agents(paid("39.90 EUR"))),
        a_ticket(2, **agents(paid("39.90 EUR"))),
        a_ticket(3, **agents(paid("1 EUR"))),
        a_ticket(4, shop=[], **agents(paid("39.90 EUR"))),
        a_ticket(5),
    )

    (found,) = tally.versions
    assert (found.compared, found.agreement) == (3, 66.7)
    assert tally.agents_paid.to_json() == {"EUR": "120.70"}


def test_another_version_is_told_by_what_it_changes_with_examples(bench):
    tally = bench.plays(
        *(a_ticket(number) for number in range(1, 9)),
        a_ticket(9, shop=[order(delivered_at="2026-11-20 09:00")]),
        against=bench.version(*TEN_DAYS),
    )

    (change,) = tally.changes.to_json("from", "to")
    assert (change["from"], change["to"], change["tickets"]) == ("pay_back", "asks reason", 8)
    assert change["examples"] == [str(number) for number in range(1, EXAMPLES + 1)]
    assert [one.paid.to_json() for one in tally.versions] == [{"EUR": "359.10"}, {"EUR": "39.90"}]


def test_the_same_version_twice_changes_nothing(bench):
    tally = bench.plays(a_ticket(), against=bench.version())

    assert tally.changes.total == 0


def test_the_same_file_gives_the_same_hash_and_one_other_cent_another(bench):
    tickets = [a_ticket(1), a_ticket(2, shop=[])]
    cent = order(lines=[{**order()["lines"][0], "refundable": "23.99 EUR"}, order()["lines"][1]])

    first, again = bench.plays(*tickets).hash, bench.plays(*tickets).hash

    assert first == again
    assert bench.plays(tickets[1], tickets[0]).hash != first
    assert bench.plays(a_ticket(1, shop=[cent]), tickets[1]).hash != first


def test_bad_lines_are_counted_the_first_are_told_and_the_rest_is_played(bench):
    tally = bench.plays(*["{"] * (SHOWN + 5), a_ticket())

    assert (tally.bad_lines, len(tally.bad), tally.tickets) == (SHOWN + 5, SHOWN, 1)
    assert tally.bad[0].line == 1


def test_tickets_about_something_else_or_too_old_are_left_out_and_counted(bench):
    other = {"writes": "Where is my parcel?", "understood": {"intent": "order_status"}}

    tally = bench.plays(
        a_ticket(1, other),
        a_ticket(2, opened_at="2026-08-01 10:00"),
        a_ticket(3),
        since=datetime(2026, 9, 1, tzinfo=UTC),
    )

    assert (tally.tickets, tally.other_intents, tally.too_old) == (1, 1, 1)


def test_a_ticket_that_says_no_intent_is_played(bench):
    asks = {"writes": ASKS["writes"], "understood": {"order_number": "10231"}}

    assert bench.plays(a_ticket(1, asks, AGREES)).tickets == 1


def test_no_file_and_an_empty_file_are_errors(bench, tmp_path):
    with pytest.raises(Malformed, match="cannot be read"):
        simulate(tmp_path / "none.jsonl", [bench.version()], bench.interfaces)
    with pytest.raises(Malformed, match="is empty"):
        bench.plays()


def test_a_version_that_starts_a_playbook_which_is_not_there_is_refused_before_anything_is_played(bench):
    with pytest.raises(Malformed, match="starts 'cancel_order', which is not here"):
        version("alone", bench.version().plan, {}, bench.library.policy)


def test_what_is_counted_does_not_grow_with_the_file(bench):
    few, many = (bench.plays(*(a_ticket(n, **agents()) for n in range(count))) for count in (10, 200))

    def size(tally):
        found = tally.versions[0]
        kinds = found.disagreements
        return len(found.outcomes), len(kinds.counts), sum(len(ids) for ids in kinds.examples.values())

    assert size(few) == size(many)

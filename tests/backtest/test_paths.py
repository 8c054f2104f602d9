"""A ticket that goes a recorded way comes to what the engine comes to, byte for byte; so does one that leaves it."""

from datetime import timedelta
from random import Random

import pytest
from msgspec.structs import replace

from resolver.backtest.paths import Paths
from resolver.backtest.playing import play
from resolver.condition.values import Amount, RecordValue
from resolver.money import Money
from tests.backtest.test_playing import _archived, _cases

TRIES = 4


def by_engine(version, ticket):
    traces = []
    return play(version, ticket, traces.append), b"".join(traces)


def by_paths(ways, ticket):
    traces = []
    return ways.play(ticket, traces.append), b"".join(traces)


def a_refund(bench):
    """The ticket of the starter's first case that pays something back."""
    done = (case for playbook, case in _of_starters() if playbook == "refund_order" and case.expected.done)
    return _archived(bench.library.by_playbook["refund_order"], next(done))


def _of_starters():
    return [one.values for one in _cases()]


# -- the same, by other tickets -----------------------------------------------------------------------------------


def changed(value, chance: Random):
    """Another value of the same type, now and then."""
    if isinstance(value, RecordValue):
        fields = {name: changed(one, chance) for name, one in value.fields.items()}
        if len(fields) > 3 and chance.random() < 0.05:
            del fields[chance.choice(sorted(fields.keys() - {"id", "number", "key"}))]
        return RecordValue(value.type_name, value.key, fields)
    if isinstance(value, tuple):
        some = [changed(one, chance) for one in value]
        return tuple(some[:-1] if some and chance.random() < 0.1 else some)
    if chance.random() < 0.8:
        return value
    if isinstance(value, bool):
        return not value
    if isinstance(value, Amount):
        cents = chance.choice((0, 1, 1990, 4999, 5000, 5001, 19_990, 20_001))
        return Amount.of(Money(cents, chance.choice((value.currency, value.currency, "USD"))))
    if hasattr(value, "tzinfo"):
        return value + timedelta(days=chance.randint(-40, 40), hours=chance.randint(-30, 30))
    return value


def another(ticket, chance: Random, number: int):
    """A ticket like this one with some values changed."""
    readings = tuple(
        replace(one, text=chance.choice((one.text, f"{one.text} please", f"{one.text}, the mug")))
        for one in ticket.readings
    )
    return replace(
        ticket,
        id=f"t{number}",
        opened_at=ticket.opened_at + timedelta(days=chance.choice((0, 0, 1, 25, 90)), minutes=number),
        language=chance.choice((ticket.language, ticket.language, "de", "fr-CH")),
        customer={name: changed(one, chance) for name, one in ticket.customer.items()},
        readings=readings[: chance.choice((len(readings), len(readings), 1))],
        records={
            name: tuple(changed(one, chance) for one in found) for name, found in ticket.records.items()
        },
    )


def playbooks():
    return sorted({playbook for playbook, _ in _of_starters()})


@pytest.mark.parametrize("playbook", playbooks())
def test_whatever_the_values_are_recorded_ways_and_engine_come_to_the_same(bench, playbook):
    version = bench.version(playbook=playbook)
    ways, chance = Paths(version), Random(7)
    cases = [_archived(version.plan, case) for name, case in _of_starters() if name == playbook]

    for number in range(TRIES):
        for case in cases:
            ticket = another(case, chance, number)
            for later in range(3):
                alike = replace(ticket, id=f"{later}", opened_at=ticket.opened_at + timedelta(minutes=later))
                assert by_paths(ways, alike) == by_engine(version, alike), alike

    assert ways.recorded > 0, ways.why


def test_tickets_alike_go_the_way_of_the_second_and_only_their_values_are_worked_out(bench):
    version = bench.version()
    ways, case = Paths(version), a_refund(bench)
    tickets = [replace(case, id=f"t{n}", opened_at=case.opened_at + timedelta(minutes=n)) for n in range(10)]

    found = [by_paths(ways, one) for one in tickets]

    assert found == [by_engine(version, one) for one in tickets]
    assert len({trace for _, trace in found}) == 10
    assert (ways.engine, ways.recorded) == (2, 8)


# -- where a way is left --------------------------------------------------------------------------------------------


def test_a_ticket_that_answers_one_question_otherwise_is_played_by_the_engine(bench):
    version = bench.version()
    ways, case = Paths(version), a_refund(bench)
    for _ in range(3):
        ways.play(case, lambda _: None)
    (record,) = case.records["shop.order"]
    late = RecordValue(
        record.type_name,
        record.key,
        {**record.fields, "delivered_at": record.fields["delivered_at"] - timedelta(days=60)},
    )
    ticket = replace(case, records={"shop.order": (late,)})

    played, trace = by_paths(ways, ticket)

    assert (played, trace) == by_engine(version, ticket)
    assert played.done == ()
    assert (ways.engine, ways.recorded) == (3, 1)


def test_no_more_ways_are_recorded_than_memory_is_given_for(bench):
    ways, case = Paths(bench.version(), most=0), a_refund(bench)

    for _ in range(5):
        ways.play(case, lambda _: None)

    assert (ways.engine, ways.recorded) == (5, 0)


def test_what_no_line_can_say_is_left_to_the_engine(bench):
    """The sentence that names a cap is a text made of the amount."""
    version = bench.version()
    ways, case = Paths(version), a_refund(bench)
    (record,) = case.records["shop.order"]
    much = Amount.of(Money(90_000, "EUR"))
    line, *_ = record.fields["lines"]
    line = RecordValue(line.type_name, line.key, {**line.fields, "refundable": much, "final_sale": False})
    record = RecordValue(record.type_name, record.key, {**record.fields, "total": much, "lines": (line,)})
    ticket = replace(case, records={"shop.order": (record,)})

    found = [by_paths(ways, ticket) for _ in range(4)]

    assert found == [by_engine(version, ticket)] * 4
    assert found[0][0].stopped_by == "per_ticket"
    assert (ways.engine, ways.recorded) == (4, 0)

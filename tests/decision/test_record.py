"""What a turn was decided from goes through JSON and is decided again to the same facts and the same trace."""

from datetime import timedelta

import pytest

from resolver.decision import trace
from resolver.decision.difference import first_difference
from resolver.decision.effects import Perform, Performed
from resolver.decision.events import Approved, Denied, Late, Settled, Silence
from resolver.decision.record import TurnRecord, record_of, replayed
from resolver.errors import Malformed
from tests.decision.conftest import order_fields, said

ASKS = said("Refund order 10231", order_number="10231")
YES = said("Yes", "yes", message="m2")


def line(walk):
    return trace.canonical(trace.body(walk.plan, walk.facts, walk.log, trace.keyed(lambda name, text: text)))


def again(desk):
    record = TurnRecord.from_json(record_of(desk.walk).to_json())
    return replayed(desk.plan, desk.policy, record)


@pytest.fixture
def hears(desk):
    """A turn that is decided again at once, and must come to the same."""

    def turn(event):
        desk.hears(event)
        walk = again(desk)
        assert walk.facts.to_json() == desk.walk.facts.to_json()
        assert line(walk) == line(desk.walk)

    return turn


@pytest.fixture
def waits_for_approval(desk, hears):
    """A refund above the limit that the customer has said yes to; nobody of the team has answered."""
    fields = order_fields()
    desk.orders["10231"] = order_fields(
        lines=[], total=type(fields["total"]).parse("90 EUR"), refunded=fields["refunded"]
    )
    hears(ASKS)
    hears(YES)
    assert desk.facts.waiting.for_ == "approval"


def test_a_refund_with_its_yes_is_decided_again_alike(desk, hears):
    hears(ASKS)
    hears(YES)

    assert desk.ending == "resolved"


def test_a_message_that_answers_nothing_is_decided_again_alike(desk, hears):
    hears(ASKS)
    hears(said("Who are you?", message="m2"))

    assert desk.facts.asked_again


def test_silence_is_decided_again_alike(desk, hears):
    hears(ASKS)
    desk.later(days=9)
    hears(Silence())

    assert desk.ending == "no_reply"


@pytest.mark.usefixtures("waits_for_approval")
def test_an_approval_in_time_is_decided_again_alike(desk, hears):
    hears(Approved("lea@acme.example", desk.facts.offer.id, desk.now))

    assert desk.ending == "resolved"


@pytest.mark.usefixtures("waits_for_approval")
def test_a_denial_is_decided_again_alike(desk, hears):
    hears(Denied("lea@acme.example"))

    assert desk.facts.reason == "if_denied"


@pytest.mark.usefixtures("waits_for_approval")
def test_an_approval_that_nobody_gave_in_time_is_decided_again_alike(desk, hears):
    desk.later(days=9)
    hears(Late())

    assert desk.facts.reason == "if_late"


def test_a_look_up_that_fails_is_decided_again_alike(desk, hears):
    desk.orders["10231"]["broken"] = True
    hears(ASKS)

    assert desk.facts.reason == "if_fails:order"


def test_a_record_that_is_not_there_is_decided_again_alike(desk, hears):
    desk.orders.clear()
    hears(ASKS)

    assert desk.facts.reason == "if_missing:order"


def test_an_action_that_is_refused_a_day_later_is_decided_again_alike(desk, hears):
    desk.results["shop.refund"] = Performed("pending", external_id="re_9")
    hears(ASKS)
    hears(YES)
    step = next(iter(desk.facts.results))
    hears(Settled(step, Performed("refused", code="closed"), desk.now + timedelta(days=1)))

    assert desk.facts.results[step].performed.state == "refused"


def test_a_turn_that_was_interrupted_is_one_record(desk):
    desk.hears(ASKS)
    desk.hears(YES)
    whole = record_of(desk.walk)
    place = next(n for n, one in enumerate(desk.walk.log.taken) if isinstance(one.effect, Perform))

    first = TurnRecord(whole.facts, whole.events, whole.results[:place])
    rest = TurnRecord("whatever it was then", (), whole.results[place:])

    assert first.goes_on(rest) == whole


def test_a_record_that_answers_something_else_says_where(desk):
    desk.hears(ASKS)
    record = record_of(desk.walk)

    with pytest.raises(Malformed, match=r"results\[0\]: the run comes to LookUp here"):
        replayed(desk.plan, desk.policy, TurnRecord(record.facts, record.events, ({"sent": True},)))
    with pytest.raises(Malformed, match=r"events\[0\]"):
        replayed(desk.plan, desk.policy, TurnRecord(record.facts, ({"what": "sung"},), ()))


@pytest.mark.parametrize("text", ["", "[]", '{"form":1}', '{"form":2}'])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(Malformed):
        TurnRecord.from_json(text)


@pytest.mark.parametrize(
    ("stored", "made", "place"),
    [
        (b'{"a":1}', b'{"a":2}', "byte 6, a"),
        (b'{"a":[1,{"b":2}],"hash":"x"}', b'{"a":[1,{"b":3}],"hash":"y"}', "byte 14, a[1].b"),
        (b'{"a":1,"hash":"x"}', b'{"a":1,"hash":"y"}', "byte 16, hash"),
        (b'{"a":1', b'{"a":1}', "byte 7"),
        (b'{"a":1}', b'{"a":1,"b":2}', "byte 7, b"),
    ],
)
def test_a_difference_is_named_by_byte_and_value(stored, made, place):
    assert first_difference(stored, made) == place

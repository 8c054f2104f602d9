"""What people read: amounts, days, lists and choices in their language; notes for agents."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from resolver.condition.values import Amount, Days, RecordValue, Value
from resolver.decision.effects import HandOff, Performed
from resolver.decision.note import handoff_note
from resolver.decision.reply import one_line, show, voice_of
from resolver.decision.scenario import Walk
from resolver.decision.texts import BUILT_IN
from resolver.money import Money
from tests.decision.conftest import REFUND, order_fields, said


@pytest.fixture
def voice(desk):
    desk.hears(said("10231", order_number="10231"))
    return lambda language="en", customer=None: voice_of(
        desk.plan,
        desk.facts.changed(language=language, customer={"language": customer} if customer else {}),
        language,
    )


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("de", Amount(Decimal("12.00"), "EUR"), "12,00\u00a0€"),
        ("en", Amount(Decimal("12.00"), "EUR"), "€12.00"),
        ("en", Amount(Decimal(1200), "JPY"), "¥1,200"),
        ("de", Decimal("1234.5"), "1.234,5"),
        ("de", date(2026, 11, 11), "Mittwoch, 11. November 2026"),
        ("de", datetime(2026, 11, 11, 8, 30, tzinfo=UTC), "Mittwoch, 11. November 2026, 09:30"),
        ("en", ("a", "b", "c"), "a, b and c"),
        ("de", ("a", "b", "c"), "a, b und c"),
        ("pl", True, "tak"),
        ("en", Days(3), "3 days"),
    ],
)
def test_values_are_written_as_the_language_writes_them(voice, language, value: Value, text):
    assert show(value, voice(language)) == text


def test_the_customers_region_decides_where_the_language_is_the_same(voice):
    day = date(2026, 11, 11)

    assert "11 November 2026" in show(day, voice("en", "en-GB"))
    assert "November 11, 2026" in show(day, voice("en", "de-DE"))


def test_a_record_shows_itself_and_counts_chosen_units(voice):
    line = RecordValue("shop.order_line", "l1", {"name": "Blue mug", "chosen": Decimal(2)})

    assert show(line, voice()) == "2 × Blue mug"


def test_a_choice_reads_as_words_and_a_text_keeps_its_own(voice):
    assert show("in_transit", voice(), "order.status") == "in transit"
    assert show("A_1", voice(), "order.number") == "A_1"


def test_text_of_a_customer_is_one_clean_line_of_at_most_500_characters():
    assert one_line("a\r\nb\x00\x1b[31m \u202ec") == "a b[31m c"
    assert len(one_line("x" * 900)) == 500


def test_every_built_in_sentence_is_there_in_every_language():
    languages = set(BUILT_IN["handed_off"])

    assert all(set(texts) == languages for texts in BUILT_IN.values())


def test_a_placeholder_alone_on_its_line_gives_bullets(make):
    plain = "I can refund {amount} for {order.lines} of order {order}. Shall I?"
    listed = "I can refund {amount} for order {order}:\\n{order.lines}\\nShall I?"
    desk = make.desk(REFUND.replace(plain, listed))

    desk.hears(said("10231", order_number="10231"))

    assert desk.effects[1].text == "I can refund €39.90 for order 10231:\n- Mug 1\n- Mug 2\nShall I?"


def test_a_summary_prints_a_question_mark_for_what_nobody_knows(desk):
    desk.hears(said("I want a human", "wants_person"))

    assert desk.of(HandOff)[0].summary == "Refund asked for order ?, status ?."


def test_a_note_tells_an_agent_what_may_have_happened(desk):
    desk.results["shop.refund"] = Performed("unknown")
    desk.hears(said("Refund 10231", order_number="10231"))
    desk.hears(said("yes", "yes", message="m2"))

    note = handoff_note(desk.plan, desk.facts, desk.of(HandOff)[0])

    assert note.startswith("Refund asked for order 10231, status delivered.")
    assert "Nobody can tell whether shop.refund happened." in note
    assert "MAY HAVE HAPPENED" in note
    assert "Refund money for an order (order 10231, items Mug 1 and Mug 2, amount €39.90)" in note
    assert "order number: 10231" in note
    assert "said yes to the offer" in note
    assert "Delivered and in time." in note


def test_a_note_names_what_is_missing(make):
    order = order_fields(total=Money.parse("50 EUR"))
    del order["delivered_at"]
    desk = make.desk(orders={"10231": order})
    desk.hears(said("Refund 10231", order_number="10231"))

    note = handoff_note(desk.plan, desk.facts, desk.of(HandOff)[0])

    assert "I cannot know order.delivered_at" in note
    assert "order status: delivered" in note


def test_a_run_that_may_not_speak_hands_off_without_a_word(desk):
    desk.hears(said("Refund 10231", order_number="10231"))
    walk = Walk(desk.plan, desk.facts)
    walk.hears(said("no", "no", message="m2"))
    walk.next()
    walk.took(Performed("stopped", stopped_by="replies_in_a_row"))

    effect = walk.next()

    assert isinstance(effect, HandOff)
    assert effect.tell is None
    assert effect.reason == "stopped:replies_in_a_row"

"""Days are read as customers write them, relative to the message's own day; what is in doubt is no reading."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.understanding.slots import Slots

TUESDAY = date(2026, 11, 10)
SLOTS = Slots(kinds=["date"])


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def days(text: str, language: str = "en", *asked: str, on: date | None = TUESDAY) -> list[str]:
    found = SLOTS.read(text, asked, language=language, written_at=on and noon(on))
    assert all(text[one.span.start : one.span.end] == one.span.text for one in found)
    return [one.value for one in found if one.slot_type == "date"]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "please deliver on Thursday 12 November instead", "2026-11-12"),
        ("en", "the 12th of November, 2026", "2026-11-12"),
        ("en", "Nov 12th please", "2026-11-12"),
        ("en", "November 12, 2026 suits me", "2026-11-12"),
        ("en", "2026-11-12", "2026-11-12"),
        ("en", "23/11/2026 or nothing", "2026-11-23"),
        ("en", "11/23/2026", "2026-11-23"),
        ("en", "3 Jan", "2027-01-03"),
        ("en", "Can it come tomorrow?", "2026-11-11"),
        ("en", "on Friday", "2026-11-13"),
        ("en", "next Monday", "2026-11-16"),
        ("en", "Thursday next week", "2026-11-19"),
        ("en", "next week on Thursday", "2026-11-19"),
        ("en", "Friday instead of Thursday", "2026-11-13"),
        ("en", "I am not at home on Thursday, please come on Friday", "2026-11-13"),
        ("en", "move order 10231 to 12 November", "2026-11-12"),
        ("de", "bitte am 12.11. liefern", "2026-11-12"),
        ("de", "12.11.2026", "2026-11-12"),
        ("de", "12. 11. 26", "2026-11-12"),
        ("de", "am Do., 12. November", "2026-11-12"),
        ("de", "am 3. März", "2027-03-03"),
        ("de", "am Donnerstag", "2026-11-12"),
        ("de", "Donnerstagabend", "2026-11-12"),
        ("de", "kommenden Dienstag", "2026-11-17"),
        ("de", "nächste Woche Donnerstag", "2026-11-19"),
        ("de", "Kann es morgen kommen?", "2026-11-11"),
        ("de", "übermorgen", "2026-11-12"),
        ("fr", "jeudi 12 novembre", "2026-11-12"),
        ("fr", "le 1er décembre", "2026-12-01"),
        ("fr", "le 1er decembre", "2026-12-01"),
        ("fr", "03/12/2026", "2026-12-03"),
        ("fr", "après-demain", "2026-11-12"),
        ("fr", "jeudi de la semaine prochaine", "2026-11-19"),
        ("es", "el jueves 12 de noviembre de 2026", "2026-11-12"),
        ("es", "el próximo viernes", "2026-11-13"),
        ("es", "pasado mañana", "2026-11-12"),
        ("pl", "w czwartek 12 listopada", "2026-11-12"),
        ("pl", "12 lis 2026", "2026-11-12"),
        ("pl", "w środę", "2026-11-11"),
        ("pl", "pojutrze", "2026-11-12"),
        ("pl", "w przyszłym tygodniu, w czwartek", "2026-11-19"),
    ],
)
def test_a_day_is_read(language: str, text: str, day: str) -> None:
    assert days(text, language) == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "03/04/2026"),
        ("en", "Friday 12 November"),  # it is a Thursday
        ("en", "12 May"),  # six months either way
        ("en", "29 February"),
        ("en", "12-14 November"),
        ("en", "November 12-14"),
        ("en", "on Tuesday"),  # written on one: today, or in a week?
        ("en", "next Friday"),  # this week's or the next one's
        ("en", "Thursday week"),
        ("en", "last Thursday"),
        ("en", "every Friday"),
        ("en", "before 12 November"),
        ("en", "not on Friday"),
        ("en", "I received order 10231 on Monday"),  # the last one
        ("de", "Ich habe Bestellung 10231 am Montag bekommen"),
        ("pl", "Paczka przyszła w piątek"),
        ("en", "We cannot take it on 12 November"),
        ("en", "these 3 may be late"),
        ("en", "open 24/7, it costs 12.11 EUR or 12.11"),
        ("en", "A Black Friday offer"),
        ("en", "2026-11-12-001 and 10.12.11.20"),
        ("de", "Guten Morgen, wo ist mein Paket?"),
        ("de", "Hier ist die Nummer"),
        ("de", "um 12.11 Uhr"),
        ("de", "Straße des 17. Juni 135, 10623 Berlin"),
        ("de", "Donnerstag in einer Woche"),
        ("de", "Nr. 12 Sie haben"),
        ("es", "por la mañana"),
        ("es", "los jueves"),
    ],
)
def test_what_is_in_doubt_or_no_day_is_not_read(language: str, text: str) -> None:
    assert days(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "the 12th", "2026-11-12"),
        ("en", "13/11", "2026-11-13"),
        ("en", "Thu", "2026-11-12"),
        ("en", "in 3 days", "2026-11-13"),
        ("de", "12.11", "2026-11-12"),
        ("de", "Do", "2026-11-12"),
        ("fr", "dans 2 semaines", "2026-11-24"),
        ("pl", "do piątku", "2026-11-13"),
        ("en", "until 12 November", "2026-11-12"),
    ],
)
def test_an_answer_may_be_shorter(language: str, text: str, day: str) -> None:
    assert days(text, language, "date") == [day]
    assert days(text, language) in ([], [day])


@pytest.mark.parametrize("text", ["24/7", "11/12", "1/2", "12", "anything after 12 November", "at 9.30 pm"])
def test_an_answer_that_says_no_day_is_asked_again(text: str) -> None:
    assert days(text, "en", "date") == []


PARTS = st.sampled_from(
    [
        *"0123456789./- ,;\n",
        "31",
        "12",
        "2026",
        "November",
        "März",
        "Friday",
        "jueves",
        "next ",
        "am ",
        "morgen",
        "İ",
        "ﬁ",
    ]
)


@given(
    st.lists(PARTS, max_size=12).map("".join) | st.text(max_size=40), st.sampled_from(["en", "de", "xx", ""])
)
def test_whatever_is_written_is_read_in_its_own_words_or_not_at_all(text: str, language: str) -> None:
    assert len(days(text, language, "date")) <= len(text)


def test_two_days_are_two_readings_so_that_nobody_chooses_one() -> None:
    assert days("Thursday or Friday") == ["2026-11-12", "2026-11-13"]


def test_without_the_day_of_the_message_only_whole_dates_are_read() -> None:
    assert days("tomorrow, on 12 November or on 13.11.2026", on=None) == ["2026-11-13"]


def test_a_date_is_no_order_number_and_no_phone_number() -> None:
    found = SLOTS.read(
        "Order 10231 on 03/04/2026 or 12 November 2026", language="de", written_at=noon(TUESDAY)
    )

    assert [(one.slot_type, one.value) for one in found] == [
        ("order_number", "10231"),
        ("date", "2026-04-03"),
        ("date", "2026-11-12"),
    ]


def test_days_are_looked_for_only_where_a_playbook_asks_for_one() -> None:
    assert Slots().read("on 12 November", written_at=noon(TUESDAY)) == ()
    assert Slots().read("on 12 November", ["date"], written_at=noon(TUESDAY)) != ()

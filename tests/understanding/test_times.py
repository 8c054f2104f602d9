"""Times are read with the day beside them, as customers write them; what is in doubt is no reading."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.understanding.slots import Slots

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY_NOON = datetime(2026, 11, 10, 12, 0, tzinfo=BERLIN)
SLOTS = Slots(kinds=["time"])


def moments(
    text: str, language: str = "en", *asked: str, at: datetime | None = TUESDAY_NOON, slots: Slots = SLOTS
) -> list[str]:
    found = slots.read(text, asked, language=language, written_at=at)
    assert all(text[one.span.start : one.span.end] == one.span.text for one in found)
    return [one.value.removesuffix(":00+01:00") for one in found if one.slot_type == "time"]


@pytest.mark.parametrize(
    ("language", "text", "moment"),
    [
        ("en", "Please call me on Friday at 6 pm", "2026-11-13T18:00"),
        ("en", "tomorrow 18:00", "2026-11-11T18:00"),
        ("en", "at 6.30pm on 12 November", "2026-11-12T18:30"),
        ("en", "tomorrow at 9:30 in the morning please", "2026-11-11T09:30"),
        ("en", "tomorrow morning at 9:30", "2026-11-11T09:30"),
        ("en", "Friday afternoon, 3 o'clock", "2026-11-13T15:00"),
        ("en", "tomorrow at half past six in the evening", "2026-11-11T18:30"),
        ("en", "tomorrow at noon", "2026-11-11T12:00"),
        ("en", "Friday evening at 8", "2026-11-13T20:00"),
        ("en", "2026-11-12 08:00", "2026-11-12T08:00"),
        ("en", "come at 10 a.m. tomorrow", "2026-11-11T10:00"),
        ("de", "am Freitag um 18 Uhr", "2026-11-13T18:00"),
        ("de", "morgen um 9 Uhr 30", "2026-11-11T09:30"),
        ("de", "morgen 18.30 Uhr", "2026-11-11T18:30"),
        ("de", "Freitagabend um 8 Uhr", "2026-11-13T20:00"),
        ("de", "morgen Abend um halb sieben", "2026-11-11T18:30"),
        ("de", "morgen um halb sieben abends", "2026-11-11T18:30"),
        ("de", "am 12.11. um 15:00", "2026-11-12T15:00"),
        ("de", "morgen früh um 8", "2026-11-11T08:00"),
        ("fr", "vendredi à 18h30", "2026-11-13T18:30"),
        ("fr", "demain à 18 h", "2026-11-11T18:00"),
        ("fr", "demain à 6 heures du soir", "2026-11-11T18:00"),
        ("fr", "le 12 novembre à 9h", "2026-11-12T09:00"),
        ("fr", "demain à six heures et demie du soir", "2026-11-11T18:30"),
        ("es", "el viernes a las 6 de la tarde", "2026-11-13T18:00"),
        ("es", "mañana a las 18:00", "2026-11-11T18:00"),
        ("es", "mañana a las 9 de la mañana", "2026-11-11T09:00"),
        ("es", "el 12 de noviembre a las siete y media de la tarde", "2026-11-12T19:30"),
        ("pl", "w piątek o 18:00", "2026-11-13T18:00"),
        ("pl", "jutro o godz. 18", "2026-11-11T18:00"),
        ("pl", "jutro o 6 wieczorem", "2026-11-11T18:00"),
        ("pl", "jutro o wpół do siódmej wieczorem", "2026-11-11T18:30"),
    ],
)
def test_a_time_is_read_with_its_day(language: str, text: str, moment: str) -> None:
    assert moments(text, language) == [moment]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "tomorrow at 6"),
        ("en", "Friday evening, 8 of them"),
        ("en", "tomorrow at 9:30"),  # in the morning, or at night?
        ("en", "tomorrow at half six pm"),  # 5.30 or 6.30
        ("en", "tomorrow at 12 am"),
        ("en", "at 6 pm"),  # on which day?
        ("en", "I ordered on 3 November, call me at 18:00"),
        ("en", "tomorrow between 6 pm and 8 pm"),
        ("en", "tomorrow 6-8 pm"),
        ("en", "tomorrow before 6 pm"),
        ("en", "tomorrow after 18:00"),
        ("en", "tomorrow around 6 pm"),
        ("en", "by Friday at 6 pm"),
        ("en", "not tomorrow at 6 pm"),
        ("en", "It came on 9 November at 6 pm"),
        ("en", "tomorrow at 18:00 UTC"),
        ("en", "tomorrow at 6 pm London time"),
        ("en", "tomorrow, within 24 h"),
        ("en", "tomorrow for 18.30 EUR"),
        ("de", "morgen um halb sieben"),
        ("de", "morgen um 3 Uhr"),
        ("de", "morgen zwischen 9 und 11 Uhr"),
        ("de", "morgen ab 18 Uhr"),
        ("de", "um 6 am Freitag"),
        ("fr", "demain avant 18h"),
        ("fr", "demain, dans 18 h"),
        ("es", "mañana a las 6"),
        ("es", "mañana hasta las 18:00"),
        ("pl", "jutro po 18:00"),
        ("pl", "jutro od 9:00 do 11:00"),
    ],
)
def test_what_is_in_doubt_or_no_time_is_not_read(language: str, text: str) -> None:
    assert moments(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "moment"),
    [
        ("en", "6 pm please", "2026-11-10T18:00"),
        ("en", "the 12th at 6 pm", "2026-11-12T18:00"),
        ("en", "Tomorrow suits me. I would say 6 pm", "2026-11-11T18:00"),
        ("de", "18 Uhr", "2026-11-10T18:00"),
        ("fr", "à 18h30 s'il vous plaît", "2026-11-10T18:30"),
        ("es", "a las 6 de la tarde", "2026-11-10T18:00"),
        ("pl", "o 18:00", "2026-11-10T18:00"),
        ("en", "Thu 6 pm", "2026-11-12T18:00"),
        ("en", "Thu at 6 pm", "2026-11-12T18:00"),
        ("de", "Do 18 Uhr", "2026-11-12T18:00"),
        ("de", "Do, 18:00", "2026-11-12T18:00"),
        ("de", "12.11. 18 Uhr", "2026-11-12T18:00"),
        ("fr", "jeu. 18h30", "2026-11-12T18:30"),
        ("es", "jue a las 18:00", "2026-11-12T18:00"),
        ("pl", "czw. o 18:00", "2026-11-12T18:00"),
    ],
)
def test_an_answer_may_be_short_and_leave_the_day_out_if_it_is_still_to_come_today(
    language: str, text: str, moment: str
) -> None:
    assert moments(text, language, "time") == [moment]


@pytest.mark.parametrize(
    "text",
    [
        "9 am",
        "not Friday, 6 pm",
        "6 pm, but not today",
        "6 pm or 7 pm",
        "any time",
        "18",
        "Sat is fine",
        "not Thu 6 pm",
    ],
)
def test_an_answer_that_says_no_time_to_come_is_asked_again(text: str) -> None:
    assert moments(text, "en", "time") == []


def test_a_time_that_the_clocks_skip_or_repeat_is_not_read() -> None:
    assert moments("on 25 October 2026 at 02:30") == []
    assert moments("on 28 March 2027 at 02:30") == []


def test_two_times_are_both_read_so_that_it_is_asked_which() -> None:
    assert moments("on Thursday at 6 pm or on Friday at 7 pm") == ["2026-11-12T18:00", "2026-11-13T19:00"]


def test_a_day_and_a_time_of_a_playbook_that_asks_for_both_are_read_from_the_same_words() -> None:
    found = Slots(kinds=["date", "time"]).read("on Friday at 6 pm", language="en", written_at=TUESDAY_NOON)

    assert [(one.slot_type, one.value) for one in found] == [
        ("date", "2026-11-13"),
        ("time", "2026-11-13T18:00:00+01:00"),
    ]


def test_times_are_looked_for_only_where_they_are_asked_for_and_their_moment_is_known() -> None:
    assert Slots().read("tomorrow at 6 pm", language="en", written_at=TUESDAY_NOON) == ()
    assert moments("tomorrow at 6 pm", at=None) == []


PARTS = st.sampled_from(
    [
        *"0123456789.:-hapm ,;\n",
        "18",
        "Uhr",
        " um ",
        " o ",
        "halb ",
        "sieben",
        "pm",
        "morgen ",
        "Friday ",
        "de la tarde",
        "İ",
        "ﬁ",
    ]
)


@given(st.lists(PARTS, max_size=30).map("".join), st.sampled_from(["en", "de", "fr", "es", "pl"]))
def test_whatever_is_written_a_time_is_an_instant_that_stands_in_the_text(text: str, language: str) -> None:
    for moment in moments(text, language, "time"):
        assert datetime.fromisoformat(moment)

"""Days are counted between calendar dates in the shop's zone; minutes and hours are exact."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.condition.calendar import Calendar
from resolver.condition.env import Env
from resolver.condition.values import Days, Unknown
from resolver.errors import Malformed

BERLIN = Calendar.of("Europe/Berlin", holidays=[date(2026, 12, 25)])
MINUTE = timedelta(minutes=1)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN.zone).astimezone(UTC)


@pytest.mark.parametrize("now", ["2026-12-01T00:00", "2026-12-01T12:00", "2026-12-01T23:59"])
def test_a_parcel_of_the_first_of_november_can_be_returned_all_day_on_the_first_of_december(shop, now):
    shop.now = berlin(now)
    order = shop.order(delivered_at=berlin("2026-11-01T08:00"))

    assert shop.value("order.delivered_at is at most 30 days ago", order=order) is True
    assert shop.value("order.delivered_at is more than 30 days ago", order=order) is False
    assert shop.value("order.delivered_at is at least 30 days ago", order=order) is True
    assert shop.value("order.delivered_at is less than 30 days ago", order=order) is False


def test_the_day_after_it_is_too_late_at_midnight(shop):
    shop.now = berlin("2026-12-02T00:00")
    order = shop.order(delivered_at=berlin("2026-11-01T23:59"))

    assert shop.value("order.delivered_at is more than 30 days ago", order=order) is True


@pytest.mark.parametrize(
    ("delivered", "now", "days"),
    [
        ("2026-03-28T23:59", "2026-03-29T00:00", 1),  # the night the hour is skipped
        ("2026-03-28T00:00", "2026-03-29T23:59", 1),
        ("2026-10-25T00:00", "2026-10-25T23:59", 0),  # the day of twenty-five hours
        ("2026-10-24T23:59", "2026-10-25T00:01", 1),
        ("2024-02-28T12:00", "2024-03-01T00:00", 2),
    ],
)
def test_days_are_calendar_days_also_when_clocks_change(shop, delivered, now, days):
    shop.now = berlin(now)
    order = shop.order(delivered_at=berlin(delivered))

    assert shop.value(f"order.delivered_at is at least {days} days ago", order=order) is True
    assert shop.value(f"order.delivered_at is more than {days} days ago", order=order) is False


def test_what_lies_ahead_is_not_at_most_so_many_days_ago(shop):
    tomorrow = shop.order(delivered_at=shop.now + timedelta(days=1))

    assert shop.value("order.delivered_at is at most 5 days ago", order=tomorrow) is False
    assert shop.value("order.delivered_at is less than 5 days ago", order=tomorrow) is False
    assert shop.value("not (order.delivered_at is more than 5 days ago)", order=tomorrow) is True
    assert shop.value("order.delivered_at is at most 5 days from now", order=tomorrow) is True
    assert shop.value("order.delivered_at is more than 0 days from now", order=tomorrow) is True


def test_later_today_is_not_at_most_a_day_ago_although_it_is_the_same_day(shop):
    order = shop.order(delivered_at=shop.now + MINUTE)

    assert shop.value("order.delivered_at is at most 1 day ago", order=order) is False
    assert shop.value("order.delivered_at is at most 1 day from now", order=order) is True


@pytest.mark.parametrize(("away", "more", "least", "less", "most"), [
    (timedelta(hours=24) - MINUTE, False, False, True, True),
    (timedelta(hours=24), False, True, False, True),
    (timedelta(hours=24) + MINUTE, True, True, False, False),
    (-MINUTE, False, False, False, False),
])  # fmt: skip
@pytest.mark.parametrize(("side", "sign"), [("ago", -1), ("from now", 1)])
def test_hours_are_exact_on_both_sides_of_now(shop, away, more, least, less, most, side, sign):
    moment = shop.now + sign * away

    answers = [
        shop.value(f"moment is {bound} 24 hours {side}", moment=moment)
        for bound in ("more than", "at least", "less than", "at most")
    ]

    assert answers == [more, least, less, most]


def test_hours_are_exact_over_the_changed_clock(shop):
    shop.now = berlin("2026-03-29T12:00")

    assert shop.value("moment is at least 24 hours ago", moment=berlin("2026-03-28T12:00")) is False
    assert shop.value("moment is at least 23 hours ago", moment=berlin("2026-03-28T12:00")) is True
    assert shop.value("moment is at least 1 day ago", moment=berlin("2026-03-28T12:00")) is True


def test_dates_are_compared_with_days_and_dates(shop):
    assert shop.value("day is at most 3 days from now") is True
    assert shop.value("day is less than 3 days from now") is False
    assert shop.value("day is after today") is True
    assert shop.value("day is not before today + 3 days") is True
    assert shop.value("day - 3 days = today") is True


@pytest.mark.parametrize(
    ("expected", "now", "late"),
    [
        (date(2026, 11, 27), "2026-12-01T08:00", 2),  # Friday to Tuesday
        (date(2026, 11, 28), "2026-12-01T08:00", 2),  # Saturday
        (date(2026, 11, 29), "2026-11-30T08:00", 1),  # Sunday to Monday
        (date(2026, 12, 24), "2026-12-28T08:00", 1),  # over the 25th, a holiday, and a weekend
        (date(2026, 12, 1), "2026-12-01T08:00", 0),
        (date(2026, 12, 2), "2026-12-01T08:00", -1),
    ],
)
def test_business_days_skip_weekends_and_holidays(shop, expected, now, late):
    shop.calendar, shop.now = BERLIN, berlin(now)
    order = shop.order(expected_on=expected)

    assert shop.value(f"order.expected_on is at least {max(late, 0)} business days ago", order=order) is (
        late >= 0
    )
    assert (
        shop.value(f"order.expected_on is more than {max(late, 0)} business days ago", order=order) is False
    )


@pytest.mark.parametrize(
    ("clock", "day", "instant"),
    [
        ("18:00", date(2026, 12, 1), "2026-12-01T17:00"),
        ("02:30", date(2026, 3, 29), "2026-03-29T01:30"),  # skipped: the later of both readings
        ("02:30", date(2026, 10, 25), "2026-10-25T01:30"),  # repeated: the second time
        ("00:00", date(2026, 7, 1), "2026-06-30T22:00"),
    ],
)
def test_a_clock_time_is_the_shops_and_the_later_one_if_there_is_doubt(shop, clock, day, instant):
    assert shop.value(f"day at {clock}", day=day) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_what_no_calendar_reaches_is_unknown(shop):
    for text in ("day + 36500 days", "day at 00:00", "day - 36500 business days"):
        for day in (date.min, date.max):
            value = shop.value(text, day=day)
            assert type(value) in (Unknown, date, datetime)
    assert type(shop.value("day + 1 day", day=date.max)) is Unknown


def test_the_time_of_a_decision_needs_its_zone():
    with pytest.raises(ValueError, match="zone"):
        Env({}, datetime(2026, 1, 1), BERLIN)  # noqa: DTZ001 - the missing zone is the point


@pytest.mark.parametrize(
    ("zone", "days"), [("Europe/Bonn", ["mon"]), ("../etc/passwd", ["mon"]), ("UTC", []), ("UTC", ["monday"])]
)
def test_a_calendar_that_cannot_be_is_refused(zone, days):
    with pytest.raises(Malformed):
        Calendar.of(zone, days)


DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))
CALENDARS = st.builds(
    lambda days, holidays: Calendar(BERLIN.zone, frozenset(days), frozenset(holidays)),
    st.sets(st.integers(0, 6), min_size=1),
    st.sets(DAYS, max_size=20),
)


@given(CALENDARS, DAYS, st.integers(0, 400))
def test_business_days_are_counted_as_one_would_on_paper(calendar, first, distance):
    last = first + timedelta(days=distance)

    one_by_one = sum(
        calendar.is_business_day(first + timedelta(days=step)) for step in range(1, distance + 1)
    )

    assert calendar.days_between(first, last, business=True) == one_by_one
    assert calendar.days_between(last, first, business=True) == -one_by_one


@given(CALENDARS, DAYS, st.integers(1, 200), st.sampled_from([1, -1]))
def test_adding_business_days_arrives_at_the_first_day_that_counts_so_many(calendar, start, count, sign):
    day = calendar.add(start, Days(sign * count, business=True))

    step = timedelta(days=sign)
    passed = [start + step * number for number in range(1, abs((day - start).days) + 1)]
    assert calendar.is_business_day(day)
    assert sum(map(calendar.is_business_day, passed)) == count


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.times())  # noqa: DTZ001 - dates to draw between
def test_every_clock_time_is_on_its_day_or_pushed_over_the_gap(moment, clock):
    day = moment.date()

    found = BERLIN.instant(day, clock.replace(microsecond=0)).astimezone(BERLIN.zone)

    assert found.date() == day
    assert found.time() >= time(clock.hour, clock.minute)

"""The shop's calendar: its time zone, working days and holidays, and how days are counted between instants.

Built from the policy, used by evaluation. It never asks what time it is.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from resolver.condition.values import Days
from resolver.errors import Malformed

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FEW = 10
"""Business days that are counted one by one."""
_EVERY_WORKDAY = frozenset(range(5))


@lru_cache(maxsize=64)  # the moments of a turn; many more only cost, since tickets share none
def _day_in(zone: ZoneInfo, instant: datetime) -> date:
    """The day of an instant in UTC. Only those: elsewhere, in a repeated hour, two instants are equal as keys."""
    return instant.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Calendar:
    """How days are counted: `business_days` are weekdays from 0 (Monday), `holidays` days on which nobody works."""

    zone: ZoneInfo
    business_days: frozenset[int] = _EVERY_WORKDAY
    holidays: frozenset[date] = frozenset()
    _days_off: tuple[date, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.business_days or not self.business_days <= set(range(7)):
            raise Malformed(
                "A calendar needs at least one business day.", remedy="name days such as [mon, tue, wed]"
            )
        off = sorted(day for day in self.holidays if day.weekday() in self.business_days)
        object.__setattr__(self, "_days_off", tuple(off))

    @classmethod
    def of(
        cls, zone: str, business_days: Iterable[str] = WEEKDAYS[:5], holidays: Iterable[date] = ()
    ) -> "Calendar":
        """A calendar from the words of a policy; `Malformed` if the zone or a weekday does not exist."""
        try:
            found = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Malformed(f"{zone!r} is no time zone.", remedy="write it like Europe/Berlin") from None
        words = list(business_days)
        if not set(words) <= set(WEEKDAYS):
            raise Malformed(f"{words} are not all weekdays.", remedy=f"use {', '.join(WEEKDAYS)}")
        return cls(found, frozenset(WEEKDAYS.index(word) for word in words), frozenset(holidays))

    def day_of(self, instant: datetime) -> date:
        """The calendar day on which the instant falls in the shop."""
        return _day_in(self.zone, instant) if instant.tzinfo is UTC else instant.astimezone(self.zone).date()

    def local(self, instant: datetime) -> datetime:
        """The same instant as clocks in the shop show it."""
        return instant.astimezone(self.zone)

    def is_business_day(self, day: date) -> bool:
        """Whether people work on that day."""
        return day.weekday() in self.business_days and day not in self.holidays

    def days_between(self, first: date, last: date, *, business: bool) -> int:
        """How many days of the kind lie behind `first` up to and with `last`; negative if `last` is earlier."""
        if not business:
            return (last - first).days
        if last < first:
            return -self.days_between(last, first, business=True)
        weeks, rest = divmod((last - first).days, 7)
        partial = sum((first.weekday() + step) % 7 in self.business_days for step in range(1, rest + 1))
        off = bisect_right(self._days_off, last) - bisect_right(self._days_off, first)
        return weeks * len(self.business_days) + partial - off

    def add(self, day: date, length: Days) -> date:
        """The day that lies `length` behind `day` (before it, if negative); `OverflowError` beyond the year 9999."""
        if not length.business or length.count == 0:
            return day + timedelta(days=length.count)
        step = 1 if length.count > 0 else -1
        if abs(length.count) <= _FEW:
            return self._few_later(day, abs(length.count), timedelta(days=step))
        near, far = 0, self._farthest(abs(length.count))
        while near < far:  # the first day at which so many business days were counted
            middle = (near + far) // 2
            counted = abs(self._business_days_off(day, step * middle, step))
            near, far = (near, middle) if counted >= abs(length.count) else (middle + 1, far)
        return day + timedelta(days=step * near)

    def _few_later(self, day: date, count: int, step: timedelta) -> date:
        while count:
            day += step
            count -= self.is_business_day(day)
        return day

    def _farthest(self, count: int) -> int:
        return (count // len(self.business_days) + len(self._days_off) + 2) * 7

    def _business_days_off(self, day: date, offset: int, step: int) -> int:
        """Business days passed on the way from `day`, without `day` itself, with the day arrived at."""
        if step > 0:
            return self.days_between(day, day + timedelta(days=offset), business=True)
        before = timedelta(days=1)
        return self.days_between(day + timedelta(days=offset) - before, day - before, business=True)

    def instant(self, day: date, clock: time) -> datetime:
        """That clock time on that day in the shop, in UTC; the later instant if the hour is skipped or repeated."""
        local = datetime.combine(day, clock, tzinfo=self.zone)
        other = local.replace(fold=1 - local.fold)
        return max(local.astimezone(UTC), other.astimezone(UTC))

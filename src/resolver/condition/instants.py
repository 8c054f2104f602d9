"""What `ago`, `from now`, `at 18:00` and added lengths of time mean.

Called by compiled expressions with values of the right types; the time of the decision comes in with `Env`.
"""

import operator as operators
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from resolver.condition.env import Env
from resolver.condition.syntax import CompareOperator
from resolver.condition.values import Days, Unknown

Direction = Literal["ago", "from now"]
_COMPARE: dict[CompareOperator, Callable[[int, int], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def so_many_days(
    instant: Callable[..., Any],
    count: int,
    operator: CompareOperator,
    direction: Direction,
    out_of_range: Unknown,
) -> Callable[..., Any]:
    """`is_away` for calendar days that are written out, the commonest form, as a part of a compiled expression."""
    compare, ago, near = _COMPARE[operator], direction == "ago", operator in ("<", "<=")

    def away(env: Env, it: Any = None) -> Any:
        when = instant(env, it)
        if type(when) is Unknown:
            return when
        try:
            day = env.calendar.day_of(when) if isinstance(when, datetime) else when
        except OverflowError:
            return out_of_range
        passed = env.today - day if ago else day - env.today
        return compare(passed.days, count) and (not near or _is_on_side(env, when, direction))

    return away


def is_away(
    env: Env,
    instant: datetime | date,
    length: Days | timedelta,
    operator: CompareOperator,
    direction: Direction,
) -> bool:
    """Whether the instant lies more than, at least … the length ago or from now.

    `less than` and `at most` also ask that it lies on that side of now at all.
    """
    if isinstance(length, timedelta):
        return isinstance(instant, datetime) and _exactly(env, instant, length, operator, direction)
    count = days_away(env, instant, direction, business=length.business)
    if operator == ">":
        return count > length.count
    if operator == ">=":
        return count >= length.count
    if not _is_on_side(env, instant, direction):
        return False
    return count < length.count if operator == "<" else count <= length.count


def days_away(env: Env, instant: datetime | date, direction: Direction, *, business: bool) -> int:
    """How many days lie between the instant's day and today; negative on the other side."""
    day = env.calendar.day_of(instant) if isinstance(instant, datetime) else instant
    first, last = (day, env.today) if direction == "ago" else (env.today, day)
    return env.calendar.days_between(first, last, business=business)


def moved(
    env: Env, start: datetime | date | timedelta, length: Days | timedelta, sign: int
) -> datetime | date | timedelta:
    """What lies `length` later (`sign` 1) or earlier (-1); `OverflowError` where no calendar reaches."""
    if isinstance(length, Days):
        if isinstance(start, timedelta | datetime):
            raise TypeError("days are added to dates only")
        return env.calendar.add(start, Days(sign * length.count, length.business))
    if isinstance(start, datetime):
        return start.astimezone(UTC) + sign * length
    return start + sign * length


def at_clock(env: Env, day: date, clock: time, out_of_range: Unknown) -> datetime | Unknown:
    """That clock time on that day in the shop's zone."""
    try:
        return env.calendar.instant(day, clock)
    except OverflowError:
        return out_of_range


def _is_on_side(env: Env, instant: datetime | date, direction: Direction) -> bool:
    if isinstance(instant, datetime):
        return instant <= env.now if direction == "ago" else instant >= env.now
    return instant <= env.today if direction == "ago" else instant >= env.today


def _exactly(
    env: Env, instant: datetime, length: timedelta, operator: CompareOperator, direction: Direction
) -> bool:
    passed = env.now - instant if direction == "ago" else instant - env.now
    if operator == ">":
        return passed > length
    if operator == ">=":
        return passed >= length
    near = timedelta() <= passed
    return near and (passed < length if operator == "<" else passed <= length)

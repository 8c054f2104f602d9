"""What an expression is evaluated in: the values of its root names, the time of the decision, the calendar.

Built by decision and gateway for each evaluation; nothing in it changes but the list of records it would need.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from msgspec import Struct, field
from msgspec.structs import force_setattr

from resolver.condition.calendar import Calendar
from resolver.condition.one_step import one_step
from resolver.condition.values import Reference, Unknown, Value, unknown


class Referred(Struct):
    """The records behind references: those read so far, and those an expression asked for that are still to be read."""

    known: Mapping[Reference, Value] = {}
    wanted: list[Reference] = []

    def follow(self, reference: Reference, name: str) -> Value:
        """The record, or unknown under `name` as long as it was not read."""
        found = self.known.get(reference)
        if found is not None:
            return unknown(name) if isinstance(found, Unknown) else found
        if reference not in self.wanted:
            self.wanted.append(reference)
        return unknown(name)


@one_step
def _day_of(calendar: Calendar, now: datetime) -> date:
    return calendar.day_of(now)


class Env(Struct, frozen=True):
    """`names` holds slots, records, computed values, `customer`, `ticket`, `limits`; what is not there is unknown.

    `now` must be aware; it is kept in UTC, and `today` is its day in the calendar's zone. `referred` are the records
    that fields declared `from LOOK_UP` lead to.
    """

    names: Mapping[str, Value]
    now: datetime
    calendar: Calendar
    referred: Referred = field(default_factory=Referred)
    _today: date | None = None

    def __post_init__(self) -> None:
        zone = self.now.tzinfo
        if zone is None:
            raise ValueError("the time of a decision needs its zone")
        if zone is not UTC:
            force_setattr(self, "now", self.now.astimezone(UTC))

    @property
    def today(self) -> date:
        """The day of the decision in the shop."""
        today = self._today
        if today is None:  # asked by every condition about days
            today = _day_of(self.calendar, self.now)
            force_setattr(self, "_today", today)
        return today

    def with_names(self, names: Mapping[str, Value]) -> "Env":
        """The same moment with other names."""
        return Env(names, self.now, self.calendar, self.referred, self._today)

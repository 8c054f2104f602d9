"""What kind of backend a sandbox is: whether it honours keys, guards what it pays, and shows old data for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

Idempotency = Literal["native", "none", "none_stale"]
View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class Habits:
    """What kind of backend this is. Stale: after a change, its next reads, or all within a time, show the past."""

    honours_keys: bool = True
    guards: bool = True
    stale_reads: int = 0
    stale_s: float = 0.0


def habits_of(
    idempotency: Idempotency, *, stale_reads: int = 3, stale_s: float = 5.0, guards: bool = True
) -> Habits:
    """The habits behind a word: `native` honours keys, `none` does not, `none_stale` shows old reads as well."""
    stale = idempotency == "none_stale"
    return Habits(
        honours_keys=idempotency == "native",
        guards=guards,
        stale_reads=stale_reads if stale else 0,
        stale_s=stale_s if stale else 0.0,
    )


@dataclass(slots=True)
class _Kept(Generic[View]):
    view: View
    reads_left: int
    until: datetime


class Past(Generic[View]):
    """What reads of a record still show after it changed. Not locked: its owner's transactions are."""

    def __init__(self, habits: Habits, now: Callable[[], datetime]) -> None:
        self._habits, self._now = habits, now
        self._kept: dict[str, _Kept[View]] = {}

    def keep(self, id_: str, view: Callable[[], View]) -> None:
        """Note what a record looks like before it changes, where this backend shows old data at all."""
        habits = self._habits
        if id_ not in self._kept and (habits.stale_reads or habits.stale_s):
            until = self._now() + timedelta(seconds=habits.stale_s)
            self._kept[id_] = _Kept(view(), habits.stale_reads, until)

    def seen(self, id_: str) -> View | None:
        """What a read shows instead of the present; `None` once the past is over."""
        kept = self._kept.get(id_)
        if kept is not None and (kept.reads_left > 0 or self._now() < kept.until):
            kept.reads_left -= 1
            return kept.view
        self._kept.pop(id_, None)
        return None

    def clear(self) -> None:
        """Forget it."""
        self._kept.clear()

"""Looking at a pending effect again: later and later, and once more the moment its time to settle is over.

Used by whatever ends a turn that leaves an effect pending, and by the turn that looked in vain.
"""

from collections.abc import Sequence
from datetime import timedelta

from resolver.resolution.resources import Resources
from resolver.store.database import Connection
from resolver.store.ledger import Entry
from resolver.store.times import read as read_time

WATCH_PAUSES_S = (60, 300, 900, 3600)
_MARGIN = timedelta(seconds=1)


def watch(resources: Resources, connection: Connection, case: str, entries: Sequence[Entry]) -> None:
    """Look at each of these effects that is pending again."""
    for entry in entries:
        if entry.state == "pending":
            watch_again(resources, connection, case, entry, generation=1)


def watch_again(
    resources: Resources, connection: Connection, case: str, entry: Entry, *, generation: int
) -> None:
    """Arm the timer that looks for the `generation`th time."""
    resources.engine.arm_timer(
        connection,
        case=case,
        kind=f"watch:{entry.id}",
        generation=generation,
        after=_pause(resources, entry, generation),
    )


def _pause(resources: Resources, entry: Entry, generation: int) -> timedelta:
    pause = timedelta(seconds=WATCH_PAUSES_S[min(generation, len(WATCH_PAUSES_S)) - 1])
    interfaces = resources.connections.interfaces
    narrowing, spec = interfaces.narrowing(entry.action), interfaces.action(entry.action)
    within = (narrowing.settles_within if narrowing else None) or (spec.settles_within if spec else None)
    if within is None:
        return pause
    left = read_time(entry.intended_at) + within - resources.clock()
    return min(pause, left + _MARGIN) if left > timedelta(0) else pause

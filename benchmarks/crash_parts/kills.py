"""Which kills a run makes: every boundary in turn, and as many at random moments, all from the seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.crash_parts.fuse import BOUNDARIES

LONGEST_LIFE_S = 2.5
_RANDOM_LIFE_S = (0.1, 2.2)
_OFTEN = ("checkpoint", "engine", "fetch", "look_up", "delivery")


@dataclass(frozen=True, slots=True)
class Kill:
    """One death: at a boundary the nth time it is passed, or after so long; a boundary not met dies after a while."""

    boundary: str | None
    nth: int
    after_s: float


def kills(chance: random.Random) -> Iterator[Kill]:
    """Kills without end: two at boundaries, one at random, round and round."""
    while True:
        boundaries = list(BOUNDARIES)
        chance.shuffle(boundaries)
        for place, boundary in enumerate(boundaries):
            most = 20 if boundary.endswith(_OFTEN) else 5
            yield Kill(boundary, chance.randint(1, most), LONGEST_LIFE_S)
            if place % 2:
                yield Kill(None, 1, chance.uniform(*_RANDOM_LIFE_S))

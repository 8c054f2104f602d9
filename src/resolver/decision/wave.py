"""A wave: what one pass over slots, look-ups and computed values found, and the edge it leaves on if it found one.

Made and filled by `prepare` and `fill`, read by the engine and by whoever puts questions. It decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from resolver.condition.env import Env
from resolver.condition.values import RecordValue, Value
from resolver.decision import effects
from resolver.decision.facts import OpenQuestion, SlotFact


class Edge(NamedTuple):
    """An outcome to go to without the rules: why, and if the run was stopped, by what."""

    outcome: str
    reason: str
    stopped_by: str | None = None


@dataclass(slots=True)
class Wave:
    """What one pass over the preparation found. `slots` is the facts' own mapping until something in it changes.

    `next` is where in the preparation it goes on if it stopped early for the record of `look_up`, else None. `reads`
    are the look-ups it has asked for, `options` what slots may be chosen from.
    """

    env: Env
    names: dict[str, Value]
    slots: Mapping[str, SlotFact]
    look_up: effects.LookUp | None = None
    edge: Edge | None = None
    prove: effects.Prove | None = None
    questions: list[OpenQuestion] = field(default_factory=list)
    next: int | None = None
    reads: dict[str, effects.LookUp] = field(default_factory=dict)
    options: dict[str, tuple[RecordValue, ...]] = field(default_factory=dict)

    def keep(self, name: str, fact: SlotFact) -> None:
        """Remember another fact about a slot."""
        self.slots = {**self.slots, name: fact}

    def take(self, edge: Edge) -> None:
        """Leave along this edge, unless another one came first."""
        if self.edge is None:
            self.edge = edge

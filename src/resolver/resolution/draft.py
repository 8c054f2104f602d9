"""What one run is going to say and set on the ticket in a turn, gathered effect by effect.

Kept sealed while an effect is under way, so that a recovered turn says the same. Pure; `update` makes one of all runs'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from resolver.decision.effects import Approve, Ask, CheckIn, Confirm, HandOff, Prove, Reply, SetTicket
from resolver.ticket import Status

Speaking = Ask | Prove | Confirm | CheckIn | Approve | Reply | SetTicket | HandOff


@dataclass(frozen=True, slots=True)
class Draft:
    """What was gathered. `queue` is the policy's queue name; `reads` are the look-ups behind the facts.

    `told` are results, `offered` the text of the offer `offer`, `asked` a question: in that order they are said.
    """

    told: tuple[str, ...] = ()
    offered: str | None = None
    asked: str | None = None
    status: Status | None = None
    priority: str | None = None
    queue: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    hand_off: HandOff | None = None
    note: str | None = None
    approve: Approve | None = None
    offer: str | None = None
    reads: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    progress: bool = False
    trace: dict[str, Any] | None = None  # the turn's trace up to the action under way
    held: str | None = None  # what is stored of a run whose words still need a go-ahead
    record: str | None = None  # and what it was decided from, to be decided again by replay

    def adds(self, effect: Speaking) -> "Draft":
        """This draft with one more thing to say or set."""
        match effect:
            case Ask() | Prove() | CheckIn():
                return replace(self, asked=effect.text)
            case Confirm():
                return replace(self, offered=effect.text, offer=effect.offer.id)
            case Approve():
                said = (effect.tell,) if effect.tell else ()
                return replace(self, told=(*self.told, *said), approve=effect, offer=effect.offer.id)
            case Reply():
                return replace(self, told=(*self.told, effect.text))
            case HandOff():
                said = (effect.tell,) if effect.tell else ()
                return replace(self, told=(*self.told, *said), hand_off=effect)
            case SetTicket():
                return self._sets(effect)

    def read(self, name: str, arguments: Mapping[str, Any]) -> "Draft":
        """This draft, remembering a look-up that a later effect reads again."""
        return replace(
            self, reads=(*(one for one in self.reads if one != (name, arguments)), (name, arguments))
        )

    def quiet(self) -> "Draft":
        """This draft without a word to the customer."""
        return replace(self, told=(), offered=None, asked=None, offer=None)

    @property
    def speaks(self) -> bool:
        """Whether the customer gets a text."""
        return bool(self.told or self.offered or self.asked)

    def _sets(self, effect: SetTicket) -> "Draft":
        return replace(
            self,
            status=effect.status or self.status,
            priority=effect.priority or self.priority,
            queue=effect.queue or self.queue,
            add_tags=tuple(dict.fromkeys((*self.add_tags, *effect.add_tags))),
            remove_tags=tuple(dict.fromkeys((*self.remove_tags, *effect.remove_tags))),
            fields={**self.fields, **effect.fields},
        )

    def to_json(self) -> str:
        """Everything, as text to be sealed."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Draft":
        """Read `to_json` back."""
        return msgspec.json.decode(text, type=cls)

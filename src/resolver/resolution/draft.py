"""What a turn is going to say and set on the ticket, gathered effect by effect, then one update (two at most).

Kept sealed while an effect is under way, so that a recovered turn says the same. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from resolver.decision.effects import Approve, Ask, CheckIn, Confirm, HandOff, Reply, SetTicket, Wait
from resolver.playbook.policy import Policy
from resolver.ticket import Status, WriteBack

Speaking = Ask | Confirm | CheckIn | Approve | Reply | SetTicket | HandOff


@dataclass(frozen=True, slots=True)
class Draft:
    """The gathered update. `queue` is the policy's queue name; `reads` are the look-ups behind the facts."""

    texts: tuple[str, ...] = ()
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
    record: str | None = None  # and what it was decided from, to be decided again by replay

    def adds(self, effect: Speaking) -> "Draft":
        """This draft with one more thing to say or set."""
        match effect:
            case Ask():
                return replace(self, texts=(*self.texts, effect.text))
            case Confirm():
                return replace(self, texts=(*self.texts, effect.text), offer=effect.offer.id)
            case Approve():
                said = (effect.tell,) if effect.tell else ()
                return replace(self, texts=(*self.texts, *said), approve=effect, offer=effect.offer.id)
            case Reply() | CheckIn():
                return replace(self, texts=(*self.texts, effect.text))
            case HandOff():
                said = (effect.tell,) if effect.tell else ()
                return replace(self, texts=(*self.texts, *said), hand_off=effect)
            case SetTicket():
                return self._sets(effect)

    def read(self, name: str, arguments: Mapping[str, Any]) -> "Draft":
        """This draft, remembering a look-up that a later effect reads again."""
        return replace(
            self, reads=(*(one for one in self.reads if one != (name, arguments)), (name, arguments))
        )

    def quiet(self) -> "Draft":
        """This draft without a word to the customer."""
        return replace(self, texts=(), offer=None)

    @property
    def speaks(self) -> bool:
        """Whether the customer gets a text."""
        return bool(self.texts)

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

    def updates(
        self, wait: Wait | None, policy: Policy, *, ended: bool, marker: str
    ) -> tuple[WriteBack, ...]:
        """The updates this draft comes to: none, one, or note then reply. Markers are `marker-0`, `marker-1`."""
        text = "\n\n".join(self.texts) or None
        if self.hand_off is not None:
            return self._hand_off_updates(self.hand_off, text, policy, marker)
        status = self.status or self._status(wait, policy, ended=ended, speaks=text is not None)
        queue = policy.queues.get(self.queue) if self.queue else None
        empty = WriteBack(marker=f"{marker}-0")
        update = replace(self._fields(empty), public=text, status=status, queue=queue)
        return () if update == empty else (update,)

    def _fields(self, update: WriteBack) -> WriteBack:
        """The update with the ticket fields that steps have set."""
        return replace(
            update,
            priority=self.priority,
            add_tags=self.add_tags,
            remove_tags=self.remove_tags,
            fields=dict(self.fields),
        )

    def _hand_off_updates(
        self, hand_off: HandOff, text: str | None, policy: Policy, marker: str
    ) -> tuple[WriteBack, ...]:
        queue = policy.queues.get(hand_off.queue) or policy.queues["default"]
        note = replace(
            self._fields(WriteBack(marker=f"{marker}-0")),
            private=self.note or hand_off.summary,
            status=Status.OPEN,
            queue=queue,
            release=True,
            priority=hand_off.priority or self.priority,
        )
        if text is None:
            return (note,)
        return (note, WriteBack(marker=f"{marker}-1", public=text, status=Status.OPEN))

    def _status(self, wait: Wait | None, policy: Policy, *, ended: bool, speaks: bool) -> Status | None:
        if wait is not None:
            return Status.PENDING if wait.for_ == "customer" else Status.OPEN
        return policy.status_at_end if ended and speaks else None

    def to_json(self) -> str:
        """Everything, as text to be sealed."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Draft":
        """Read `to_json` back."""
        return msgspec.json.decode(text, type=cls)

"""What became of an effect, and the line of the audit trail that says so.

Made by whoever sends an effect or looks into it, and by people who close one that stayed unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from resolver.store import trail
from resolver.store.database import Connection
from resolver.store.ledger import Entry
from resolver.store.measures import Measure
from resolver.store.measures import add as measure

State = Literal["done", "refused", "pending", "unknown", "stopped", "later"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an effect. `later`: the other side is down, nothing is lost, the same row is tried again."""

    state: State
    code: str | None = None
    external_id: str | None = None
    stopped_by: str | None = None
    gives: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The tagged object a durable step returns (reference condition 8)."""
        return {name: getattr(self, name) for name in ("state", "code", "external_id", "stopped_by")}


def record(
    connection: Connection, entry: Entry, answer: Answer, *, how: str, now: datetime, by: str | None = None
) -> None:
    """Write the effect's line in the trail, and its measure; `by` is the person who closed it, if one did."""
    line = {
        "what": "effect",
        "case": entry.case,
        "run": entry.run,
        "turn": entry.turn,
        "step": entry.step,
        "generation": entry.generation,
        "action": entry.action,
        "key": entry.key,
        "offer": entry.offer,
        "result": answer.state,
        "how": how,
        "code": answer.code,
        "external": answer.external_id,
        "stopped_by": answer.stopped_by,
        "at": now.isoformat(),
    }
    trail.append(
        connection, case=entry.case, run=entry.run, turn=entry.turn, record=line | ({"by": by} if by else {})
    )
    if answer.state in ("done", "pending") and entry.pays_minor is not None:
        measure(connection, [_paid(entry, answer)], now=now)


def _paid(entry: Entry, answer: Answer) -> Measure:
    return Measure(
        "amount",
        entry.case.partition(":")[0],
        entry.case,
        run=entry.run,
        playbook=entry.playbook,
        reason=answer.state,
        amount_minor=entry.pays_minor,
        currency=entry.pays_currency,
    )

"""What this process knows of a turn it has begun, so that it need not read back what it has just written.

Kept by `turn` from the first transaction of a turn to its end. After a crash there is none: everything is read again.
"""

from dataclasses import dataclass, field

import msgspec

from resolver.decision.facts import Facts
from resolver.reading import Reading
from resolver.store import cases, runs
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.runs import Run
from resolver.store.vault import SubjectKey, Vault
from resolver.store.writebacks import Row
from resolver.ticket import WriteBack


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a row's sealed document holds: the update, whose activity it respects, and what was done before it.

    `instead` is the note that takes a reply's place once a person has taken over; without it the reply is dropped.
    """

    update: WriteBack
    staff_stamp: str
    requester: str
    instead: str | None = None

    def to_json(self) -> str:
        """As text to be sealed."""
        return msgspec.json.encode(self).decode()


@dataclass(slots=True)
class UnderWay:
    """One turn. `waiting` are the runs that wait on its case; `unsent` its updates that have surely not left yet."""

    turn: Turn
    case: Case
    key: SubjectKey
    waiting: list[Run]
    facts: list[Facts] | None = None  # of those runs, opened once
    readings: list[Reading] | None = None
    unsent: dict[str, tuple[Row, Sealed]] = field(default_factory=dict)
    last: str | None = None  # the update after which the turn is over, if nothing stops one
    first_reply: bool = False  # whether its public update is the ticket's first


def stored(connection: Connection, seq: int, vault: Vault) -> UnderWay:
    """What is stored of a turn that was begun before a crash, or by an earlier event."""
    turn = cases.get_turn(connection, seq)
    case = cases.get(connection, turn.case) if turn else None
    if turn is None or case is None:
        raise LookupError(f"turn {seq} was never begun")
    return UnderWay(
        turn, case, vault.known(connection, case.requester), runs.waiting(connection, case.waiting)
    )

"""An archived ticket: what was written and understood, what the shop had, what the agents did. Types only.

Made by `archive` from one line of a file, played by `playing`, judged by `verdict`.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from resolver.condition.values import RecordValue, Value
from resolver.decision.effects import Disposition
from resolver.money import Money
from resolver.reading import Reading
from resolver.ticket import Level

Done = tuple[str, Money | None]
"""An action and what it paid; None if it moves no money."""


class Agents(Struct, frozen=True):
    """How people handled the ticket. `disposition` and `queue` None: the file does not say."""

    done: tuple[Done, ...] = ()
    disposition: Disposition | None = None
    queue: str | None = None


class Archived(Struct, frozen=True):
    """One ticket. `records` are by look-up, `intent` None if the file does not say what it is about.

    `customer` and `ticket` are what a playbook sees under these names. `readings` are at least one, oldest first.
    """

    id: str
    intent: str | None
    opened_at: datetime
    language: str
    level: Level
    customer: Mapping[str, Value]
    ticket: Mapping[str, Value]
    readings: tuple[Reading, ...]
    records: Mapping[str, tuple[RecordValue, ...]] = {}
    agents: Agents | None = None

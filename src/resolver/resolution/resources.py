"""All that turns work with, wired once by `app` and handed to every part of this package."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from resolver.clock import Clock
from resolver.connector.registry import Connections
from resolver.decision.facts import Facts
from resolver.durable.engine import Engine
from resolver.gateway.codes import Codes
from resolver.gateway.lookups import LookUps
from resolver.gateway.send import Gateway
from resolver.knowledge.port import Knowledge
from resolver.reading import Reading
from resolver.resolution.certified import Certified
from resolver.resolution.plans import Plans
from resolver.resolution.under_way import UnderWay, stored
from resolver.store.database import Database
from resolver.store.runs import Run
from resolver.store.vault import SubjectKey, Vault
from resolver.ticket import MessageId, Ticket


class Reader(Protocol):
    """Understanding, as turns need it: CPU bound, safe to call from threads."""

    def read(
        self,
        message: MessageId,
        text: str,
        *,
        html: str | None = None,
        language_hint: str | None = None,
        asked: Collection[str] = (),
        written_at: datetime | None = None,
    ) -> Reading:
        """What one message says. `asked` is what the open question expects, `written_at` its moment in the shop."""


class Polisher(Protocol):
    """A model that rephrases, as turns need it. What it says is sent only if it keeps everything."""

    async def rephrase(self, text: str, *, language: str, keep: Sequence[str]) -> str:
        """The text in other words, in the same language, with every text of `keep` in it as it stands.

        Raises:
            Unavailable: The model cannot be reached; the plain text goes out.
        """


@dataclass(slots=True)
class Resources:
    """Everything a turn needs. `sandboxed`: every connection is a sandbox, so `auto` needs no certificate.

    `certified` knows the certificates; there is none where none is needed. `least_score` is what an answer of the
    knowledge base must reach to be sent, in per cent.
    """

    database: Database
    vault: Vault
    connections: Connections
    look_ups: LookUps
    gateway: Gateway
    codes: Codes
    engine: Engine
    plans: Plans
    reader: Reader
    clock: Clock
    salt: str
    sandboxed: bool
    certified: Certified | None = None
    knowledge: Knowledge | None = None
    least_score: int = 0
    polisher: Polisher | None = None
    fetch_tries: int = 5
    tickets: dict[int, Ticket] = field(default_factory=dict)
    """What a turn under way has fetched, by its number."""
    under_way: dict[int, UnderWay] = field(default_factory=dict)
    """The turns this process has begun, by number."""

    async def known(self, seq: int) -> UnderWay:
        """What is known of a turn: by this process if it began it, else as it is stored."""
        if seq in self.under_way:
            return self.under_way[seq]
        return await self.database.read(lambda c: stored(c, seq, self.vault))

    async def facts(self, run: Run, key: SubjectKey) -> Facts:
        """A run's facts as they were stored last."""
        plan, policy = await self.plans.plan(run.plan), await self.plans.policy(run.policy)
        return Facts.from_json(key.open(run.facts_sealed), plan, policy)

    async def waiting(self, known: UnderWay) -> list[Facts]:
        """The facts of the runs that wait on a turn's case, in run order."""
        if known.facts is None:
            known.facts = [await self.facts(run, known.key) for run in known.waiting]
        return known.facts

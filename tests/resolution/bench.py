"""One life of the resolver after the other on one database, each knowing nothing but what is stored.

Turns are taken by hand, so that a life can end before or after any step of a turn. What is heard is heard by the
life that takes the turn; who takes a turn again is always somebody new.
"""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from resolver.app import Resolver
from resolver.connector.registry import read_shelf
from resolver.durable import workflow
from resolver.durable.workflow import Json, Work
from resolver.gateway import consent
from resolver.intake import receive
from resolver.resolution.replaying import Replay
from resolver.resolution.turn import Turns
from resolver.resolution.understand import Understanding
from resolver.store import approvals, runs
from resolver.store.database import Connection
from tests.installation import Installation
from tests.learning import trained


class Died(BaseException):
    """The process is gone; nothing of ours may catch this."""


@dataclass(slots=True)
class Life:
    """One life of the resolver. It dies at its `dies_at`-th step: before it was taken, or after but unheard."""

    resolver: Resolver
    dies_at: int | None = None
    after: bool = False
    steps: list[str] = field(default_factory=list)

    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        self.steps.append(name)
        dying = len(self.steps) == self.dies_at
        if dying and not self.after:
            raise Died
        answer = await work()
        if dying:
            raise Died
        return answer

    async def takes(self, seq: int) -> None:
        """Take the turn of this event; what is left of a dead life is let go."""
        resources = self.resolver.resources
        reading, turns = Understanding(resources), Turns(resources)

        async def understood(turn: int) -> Json:
            return await self.step("understand", lambda: reading.understand(turn))

        async def performed(row: str) -> Json:
            return await self.step(row.partition("-")[0], lambda: self.resolver.perform(row))

        workflow.register(Work(turns.take, understood, performed, self.resolver.intake.timer))
        try:
            await turns.take(seq)
        finally:
            workflow.register(None)
            reading.close()


@dataclass(slots=True)
class Bench:
    """Sandboxes, one database, and one life after the other."""

    installation: Installation
    email: str
    ticket: int = 0
    seq: int = 0
    _listening: Resolver | None = None

    @property
    def case(self) -> str:
        return f"zendesk:{self.ticket}"

    async def hears(self, text: str) -> None:
        """The customer writes; the event is stored and its turn not yet taken."""
        zendesk = self.installation.zendesk
        self.ticket = zendesk.customer_writes(self.email, "Ann", "Hello", text, ticket=self.ticket or None)
        resources = (await self._listens()).resources
        await resources.database.write(
            lambda c: receive.add(
                c, resources.engine, clock=resources.clock, connection="zendesk",
                event_id=f"{self.ticket}-{text}", kind="ticket.comment_added", ticket=str(self.ticket),
            )
        )  # fmt: skip
        self.seq = resources.database.read_now(lambda c: runs.events_of(c, self.case))[-1][0]

    async def accepts(self) -> None:
        """An agent gives the go-ahead for the newest suggestion; its turn is not yet taken."""
        resources = (await self._listens()).resources

        def job(connection: Connection) -> str:
            asked = approvals.suggested(connection, self.case)
            assert asked is not None
            policy, now = resources.plans.library().policy, resources.clock()
            came = consent.go_ahead(
                connection, asked.id, decision="accepted", agent="a@acme.example", policy=policy, now=now
            )
            assert isinstance(came, consent.Answered)
            receive.add(
                connection, resources.engine, clock=resources.clock, connection="zendesk",
                event_id=came.event_id, kind=came.event_id, ticket=str(self.ticket),
            )  # fmt: skip
            return asked.id

        await resources.database.write(job)
        self.seq = resources.database.read_now(lambda c: runs.events_of(c, self.case))[-1][0]

    async def lives(self, *, dies_at: int | None = None, after: bool = False) -> Life:
        """A resolver is started on the database, takes the turn, and dies on the way if told so."""
        life = Life(await self._listens(), dies_at, after)
        with contextlib.suppress(Died):
            await life.takes(self.seq)
        await self.ends()
        return life

    async def ends(self) -> None:
        """Whoever still listens is gone."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.close()

    async def replays(self) -> list[str]:
        """How the ticket's runs are decided again."""
        resources = (await self._listens()).resources
        found = resources.database.read_now(lambda c: Replay(c, resources.vault).of_ticket(self.case))
        await self.ends()
        return [one.ending for one in found]

    async def _listens(self) -> Resolver:
        """Who listens now, or somebody new."""
        if self._listening is None:
            config = self.installation.connected(read_shelf(()))
            self._listening = await Resolver.open(config, sandboxed=True, reader=trained())
        return self._listening

    @property
    def said(self) -> list[str]:
        return [
            one["body"] for one in self.installation.zendesk.ticket(self.ticket)["comments"] if one["bot"]
        ]

    @property
    def replies(self) -> list[str]:
        comments = self.installation.zendesk.ticket(self.ticket)["comments"]
        return [one["body"] for one in comments if one["bot"] and one["public"]]

    @property
    def paid(self) -> list[str]:
        return [one.amount for one in self.installation.shop.refunds if one.number == self.order]

    @property
    def order(self) -> str:
        return "31001"

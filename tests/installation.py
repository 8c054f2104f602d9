"""A whole installation for tests: sandboxes, a resolver on them, and a desk and a shop that tests read like people.

The durable engine is one per process, so at most one installation runs at a time: `RUNNING` swaps them.
"""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from connectors.demo_billing.sandbox import BillingSandbox
from connectors.demo_shop.sandbox import ShopSandbox
from connectors.demo_shop.sandbox_ledger import Movement
from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings
from resolver import starters
from resolver.clock import system_clock
from resolver.config import Config, KnowledgeConfig
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.registry import Shelf
from resolver.decision.facts import Facts
from resolver.gateway import consent
from resolver.gateway.consent import Answered, NotAccepted
from resolver.intake import receive
from resolver.proof.certificate import FOLDER
from resolver.resolution.resources import Polisher
from resolver.sandboxed import QUICK, Sandboxed
from resolver.store import approvals, cases, events, ledger, runs, switches, trail, writebacks
from resolver.store.approvals import Approval
from resolver.store.cases import Case
from resolver.store.database import Connection
from resolver.store.ledger import Entry
from resolver.store.runs import Run
from resolver.store.writebacks import Row
from tests.databases import ready_database
from tests.learning import trained

PATIENCE_S = 30.0
_NUMBERS = count(20_001)
_PEOPLE = count(1)

Edit = tuple[str, str, str]
"""A change to a starter file: its name, a text that stands in it, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class House:
    """The rules of an installation: how it differs from the starters on SQLite with a shop that honours keys.

    `articles` are those of its knowledge base, by file name; without any it has none. `polisher` rephrases its replies.
    `own` is a folder with playbooks and connectors of its own, instead of the starters.
    """

    edits: tuple[Edit, ...] = ()
    mode: str = "auto"
    database: str = ""
    idempotency: Literal["native", "none", "none_stale"] = "native"
    fetch_tries: int = 5
    needs_proof: bool = False
    articles: tuple[tuple[str, str], ...] = ()
    polisher: Polisher | None = None
    own: Path | None = None


class Installation(Sandboxed):
    """Sandboxes and resolver by the rules of a house, with rate limits that no test can reach."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.folder = Path(tempfile.mkdtemp(prefix="rsv"))
        sandboxes = {
            "zendesk": ZendeskSandbox(
                ZendeskSandboxSettings(
                    requests_per_minute=1_000_000,
                    updates_per_minute=1_000_000,
                    updates_per_ticket=1_000,
                    speed=20.0,
                )
            ),
            "demo_billing": BillingSandbox(),
            "demo_shop": ShopSandbox(Setting(idempotency=house.idempotency, stale_reads=1_000)),
        }
        if not house.database:
            ready_database("sqlite", _made(self.folder / "data"))
        own_folder = (
            house.own or house.edits or house.needs_proof
        )  # else the starters where they lie, which are read once
        config = Config(
            engine=QUICK,
            playbooks=_playbooks(self.folder / "playbooks", house) if own_folder else None,
            connector_folders=(house.own / "connectors",) if house.own else (),
            database=house.database,
            fetch_tries=house.fetch_tries,
            knowledge=_knowledge(self.folder / "knowledge", house.articles),
            drain=timedelta(seconds=5),
        )
        self._ahead = timedelta(0)
        super().__init__(
            self.folder / "data",
            config=config,
            sandboxes=sandboxes,
            reader=trained() if house.own is None else None,
            clock=self.now,
            needs_proof=house.needs_proof,
            polisher=house.polisher,
        )

    def now(self) -> datetime:
        """The resolver's clock: the machine's, moved by what tests say."""
        return system_clock() + self._ahead

    @contextmanager
    def ahead(self, **by: float) -> Iterator[None]:
        """The resolver's clock shows a later time meanwhile; deliveries would look forged, so none may come."""
        self._ahead = timedelta(**by)
        try:
            yield
        finally:
            self._ahead = timedelta(0)

    def connected(self, shelf: Shelf) -> Config:
        """The configuration with the house's mode, and with nothing to wait for."""
        config = super().connected(shelf)
        fast = {"requests_per_minute": "900000", "updates_per_minute": "900000"}
        zendesk = config.connections["zendesk"]
        zendesk = replace(zendesk, mode=self.house.mode, settings={**zendesk.settings, **fast})
        shop = config.connections["demo_shop"]
        shop = replace(shop, settings={**shop.settings, "timeout_s": "0.5"})
        return replace(config, connections={**config.connections, "zendesk": zendesk, "demo_shop": shop})

    @property
    def zendesk(self) -> ZendeskSandbox:
        """The helpdesk."""
        found = self.sandboxes["zendesk"]
        assert isinstance(found, ZendeskSandbox)
        return found

    @property
    def shop(self) -> ShopSandbox:
        """The shop."""
        found = self.sandboxes["demo_shop"]
        assert isinstance(found, ShopSandbox)
        return found

    @property
    def billing(self) -> BillingSandbox:
        """The billing system."""
        found = self.sandboxes["demo_billing"]
        assert isinstance(found, BillingSandbox)
        return found

    def read(self, job: Callable[[Connection], Any]) -> Any:
        """Ask the store."""
        return self.resolver.resources.database.read_now(job)

    async def write(self, job: Callable[[Connection], Any]) -> Any:
        """Change the store, as an operator's command would."""
        return await self.resolver.resources.database.write(job)

    async def pauses(self, name: str) -> None:
        """Pull the kill switch, as `resolver pause` does."""
        await self.write(lambda c: switches.throw(c, name, by="ops@acme.example", now=system_clock()))

    async def withdraws(self, plan: str) -> None:
        """Withdraw a plan, as `resolver withdraw` does."""
        await self.pauses(f"{switches.PLAN}{plan}")

    async def resumes(self, name: str) -> None:
        """Release the kill switch."""
        await self.write(lambda c: switches.release(c, name))

    def workflows(self, prefix: str) -> list[str]:
        """The ids of the engine's workflows that begin like this, oldest first."""
        table = "workflow_status" if self.resolver.resources.database.is_sqlite else "dbos.workflow_status"
        query = f"SELECT workflow_uuid FROM {table} WHERE workflow_uuid LIKE :like ORDER BY created_at"
        rows = self.read(lambda c: c.execute(sa.text(query), {"like": f"{prefix}%"}).scalars().all())
        return [str(row) for row in rows]

    async def forgets_timers(self) -> None:
        """Drop the timers that have not fired: between two tests there is no loop for their turns to run on."""
        table = "workflow_status" if self.resolver.resources.database.is_sqlite else "dbos.workflow_status"
        query = (
            f"DELETE FROM {table} WHERE workflow_uuid LIKE 'timer:%' AND status IN ('DELAYED', 'ENQUEUED')"
        )
        await self.write(lambda c: c.execute(sa.text(query)))

    async def settles(self) -> None:
        """Wait until every delivery has arrived and every event has had its turn."""
        deadline = time.monotonic() + PATIENCE_S
        while not await self._is_quiet():
            assert time.monotonic() < deadline, f"not quiet: {self.read(events.count_by_state)}"
            await asyncio.sleep(0.02)

    async def _is_quiet(self) -> bool:
        """Deliveries before events before deliveries: a turn's own update rings once more."""
        if not await asyncio.to_thread(self.zendesk.idle, PATIENCE_S):
            return False
        return not self.read(events.count_by_state).get("queued") and self.zendesk.idle(0)


def _knowledge(folder: Path, articles: tuple[tuple[str, str], ...]) -> KnowledgeConfig | None:
    if not articles:
        return None
    folder.mkdir()
    for name, text in articles:
        (folder / name).write_text(text, "utf-8")
    return KnowledgeConfig(folder)


class Running:
    """The one installation that runs in this process, or another holder of the engine."""

    def __init__(self) -> None:
        self._house: House | None = None
        self._installation: Installation | None = None

    async def by(self, house: House) -> Installation:
        """The installation with these rules; another one that runs is closed first."""
        if self._installation is None or self._house != house:
            await self.vacate()
            installation = Installation(house)
            await installation.__aenter__()
            self._house, self._installation = house, installation
        return self._installation

    async def vacate(self) -> None:
        """Close what runs, so that the engine is free."""
        if self._installation is not None:
            await self._installation.__aexit__(None, None, None)
            shutil.rmtree(self._installation.folder)
        self._house = self._installation = None


RUNNING = Running()


@dataclass(slots=True)
class Shop:
    """The shop as one customer's test sees it: orders of that customer, and what happened to them."""

    sandbox: ShopSandbox
    email: str
    numbers: list[str] = field(default_factory=list)

    def has_order(self, **fields: object) -> str:
        """Put an order in; returns its number. Delivered three days ago and paid 39.90 EUR unless said otherwise."""
        number = str(next(_NUMBERS))
        self.sandbox.has_order(number, **{"email": self.email, **fields})
        self.numbers.append(number)
        return number

    def changes(self, number: str, **fields: object) -> None:
        """Let the shop's staff change an order."""
        self.sandbox.changes(number, **fields)

    def movements(self, number: str | None = None) -> list[Movement]:
        """Everything that happened to the order, or to all orders of this test."""
        wanted = self.numbers if number is None else [number]
        return [one for one in self.sandbox.movements() if one.number in wanted]

    @property
    def paid_back(self) -> list[tuple[str, str]]:
        """Kind and amount of every payment."""
        return [(one.kind, f"{one.amount} {one.currency}") for one in self.movements() if one.amount]

    def status(self, number: str) -> str:
        """The order's status."""
        return self.sandbox.order(number).status


@dataclass(slots=True)
class Ticket:
    """A ticket as a person reads it in the helpdesk, and as an operator reads it in the store."""

    desk: "Desk"
    number: int

    async def answers(self, text: str, **how: Any) -> None:
        """The requester answers, and everything that follows has happened."""
        self.desk.writes(text, ticket=self.number, **how)
        await self.desk.installation.settles()

    async def ring(self, kind: str, generation: int | None = None) -> None:
        """Let a timer of this ticket fire now; the newest generation unless another is named."""
        newest = self.case.timer if generation is None else generation
        await self.desk.installation.resolver.intake.timer(self.case_id, kind, newest)
        await self.desk.installation.settles()

    async def retries(self) -> None:
        """Let what was put off be tried now: fires the timer that was armed last for a fetch or a resumption."""
        armed = self.timers("fetch") + self.timers("resume")
        assert armed, f"nothing was put off: {self.endings}"
        kind, _, generation = max(armed, key=lambda one: int(one.rpartition(":")[2])).rpartition(":")
        await self.ring(kind, int(generation))

    async def looks_at_pending_money(self, generation: int = 1) -> None:
        """Let the timer of a pending effect fire."""
        await self.ring(f"watch:{self.effects[-1].id}", generation)

    def armed_for(self, word: str) -> list[int]:
        """The generations of the timers of this kind that were ever armed."""
        return [int(one.rpartition(":")[2]) for one in self.timers(word)]

    def timers(self, word: str) -> list[str]:
        """The timers that were ever armed: kind and generation, oldest first."""
        prefix = f"timer:{self.case_id}:"
        ids = self.desk.installation.workflows(f"{prefix}{word}")
        return [one.removeprefix(prefix) for one in ids]

    async def settles(self) -> None:
        """Wait until nothing is under way."""
        await self.desk.installation.settles()

    @property
    def _whole(self) -> Mapping[str, Any]:
        return self.desk.installation.zendesk.ticket(self.number)

    @property
    def status(self) -> str:
        """The helpdesk's word."""
        return str(self._whole["status"])

    @property
    def queue(self) -> str | None:
        """The group's name."""
        return self._whole["group"]  # type: ignore[no-any-return]  # the sandbox answers in JSON

    @property
    def assignee(self) -> str | None:
        """The agent's name."""
        return self._whole["assignee"]  # type: ignore[no-any-return]  # the sandbox answers in JSON

    @property
    def tags(self) -> list[str]:
        """The tags."""
        return list(self._whole["tags"])

    @property
    def replies(self) -> list[str]:
        """What the resolver told the customer."""
        return [one["body"] for one in self._whole["comments"] if one["bot"] and one["public"]]

    @property
    def notes(self) -> list[str]:
        """What the resolver told the agents."""
        return [one["body"] for one in self._whole["comments"] if one["bot"] and not one["public"]]

    @property
    def updates(self) -> int:
        """How often the resolver changed the ticket."""
        return len([one for one in self._whole["audits"] if one["author"] == "Resolver"])

    @property
    def case_id(self) -> str:
        """The id of its case."""
        return f"zendesk:{self.number}"

    @property
    def case(self) -> Case:
        """Its case."""
        found = self.desk.installation.read(lambda c: cases.get(c, self.case_id))
        assert isinstance(found, Case)
        return found

    @property
    def known(self) -> bool:
        """Whether there is a case at all."""
        return self.desk.installation.read(lambda c: cases.get(c, self.case_id)) is not None

    @property
    def runs(self) -> list[Run]:
        """Its runs, oldest first."""
        return list(self.desk.installation.read(lambda c: runs.of_case(c, self.case_id)))

    @property
    def disposition(self) -> str | None:
        """How the newest run ended."""
        return self.runs[-1].disposition if self.runs else None

    @property
    def playbooks(self) -> list[str]:
        """The playbooks at work, in order."""
        return [run.playbook for run in self.runs]

    @property
    def waits_for(self) -> str | None:
        """Whom the ticket waits for: `customer`, `approval`, `settlement` or nobody."""
        facts = self.facts if self.case.waiting else None
        return facts.waiting.for_ if facts and facts.waiting else None

    @property
    def waits_for_all(self) -> list[str]:
        """Whom each of the runs that are not over waits for, in run order."""
        found = [self.facts_of(run) for run in self.runs if run.id in self.case.waiting]
        return [facts.waiting.for_ for facts in found if facts.waiting]

    @property
    def facts(self) -> Facts:
        """What the newest run knows."""
        return self.facts_of(self.runs[-1])

    def facts_of(self, run: Run) -> Facts:
        """What a run knows."""
        resources = self.desk.installation.resolver.resources
        library = resources.plans.library()
        sealed = self.desk.installation.read(lambda c: resources.vault.known(c, self.case.requester))
        return Facts.from_json(sealed.open(run.facts_sealed), library.plans[run.plan], library.policy)

    @property
    def endings(self) -> list[str]:
        """How each event of the ticket ended, in order."""
        found = self.desk.installation.read(lambda c: runs.events_of(c, self.case_id))
        return [ending or state for _, _, state, ending in found]

    @property
    def events(self) -> list[tuple[int, str, str, str | None]]:
        """The events of the ticket: number, kind, state, ending."""
        return list(self.desk.installation.read(lambda c: runs.events_of(c, self.case_id)))

    @property
    def effects(self) -> list[Entry]:
        """The ledger's entries of this ticket."""
        return list(self.desk.installation.read(lambda c: ledger.of_case(c, self.case_id)))

    @property
    def actions(self) -> list[tuple[str, str]]:
        """Action and state of every effect."""
        return [(entry.action, entry.state) for entry in self.effects]

    @property
    def stopped_by(self) -> str | None:
        """The check that stopped the newest run, if one did."""
        return self.facts.stopped_by

    @property
    def trail(self) -> list[Mapping[str, Any]]:
        """The audit trail's lines about this ticket."""
        lines = self.desk.installation.read(lambda c: trail.of_case(c, self.case_id))
        return [json.loads(line.line) for line in lines]

    @property
    def write_backs(self) -> list[Row]:
        """The updates that were written down before they were sent."""
        return list(self.desk.installation.read(lambda c: writebacks.of_case(c, self.case_id)))

    @property
    def approval(self) -> Approval:
        """The newest question to a team."""

        def job(connection: Connection) -> list[Approval]:
            found = [
                approvals.get(connection, f"approval-{seq}")
                for seq, *_ in runs.events_of(connection, self.case_id)
            ]
            return [one for one in found if one is not None]

        return self.desk.installation.read(job)[-1]  # type: ignore[no-any-return]  # `read` is untyped for brevity

    @property
    def suggestion(self) -> Approval:
        """The newest suggestion."""
        found = self.desk.installation.read(lambda c: approvals.suggested(c, self.case_id))
        assert isinstance(found, Approval)
        return found

    async def gets(
        self,
        decision: Literal["accepted", "rejected"],
        *,
        by: str = "agent@acme.example",
        suggestion: str | None = None,
        later: timedelta = timedelta(0),
    ) -> NotAccepted | None:
        """An agent answers the suggestion, as `resolver suggestions` does; what is wrong with it, if anything."""
        judge = partial(consent.go_ahead, decision=decision, agent=by)
        return await self._hears(judge, suggestion or self.suggestion.id, later=later)

    async def is_answered(
        self,
        decision: Literal["approved", "denied"],
        *,
        by: str = "lea@acme.example",
        approval: str | None = None,
        later: timedelta = timedelta(0),
    ) -> NotAccepted | None:
        """A member answers the question, as `resolver approvals` does; what is wrong with the answer, if anything."""
        judge = partial(consent.answer, decision=decision, member=by)
        return await self._hears(judge, approval or self.approval.id, later=later)

    async def _hears(
        self, judge: Callable[..., Answered | NotAccepted], asked: str, *, later: timedelta
    ) -> NotAccepted | None:
        resources = self.desk.installation.resolver.resources

        def job(connection: Connection) -> NotAccepted | None:
            policy, now = resources.plans.library().policy, system_clock() + later
            came = judge(connection, asked, policy=policy, now=now)
            if isinstance(came, NotAccepted):
                return came
            name, _, number = came.case.partition(":")
            receive.add(
                connection, resources.engine, clock=resources.clock, connection=name, event_id=came.event_id,
                kind=came.event_id, ticket=number,
            )  # fmt: skip
            return None

        problem = await self.desk.installation.write(job)
        await self.settles()
        assert problem is None or isinstance(problem, NotAccepted)
        return problem


@dataclass(slots=True)
class Desk:
    """The helpdesk as one customer's test sees it."""

    installation: Installation
    email: str
    name: str = "Ann"

    def writes(self, text: str, *, ticket: int | None = None, subject: str = "Hello", **how: Any) -> int:
        """The customer writes; nothing is waited for."""
        return self.installation.zendesk.customer_writes(
            **{
                "email": self.email,
                "name": self.name,
                "subject": subject,
                "text": text,
                "ticket": ticket,
                **how,
            }
        )

    async def receives(self, text: str, **how: Any) -> Ticket:
        """The customer starts a ticket, and everything that follows has happened."""
        ticket = Ticket(self, self.writes(text, **how))
        await self.installation.settles()
        return ticket

    def ticket(self, number: int) -> Ticket:
        """A ticket by its number."""
        return Ticket(self, number)

    def is_writing_to(self, number: int) -> bool:
        """Whether an update of the ticket is on its way to the helpdesk."""
        rows = self.installation.read(lambda c: writebacks.of_case(c, f"zendesk:{number}"))
        return any(row.state == "sent" for row in rows)

    def has_written_down(self, number: int) -> bool:
        """Whether an update of the ticket is stored, sent or not."""
        return bool(self.installation.read(lambda c: writebacks.of_case(c, f"zendesk:{number}")))

    async def waits_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be so while the resolver works."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "it never came to that"
            await asyncio.sleep(0.01)

    @property
    def zendesk(self) -> ZendeskSandbox:
        """The helpdesk's sandbox, for what agents do and for faults."""
        return self.installation.zendesk


def new_person() -> str:
    """The address of a customer nobody has met."""
    return f"ann{next(_PEOPLE)}@example.com"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _playbooks(folder: Path, house: House) -> Path:
    """The starters, or the house's own, with its edits."""
    if house.own is not None:
        shutil.copytree(house.own / "playbooks", folder)
    else:
        folder.mkdir(parents=True)
        shutil.copytree(starters.playbooks_folder() / FOLDER, folder / FOLDER)
        for path in starters.playbooks_folder().glob("*.yaml"):
            shutil.copy(path, folder / path.name)
    for name, old, new in house.edits:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text, f"{name} does not say {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")
    return folder

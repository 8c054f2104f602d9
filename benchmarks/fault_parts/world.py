"""One seed: customers, a shop and a helpdesk in which everything may go wrong, and lives of the resolver that end.

The product's own turns, gateway and store run here; the event loop, the engine, the wire and the helpdesk are ours.
After an hour the misfortune ends, and everything must come to its end.
"""

import asyncio
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from starlette.applications import Starlette

from benchmarks.crash_parts.judge import Case, findings, is_quiet
from benchmarks.crash_parts.worker import QuickReader
from benchmarks.crash_parts.world import IDEMPOTENCY, Provider, Story, ending, is_question
from benchmarks.desk import MemoryDesk
from benchmarks.fault_parts.chance import Chance
from benchmarks.fault_parts.desk import NAME, FaultyDesk
from benchmarks.fault_parts.engine import SimulatedEngine
from benchmarks.fault_parts.ground import BEGAN, TOKEN, Ground
from benchmarks.fault_parts.life import Life
from benchmarks.fault_parts.store import LivingStore
from benchmarks.fault_parts.wire import Wire
from connectors.demo_shop.sandbox import ShopSandbox
from resolver.app import Blueprint, Resolver, open_connections
from resolver.audit.verify import first_break
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.helpdesk import WebhookRequest
from resolver.connector.registry import Connections
from resolver.durable import workflow
from resolver.gateway.codes import Codes
from resolver.gateway.lookups import LookUps
from resolver.gateway.send import Gateway
from resolver.intake.receive import Intake
from resolver.playbook.compile import plan_from_document
from resolver.playbook.policy_reader import policy_from_document
from resolver.reloading import InForce
from resolver.resolution.plans import Plans
from resolver.resolution.resources import Resources
from resolver.store import cases, events, ledger, trail
from resolver.store.database import Database
from resolver.store.vault import Vault, open_vault
from resolver.store.writer import StoreUnavailable
from resolver.ticket import ConnectionName

MISFORTUNE_S = 3600.0
QUIET_WITHIN_S = 200 * 60.0
CUSTOMERS = 3
_REBIRTH_S = 2.0
_RINGS_AGAIN_S = 20.0
_LOOK_S = 5.0


@dataclass(slots=True)
class Verdict:
    """What must not be, in words, and how the tickets of a seed ended."""

    violations: list[str] = field(default_factory=list)
    paid: int = 0
    to_people: int = 0
    dead_letters: int = 0


@dataclass(slots=True)
class World:
    """One seed from its beginning to its end."""

    ground: Ground
    folder: Path
    seed: int
    chance: Chance = field(init=False)
    provider: Provider = field(init=False)
    shop: ShopSandbox = field(init=False)
    desk: FaultyDesk = field(init=False)
    queue: SimulatedEngine = field(default_factory=SimulatedEngine)
    engine: sa.Engine = field(init=False)
    database: Database = field(init=False)
    connections: Connections = field(init=False)
    vault: Vault = field(init=False)
    blueprint: Blueprint = field(init=False)
    life: Life = field(init=False)
    resolver: Resolver | None = None
    stories: list[Story] = field(default_factory=list)
    deaths: int = 0
    ahead: timedelta = timedelta(0)
    _rings: int = 0
    _unanswered: list[WebhookRequest] = field(default_factory=list)
    _to_come: int = 0  # what people and webhooks are about to do

    def __post_init__(self) -> None:
        """The world as it is before anybody writes."""
        self.chance = Chance(self.seed)
        self.provider = self.chance.of("provider").choice(("native", "native", "none", "stale"))
        self.blueprint = self.ground.keyed if self.provider == "native" else self.ground.keyless
        random.seed(self.seed)  # back-off jitter
        file = self.folder / f"{self.seed}.db"
        shutil.copy(self.ground.template, file)
        self.database = Database(f"sqlite:///{file}")
        self.engine = self.database.engine
        sa.event.listen(self.engine, "connect", _no_sync)
        self.vault = self.database.read_now(lambda c: open_vault(c, self.ground.key_file))
        setting = Setting(idempotency=IDEMPOTENCY[self.provider], guards=False, token=TOKEN)  # type: ignore[arg-type]
        self.shop = ShopSandbox(setting, now=self.true_now)
        self.life = Life(self.chance, lambda: None)
        memory = MemoryDesk(connection=NAME, secret=TOKEN, clock=self.true_now)
        self.desk = FaultyDesk(memory, self.chance, lambda: self.life, self._heard)
        wire = Wire(httpx.ASGITransport(Starlette(routes=self.shop.routes())), self.chance, lambda: self.life)
        self.connections = self._connected(wire)

    def true_now(self) -> datetime:
        """The time by which the world goes."""
        return BEGAN + timedelta(seconds=asyncio.get_event_loop().time())

    def now(self) -> datetime:
        """The machine's clock, which somebody may put forward or back."""
        self.ahead += timedelta(seconds=self.chance.clock_jump_s())
        return self.true_now() + self.ahead

    # -- the resolver ---------------------------------------------------------------------------------------------

    def begins(self) -> None:
        """A life of the resolver, on what the last one left."""
        self.life = life = Life(self.chance, self._died)
        store: Any = LivingStore(self.engine, self.queue, self.chance, life)
        queue: Any = self.queue
        library = self.blueprint.library
        look_ups = LookUps(self.connections)
        plans = Plans(store, lambda: library, plan_from_document, policy_from_document)
        gateway = Gateway(
            database=store,
            vault=self.vault,
            connections=self.connections,
            look_ups=look_ups,
            clock=self.now,
            policies=plans.policy_now,
        )
        codes = Codes(
            database=store,
            vault=self.vault,
            connections=self.connections,
            look_ups=look_ups,
            clock=self.now,
            chance=lambda count: b"\0" * count,
            stop=lambda: library.policy.stop,
        )
        resources = Resources(
            database=store,
            vault=self.vault,
            connections=self.connections,
            look_ups=look_ups,
            gateway=gateway,
            codes=codes,
            engine=queue,
            plans=plans,
            reader=QuickReader(),
            clock=self.now,
            salt="seeded",
            sandboxed=True,
        )
        self.resolver = resolver = Resolver(
            self.blueprint, resources, Intake(store, queue, clock=self.now), InForce(library, BEGAN)
        )
        workflow.register(resolver.work())
        self.queue.launch(life, resolver.work().turn, resolver.intake.timer)

    def _died(self) -> None:
        self.deaths += 1
        self.resolver = None
        workflow.register(None)
        for rings in self._unanswered:
            self._later(_RINGS_AGAIN_S, self._delivers, rings)
        self._unanswered.clear()
        asyncio.get_running_loop().call_later(_REBIRTH_S, self.begins)

    def _connected(self, wire: Wire) -> Connections:
        opened = open_connections(self.blueprint, clock=self.now)
        shop: Any = opened.backends[ConnectionName("demo_shop")].client
        shop.backend.http.client._transport = wire
        helpdesks: dict[ConnectionName, Any] = {NAME: self.desk}
        return Connections(helpdesks, opened.backends, opened.interfaces, {NAME: "auto"}, opened.senders)

    # -- customers ------------------------------------------------------------------------------------------------

    async def plays(self) -> None:
        """Customers write, answer, and wait; the misfortune ends; everything comes to its end, or not."""
        self.begins()
        loop = asyncio.get_running_loop()
        for _ in range(CUSTOMERS):
            self._later(self.chance.of("arrival").uniform(0, 600), self._writes)
        loop.call_later(MISFORTUNE_S, self._peace)
        while loop.time() < MISFORTUNE_S + QUIET_WITHIN_S:
            await asyncio.sleep(_LOOK_S if not self.chance.peace else 30.0)
            if loop.time() > MISFORTUNE_S and self.resolver is not None and self._is_quiet():
                return

    def _later(self, seconds: float, what: Callable[..., None], *about: Any) -> None:
        self._to_come += 1

        def happens() -> None:
            self._to_come -= 1
            what(*about)

        asyncio.get_running_loop().call_later(seconds, happens)

    def _peace(self) -> None:
        self.chance.peace = True

    def _is_quiet(self) -> bool:
        return not self._to_come and self.queue.idle and is_quiet(self.database) and not self._soon()

    def _soon(self) -> bool:
        """Whether a timer rings before this seed's time is over; a customer's silence does not count."""
        end = MISFORTUNE_S + QUIET_WITHIN_S
        return any(one.due < end and one.kind != "silence" for one in self.queue.timers.values())

    def _writes(self) -> None:
        draw = self.chance.of("story")
        number = str(10_001 + len(self.stories))
        kind: Any = "cancel" if draw.random() < 0.2 else "refund"
        paid = f"{draw.randint(101, 4599) / 100:.2f} EUR"
        story = Story(number, kind, paid, 0)
        status = "delivered" if kind == "refund" else "processing"
        self.shop.has_order(number, id=story.order, email=story.email, paid=paid, status=status)
        story.ticket = len(self.stories) + 1
        self.stories.append(story)
        self._says(story, f"Please {kind} order {number}.")

    def _heard(self, number: int, text: str) -> None:
        """The customer reads what was written; asked, they say yes after a while."""
        self._ring(number)
        story = next(one for one in self.stories if one.ticket == number)
        story.ended = story.ended or ending(text) is not None
        if is_question(text):
            wait = self.chance.of("answer").uniform(5, 300)
            self._later(wait, self._says, story, "Yes, please.")

    def _says(self, story: Story, text: str) -> None:
        self.desk.memory.customer_writes(str(story.ticket), text, email=story.email)
        self._ring(story.ticket)

    def _ring(self, number: int) -> None:
        """The webhook about the newest message, sometimes twice, until somebody takes it in."""
        self._rings += 1
        message = self.desk.memory.tickets[str(number)].messages[-1].id
        rings = self.desk.memory.rings(str(number), message, event_id=f"e{self._rings}")
        times = 2 if self.chance.of("delivery").random() < 0.2 else 1
        for _ in range(times):
            self._later(1.0, self._delivers, rings)

    def _delivers(self, rings: WebhookRequest) -> None:
        """It counts as delivered when it was answered; what was not comes again."""
        if self.resolver is None:
            self._later(_RINGS_AGAIN_S, self._delivers, rings)
        else:
            self._unanswered.append(rings)
            self.life.begins(partial(self._delivered, self.resolver, rings))

    async def _delivered(self, resolver: Resolver, rings: WebhookRequest) -> None:
        desk: Any = self.desk
        try:
            await resolver.intake.webhook(NAME, desk, rings)
        except StoreUnavailable:
            self._later(_RINGS_AGAIN_S, self._delivers, rings)
        self._unanswered.remove(rings)

    # -- the end --------------------------------------------------------------------------------------------------

    def judged(self) -> Verdict:
        """Everything that must not be; and how many were paid, came to people, or are dead letters."""
        verdict = Verdict()
        with self.engine.connect() as connection:
            letters = events.dead_letters(connection)
            verdict.dead_letters = len(letters)
            verdict.violations += [
                f"a bug of ours: event {one.seq} {one.ending}"
                for one in letters
                if "bug" in (one.ending or "")
            ]
            dead = {one.ticket for one in letters}
            for story in self.stories:
                self._judge(self._case(connection, story), verdict, dead=str(story.ticket) in dead)
            broken = first_break(trail.after(connection, 0))
        if broken is not None:
            verdict.violations.append(f"the audit chain breaks at line {broken}")
        if self._to_come or not self.queue.idle or not is_quiet(self.database):
            verdict.violations.append(
                f"not quiet {QUIET_WITHIN_S / 60:.0f} virtual minutes after the last fault"
            )
        return verdict

    def _case(self, connection: sa.Connection, story: Story) -> Case:
        case_id = f"{NAME}:{story.ticket}"
        known, order = cases.get(connection, case_id), self.shop.order(story.number)
        return Case(
            story=story,
            comments=self.desk.comments(story.ticket),
            movements=[one for one in self.shop.movements() if one.number == story.number],
            order={"refunded": order.refunded, "total": order.total, "status": order.status},
            entries=ledger.of_case(connection, case_id),
            lines=trail.of_case(connection, case_id),
            people=known is not None and known.people,
        )

    def _judge(self, case: Case, verdict: Verdict, *, dead: bool) -> None:
        """A dead letter is an end that people see; it may not be one of a ticket that was paid."""
        verdict.paid += len(case.paid)
        verdict.to_people += case.people
        for count, what in findings(case, self.provider):
            if count != "unexplained" and not (dead and count == "lost" and not case.paid):
                verdict.violations.append(f"ticket {case.story.ticket}: {count}: {what}")

    def close(self) -> None:
        """Let the files go."""
        self.shop.close()
        self.database.close()


def _no_sync(connection: Any, _record: object) -> None:
    """The machine does not lose power here; deaths are the process's."""
    connection.execute("PRAGMA synchronous=OFF")

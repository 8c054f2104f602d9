"""The composition root: the only place that wires concrete things together.

Called by the command line, tests and benchmarks. `Resolver.open` builds everything, `start` takes work, `close` lets
go without loss.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from resolver import starters
from resolver.audit.checkpoint import signing_key
from resolver.audit.signing import Often, Signing
from resolver.clock import Clock, system_clock
from resolver.condition.types import ListOf, PairsOf
from resolver.config import LEAST_SCORE, Config
from resolver.connector.manifest import SENDS_CODES, Interfaces, Manifest, bind
from resolver.connector.registry import (
    Connections,
    Found,
    Shelf,
    open_backend,
    open_helpdesk,
    open_sender,
    read_shelf,
)
from resolver.durable.engine import Engine, Polls
from resolver.durable.janitor import Janitor
from resolver.durable.workflow import Json, Work
from resolver.embedding.encoder import Encoder
from resolver.errors import Malformed, ResolverError
from resolver.files import yaml_files
from resolver.gateway.codes import Codes
from resolver.gateway.lookups import LookUps
from resolver.gateway.send import Gateway
from resolver.intake.receive import Intake
from resolver.knowledge.article import Article, read_articles, topics_of
from resolver.knowledge.port import Knowledge
from resolver.knowledge.reviewed import ReviewedArticles
from resolver.playbook.compile import plan_from_document
from resolver.playbook.library import Library, LibraryResult, load_library
from resolver.playbook.plan import Plan
from resolver.playbook.policy_reader import policy_from_document
from resolver.proof.certificate import FOLDER, proven_plans
from resolver.reloading import InForce, Loaded, Reloading, Signature, signature
from resolver.resolution.certified import Certified
from resolver.resolution.plans import Plans
from resolver.resolution.resources import Polisher, Reader, Resources
from resolver.resolution.turn import Turns
from resolver.resolution.understand import Understanding as UnderstandStep
from resolver.resolution.writeback import WriteBacks
from resolver.source.problem import Problem, has_errors, render
from resolver.store import switches
from resolver.store.database import Database
from resolver.store.migrate import migrate
from resolver.store.vault import Vault, master_key, open_vault
from resolver.ticket import ConnectionName
from resolver.understanding.intents import IntentExamples
from resolver.understanding.understanding import Understanding
from resolver.web import health, webhooks

log = logging.getLogger("resolver.app")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What an installation is made of, read and checked, with nothing opened yet."""

    config: Config
    shelf: Shelf
    interfaces: Interfaces
    library: Library
    problems: tuple[Problem, ...]
    articles: tuple[Article, ...] = ()
    seen: Signature = frozenset()  # what the folder of playbooks held before it was read


class Resolver:
    """A running installation: receiver and worker in one process."""

    def __init__(
        self,
        blueprint: Blueprint,
        resources: Resources,
        intake: Intake,
        in_force: InForce,
    ) -> None:
        config, interfaces = blueprint.config, blueprint.interfaces
        self.blueprint = blueprint
        self.in_force = in_force
        self._trains = isinstance(resources.reader, Understanding)  # another reader learns nothing
        self.reloading = Reloading(
            playbooks_of(config),
            in_force,
            read=lambda: read_anew(config, interfaces),
            take=self._take,
            clock=resources.clock,
            seen=blueprint.seen,
        )
        self.resources = resources
        self.intake = intake
        self._understand = UnderstandStep(resources)
        self._write_backs = WriteBacks(resources)
        self._turns = Turns(resources)
        self._janitor: Janitor | None = None
        self._signing = Signing(
            resources.database,
            config.checkpoints_file,
            signing_key(master_key(config.key_file)),
            often=Often(config.audit.checkpoint_lines, timedelta(minutes=config.audit.checkpoint_minutes)),
            clock=resources.clock,
        )
        self._ready = False

    @classmethod
    async def open(
        cls,
        config: Config,
        *,
        sandboxed: bool = False,
        clock: Clock = system_clock,
        reader: Reader | None = None,
        database: Database | None = None,
        knowledge: Knowledge | None = None,
        polisher: Polisher | None = None,
    ) -> "Resolver":
        """Read, check and connect everything; nothing runs yet. `knowledge` replaces the configured articles.

        `polisher` rephrases the replies that allow it; without one they go out as they are written.

        Raises:
            Malformed: Configuration, connectors or playbooks are wrong; every problem is named with its place.
        """
        blueprint = read_blueprint(config)
        config.data.mkdir(parents=True, exist_ok=True)
        migrate(config.database_url)
        Engine.migrate(config.database_url)
        database = database or Database(config.database_url)
        engine = Engine(database, polls=_polls(config), workers=config.engine.workers)
        vault = await database.read(lambda c: open_vault(c, config.key_file))
        connections = open_connections(blueprint, clock=clock)
        in_force = InForce(blueprint.library, clock())
        plans = Plans(database, lambda: in_force.library, plan_from_document, policy_from_document)
        look_ups = LookUps(connections)
        certified = None if sandboxed else Certified(plans, blueprint.interfaces, playbooks_of(config))
        gateway = Gateway(
            database=database,
            vault=vault,
            connections=connections,
            look_ups=look_ups,
            clock=clock,
            policies=plans.policy_now,
            certified=certified.why_not if certified else None,
        )
        resources = Resources(
            database=database,
            vault=vault,
            connections=connections,
            look_ups=look_ups,
            gateway=gateway,
            codes=_codes(blueprint, database=database, vault=vault, connections=connections, clock=clock),
            engine=engine,
            plans=plans,
            reader=reader or train_reader(config, blueprint.library, blueprint.interfaces),
            clock=clock,
            salt=await database.write(lambda c: switches.lasting(c, "salt", first=secrets.token_hex(16))),
            sandboxed=sandboxed,
            certified=certified,
            knowledge=knowledge or open_knowledge(config, blueprint),
            polisher=polisher,
            least_score=config.knowledge.threshold if config.knowledge else LEAST_SCORE,
            fetch_tries=config.fetch_tries,
        )
        return cls(blueprint, resources, Intake(database, engine, clock=clock), in_force)

    async def start(self) -> None:
        """Take turns from now on; those that a crash interrupted go on where they stood."""
        config = self.blueprint.config
        await self.resources.plans.keep_all(self.in_force.library, now=self.resources.clock())
        if self.resources.certified is not None:
            await self.resources.certified.keep_all(self.in_force.library)
        await self.resources.engine.launch(self.work(), executor=config.executor)
        self._janitor = Janitor(
            self.resources.database,
            self.resources.engine,
            executor=config.executor,
            clock=self.resources.clock,
        )
        self._janitor.start()
        self._signing.start()
        self.reloading.start()
        self._ready = True

    def work(self) -> Work:
        """What the durable engine calls."""
        return Work(self._turns.take, self._understand.understand, self.perform, self.intake.timer)

    def web(self) -> FastAPI:
        """The HTTP application: webhooks, health, metrics."""
        config = self.blueprint.config
        application = FastAPI(title="resolver", docs_url=None, redoc_url=None, openapi_url=None)
        helpdesks = self.resources.connections.helpdesks
        application.include_router(
            webhooks.routes(self.intake, helpdesks, max_body_bytes=config.max_body_bytes)
        )
        application.include_router(
            health.routes(
                self.resources.database,
                ready=lambda: self._ready,
                clock=self.resources.clock,
                playbooks=self.in_force.told,
            )
        )
        return application

    async def close(self) -> None:
        """Let running turns finish (up to the configured drain), then let everything go. What is left goes on later."""
        self._ready = False
        await self.reloading.close()
        if self._janitor is not None:
            await self._janitor.close()
        await self.resources.engine.shut_down(drain=self.blueprint.config.drain)
        self._understand.close()
        await self._signing.close()
        await self.resources.connections.aclose()
        self.resources.database.close()

    async def _take(self, library: Library) -> None:
        """Prepare what depends on the playbooks: plans and certificates are kept, understanding learns the examples."""
        resources = self.resources
        await resources.plans.keep_all(library, now=resources.clock())
        if resources.certified is not None:
            await resources.certified.keep_all(library)
        if library.policy.customer_fields != self.blueprint.library.policy.customer_fields:
            log.warning("customer_fields of policy.yaml changed: connections take them up at the next start")
        if self._trains and _taught(library) != _taught(self.in_force.library):
            resources.reader = await asyncio.to_thread(
                train_reader, self.blueprint.config, library, self.blueprint.interfaces
            )

    async def perform(self, row: str) -> Json:
        """The durable step `perform`: an effect through the gateway, a code, or an update of the ticket."""
        if row.startswith("effect-"):
            return (await self.resources.gateway.perform(row)).to_json()
        if row.startswith("code-"):
            return (await self.resources.codes.perform(row)).to_json()
        return await self._write_backs.perform(row)


def _codes(
    blueprint: Blueprint, *, database: Database, vault: Vault, connections: Connections, clock: Clock
) -> Codes:
    return Codes(
        database=database,
        vault=vault,
        connections=connections,
        look_ups=LookUps(connections),
        clock=clock,
        chance=secrets.token_bytes,
        stop=lambda: blueprint.library.policy.stop,
    )


def read_blueprint(config: Config) -> Blueprint:
    """Read connectors, interfaces and playbooks and check that they fit together."""
    seen = signature(playbooks_of(config))
    shelf = read_shelf(config.connector_folders)
    manifests = {
        name: _connector(shelf, name, one.connector).manifest for name, one in config.connections.items()
    }
    _check_bindings(config, shelf, manifests)
    articles = read_articles(config.knowledge.folder) if config.knowledge else ()
    topics = topics_of(articles) if config.knowledge else None
    interfaces = bind(
        list(shelf.interfaces.values()), _weakened(config, manifests), config.interfaces, topics=topics
    )
    result = read_library(config, interfaces)
    if result.library is None:
        raise Malformed(told(result))
    library = _with_certificates(result.library, config, interfaces)
    return Blueprint(config, shelf, interfaces, library, result.problems, articles, seen)


def read_anew(config: Config, interfaces: Interfaces) -> Loaded:
    """The folder of playbooks as it is now, or why no library can be made of it; it raises nothing."""
    try:
        result = read_library(config, interfaces)
        if result.library is not None:
            return Loaded(_with_certificates(result.library, config, interfaces))
    except (ResolverError, OSError) as error:
        return Loaded(None, (str(error),))
    wrong = [one for one in result.problems if has_errors([one])]
    return Loaded(None, tuple(f"{one.where}: {one.message} [{one.code}]" for one in wrong))


def _with_certificates(library: Library, config: Config, interfaces: Interfaces) -> Library:
    found = read_certificates(playbooks_of(config))
    return replace(library, proven=proven_plans(library, interfaces, found))


def read_library(config: Config, interfaces: Interfaces) -> LibraryResult:
    """The playbooks of the configured folder (or the starters), compiled together."""
    folder = playbooks_of(config)
    if not folder.is_dir():
        raise Malformed(
            f"There is no folder {folder}.", remedy="name the playbooks' folder in the configuration"
        )
    files = yaml_files(folder)
    return load_library(files, interfaces, optional=starters.unchanged(files))


def playbooks_of(config: Config) -> Path:
    """The configured folder of playbooks, or the starters."""
    return config.playbooks or starters.playbooks_folder()


def read_certificates(folder: Path) -> list[bytes]:
    """The certificates beside the playbooks of a folder."""
    return [path.read_bytes() for path in sorted((folder / FOLDER).glob("*.json"))]


def told(result: LibraryResult) -> str:
    """Every problem of a library with its excerpt, as lint prints it."""
    return "\n".join(render(problem, result.texts.get(problem.where.path)) for problem in result.problems)


def open_connections(blueprint: Blueprint, *, clock: Clock) -> Connections:
    """Open every configured connection, and postal's like once each."""
    helpdesks, backends, ceilings, senders = {}, {}, {}, {}
    for name, one in blueprint.config.connections.items():
        found = _connector(blueprint.shelf, name, one.connector)
        settings = {**_defaults(found.manifest), **one.settings}
        if found.manifest.kind == "helpdesk":
            if "customer_fields" in found.manifest.settings:
                own = settings.get("customer_fields")
                settings["customer_fields"] = own or _customer_fields(blueprint, found)
            helpdesks[ConnectionName(name)] = open_helpdesk(found, settings, clock=clock)
            ceilings[ConnectionName(name)] = one.mode
            continue
        if found.manifest.implements:
            backends[ConnectionName(name)] = open_backend(found, settings)
        if SENDS_CODES in found.manifest.sends:
            senders[ConnectionName(name)] = open_sender(found, settings)
    return Connections(helpdesks, backends, blueprint.interfaces, ceilings, senders)


def train_reader(config: Config, library: Library, interfaces: Interfaces) -> Understanding:
    """Understanding, trained on the playbooks' own examples, with a reader for every type they ask for."""
    intents = [
        IntentExamples(plan.intent, plan.examples, plan.not_for)
        for plan in library.plans.values()
        if plan.intent is not None
    ]
    encoder = Encoder.load(config.understanding.model_path)
    return Understanding.train(
        intents,
        encoder,
        languages=library.languages,
        threshold=config.understanding.threshold,
        order_number=config.understanding.order_number,
        kinds={kind for plan in library.plans.values() for kind in _asked(plan)},
        patterns=interfaces.patterns,
        cache_dir=config.learnt,
    )


def open_knowledge(config: Config, blueprint: Blueprint) -> Knowledge | None:
    """The configured articles with the local encoder; None where none are configured."""
    if config.knowledge is None:
        return None
    return ReviewedArticles(blueprint.articles, Encoder.load(config.understanding.model_path))


def _taught(library: Library) -> list[tuple[object, ...]]:
    """What understanding learns from the playbooks."""
    plans = library.by_playbook.values()
    return sorted(
        (one.playbook, one.intent, one.examples, one.not_for, one.languages, _asked(one)) for one in plans
    )


def _asked(plan: Plan) -> tuple[str, ...]:
    """The types of the values a playbook asks for, those of each element of a list too."""
    types = [slot.type for slot in plan.slots.values()]
    inner = [
        one.element.to if isinstance(one, ListOf) and isinstance(one.element, PairsOf) else one
        for one in types
    ]
    return tuple(str(one) for one in inner)


def _connector(shelf: Shelf, connection: str, connector: str) -> Found:
    found = shelf.connectors.get(connector)
    if found is None:
        known = ", ".join(sorted(shelf.connectors))
        raise Malformed(
            f"Connection {connection}: there is no connector {connector!r}.", remedy=f"there are: {known}"
        )
    return found


def _check_bindings(config: Config, shelf: Shelf, manifests: Mapping[str, Manifest]) -> None:
    for interface, connection in config.interfaces.items():
        if interface not in shelf.interfaces:
            known = ", ".join(sorted(shelf.interfaces))
            raise Malformed(f"There is no interface {interface!r}.", remedy=f"there are: {known}")
        if connection not in manifests:
            raise Malformed(
                f"Interface {interface} is bound to {connection!r}, which is no connection.",
                remedy="add it under 'connections:' in the configuration",
            )
        if interface not in manifests[connection].implements:
            raise Malformed(
                f"Connection {connection} ({manifests[connection].connector}) does not serve {interface}.",
                remedy=f"bind {interface} to a connection whose connector implements it",
            )


def _weakened(config: Config, manifests: Mapping[str, Manifest]) -> dict[str, Manifest]:
    """A connection may say that its backend honours no keys; it can never claim more than its connector."""
    changed = {}
    for name, manifest in manifests.items():
        if config.connections[name].settings.get("idempotency") == "none":
            actions = {action: replace(one, idempotency="none") for action, one in manifest.actions.items()}
            manifest = replace(manifest, actions=actions)
        changed[name] = manifest
    return changed


def _defaults(manifest: Manifest) -> dict[str, str]:
    return {name: one.default for name, one in manifest.settings.items() if one.default is not None}


def _customer_fields(blueprint: Blueprint, found: Found) -> str:
    """Where this helpdesk keeps the policy's customer fields, as its connector wants to be told."""
    fields = blueprint.library.policy.customer_fields
    name = found.manifest.connector
    return json.dumps({key: field.sources[name] for key, field in fields.items() if name in field.sources})


def _polls(config: Config) -> Polls:
    engine = config.engine
    return Polls(engine.turns_poll_s, engine.timers_poll_s, engine.notifications_poll_s)

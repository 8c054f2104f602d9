"""`resolver check`: everything a start needs, looked at one by one, and each connection asked whether it answers.

It makes no file, no table and no key, and sends nothing but one reading question to each connection.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from resolver.cli.folder import interfaces_of, sends_codes
from resolver.cli.installation import CONFIG, opened, sqlite_file
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed, NotFound, Refused, ResolverError

if TYPE_CHECKING:
    from resolver.app import Blueprint
    from resolver.config import Config
    from resolver.connector.action import Backend
    from resolver.connector.helpdesk import Helpdesk
    from resolver.connector.manifest import Interfaces
    from resolver.connector.registry import Connections
    from resolver.playbook.library import Library
    from resolver.store.database import Connection

READY, NOT_READY = 0, 2
PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `name` is what, `says` a sentence."""

    name: str
    ok: bool
    says: str


def check(config_path: Path | None, *, as_json: bool) -> int:
    """Print what was found; 2 if something would keep the server from working."""
    from resolver.config import Config, read_config

    try:
        config = read_config(config_path or CONFIG) if config_path or CONFIG.exists() else Config()
    except ResolverError as error:
        if not as_json:
            raise
        return _print_json([Finding("configuration", ok=False, says=str(error))])
    with working("Looking"):
        found = [_configuration(config, config_path), *_ground(config), *_playbooks(config)]
    return _print_json(found) if as_json else _print(found)


def _print_json(found: list[Finding]) -> int:
    ready = all(finding.ok for finding in found)
    told = [{"name": one.name, "ok": one.ok, "says": one.says} for one in found]
    print_json({"ok": ready, "findings": told})
    return READY if ready else NOT_READY


def _print(found: list[Finding]) -> int:
    ready = all(finding.ok for finding in found)
    width = max(len(one.name) for one in found)
    for one in found:
        head, *rest = one.says.splitlines() or [""]
        say(
            f"{'ok ' if one.ok else 'NO '} {one.name.ljust(width)}  {head}",
            *(f"    {line}" for line in rest),
        )
    say("", "Ready: resolver serve" if ready else "Not ready: mend what is marked NO.")
    return READY if ready else NOT_READY


def _configuration(config: "Config", path: Path | None) -> Finding:
    if path is None and not CONFIG.exists():
        remedy = "copy config.example.yaml there and name your connections, or try `resolver serve --sandbox`"
        return Finding("configuration", ok=False, says=f"There is no {CONFIG}; {remedy}.")
    if not config.connections:
        says = f"{path or CONFIG} names no connection; add one under 'connections:'."
        return Finding("configuration", ok=False, says=says)
    modes = {one.mode for one in config.connections.values()} - {"shadow"}
    remark = (
        f" Mode {' and '.join(sorted(modes))}: playbooks act that have a certificate (resolver prove --check)."
        if modes
        else ""
    )
    return Finding("configuration", ok=True, says=f"{path or CONFIG} can be read.{remark}")


# -- this machine -----------------------------------------------------------------------------------------------------


def _ground(config: "Config") -> Iterator[Finding]:
    yield _tried("SQLite", _sqlite)
    yield _tried("key", lambda: _key(config))
    yield _tried("database", lambda: _database(config))


def _tried(name: str, look: Callable[[], str]) -> Finding:
    """What `look` says, or its error as the finding."""
    try:
        return Finding(name, ok=True, says=look())
    except ResolverError as error:
        return Finding(name, ok=False, says=str(error))


def _sqlite() -> str:
    from resolver.store.sqlite import sqlite_module

    return f"version {sqlite_module().sqlite_version}."


def _key(config: "Config") -> str:
    from resolver.cli.installation import vault_of

    if not config.key_file.exists():
        return f"{config.key_file} is not there yet; the first start makes it. Keep a copy apart from the database."
    vault_of(config)
    return f"{config.key_file} opens, and nobody else may read it."


def _database(config: "Config") -> str:
    from resolver.store import events, switches

    file = sqlite_file(config)
    if file is not None and not file.exists():
        return f"{file} is not there yet; the first start makes it."

    def look(connection: "Connection") -> tuple[dict[str, int], frozenset[str]]:
        return events.count_by_state(connection), switches.paused(connection)

    with opened(config) as database:
        counts, thrown = database.read_now(look)
        name = database.engine.url.render_as_string()
    states = ", ".join(f"{counts.get(state, 0)} {state}" for state in ("queued", "done", "dead"))
    paused = f" Paused: {', '.join(sorted(thrown))}." if thrown else ""
    return f"{name} answers; events: {states}.{paused}"


# -- playbooks and connections ----------------------------------------------------------------------------------------


def _playbooks(config: "Config") -> Iterator[Finding]:
    """What `serve` reads and opens; without a connection nothing is bound, so the playbooks alone, as `lint`."""
    from resolver.app import read_blueprint, read_library, told

    try:
        if not config.connections:
            interfaces = interfaces_of(config)
            result = read_library(config, interfaces)
            library, problems = result.library, result.problems
            if library is None:
                raise Malformed(told(result))
            blueprint = None
        else:
            blueprint = read_blueprint(config)
            library, problems, interfaces = blueprint.library, blueprint.problems, blueprint.interfaces
    except ResolverError as error:
        yield Finding("playbooks", ok=False, says=str(error))
        return
    remarks = f", {len(problems)} remarks (resolver lint)" if problems else ""
    yield Finding("playbooks", ok=True, says=f"{', '.join(sorted(library.by_playbook))}{remarks}.")
    yield _tried("understanding", lambda: _understanding(config, library, interfaces))
    if blueprint is not None:
        yield _identity(config, library)
        yield from asyncio.run(_ask_all(blueprint))


def _identity(config: "Config", library: "Library") -> Finding:
    """How far customers can be proven here, and which playbooks want more. It keeps no server from working."""
    from resolver.playbook.demands import asks_for_codes

    if sends_codes(config):
        says = "Customers can be proven by a one-time code."
    else:
        asking = sorted(name for name, plan in library.by_playbook.items() if asks_for_codes(plan))
        wants = f" {', '.join(asking)} ask{'s' if len(asking) == 1 else ''} for one." if asking else ""
        says = f"No connection sends codes, so who is not proven far enough goes to a person.{wants}"
        says += " Add a connection of the connector mail."
    if not library.policy.trust_email:
        says += " E-mail proves nobody (identity: trust_email in policy.yaml)."
    return Finding("identity", ok=True, says=says)


def _understanding(config: "Config", library: "Library", interfaces: "Interfaces") -> str:
    """Learn as a start does, or take what an earlier start has learnt; nothing is kept."""
    from resolver.app import train_reader

    with TemporaryDirectory(prefix="resolver-check-") as folder:
        apart = replace(config, data=Path(folder))
        with suppress(OSError):  # there is none yet, or it cannot be read: then it is learnt anew
            shutil.copytree(config.learnt, apart.learnt)
        train_reader(apart, library, interfaces)
    return f"{len(library.by_intent)} intents learned from the playbooks' examples."


async def _ask_all(blueprint: "Blueprint") -> list[Finding]:
    return [await _ask(blueprint, name) for name in blueprint.config.connections]


async def _ask(blueprint: "Blueprint", name: str) -> Finding:
    """Whether one connection can be opened and answers."""
    from resolver.app import open_connections
    from resolver.clock import system_clock

    config, one = blueprint.config, blueprint.config.connections[name]
    is_helpdesk = blueprint.shelf.connectors[one.connector].manifest.kind == "helpdesk"
    kind = f"{one.connector}, mode {one.mode}" if is_helpdesk else one.connector
    title = f"connection {name}"
    try:
        only = replace(blueprint, config=replace(config, connections={name: one}))
        connections = open_connections(only, clock=system_clock)
    except ResolverError as error:
        return Finding(title, ok=False, says=f"{kind}: {error}")
    try:
        says = await asyncio.wait_for(_answers(connections), PATIENCE_S)
        return Finding(title, ok=True, says=f"{kind}: {says}")
    except TimeoutError:
        return Finding(title, ok=False, says=f"{kind}: no answer within {PATIENCE_S:.0f} s")
    except ResolverError as error:
        return Finding(title, ok=False, says=f"{kind}: {error}")
    finally:
        await connections.aclose()


async def _answers(connections: "Connections") -> str:
    """Ask the one connection that is open something that changes nothing."""
    for helpdesk in connections.helpdesks.values():
        return await _helpdesk_answers(helpdesk)
    for sender in connections.senders.values():
        return f"{await sender.answers()}; sends codes to {' and '.join(sender.reaches)}"
    for backend in connections.backends.values():
        return await _backend_answers(backend, connections)
    return "nothing to ask"


async def _helpdesk_answers(helpdesk: "Helpdesk") -> str:
    """Any ticket will do: that it does not exist is an answer, and proves that the credentials are good."""
    from resolver.ticket import TicketId

    try:
        await helpdesk.fetch(TicketId("1"))
    except NotFound:
        return "answers; the credentials are accepted"
    return "answers; tickets can be read"


async def _backend_answers(backend: "Backend", connections: "Connections") -> str:
    """Look up a record that will not exist; only where the look-up takes nothing but text."""
    from resolver.condition.types import Text

    for name in backend.look_ups:
        spec = connections.interfaces.look_up(name)
        if spec is None or not all(isinstance(one.type, Text) for one in spec.takes.values()):
            continue
        try:
            await backend.look_up(name, dict.fromkeys(spec.takes, "0"))
        except Refused:
            return f"answers {name}"
        return f"answers {name}"
    return "opened; it has no look-up that could be asked"

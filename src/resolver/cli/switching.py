"""`resolver pause` and `resume`: the store's half of the kill switch, read before every send."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import configured_folder
from resolver.cli.installation import now, opened, stored
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.store.database import Connection, Database

KINDS = ("all", "playbook", "action")


def pause(name: str, by: str | None, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Stop `name` before the next send."""
    from resolver.store import switches

    config = stored(config_path, data)
    with opened(config) as database:
        _known(name, config, database)
        who = by or f"local:{getpass.getuser()}"
        at = now()

        def job(connection: "Connection") -> frozenset[str]:
            switches.throw(connection, name, by=who, now=at)
            return switches.thrown(connection)

        thrown = database.write_now(job)
    _tell(thrown, as_json=as_json)
    return 0


def resume(name: str | None, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Let `name` go on, or everything that was stopped here."""
    from resolver.store import switches

    def job(connection: "Connection") -> tuple[bool, frozenset[str]]:
        names = [name] if name else sorted(switches.thrown(connection))
        released = [switches.release(connection, one) for one in names]
        return all(released), switches.thrown(connection)

    with opened(stored(config_path, data)) as database:
        released, thrown = database.write_now(job)
    if not released:
        left = ", ".join(sorted(thrown)) or "nothing"
        remedy = f"paused: {left}; what stands under `stop:` is in policy.yaml"
        raise Malformed(f"{name} is not paused here.", remedy=remedy)
    _tell(thrown, as_json=as_json)
    return 0


def _tell(thrown: frozenset[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"paused": sorted(thrown)})
    elif thrown:
        say(f"Paused: {', '.join(sorted(thrown))}. Notes to people still go out. Go on with: resolver resume")
    else:
        say("Nothing is paused here; what stands under `stop:` in policy.yaml stays stopped.")


def _known(name: str, config: "Config", database: "Database") -> None:
    """A switch with a name that does not exist would stop nothing: refuse it. Broken playbooks do not matter here."""
    from resolver.connector.registry import read_shelf
    from resolver.source.name import nearest
    from resolver.store import runs

    kind, _, what = name.partition(":")
    if name == "all":
        return
    if kind == "playbook":
        known = {path.stem for path in configured_folder(config).glob("*.yaml")}
        known |= {run.playbook for run in database.read_now(lambda c: runs.newest(c, limit=10_000))}
    elif kind == "action":
        interfaces = read_shelf(config.connector_folders).interfaces.values()
        known = {action for interface in interfaces for action in interface.actions}
    else:
        raise Malformed(
            f"{name!r} is nothing that can be paused.", remedy="write all, playbook:ID or action:NAME"
        )
    if what not in known:
        near = nearest(what, known)
        remedy = f"did you mean {kind}:{near}?" if near else f"there are: {', '.join(sorted(known))}"
        raise Malformed(f"There is no {kind} {what!r}.", remedy=remedy)

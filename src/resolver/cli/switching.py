"""`resolver pause` and `resume`: the store's half of the kill switch, read before every send; and what is paused."""

import getpass
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import configured_folder
from resolver.cli.installation import now, opened, stored
from resolver.cli.screen import print_json, say, table
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.store.database import Connection, Database

ALL = "all"
MEANWHILE = "Runs that reach an action meanwhile are handed to people; they do not come back with resume."


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
            return switches.paused(connection)

        thrown = database.write_now(job)
    if as_json:
        print_json({"paused": sorted(thrown)})
    else:
        _tell_paused(thrown)
    return 0


def show(config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print what is paused, since when and by whom, and what `stop:` of policy.yaml adds."""
    from resolver.store import switches

    config = stored(config_path, data)
    with opened(config) as database:
        found = database.read_now(switches.listed)
    adds = policy_stop(config)
    if as_json:
        told = [{"name": one.name, "since": one.since, "by": one.by} for one in found]
        print_json({"paused": [one.name for one in found], "switches": told, "stop": sorted(adds)})
        return 0
    if found:
        rows = [(one.name, one.since[:16].replace("T", " "), one.by) for one in found]
        table(("paused", "since (UTC)", "by"), rows)
        say("", "Go on with: resolver resume")
    else:
        say("Nothing is paused here.")
    say(f"`stop:` of policy.yaml adds: {', '.join(sorted(adds)) or 'nothing'}.")
    return 0


def resume(name: str | None, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Let `name` go on, or everything that was stopped here."""
    from resolver.store import switches

    def job(connection: "Connection") -> tuple[list[str], frozenset[str]]:
        names = [name] if name else sorted(switches.paused(connection))
        return [one for one in names if switches.release(connection, one)], switches.paused(connection)

    config = stored(config_path, data)
    with opened(config) as database:
        released, left = database.write_now(job)
    if name and not released:
        remedy = (
            f"paused: {', '.join(sorted(left)) or 'nothing'}; what stands under `stop:` is in policy.yaml"
        )
        raise Malformed(f"Nothing was paused: {name} is not paused here.", remedy=remedy)
    if as_json:
        print_json({"paused": sorted(left)})
        return 0
    say(f"Resumed: {', '.join(released)}." if released else "Nothing was paused.")
    if left:
        say(f"Still paused: {', '.join(sorted(left))}.")
    adds = policy_stop(config)
    if adds:
        say(f"`stop:` of policy.yaml still stops: {', '.join(sorted(adds))}.")
    return 0


def policy_stop(config: "Config") -> frozenset[str]:
    """What `stop:` of policy.yaml names as the file stands now; read alone, so broken playbooks do not matter."""
    from resolver.playbook.library import POLICY, stop_words
    from resolver.source.load import load

    file = configured_folder(config) / POLICY
    if not file.is_file():
        return frozenset()
    return frozenset(word.text for word in stop_words(load(file.read_bytes(), str(file))))


def _tell_paused(thrown: frozenset[str]) -> None:
    if ALL in thrown:
        say("Everything is paused: no action and no reply goes out. Notes to people still do.")
    others = sorted(thrown - {ALL})
    if others:
        say(f"Paused: {', '.join(others)}. Notes to people still go out.")
    say(MEANWHILE, "See it: resolver pause --list. Go on with: resolver resume")


def _known(name: str, config: "Config", database: "Database") -> None:
    """A switch with a name that does not exist would stop nothing: refuse it. Broken playbooks do not matter here."""
    from resolver.connector.registry import read_shelf
    from resolver.store import runs

    kind, _, what = name.partition(":")
    if name == ALL:
        return
    if kind == "playbook":
        offered = _playbooks(config)
        # One that was removed may still have runs under way; it can be stopped, but is not offered.
        known = offered | {run.playbook for run in database.read_now(lambda c: runs.newest(c, limit=10_000))}
    elif kind == "action":
        interfaces = read_shelf(config.connector_folders).interfaces.values()
        known = offered = {action for interface in interfaces for action in interface.actions}
    else:
        raise Malformed(
            f"{name!r} is nothing that can be paused.", remedy="write all, playbook:ID or action:NAME"
        )
    if what not in known:
        raise Malformed(f"There is no {kind} {what!r}.", remedy=_remedy(kind, what, offered))


def _remedy(kind: str, what: str, offered: Collection[str]) -> str:
    from resolver.source.name import nearest

    near = nearest(what, offered)
    return f"did you mean {kind}:{near}?" if near else f"there are: {', '.join(sorted(offered))}"


def _playbooks(config: "Config") -> set[str]:
    """The ids of the playbooks: what each says of itself, the file's name where it cannot be read."""
    from resolver.playbook.library import is_playbook
    from resolver.source.load import load
    from resolver.source.node import MappingNode, ScalarNode

    found = set()
    for path in configured_folder(config).glob("*.yaml"):
        if not is_playbook(str(path)):
            continue
        root = load(path.read_bytes(), str(path)).root
        named = root.get("playbook") if isinstance(root, MappingNode) else None
        found.add(named.text if isinstance(named, ScalarNode) else path.stem)
    return found

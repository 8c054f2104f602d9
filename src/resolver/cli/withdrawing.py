"""`resolver withdraw`: one version of a playbook is taken out of use, or let go on; and which versions there are."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import now, opened, stored
from resolver.cli.screen import print_json, say, table
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.store.database import Database
    from resolver.store.runs import KeptPlan

SHORTEST = 8


def withdraw(plan: str, by: str | None, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Stop what a plan does before the next send; its runs go to people at their next turn."""
    from resolver.store import switches

    config = stored(config_path, data)
    with opened(config) as database:
        found = _plan(plan, config, database)
        who, at = by or f"local:{getpass.getuser()}", now()
        database.write_now(lambda c: switches.throw(c, f"{switches.PLAN}{found.id}", by=who, now=at))
    if as_json:
        print_json({"plan": found.id, "playbook": found.playbook, "withdrawn": True, "open_runs": found.open})
        return 0
    say(
        f"{found.playbook} {found.id[:SHORTEST]} is withdrawn: it does nothing more, and opens no run.",
        f"Open runs that go to people at their next turn: {found.open}.",
        f"Undo it: resolver withdraw {found.id[:SHORTEST]} --undo",
    )
    return 0


def restore(plan: str, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Let a withdrawn plan go on. Runs that went to people meanwhile stay with them."""
    from resolver.store import switches

    config = stored(config_path, data)
    with opened(config) as database:
        found = _plan(plan, config, database)
        released = database.write_now(lambda c: switches.release(c, f"{switches.PLAN}{found.id}"))
    if not released:
        raise Malformed(
            f"{found.playbook} {found.id[:SHORTEST]} is not withdrawn.",
            remedy="see: resolver withdraw --list",
        )
    if as_json:
        print_json(
            {"plan": found.id, "playbook": found.playbook, "withdrawn": False, "open_runs": found.open}
        )
        return 0
    say(f"{found.playbook} {found.id[:SHORTEST]} goes on. Runs that went to people meanwhile stay with them.")
    return 0


def show(config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print the plans that were ever in use, their open runs, and which were withdrawn, when and by whom."""
    from resolver.store import runs, switches

    config = stored(config_path, data)
    with opened(config) as database:
        plans = database.read_now(runs.kept_plans)
        gone = {one.name: one for one in database.read_now(switches.withdrawn)}
    if as_json:
        told = [
            {
                "plan": one.id,
                "playbook": one.playbook,
                "since": one.since,
                "open_runs": one.open,
                "withdrawn": {"by": gone[one.id].by, "at": gone[one.id].since} if one.id in gone else None,
            }
            for one in plans
        ]
        print_json({"plans": told})
        return 0
    rows = [
        (
            one.playbook,
            one.id[:SHORTEST],
            one.since[:16].replace("T", " "),
            str(one.open),
            _by(gone.get(one.id)),
        )
        for one in plans
    ]
    table(("playbook", "plan", "since (UTC)", "open runs", "withdrawn"), rows)
    return 0


def _by(gone: object) -> str:
    from resolver.store.switches import Thrown

    return f"{gone.since[:16].replace('T', ' ')} by {gone.by}" if isinstance(gone, Thrown) else ""


def _plan(named: str, config: "Config", database: "Database") -> "KeptPlan":
    """The one stored plan that is meant: by the beginning of its id, or the version of a playbook in use now."""
    from resolver.store import runs

    plans = database.read_now(runs.kept_plans)
    if any(one.playbook == named for one in plans):
        library = read_folder(configured_folder(config), interfaces_of(config)).result.library
        current = library.by_playbook.get(named) if library is not None else None
        named = (
            current.id
            if current is not None
            else next(one for one in plans[::-1] if one.playbook == named).id
        )
    found = [one for one in plans if len(named) >= SHORTEST and one.id.startswith(named)]
    if len(found) == 1:
        return found[0]
    problem = f"{len(found)} plans begin with {named!r}." if found else f"There is no plan {named!r}."
    raise Malformed(problem, remedy=f"name {SHORTEST} characters of one: resolver withdraw --list")

"""`resolver simulate`: archived tickets through one or two versions of a playbook, told in numbers and examples."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.asked import asked_one, refuse_broken_starts
from resolver.cli.folder import interfaces_of
from resolver.cli.installation import configuration, now
from resolver.cli.screen import note, print_json, progress, working
from resolver.cli.simulation_report import told
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.backtest.playing import Version
    from resolver.backtest.tally import Tally
    from resolver.config import Config
    from resolver.connector.manifest import Interfaces
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan

COULD_NOT_RUN = 2
_LENGTH = re.compile(r"([0-9]{1,5})([dw])")


def simulate(
    playbook: str,
    tickets: Path,
    against: Path | None,
    since: str | None,
    config_path: Path | None,
    *,
    as_json: bool,
) -> int:
    """Print what came of the tickets; 2 if not one line of the file could be read.

    Raises:
        Malformed: There is no such playbook, other version or file, or nothing is in it.
    """
    from resolver.backtest.simulation import simulate

    config = configuration(config_path)
    first = _since(since)
    with working("Reading playbooks"):
        versions, interfaces = _versions(playbook, against, config)
    with progress("Playing tickets", tickets.stat().st_size if tickets.is_file() else 0) as ticks:
        tally = simulate(tickets, versions, interfaces, since=first, told=ticks.tick)
    for bad in tally.bad:
        note(f"{tickets}:{bad.line}: {bad.problem} ({bad.remedy})")
    if tally.bad_lines > len(tally.bad):
        note(f"… and {tally.bad_lines - len(tally.bad):,} lines more that are no tickets")
    if as_json:
        print_json(_json(tally, versions))
    else:
        told(tally, [one.label for one in versions])
    read = tally.tickets + tally.other_intents + tally.too_old
    return COULD_NOT_RUN if tally.bad_lines and not read else 0


def _since(text: str | None) -> datetime | None:
    """The first instant that counts: `90d`, `12w` or a day."""
    if text is None:
        return None
    found = _LENGTH.fullmatch(text)
    if found is not None:
        return now() - timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Malformed(
            f"--since: {text!r} is no length and no day.", remedy="write 90d, 12w or 2026-09-01"
        ) from None


# -- versions ---------------------------------------------------------------------------------------------------------


def _versions(
    playbook: str, against: Path | None, config: "Config"
) -> "tuple[tuple[Version, ...], Interfaces]":
    from resolver.backtest.simulation import version

    interfaces = interfaces_of(config)
    folder, plan = asked_one(playbook, config)
    refuse_broken_starts(folder, [plan])
    library = folder.sound()
    found = [version(plan.playbook, plan, library.by_playbook, library.policy)]
    if against is not None:
        other = _other(against, plan, library, interfaces)
        found.append(version(str(against), other, library.by_playbook, library.policy))
    return tuple(found), interfaces


def _other(path: Path, plan: "Plan", library: "Library", interfaces: "Interfaces") -> "Plan":
    """The other version, compiled with the same policy and interfaces."""
    from resolver.playbook.compile import compile_playbook
    from resolver.source.load import load
    from resolver.source.problem import has_errors, render

    try:
        data = path.read_bytes()
    except OSError as error:
        raise Malformed(
            f"{path} cannot be read: {error.strerror}.", remedy="name the file of the other version"
        ) from None
    other, problems = compile_playbook(load(data, str(path)), interfaces, library.policy)
    if other is None or has_errors(problems):
        text = data.decode("utf-8", errors="replace")
        raise Malformed("\n".join(render(one, text) for one in problems))
    if other.playbook != plan.playbook:
        raise Malformed(
            f"{path} is the playbook {other.playbook!r}, not another version of {plan.playbook!r}.",
            remedy=f"write 'playbook: {plan.playbook}' in it",
        )
    return other


# -- as JSON ----------------------------------------------------------------------------------------------------------


def _json(tally: "Tally", versions: "tuple[Version, ...]") -> dict[str, Any]:
    whole = {
        "playbook": versions[0].plan.playbook,
        "policy": versions[0].policy.id,
        "tickets": tally.tickets,
        "skipped": {
            "bad_lines": tally.bad_lines,
            "other_intents": tally.other_intents,
            "too_old": tally.too_old,
        },
        "bad_lines": [{"line": one.line, "problem": one.problem, "remedy": one.remedy} for one in tally.bad],
        "versions": [
            {"version": version.label, "plan": version.plan.id, **found.to_json()}
            for version, found in zip(versions, tally.versions, strict=True)
        ],
        "agents": {"money_out": tally.agents_paid.to_json()},
        "hash": tally.hash,
    }
    if len(versions) == 2:
        whole["changes"] = {"tickets": tally.changes.total, "kinds": tally.changes.to_json("from", "to")}
    return whole

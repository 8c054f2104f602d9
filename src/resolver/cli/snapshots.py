"""`resolver test --snapshot`: compares every text a playbook sends with NAME.replies.txt; a changed one fails.

With `--accept` the texts of now are written there.
"""

from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.folder import Folder
from resolver.cli.installation import configuration
from resolver.cli.repairing import write_whole
from resolver.cli.screen import print_json, progress, say
from resolver.cli.testing import ERRORS_FOUND, cases_of, playbooks_named

if TYPE_CHECKING:
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan

REPLIES = ".replies.txt"


def compare_texts(named: Sequence[str], config_path: Path | None, *, accept: bool, as_json: bool) -> int:
    """Say which texts changed; 1 if one did and is not accepted."""
    found = []
    for folder, library, plans in playbooks_named(named, configuration(config_path)):
        with progress("Rendering texts", len(plans)) as ticks:
            for plan in plans:
                found.append(_compared(folder, library, plan, accept=accept))
                ticks.tick()
    changed = [one for one in found if one["changed"]]
    if as_json:
        print_json({"playbooks": found, "accepted": accept, "ok": accept or not changed})
    else:
        for one in found:
            _say(one, accept=accept)
    return ERRORS_FOUND if changed and not accept else 0


def _compared(folder: Folder, library: "Library", plan: "Plan", *, accept: bool) -> dict[str, Any]:
    from resolver.decision.snapshot import snapshot

    path = folder.path / f"{plan.playbook}{REPLIES}"
    now = snapshot(plan.playbook, cases_of(folder, library, plan), library.by_playbook, library.policy)
    before = path.read_text("utf-8") if path.is_file() else None
    if accept and now != before:
        write_whole(path, now)
    diff = unified_diff((before or "").splitlines(), now.splitlines(), str(path), "now", lineterm="", n=2)
    return {
        "playbook": plan.playbook,
        "file": str(path),
        "is_new": before is None,
        "changed": now != before,
        "diff": "" if before is None else "\n".join(diff),
    }


def _say(one: dict[str, Any], *, accept: bool) -> None:
    file = one["file"]
    if not one["changed"]:
        say(f"{one['playbook']}: every text as in {file}")
    elif accept:
        say(f"{one['playbook']}: wrote {file}")
    elif one["is_new"]:
        say(f"{one['playbook']}: there is no {file} yet; write it with --snapshot --accept")
    else:
        say(one["diff"], f"{one['playbook']}: texts changed; keep the new ones with --snapshot --accept")

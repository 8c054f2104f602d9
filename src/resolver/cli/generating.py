"""`resolver test --generate`: cases worked out by the prover, written beside the playbook for somebody to review.

They say what the playbook does today, not what it should do; each is marked `generated`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.folder import GENERATED, Folder
from resolver.cli.installation import configuration
from resolver.cli.proving import require_prover
from resolver.cli.repairing import write_whole
from resolver.cli.screen import note, print_json, progress, say
from resolver.cli.testing import playbooks_named

if TYPE_CHECKING:
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan

_HEAD = """\
Written by: resolver test {playbook} --generate
These cases say what plan {plan} does, not what it should do. Review them, and move what you keep
to {playbook}.test.yaml: this file is written anew the next time.
"""


def generate(named: Sequence[str], config_path: Path | None, *, as_json: bool) -> int:
    """Write NAME.generated.test.yaml for each playbook and say how many cases it has."""
    require_prover()
    written = []
    for folder, library, plans in playbooks_named(named, configuration(config_path)):
        with progress("Working out cases", len(plans)) as ticks:
            for plan in plans:
                written.append(_generate(folder, library, plan))
                ticks.tick()
    if as_json:
        print_json({"written": written})
    for one in () if as_json else written:
        if one["left"]:
            note(f"{one['playbook']}: no ticket was found for: {'; '.join(one['left'])}")
        say(f"wrote {one['cases']} cases to {one['file']} (review, then move what you keep)")
    return 0


def _generate(folder: Folder, library: "Library", plan: "Plan") -> dict[str, Any]:
    from resolver.decision.testwriter import written
    from resolver.proof.casework import work_out

    work = work_out(plan, library.by_playbook, library.policy)
    head = _HEAD.format(playbook=plan.playbook, plan=plan.id[:8])
    path = folder.path / f"{plan.playbook}{GENERATED}"
    write_whole(path, written(plan, work.cases, library.policy.calendar.zone, head=head))
    return {"playbook": plan.playbook, "file": str(path), "cases": len(work.cases), "left": list(work.left)}

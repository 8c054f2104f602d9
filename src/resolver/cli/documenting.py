"""`resolver docs`: each playbook as a page of plain sentences, or the reference, on the screen or in a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.asked import asked
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say, working

if TYPE_CHECKING:
    from resolver.playbook.plan import Plan


def write_pages(named: Sequence[str], out: Path | None, config_path: Path | None, *, as_json: bool) -> int:
    """Print the pages of the named playbooks, or write them into a folder. `Malformed` if one cannot be compiled."""
    from resolver.playbook.policy_page import policy_page

    config = configuration(config_path)
    with working("Reading playbooks"):
        chosen = [one.all_sound() for one in asked(named, config)]
    plans: dict[str, Plan] = {}
    pages: dict[str, str] = {}
    for one in chosen:
        library = one.folder.sound()
        for plan in one.plans():
            plans[plan.playbook] = plan
            pages[plan.playbook] = policy_page(plan, library.policy, library.by_playbook.values())
    written = {name: str(_written(out, name, page)) for name, page in pages.items()} if out else {}
    if as_json:
        print_json(
            {
                "pages": [
                    {"playbook": name, "plan": plans[name].id, "file": written.get(name), "text": page}
                    for name, page in pages.items()
                ]
            }
        )
    else:
        say(*(written.values() if out else (page.rstrip("\n") for page in pages.values())))
    return 0


def write_reference(out: Path | None) -> int:
    """Print the reference of all files that authors write, or write it into a folder as `reference.md`."""
    from resolver.cli.reference import reference

    page = reference()
    if out is None:
        say(page.rstrip("\n"))
    else:
        out.mkdir(parents=True, exist_ok=True)
        path = out / "reference.md"
        path.write_text(page, "utf-8")
        say(str(path))
    return 0


def _written(folder: Path, name: str, page: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.policy.md"
    path.write_text(page, "utf-8")
    return path

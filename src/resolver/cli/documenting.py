"""`resolver docs`: each playbook as a page of plain sentences, or the reference, on the screen or in a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.playbook.library import Library


def write_pages(named: Sequence[str], out: Path | None, config_path: Path | None, *, as_json: bool) -> int:
    """Print the pages of the named playbooks, or write them into a folder. `Malformed` if one cannot be compiled."""
    from resolver.playbook.policy_page import policy_page

    config = configuration(config_path)
    with working("Reading playbooks"):
        library = _library(config)
    plans = library.by_playbook
    unknown = [name for name in named if name not in plans]
    if unknown:
        raise Malformed(f"There is no playbook {unknown[0]!r} here.", remedy=f"there are: {', '.join(plans)}")
    wanted = named or tuple(plans)
    pages = {name: policy_page(plans[name], library.policy, plans.values()) for name in wanted}
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


def _library(config: "Config") -> "Library":
    from resolver.source.problem import render

    result = read_folder(configured_folder(config), interfaces_of(config)).result
    if result.library is None:
        found = [render(one, result.texts.get(one.where.path)) for one in result.problems]
        raise Malformed(
            "\n".join([*found, "These playbooks cannot be compiled, so there is nothing to print."])
        )
    return result.library


def _written(folder: Path, name: str, page: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.policy.md"
    path.write_text(page, "utf-8")
    return path

"""`resolver words`: every name a playbook can use here, or those of one playbook, with what each is."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed
from resolver.source.name import nearest

if TYPE_CHECKING:
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan
    from resolver.playbook.wordlist import Word


def words(playbook: str | None, config_path: Path | None, *, as_json: bool) -> int:
    """Print the words, a section after the other."""
    from resolver.playbook.vocabulary import Vocabulary
    from resolver.playbook.wordlist import words_here, words_of

    config = configuration(config_path)
    interfaces = interfaces_of(config)
    library = read_folder(configured_folder(config), interfaces).result.library
    if playbook is not None:
        found = words_of(plan_named(playbook, library))
    else:
        policy = library.policy if library else None
        found = words_here(Vocabulary.of(interfaces, policy), policy)
    if as_json:
        print_json([{"section": one.section, "name": one.name, "means": one.means} for one in found])
    else:
        _print(found)
    return 0


def plan_named(playbook: str, library: "Library | None") -> "Plan":
    """The plan of a playbook of the folder; `Malformed` says what there is instead."""
    if library is None:
        raise Malformed("The playbooks have errors.", remedy="mend them first: resolver lint")
    plan = library.by_playbook.get(playbook.removesuffix(".yaml").rpartition("/")[2])
    if plan is None:
        near = nearest(playbook, library.by_playbook)
        known = ", ".join(sorted(library.by_playbook))
        raise Malformed(
            f"There is no playbook {playbook!r}.",
            remedy=f"did you mean {near!r}?" if near else f"there are: {known}",
        )
    return plan


def _print(found: "Sequence[Word]") -> None:
    section = ""
    for one in found:
        if one.section != section:
            say(*([""] if section else []), one.section)
            section = one.section
        say(f"  {one.name}: {one.means}" if one.means else f"  {one.name}")

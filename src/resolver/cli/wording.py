"""`resolver words`: every name a playbook can use here, or those of one playbook, with what each is."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.asked import asked_one
from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import note, print_json, say

if TYPE_CHECKING:
    from resolver.playbook.wordlist import Word


def words(playbook: str | None, config_path: Path | None, *, as_json: bool) -> int:
    """Print the words, a section after the other."""
    from resolver.playbook.vocabulary import Vocabulary
    from resolver.playbook.wordlist import words_here, words_of

    config = configuration(config_path)
    if playbook is not None:
        found = words_of(asked_one(playbook, config)[1])
    else:
        interfaces = interfaces_of(config)
        folder = read_folder(configured_folder(config), interfaces)
        library = folder.result.sound
        if library is None:
            note(f"policy.yaml of {folder.named} has errors: its limits, queues and teams are left out")
        policy = library.policy if library else None
        found = words_here(Vocabulary.of(interfaces, policy), policy)
    if as_json:
        print_json([{"section": one.section, "name": one.name, "means": one.means} for one in found])
    else:
        _print(found)
    return 0


def _print(found: "Sequence[Word]") -> None:
    section = ""
    for one in found:
        if one.section != section:
            say(*([""] if section else []), one.section)
            section = one.section
        say(f"  {one.name}: {one.means}" if one.means else f"  {one.name}")

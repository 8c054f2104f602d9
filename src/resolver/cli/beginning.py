"""`resolver new`: a playbook to begin with, and its test; both are complete, and lint only asks for more examples."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import POLICY, TESTS, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed
from resolver.starters import playbooks_folder

if TYPE_CHECKING:
    from resolver.config import Config

PLAYBOOK = """\
# What we do when … (say it in one sentence: this file is read aloud)
playbook: {name}
language: 1
title: {title}
owner: {owner}
mode: shadow # it decides and writes nothing; 'auto' needs 'resolver prove'
languages: [en]
handles:
  intent: {name}
  examples: # how customers ask for it, in their own words; ten are better than two
    - Please help me with {words}
  not_for: [] # what sounds alike and is something else
identify: claimed # 'verified' before anything private is shown or done

needs:
  details:
    type: text
    ask: which_details

decide: # the first rule that is yes wins
  - rule: anything_else
    otherwise: hand_over
    because: No rule fits; a person decides.

outcomes:
  hand_over:
    - hand_off: {queue}
      summary: "{title}: {{details}}"

if_unsure: hand_over

replies:
  which_details:
    en: Could you tell us a little more?
"""
TEST = """\
tests: {name}
given:
  now: 2026-11-23 10:00
  customer: {{email: ann@example.com, identity: claimed, language: en}}

cases:
  - test: it goes to a person
    when:
      - writes: Please help me with {words}
        understood: {{intent: {name}}}
      - writes: It is about the blue one
        understood: {{details: It is about the blue one}}
    then:
      rule: anything_else
      asked: [details]
      handoff: {queue}
"""
DEFAULT_QUEUE = "default"
OWN = Path("playbooks")  # where authors without a configured folder keep theirs
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def begin(name: str, owner: str, folder: Path | None, config_path: Path | None, *, as_json: bool) -> int:
    """Write both files, and a policy where there is none; `Malformed` if the name cannot be one, or is taken."""
    config = configuration(config_path)
    if not _NAME.fullmatch(name):
        remedy = "take small letters, digits and _, beginning with a letter, at most 40"
        raise Malformed(f"{name!r} cannot be the name of a playbook.", remedy=remedy)
    place = _place(folder, config)
    words = name.replace("_", " ")
    told = {"name": name, "title": words.capitalize(), "words": words, "queue": DEFAULT_QUEUE, "owner": owner}
    files = {
        place / f"{name}.yaml": PLAYBOOK.format(**told),
        place / f"{name}{TESTS}": TEST.format(**told),
    }
    _refuse_taken(name, place, files, config)
    if not (place / POLICY).exists():
        files[place / POLICY] = (playbooks_folder() / POLICY).read_text("utf-8")
    place.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        path.write_text(text, "utf-8")
    if as_json:
        print_json({"files": [str(path) for path in files]})
    else:
        say(*_told(files, place, config))
    return 0


def _place(folder: Path | None, config: "Config") -> Path:
    """The folder to write to, never that of the starters by accident."""
    place = folder or config.playbooks or OWN
    if place.resolve() == playbooks_folder().resolve() and not (folder or config.playbooks):
        raise Malformed(
            f"{place} holds the starters, which come with the product.",
            remedy="name a folder of your own with --folder, or in config.yaml (playbooks:)",
        )
    if place.exists() and not place.is_dir():
        raise Malformed(f"{place} is no folder.", remedy="name another with --folder")
    return place


def _refuse_taken(name: str, place: Path, files: Iterable[Path], config: "Config") -> None:
    taken = next((path for path in files if path.exists()), None)
    if taken is not None:
        raise Malformed(f"{taken} is there already.", remedy="take another name; nothing was written")
    if not place.is_dir():
        return
    library = read_folder(place, interfaces_of(config)).result.sound
    if library is not None and name in library.by_intent:
        other = library.by_intent[name].playbook
        raise Malformed(
            f"The intent {name!r} is handled by {other}.", remedy="take another name; nothing was written"
        )


def _told(files: Iterable[Path], place: Path, config: "Config") -> Iterator[str]:
    first, second, *policy = files
    yield f"Wrote {first} and {second}."
    if policy:
        yield f"Wrote {policy[0]}, the policy of the starters: who gets what, what may be paid. Make it yours."
    configured = config.playbooks is not None and config.playbooks.resolve() == place.resolve()
    yield f"Next: resolver lint {first}, then resolver test {first.stem if configured else first}."
    if not configured:
        yield f"To use this folder everywhere, write into config.yaml: 'playbooks: {place}'."

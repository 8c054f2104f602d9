"""`resolver new`: a playbook to begin with, and its test; both are complete, and lint only asks for more examples."""

import re
from pathlib import Path

from resolver.cli.folder import TESTS, configured_folder, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed

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
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def begin(name: str, owner: str, folder: Path | None, config_path: Path | None, *, as_json: bool) -> int:
    """Write both files; `Malformed` if the name cannot be one, or is taken."""
    config = configuration(config_path)
    place = folder or configured_folder(config)
    if not _NAME.fullmatch(name):
        remedy = "take small letters, digits and _, beginning with a letter, at most 40"
        raise Malformed(f"{name!r} cannot be the name of a playbook.", remedy=remedy)
    found = read_folder(place, interfaces_of(config)).result
    files = {place / f"{name}.yaml": PLAYBOOK, place / f"{name}{TESTS}": TEST}
    taken = next((path for path in files if path.exists()), None)
    if taken is not None:
        raise Malformed(f"{taken} is there already.", remedy="take another name; nothing was written")
    if found.library is not None and name in found.library.by_intent:
        other = found.library.by_intent[name].playbook
        raise Malformed(
            f"The intent {name!r} is handled by {other}.", remedy="take another name; nothing was written"
        )
    words = name.replace("_", " ")
    for path, text in files.items():
        told = text.format(name=name, title=words.capitalize(), words=words, queue=DEFAULT_QUEUE, owner=owner)
        path.write_text(told, "utf-8")
    if as_json:
        print_json({"files": [str(path) for path in files]})
    else:
        first, second = files
        say(f"Wrote {first} and {second}.", f"Next: resolver lint {first}, then resolver test {name}.")
    return 0

"""Print the part of requirements.lock that one purpose needs, its entries unchanged.

    lock_part.py requirements.lock               what running needs, without the development tools
    lock_part.py requirements.lock hatchling     one tool and what it needs

Called by scripts/install-image and the packaging tests. It reads the `# via` notes that uv writes under every entry;
it needs nothing but the standard library and never asks a registry.
"""

import re
import sys
from pathlib import Path

PROJECT = "helpdesk-resolver (pyproject.toml)"  # the group of tools is noted as "(pyproject.toml:dev)"


def part_of(lock: str, root: str = PROJECT) -> str:
    """The entries of `root` itself and of everything it needs, in the order of the lock."""
    entries = re.findall(r"^[A-Za-z0-9][^\n]*\n(?:[ ]+[^\n]*\n)*", lock, re.MULTILINE)
    known = [(entry.partition("==")[0], _asked_for_by(entry), entry) for entry in entries]
    wanted = {root}
    while more := {name for name, askers, _ in known if askers & wanted} - wanted:
        wanted |= more
    return "".join(entry for name, _, entry in known if name in wanted)


def _asked_for_by(entry: str) -> set[str]:
    return set(re.findall(r"^ +#(?: via|  ) *(\S.*)$", entry, re.MULTILINE))


if __name__ == "__main__":
    sys.stdout.write(part_of(Path(sys.argv[1]).read_text("utf-8"), *sys.argv[2:3]))

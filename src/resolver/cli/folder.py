"""A folder of playbooks as lint and test look at it: compiled against what the configuration binds.

Where nothing is bound, each interface is served by the first bundled connector that can: enough to judge playbooks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.connector.manifest import Interfaces
    from resolver.playbook.library import LibraryResult

TESTS = ".test.yaml"
GENERATED = ".generated.test.yaml"


@dataclass(frozen=True, slots=True)
class Folder:
    """Its library with all problems, and the bytes of its files by the path a reader would type."""

    path: Path
    result: "LibraryResult"
    files: Mapping[str, bytes]

    def tests(self) -> dict[str, bytes]:
        """The test files."""
        return {path: text for path, text in self.files.items() if path.endswith(TESTS)}


def configured_folder(config: "Config") -> Path:
    """The folder of playbooks that the configuration names, else the starters."""
    from resolver.starters import playbooks_folder

    return config.playbooks or playbooks_folder()


def read_folder(path: Path, interfaces: "Interfaces") -> Folder:
    """The folder, read and compiled. `Malformed` if there is none."""
    from resolver.playbook.library import load_library

    if not path.is_dir():
        raise Malformed(f"There is no folder {path}.", remedy="name a folder of playbooks, or a file in one")
    files = {_typed(file): file.read_bytes() for file in sorted(path.glob("*.yaml"))}
    return Folder(path, load_library(files, interfaces), files)


def interfaces_of(config: "Config") -> "Interfaces":
    """What playbooks may ask of whom here."""
    from resolver.connector.manifest import bind
    from resolver.connector.registry import read_shelf
    from resolver.knowledge.article import read_articles, topics_of

    shelf = read_shelf(config.connector_folders)
    known = {name: one.connector for name, one in config.connections.items()}
    manifests = {
        name: shelf.connectors[connector].manifest
        for name, connector in known.items()
        if connector in shelf.connectors
    }
    bindings = dict(config.interfaces)
    if not bindings:
        manifests = {name: found.manifest for name, found in shelf.connectors.items()}
        for name, manifest in sorted(manifests.items()):
            for interface in manifest.implements:
                bindings.setdefault(interface, name)
    topics = topics_of(read_articles(config.knowledge.folder)) if config.knowledge else None
    return bind(list(shelf.interfaces.values()), manifests, bindings, topics=topics)


def sends_codes(config: "Config") -> bool:
    """Whether a configured connection sends one-time codes; true where no connection is named yet."""
    from resolver.connector.manifest import SENDS_CODES
    from resolver.connector.registry import read_shelf

    known = read_shelf(config.connector_folders).connectors
    named = [known[one.connector].manifest for one in config.connections.values() if one.connector in known]
    return not named or any(SENDS_CODES in manifest.sends for manifest in named)


def _typed(path: Path) -> str:
    """The path as somebody here would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

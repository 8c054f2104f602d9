"""A folder of playbooks as lint and test look at it: compiled against what the configuration binds.

Where nothing is bound, each interface is served by the first bundled connector that can: enough to judge playbooks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.errors import Malformed
from resolver.files import typed, yaml_files

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.connector.manifest import Interfaces
    from resolver.playbook.library import Library, LibraryResult

TESTS = ".test.yaml"
GENERATED = ".generated.test.yaml"
POLICY = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Folder:
    """Its library with all problems, and the bytes of its files by the path a reader would type.

    `draft` is the one file it was read for, if that lies elsewhere: then `path` and `files` are the draft's.
    """

    path: Path
    result: "LibraryResult"
    files: Mapping[str, bytes]
    draft: str = ""

    def tests(self) -> dict[str, bytes]:
        """The test files."""
        return {path: text for path, text in self.files.items() if path.endswith(TESTS)}

    def tested(self, path: str) -> str:
        """The playbook that a test file is about."""
        if self.draft:
            return _playbook_at(self.result, self.draft)
        return Path(path).name.removesuffix(TESTS).removesuffix(".generated")

    def tests_of(self, playbook: str) -> tuple[str, bytes] | None:
        """The test file that people wrote for a playbook, with its path."""
        written = (one for one in self.tests().items() if not one[0].endswith(GENERATED))
        return next((one for one in written if self.tested(one[0]) == playbook), None)

    def sound(self) -> "Library":
        """The playbooks without an error. `Malformed` with the policy's problems where it cannot be read."""
        if self.result.sound is None:
            raise Malformed(f"{self.told(*self.result.broken())}\n{self.named} cannot be used like this.")
        return self.result.sound

    @property
    def named(self) -> str:
        """The folder as a message names it."""
        from resolver.starters import playbooks_folder

        starters = ", the starters" if self.path.resolve() == playbooks_folder().resolve() else ""
        return f"{typed(self.path)}{starters}"

    def told(self, *paths: str) -> str:
        """The errors of these files as lint prints them."""
        from resolver.source.problem import has_errors, render

        wrong = [one for one in self.result.problems if one.where.path in paths and has_errors([one])]
        return "\n".join(render(one, self.result.texts.get(one.where.path)) for one in wrong)


def configured_folder(config: "Config") -> Path:
    """The folder of playbooks that the configuration names, else the starters."""
    from resolver.starters import playbooks_folder

    return config.playbooks or playbooks_folder()


def read_folder(path: Path, interfaces: "Interfaces") -> Folder:
    """The folder, read and compiled. `Malformed` if there is none."""
    from resolver.playbook.library import load_library
    from resolver.starters import unchanged

    files = _files(path)
    return Folder(path, load_library(files, interfaces, optional=unchanged(files)), files)


def read_draft(file: Path, folder: Path, interfaces: "Interfaces") -> Folder:
    """A file that lies elsewhere, read as if it stood in the folder in place of the playbook it is a version of.

    Its tests are those beside it, else the folder's.
    """
    from resolver.playbook.library import load_library
    from resolver.starters import unchanged

    there, draft = _files(folder), typed(file)
    whole = {**there, draft: file.read_bytes()}
    result = load_library(whole, interfaces, optional=unchanged(there), drafts={draft})
    playbook = _playbook_at(result, draft)
    beside = (file.with_name(f"{name}{TESTS}") for name in dict.fromkeys((file.stem, playbook)))
    tests = [one for one in (*beside, folder / f"{playbook}{TESTS}") if one.is_file()][:1]
    files = {draft: whole[draft], **{typed(one): one.read_bytes() for one in tests}}
    return Folder(file.parent, result, files, draft)


def _playbook_at(result: "LibraryResult", path: str) -> str:
    return next((name for name, own in result.paths.items() if own == path), Path(path).stem)


def _files(path: Path) -> dict[str, bytes]:
    if not path.is_dir():
        raise Malformed(f"There is no folder {path}.", remedy="name a folder of playbooks, or a file in one")
    return yaml_files(path)


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

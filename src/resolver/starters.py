"""Where the starter playbooks, bundled interfaces, example configuration and pages about errors lie.

The one locator: the installed package's data first, else the repository this file stands in. Called by config,
the command line and tests; never looks at the working directory.
"""

from collections.abc import Mapping
from pathlib import Path

from resolver.errors import Malformed, Where

_PACKAGE = Path(__file__).parent


def playbooks_folder() -> Path:
    """The folder of starter playbooks with their policy and tests; `Malformed` if the installation is incomplete."""
    return _existing("playbooks")


def unchanged(files: Mapping[str, bytes]) -> frozenset[str]:
    """Of files, path → bytes, those that are starter playbooks as they came."""
    folder = playbooks_folder()
    found = ((path, folder / Path(path).name) for path in files)
    return frozenset(path for path, own in found if own.is_file() and own.read_bytes() == files[path])


def interfaces_folder() -> Path:
    """The folder of bundled interface files; `Malformed` if the installation is incomplete."""
    return _existing("connectors/interfaces")


def example_config() -> Path:
    """The example configuration, equal to the defaults; `Malformed` if the installation is incomplete."""
    return _existing("config.example.yaml")


def error_pages_folder() -> Path:
    """The folder with a page for every error code; `Malformed` if the installation is incomplete."""
    return _existing("docs/playbooks/errors")


def _existing(name: str) -> Path:
    packaged, repository = _PACKAGE / "_data", _PACKAGE.parents[1]
    root = packaged if packaged.is_dir() else repository
    if not (root / name).exists():
        raise Malformed(
            f"The installation lacks {name}.",
            where=Where(str(root / name)),
            remedy="Install helpdesk-resolver again from its wheel, or check the repository out whole.",
        )
    return root / name

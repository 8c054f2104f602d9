"""`resolver lint --watch`: tells again what is wrong whenever a playbook, test, policy or interface was saved.

It ends with Ctrl-C. It reads only; what cannot be read at this moment is told, and the next change is waited for.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.installation import configuration
from resolver.cli.linting import judged, tell
from resolver.cli.screen import note, say
from resolver.errors import Malformed, ResolverError

if TYPE_CHECKING:
    from watchfiles import Change

_LOOK_MS = 300
"""How long the first look waits until the watch surely stands."""


def watch(paths: Sequence[Path], config_path: Path | None) -> int:
    """Lint at once and after every change, until somebody presses Ctrl-C; then 0."""
    from watchfiles import watch

    told = False
    watched = _watched(paths, config_path)
    try:
        for changes in watch(
            *watched,
            watch_filter=_concerns,
            yield_on_timeout=True,
            rust_timeout=_LOOK_MS,
            raise_interrupt=True,
        ):
            if changes or not told:
                _tell(paths, config_path, changes)
                told = True
    except KeyboardInterrupt:
        note("")
    return 0


def _watched(paths: Sequence[Path], config_path: Path | None) -> list[Path]:
    """The folders that decide what lint says: of playbooks, and of connectors with their interfaces."""
    from resolver.cli.folder import configured_folder

    config = configuration(config_path)
    named = paths or (configured_folder(config),)
    missing = [path for path in named if not path.exists()]
    if missing:
        raise Malformed(f"There is no {missing[0]}.", remedy="name a folder of playbooks, or a file in one")
    folders = [path if path.is_dir() else path.parent for path in named]
    return list(dict.fromkeys([*folders, *(one for one in config.connector_folders if one.is_dir())]))


def _concerns(_: "Change", path: str) -> bool:
    """Whether a change may change what lint says; our own files in the making are hidden ones."""
    file = Path(path)
    return file.suffix == ".yaml" and not file.name.startswith(".")


def _tell(paths: Sequence[Path], config_path: Path | None, changes: "set[tuple[Change, str]]") -> None:
    if changes:
        say("", f"-- {', '.join(sorted({Path(path).name for _, path in changes}))} changed")
    try:
        tell(judged(paths, config_path))
    except ResolverError as error:
        say(str(error))
    sys.stdout.flush()

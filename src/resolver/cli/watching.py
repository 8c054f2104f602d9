"""`resolver lint --watch`: tells again what is wrong whenever a playbook, test, policy or interface was saved.

It ends with Ctrl-C. It reads only; what cannot be read at this moment is told, and the next change is waited for.
"""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    with _until_ctrl_c() as stop:
        for changes in watch(
            *watched,
            watch_filter=_concerns,
            stop_event=stop,
            yield_on_timeout=True,
            rust_timeout=_LOOK_MS,
        ):
            if stop.is_set():
                break
            if changes or not told:
                _tell(paths, config_path, changes)
                told = True
    note("")
    return 0


@contextmanager
def _until_ctrl_c() -> Iterator[threading.Event]:
    """Set by Ctrl-C, at whatever moment: an exception is lost where it meets a destructor, as the prover has many.

    The second Ctrl-C breaks off at once.
    """
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def asked(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


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

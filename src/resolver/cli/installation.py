"""The installation a command is about: its configuration, its data folder, its database and the key to it.

Called by every command that reads or changes what is stored. It never makes a database or a key: `serve` does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.screen import note
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.store.database import Database, Job
    from resolver.store.vault import Vault

CONFIG = Path("config.yaml")
SANDBOX_DATA = "sandbox"
"""Where `serve --sandbox` keeps its data, inside the configured data folder."""


def configuration(path: Path | None) -> "Config":
    """The configuration in `path`; without one, `./config.yaml` if it is there, else the defaults.

    For commands that open no connection: a secret that the environment here lacks does not matter to them, so that
    `pause` works from any shell.
    """
    from resolver.config import Config, read_config

    if path is None and not CONFIG.exists():
        return Config()
    return read_config(path or CONFIG, _WithoutSecrets(os.environ))


class _WithoutSecrets(dict[str, str]):
    """The environment, in which every variable has a value but those that change the configuration itself."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # all that read_config asks
        """The value, or a word in place of it."""
        return super().get(name) or (default if name.startswith("RESOLVER_") else "unset")


def stored(path: Path | None, data: Path | None) -> "Config":
    """The configuration whose data a command reads: `data` if named; without a configuration, the newest there is."""
    config = configuration(path)
    if data is not None:
        if not data.is_dir():
            problem = f"{data} is no folder." if data.exists() else f"There is no folder {data}."
            raise Malformed(problem, remedy="name the data folder of an installation with --data")
        return replace(config, data=data, database="", audit=replace(config.audit, checkpoints=None))
    if path is not None or CONFIG.exists():
        return config
    folders = [config.data, *(one.parent for one in config.data.glob("*/resolver.db"))]
    there = [folder for folder in folders if (folder / "resolver.db").is_file()]
    if not there:
        return config
    newest = max(there, key=lambda folder: _changed_at(folder / "resolver.db"))
    if newest != config.data:
        note(f"There is no {CONFIG}; this is about the data in {newest}.")
    return replace(config, data=newest)


@contextmanager
def opened(config: "Config") -> Iterator["Database"]:
    """The database of an installation that has been started at least once.

    Raises:
        Malformed: There is none yet, or it cannot be read.
    """
    from resolver.store import events
    from resolver.store.database import Database

    file = sqlite_file(config)
    if file is not None and not file.is_file():
        folder = "" if file.parent.is_dir() else f": there is no folder {file.parent}"
        raise Malformed(
            f"There is no database {file} yet{folder}.", remedy="start `resolver serve` once, or name --data"
        )
    database = Database(config.database_url)
    try:
        _probe(database, events.count_by_state)
        yield database
    finally:
        database.close()


def vault_of(config: "Config") -> "Vault":
    """What opens the personal data in the database. `Malformed` if the key file is missing or open to others."""
    from resolver.store.vault import Vault, master_key

    return Vault(master_key(key_file(config)))


def key_file(config: "Config") -> Path:
    """Where the master key lies. `Malformed` if it is missing."""
    if not config.key_file.is_file():
        raise Malformed(f"There is no key file {config.key_file}.", remedy="restore it from the backup")
    return config.key_file


def sqlite_file(config: "Config") -> Path | None:
    """The file of the database; `None` where it is PostgreSQL."""
    url = config.database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def now() -> datetime:
    """The present instant."""
    from resolver.clock import system_clock

    return system_clock()


def _probe(database: "Database", question: "Job[object]") -> None:
    """Ask the database something; whatever the driver raises then is said in our words."""
    try:
        database.read_now(question)
    except Exception as error:  # whatever the driver raises, it means that nothing can be read
        problem = (
            f"The database {database.engine.url.render_as_string()} cannot be read: {type(error).__name__}."
        )
        remedy = "check that it runs, and that `resolver serve` has been started on it once"
        raise Malformed(problem, remedy=remedy) from None


def _changed_at(file: Path) -> float:
    """When something was last written: in the file or in the log beside it."""
    beside = file.with_name(f"{file.name}-wal")
    return max(one.stat().st_mtime for one in (file, beside) if one.exists())

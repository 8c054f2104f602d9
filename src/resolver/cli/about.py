"""`resolver version`: which release this is and what it runs on."""

import platform
from importlib.metadata import version

from resolver.cli.screen import pairs, print_json
from resolver.errors import Malformed
from resolver.store.sqlite import sqlite_module


def about(*, as_json: bool) -> int:
    """Print it."""
    known = {
        "resolver": version("helpdesk-resolver"),
        "python": platform.python_version(),
        "sqlite": sqlite_version(),
        "platform": platform.platform(terse=True),
    }
    if as_json:
        print_json(known)
    else:
        pairs(known)
    return 0


def sqlite_version() -> str:
    """The SQLite that is used here, or why it cannot be; `check` judges it."""
    try:
        return str(sqlite_module().sqlite_version)
    except Malformed as error:
        return error.problem

"""`resolver version`: which release this is and what it runs on."""

import platform
import sqlite3
import sys
from importlib.metadata import version

from resolver.cli.screen import pairs, print_json


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
    """The SQLite that would be used here, found without loading the store; `check` judges it."""
    python = sys.version_info[:2]
    if python < (3, 12) or sqlite3.sqlite_version_info >= (3, 42):
        return sqlite3.sqlite_version
    try:
        import pysqlite3.dbapi2 as newer
    except ImportError:
        return f"{sqlite3.sqlite_version}, too old for this Python"
    return str(newer.sqlite_version)

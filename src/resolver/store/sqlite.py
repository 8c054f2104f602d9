"""Which SQLite is used here. Apart from the rest because `resolver version` asks without loading the database."""

import sqlite3
import sys
from types import ModuleType

from resolver.errors import Malformed


def sqlite_module() -> ModuleType:
    """The SQLite that works with the engine here.

    Python 3.12 and newer need SQLite 3.42 (the engine's clock uses `unixepoch('subsec')`); where the
    system's is older, `pysqlite3` takes its place, and where that is missing the start says so. Within one
    process a file is opened with this one only: the locks of two copies of SQLite do not see each other.
    """
    python = sys.version_info[:2]
    if python < (3, 12) or sqlite3.sqlite_version_info >= (3, 42):
        return sqlite3
    try:
        import pysqlite3.dbapi2 as newer
    except ImportError:
        raise Malformed(
            f"SQLite {sqlite3.sqlite_version} is too old for Python {python[0]}.{python[1]}.",
            remedy="pip install pysqlite3-binary, or use a system with SQLite 3.42 or newer, or PostgreSQL",
        ) from None
    module: ModuleType = newer
    return module

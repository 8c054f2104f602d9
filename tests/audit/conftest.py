"""A store with nothing in it, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.store.database import Database
from tests.databases import KINDS, ready_database


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    database = Database(ready_database(request.param, tmp_path))
    yield database
    database.close()

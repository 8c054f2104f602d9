"""A store with nothing in it, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resolver.store.database import Database
from tests.databases import KINDS, Kind, empty_database, ready_database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture
def url(kind: Kind, tmp_path: Path) -> str:
    """Of a database without any table."""
    return empty_database(kind, tmp_path)


@pytest.fixture
def database(kind: Kind, tmp_path: Path) -> Iterator[Database]:
    database = Database(ready_database(kind, tmp_path))
    yield database
    database.close()

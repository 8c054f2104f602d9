"""An empty, migrated store, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resolver.store.database import Database
from resolver.store.migrate import migrate
from tests.postgres import new_database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'resolver.db'}" if request.param == "sqlite" else new_database()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    migrate(url)
    database = Database(url)
    yield database
    database.close()

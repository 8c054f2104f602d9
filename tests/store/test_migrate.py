"""Migrations: from nothing, twice, all or nothing, and the tables they make are the ones the queries know."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from resolver.durable.engine import Engine
from resolver.errors import Malformed
from resolver.store.database import SCHEMA, Database, normal_url
from resolver.store.migrate import migrate
from resolver.store.tables import metadata


def tables(url: str) -> set[str]:
    """The tables there are, ours and the engine's."""
    database = Database(url)
    schema = None if database.is_sqlite else SCHEMA
    found = set(sa.inspect(database.engine).get_table_names(schema=schema))
    database.close()
    return found


def test_an_empty_database_gets_every_table(url: str) -> None:
    migrate(url)

    assert {table.name for table in metadata.sorted_tables} <= tables(url)


def test_a_second_migration_changes_nothing(url: str) -> None:
    migrate(url)
    before = tables(url)

    migrate(url)

    assert tables(url) == before


def test_the_engines_tables_and_ours_live_in_one_database(url: str) -> None:
    migrate(url)
    Engine.migrate(url)

    migrate(url)
    Engine.migrate(url)

    assert "event" in tables(url)


def test_the_migrated_tables_are_those_the_queries_know(url: str) -> None:
    migrate(url)
    Engine.migrate(url)
    database = Database(url)

    def ours(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return kind != "table" or name in metadata.tables

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        differences = compare_metadata(context, metadata)
    database.close()

    assert [one for one in differences if "partial" not in str(one)] == []


def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    engine = sa.create_engine(normal_url(url))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"CREATE SCHEMA {SCHEMA}"))
            connection.execute(sa.text(f"CREATE TABLE {SCHEMA}.switch (other INTEGER)"))
        else:
            connection.execute(sa.text("CREATE TABLE switch (other INTEGER)"))
    engine.dispose()

    with pytest.raises(sa.exc.SQLAlchemyError):
        migrate(url)

    assert tables(url) == {"switch"}


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "resolver.db"
    path.write_text("these are not the rows you are looking for " * 50)

    with pytest.raises(Malformed, match=r"resolver\.db is no usable SQLite file"):
        Database(f"sqlite:///{path}")


def test_a_database_of_an_unknown_kind_is_refused_without_its_password() -> None:
    with pytest.raises(Malformed, match="no kind we know") as error:
        normal_url("mysql://root:secret@host/name")

    assert "secret" not in str(error.value)

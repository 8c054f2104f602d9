"""Bringing the tables up to date, on an engine of its own, before the durable engine opens the database.

Called at every start; finds nothing to do when the tables are current. A failing step leaves nothing behind.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from resolver.store.database import SCHEMA, normal_url
from resolver.store.sqlite import sqlite_module

_LOCK = 7_265_736_001  # any number; one upgrade at a time on PostgreSQL


def migrate(url: str) -> None:
    """Run every migration that is missing, all in one transaction."""
    engine = _migration_engine(normal_url(url))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _migration_engine(url: str) -> sa.Engine:
    """SQLite here needs explicit BEGINs (`isolation_level=None`), or a failing migration stays half applied."""
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url, poolclass=sa.NullPool, connect_args={"options": f"-csearch_path={SCHEMA}"}
        )
    engine = sa.create_engine(
        url,
        module=sqlite_module(),
        poolclass=sa.NullPool,
        connect_args={"isolation_level": None, "timeout": 30},
    )
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine

"""Alembic's entry: runs the migrations on the connection that `store.migrate` opened."""

from alembic import context

from resolver.store.tables import metadata


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """Only our tables: the durable engine keeps its own beside them."""
    return kind != "table" or name in metadata.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_ours,
    render_as_batch=True,
    version_table="resolver_version",
)
context.run_migrations()

"""The audit trail only grows: the database itself refuses to change or delete its lines.

Whoever owns the database can drop these triggers; they are against mistakes, signed checkpoints against intent.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SAYS = "the audit trail only grows: its lines are neither changed nor deleted"


def upgrade() -> None:
    """Create the triggers; the lines stay as they are."""
    statements = _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE
    for statement in statements:
        op.execute(statement)


_SQLITE = (
    *(
        f"CREATE TRIGGER audit_no_{word.lower()} BEFORE {word} ON audit BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
        for word in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without asking the trigger above
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "  # noqa: S608  # nothing here comes from outside
    "WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) "
    f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
)

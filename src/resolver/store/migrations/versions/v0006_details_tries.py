"""Wrong tries to name the details of a record, so that nobody goes on guessing from ticket to ticket.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; what was tried before counts for nothing."""
    op.create_table(
        "details_try",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case", "message", "record", name=op.f("pk_details_try")),
    )
    op.create_index("ix_details_try_record_day", "details_try", ["record", "day"])

"""What each turn was decided from, so that replay can decide it again.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; turns of before stay without, and replay says so."""
    op.create_table(
        "turn_input",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column(
            "turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", "turn", name=op.f("pk_turn_input")),
    )

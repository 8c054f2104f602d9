"""Suggestions stand beside approvals: what a run would say and do, put to the people who work on the ticket.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; everything that was asked before is an approval."""
    op.add_column("approval", sa.Column("kind", sa.Text(), server_default="approval", nullable=False))

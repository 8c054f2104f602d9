"""What an action gives besides having happened, so that a playbook can name it in a later reply or action.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; actions of before gave nothing."""
    op.add_column("effect", sa.Column("gives_sealed", sa.LargeBinary(), nullable=True))

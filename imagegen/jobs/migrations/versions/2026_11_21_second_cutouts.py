"""Cut-outs: jobs of another kind than pictures, and the picture that a task takes the background out of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_second_cutouts"
down_revision = "2026_11_21_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("job", sa.Column("kind", sa.String(), nullable=False, server_default="images"))
    op.add_column("task", sa.Column("parent_id", sa.String(), nullable=True))

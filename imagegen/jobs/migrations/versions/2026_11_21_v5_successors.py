"""What a person should know of a job from its beginning on: that another model than the named one makes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_v5_successors"
down_revision = "2026_11_21_v4_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("job", sa.Column("notice", sa.String(), nullable=True))


def downgrade() -> None:
    """Undo the change, for development only: the product refuses to go back."""
    op.drop_column("job", "notice")

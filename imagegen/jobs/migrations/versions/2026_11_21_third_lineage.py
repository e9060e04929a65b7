"""Indexes of the pictures that were made of others: by what they were made of, and to list and count them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_third_lineage"
down_revision = "2026_11_21_second_cutouts"
branch_labels = None
depends_on = None

_HAS_PARENT = "parent_id IS NOT NULL AND deleted_at IS NULL"


def upgrade() -> None:
    """Make the change."""
    for name, columns in (("ix_image_parent_id_id", ["parent_id", "id"]), ("ix_image_cutouts", ["owner", "id"])):
        op.create_index(name, "image", columns, unique=False, sqlite_where=sa.text(_HAS_PARENT))


def downgrade() -> None:
    """Undo the change, for development only: the product refuses to go back."""
    op.drop_index("ix_image_cutouts", "image")
    op.drop_index("ix_image_parent_id_id", "image")

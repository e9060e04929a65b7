"""What a person should know of a picture, and which references each job named, to find what was made with one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_v4_notices"
down_revision = "2026_11_21_third_lineage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change, and note the references of the jobs that are there."""
    op.add_column("task", sa.Column("notice", sa.String(), nullable=True))
    op.create_table(
        "job_reference",
        sa.Column("reference_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_reference_job_id_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reference_id", "job_id", name="pk_job_reference"),
    )
    op.create_index("ix_job_reference_job_id", "job_reference", ["job_id"], unique=False)
    op.execute(
        "INSERT OR IGNORE INTO job_reference (reference_id, job_id) "
        "SELECT json_extract(named.value, '$.id'), job.id "
        "FROM job, json_each(job.request, '$.reference_images') AS named"
    )


def downgrade() -> None:
    """Undo the change, for development only: the product refuses to go back."""
    op.drop_table("job_reference")
    op.drop_column("task", "notice")

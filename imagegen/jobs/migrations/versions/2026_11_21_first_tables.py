"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "album",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_album"),
    )
    op.create_index("ix_album_owner_id", "album", ["owner", "id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("task_index", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("image_id", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_owner_id", "event", ["owner", "id"], unique=False)
    op.create_table(
        "reference",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reference"),
        sa.UniqueConstraint("owner", "sha256", name="uq_reference_owner_sha256"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("image_size", sa.String(), nullable=False),
        sa.Column("aspect_ratio", sa.String(), nullable=False),
        sa.Column("album_id", sa.String(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("per_image_usd", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["album_id"], ["album.id"], name="fk_job_album_id_album", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("owner", "idempotency_key", name="uq_job_owner_idempotency_key"),
    )
    op.create_index("ix_job_album_id", "job", ["album_id"], unique=False)
    op.create_index("ix_job_owner_id", "job", ["owner", "id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("allowance_from", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("retry_reason", sa.String(), nullable=True),
        sa.Column("image_id", sa.String(), nullable=True),
        sa.Column("reserved_usd", sa.BigInteger(), nullable=True),
        sa.Column("usd", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_task_job_id_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("job_id", "index", name="uq_task_job_id_index"),
    )
    op.create_index("ix_task_job_id_state", "task", ["job_id", "state"], unique=False)
    op.create_index(
        "ix_task_waiting",
        "task",
        ["provider", sa.text("priority DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'retrying')"),
    )
    op.create_index(
        "ix_task_live",
        "task",
        ["job_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'retrying', 'in_progress')"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("wire_id", sa.String(), nullable=False),
        sa.Column("image_size", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("model_version", sa.String(), nullable=True),
        sa.Column("usage", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("usd", sa.BigInteger(), nullable=True),
        sa.Column("billed", sa.String(), nullable=False),
        sa.Column("error_kind", sa.String(), nullable=True),
        sa.Column("intent_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("receiving_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_attempt_task_id_task", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint("task_id", "number", name="uq_attempt_task_id_number"),
    )
    op.create_index("ix_attempt_intent_at", "attempt", ["intent_at"], unique=False)
    op.create_index(
        "ix_attempt_open",
        "attempt",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('intent', 'sent', 'received')"),
    )
    op.create_index(
        "ix_attempt_recent",
        "attempt",
        ["model", "image_size", "ended_at"],
        unique=False,
        sqlite_where=sa.text("state = 'stored'"),
    )
    op.create_table(
        "image",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("task_index", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("album_id", sa.String(), nullable=True),
        sa.Column("style", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("usd", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("cutout_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["album_id"], ["album.id"], name="fk_image_album_id_album", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name="fk_image_attempt_id_attempt", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_image_job_id_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_image"),
        sa.UniqueConstraint("attempt_id", name="uq_image_attempt_id"),
        sa.UniqueConstraint("id", name="uq_image_id"),
    )
    op.create_index(
        "ix_image_album_id_id",
        "image",
        ["album_id", "id"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_image_job_id", "image", ["job_id"], unique=False)
    op.create_index(
        "ix_image_owner_id", "image", ["owner", "id"], unique=False, sqlite_where=sa.text("deleted_at IS NULL")
    )
    op.create_index(
        "ix_image_provider_id",
        "image",
        ["provider", "id"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_image_style_id", "image", ["style", "id"], unique=False, sqlite_where=sa.text("deleted_at IS NULL")
    )
    # The words of the prompts, found by `imagegen.jobs.search`. It holds no text of its own, so triggers tell it
    # what is in `image`; a later batch alter of `image` must drop and recreate them.
    op.execute("CREATE VIRTUAL TABLE image_fts USING fts5(prompt, content='image', content_rowid='seq')")
    op.execute(
        "CREATE TRIGGER image_fts_insert AFTER INSERT ON image BEGIN "
        "INSERT INTO image_fts(rowid, prompt) VALUES (new.seq, new.prompt); END"
    )
    op.execute(
        "CREATE TRIGGER image_fts_delete AFTER DELETE ON image BEGIN "
        "INSERT INTO image_fts(image_fts, rowid, prompt) VALUES ('delete', old.seq, old.prompt); END"
    )
    op.execute(
        "CREATE TRIGGER image_fts_update AFTER UPDATE OF prompt ON image BEGIN "
        "INSERT INTO image_fts(image_fts, rowid, prompt) VALUES ('delete', old.seq, old.prompt); "
        "INSERT INTO image_fts(rowid, prompt) VALUES (new.seq, new.prompt); END"
    )


def downgrade() -> None:
    """Undo the change, for development only: the product refuses to go back."""
    op.execute("DROP TABLE image_fts")
    op.drop_table("image")
    op.drop_table("attempt")
    op.drop_table("task")
    op.drop_table("job")
    op.drop_table("reference")
    op.drop_table("event")
    op.drop_table("album")

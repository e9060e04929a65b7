"""The tables of the job log. Times are whole milliseconds since the epoch, UTC; money is micro-dollars.

Ids of jobs, images, albums and references sort by age (`imagegen.jobs.ids`), so that one index serves lookup
and newest-first paging. The schema itself is made by the migrations; a test holds both against each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


def _child_of(column: str, *, on_delete: str, nullable: bool = False, index: bool = False) -> Any:  # noqa: ANN401 - as sqlmodel.Field
    return Field(
        default=None if nullable else ...,
        sa_column_args=[ForeignKey(column, ondelete=on_delete)],
        nullable=nullable,
        index=index,
    )


class Album(SQLModel, table=True):
    """A named shelf."""

    id: str = Field(primary_key=True)
    owner: str
    name: str
    created_at: int = Field(sa_type=BigInteger)

    __table_args__ = (Index("ix_album_owner_id", "owner", "id"),)


class Job(SQLModel, table=True):
    """One submit. `request` is the request as it was asked; what became of it stands in its tasks.

    `kind` is `images`, or `cutout` for a job that takes the background out of one picture. `notice` is a sentence
    that people should see from the beginning.
    """

    id: str = Field(primary_key=True)
    kind: str = "images"
    owner: str
    idempotency_key: str | None
    request_digest: str
    request: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    title: str
    provider: str
    model: str
    image_size: str
    aspect_ratio: str
    album_id: str | None = _child_of("album.id", on_delete="SET NULL", nullable=True, index=True)
    total: int
    per_image_usd: int | None = Field(sa_type=BigInteger)
    priority: int
    created_at: int = Field(sa_type=BigInteger)
    notice: str | None = None

    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        Index("ix_job_owner_id", "owner", "id"),
    )


class Task(SQLModel, table=True):
    """One picture to make.

    `attempts` counts all attempts begun; those up to `allowance_from` no longer count against the retries, since a
    person asked again after them. `reserved_usd` is the quoted price of this picture. `parent_id` is the picture
    that a cut-out is made of; `notice` is what a person should know of how the picture came out.
    """

    id: int | None = Field(default=None, primary_key=True)
    job_id: str = _child_of("job.id", on_delete="CASCADE")
    owner: str
    index: int
    state: str = Field(sa_type=String)
    style: str | None
    subject: str | None
    seed: int
    provider: str
    model: str
    priority: int
    attempts: int = 0
    allowance_from: int = 0
    due_at: int | None = Field(default=None, sa_type=BigInteger)
    cancel_requested: bool = False
    error: str | None = None
    retry_reason: str | None = None
    notice: str | None = None
    image_id: str | None = None
    parent_id: str | None = None
    reserved_usd: int | None = Field(default=None, sa_type=BigInteger)
    usd: int | None = Field(default=None, sa_type=BigInteger)

    __table_args__ = (
        UniqueConstraint("job_id", "index"),
        Index("ix_task_job_id_state", "job_id", "state"),
        # The feed of the queue: what waits, by provider, in the order it is to run.
        Index(
            "ix_task_waiting",
            "provider",
            text("priority DESC"),
            "id",
            sqlite_where=text("state IN ('pending', 'retrying')"),
        ),
        Index(
            "ix_task_live",
            "job_id",
            sqlite_where=text("state IN ('pending', 'retrying', 'in_progress')"),
        ),
    )


class Attempt(SQLModel, table=True):
    """One call to a provider: the ledger of what was sent, what came back and what it cost.

    `id` is a UUID that a provider may be given as its own; `worker` is the boot that made the call; `billed` is
    no, perhaps or yes.
    """

    id: str = Field(primary_key=True)
    task_id: int = _child_of("task.id", on_delete="CASCADE")
    number: int
    provider: str
    model: str
    wire_id: str
    image_size: str
    state: str = Field(sa_type=String)
    worker: str
    remote_id: str | None = None
    model_version: str | None = None
    usage: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    usd: int | None = Field(default=None, sa_type=BigInteger)
    billed: str = "no"
    error_kind: str | None = None
    intent_at: int = Field(sa_type=BigInteger)
    sent_at: int | None = Field(default=None, sa_type=BigInteger)
    receiving_at: int | None = Field(default=None, sa_type=BigInteger)
    received_at: int | None = Field(default=None, sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)

    __table_args__ = (
        UniqueConstraint("task_id", "number"),
        Index("ix_attempt_open", "id", sqlite_where=text("state IN ('intent', 'sent', 'received')")),
        # Recent durations of a model and size, for the ETA.
        Index("ix_attempt_recent", "model", "image_size", "ended_at", sqlite_where=text("state = 'stored'")),
        # What today's attempts cost or may have cost, for the caps.
        Index("ix_attempt_intent_at", "intent_at"),
    )


_HAS_PARENT = "parent_id IS NOT NULL AND deleted_at IS NULL"


class Image(SQLModel, table=True):
    """One stored picture. The file is found by `sha256` and `format`; two rows may share one file.

    `seq` is what the full-text index of the prompts (`image_fts`, made by the migrations) knows a picture by.
    """

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    owner: str
    job_id: str = _child_of("job.id", on_delete="CASCADE", index=True)
    task_index: int
    attempt_id: str = Field(sa_column_args=[ForeignKey("attempt.id", ondelete="CASCADE")], unique=True)
    album_id: str | None = _child_of("album.id", on_delete="SET NULL", nullable=True)
    style: str | None
    sha256: str
    format: str
    width: int
    height: int
    bytes: int = Field(sa_type=BigInteger)
    provider: str
    model: str
    seed: int
    prompt: str
    usd: int | None = Field(sa_type=BigInteger)
    parent_id: str | None = None
    cutout_id: str | None = None
    created_at: int = Field(sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)

    __table_args__ = (
        Index("ix_image_owner_id", "owner", "id", sqlite_where=text("deleted_at IS NULL")),
        Index("ix_image_album_id_id", "album_id", "id", sqlite_where=text("deleted_at IS NULL")),
        Index("ix_image_style_id", "style", "id", sqlite_where=text("deleted_at IS NULL")),
        Index("ix_image_provider_id", "provider", "id", sqlite_where=text("deleted_at IS NULL")),
        # What was made of another picture: its cut-outs.
        Index("ix_image_parent_id_id", "parent_id", "id", sqlite_where=text(_HAS_PARENT)),
        Index("ix_image_cutouts", "owner", "id", sqlite_where=text(_HAS_PARENT)),
    )


class Reference(SQLModel, table=True):
    """An uploaded picture, cleaned; one row per person and content."""

    id: str = Field(primary_key=True)
    owner: str
    sha256: str
    media_type: str
    width: int
    height: int
    created_at: int = Field(sa_type=BigInteger)

    __table_args__ = (UniqueConstraint("owner", "sha256"),)


class JobReference(SQLModel, table=True):
    """That a job's request names an upload or a picture of the gallery as a reference."""

    reference_id: str = Field(primary_key=True)
    job_id: str = Field(sa_column_args=[ForeignKey("job.id", ondelete="CASCADE")], primary_key=True, index=True)

    __tablename__ = "job_reference"


class Event(SQLModel, table=True):
    """One line of the append-only log of what happened: ids and states, never a prompt."""

    id: int | None = Field(default=None, primary_key=True)
    owner: str
    kind: str
    job_id: str
    task_index: int | None = None
    status: str
    step: str | None = None
    image_id: str | None = None
    at: int = Field(sa_type=BigInteger)

    __table_args__ = (Index("ix_event_owner_id", "owner", "id"), {"sqlite_autoincrement": True})


def _table(model: type[SQLModel]) -> Table:
    """The table itself, for statements that are built once and run often."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


JOB, TASK, ATTEMPT, IMAGE, EVENT = (_table(model) for model in (Job, Task, Attempt, Image, Event))
JOB_REFERENCE = _table(JobReference)

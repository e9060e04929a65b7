"""What the job log shows of itself, in the fixed words of the HTTP contract. Read-only; times are UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

TaskStatus = Literal["pending", "in_progress", "retrying", "completed", "failed", "cancelled", "interrupted"]
JobStatus = Literal["queued", "processing", "completed", "failed", "cancelled"]
Step = Literal["queued", "starting", "sent", "receiving", "saving"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class QuoteView(_View):
    """Dollars are list prices; null and `known` false where the catalogue has no price."""

    usd: float | None
    credits: int
    per_image_usd: float | None
    known: bool


class Progress(_View):
    """How many pictures the job stands for, and how many of them ended in which way."""

    total: int
    completed: int
    failed: int
    cancelled: int
    interrupted: int


class Eta(_View):
    """Seconds until the job is done: the usual case and the slow case. Null where nothing was measured yet."""

    p50: float | None
    p90: float | None


class TaskView(_View):
    """One picture to make. `error` and `retry_reason` are in plain words: the first is set when the task failed or
    was interrupted, the second while it waits for another attempt, due at `due_at`. `started_at` is when the
    running attempt began; `done` is the share of its work that is done, from 0 to 1, and `preview_url` an early
    state of the picture, null where the provider tells neither. `parent_id` is the picture that a cut-out is made
    of; `notice` says what a person should know of how the picture came out."""

    index: int
    status: TaskStatus
    step: Step | None
    style: str | None
    subject: str | None
    page: int | None
    provider: str | None
    model: str
    retry_count: int
    error: str | None
    retry_reason: str | None
    notice: str | None
    due_at: datetime | None
    started_at: datetime | None
    done: float | None
    preview_url: str | None
    image_id: str | None
    parent_id: str | None
    seed: int
    usd: float | None


class ImageView(_View):
    """One stored picture. `format` and `bytes` are those of the served original.

    A cut-out was made here: it has no `provider`, and `parent_id` names the picture that it was cut out of.
    """

    id: str
    job_id: str
    task_index: int
    url: str
    thumbnail_url: str
    width: int
    height: int
    format: Literal["png", "jpeg", "webp"]
    bytes: int
    provider: str | None
    model: str
    usd: float | None
    seed: int
    face_score: float | None
    parent_id: str | None
    cutout_id: str | None
    created_at: datetime


class Timings(_View):
    """Seconds of the attempt that made the picture; null where a step was not measured."""

    waiting: float | None
    generating: float | None
    saving: float | None


class Lineage(_View):
    """Ids of the pictures that one comes from and that came from it; those in the trash are left out.

    `references` are pictures of the gallery that its request named, in that order; uploads are not among them.
    `children` were cut out of it, or made with it as a reference, each oldest first, 100 of each at most.
    """

    parent: str | None
    cutout: str | None
    references: list[str]
    children: list[str]


class ImageDetail(ImageView):
    """The single record: with the prompt as it was sent, the request as it was asked, and timings.

    `model` is the id that was asked for, `wire_id` what was sent, `model_version` what answered. `notice` says
    what a person should know of how it came out.
    """

    prompt: str
    request: dict[str, object]
    timings: Timings
    wire_id: str
    model_version: str | None
    notice: str | None
    lineage: Lineage


class JobSummary(_View):
    """A job without its tasks, as lists show it.

    `image_url` is the first finished picture. `eta_seconds` is for the whole job, `usual_seconds` is what one
    picture of its model and size takes.
    """

    job_id: str
    kind: Literal["images", "cutout"]
    title: str
    status: JobStatus
    progress: Progress
    queue_position: int | None
    eta_seconds: Eta
    usual_seconds: Eta
    message: str | None
    image_url: str | None
    quote: QuoteView
    album: str | None
    aspect_ratio: str
    created_at: datetime


class JobView(JobSummary):
    """A job with everything it made and has yet to make, tasks in the order of the plan.

    `request` is the request as it was asked, null for a cut-out.
    """

    request: dict[str, object] | None
    images: list[ImageView]
    tasks: list[TaskView]


class JobPage(_View):
    """Newest first; `next` is null at the end."""

    jobs: list[JobSummary]
    next: str | None


class ImagePage(_View):
    """Newest first; `next` is null at the end."""

    images: list[ImageView]
    next: str | None


class LibraryView(_View):
    """How many pictures there are, how many of them are cut-outs, and the day (UTC) of the oldest."""

    images: int
    cutouts: int
    oldest: date | None


class Submitted(_View):
    """The answer to a submit. A repeat of an idempotent submit gets the same answer."""

    job_id: str | None
    status: Literal["queued", "skipped"]
    total: int
    quote: QuoteView
    image_url: str | None = None
    message: str | None = None


class AlbumView(_View):
    """An album; `active_job` is its newest job that still has live tasks."""

    id: str
    name: str
    images: int
    active_job: JobSummary | None
    created_at: datetime


class EventView(_View):
    """One line of the append-only event table: ids and states, never a prompt."""

    id: int
    kind: Literal["job", "task", "image"]
    job_id: str
    task_index: int | None
    status: str
    step: str | None
    image_id: str | None
    at: datetime


class CostSum(_View):
    """`usd` was surely spent, `perhaps_usd` may have been billed for answers that were lost, `unknown` counts
    attempts that cost or may have cost nobody knows what, `pictures` what came of them all."""

    usd: float
    perhaps_usd: float
    unknown: int
    pictures: int


class DayCosts(CostSum):
    """A day in UTC."""

    day: date


class ModelCosts(CostSum):
    """A model of a provider."""

    provider: str
    model: str


class MonthCosts(CostSum):
    """A month in UTC, like `2026-11`; days and models without costs are left out."""

    month: str
    days: list[DayCosts]
    models: list[ModelCosts]


class CostLine(_View):
    """One attempt that cost or may have cost something.

    `usd` is what the provider's usage told, else the list price; null where that is not known. `basis` says which,
    and `perhaps` where the answer was lost.
    """

    at: datetime
    job_id: str
    task_index: int
    provider: str
    model: str
    image_size: str
    usd: float | None
    basis: Literal["usage", "list price", "perhaps", "unknown"]
    image_id: str | None

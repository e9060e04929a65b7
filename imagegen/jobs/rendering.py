"""Rows of the job log as people see them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from imagegen.catalogue.records import MicroUsd, as_usd
from imagegen.jobs.attempts import retries_made
from imagegen.jobs.clock import as_datetime
from imagegen.jobs.cutouts import LANE
from imagegen.jobs.glimpses import Glimpse
from imagegen.jobs.states import WAITING, AttemptState, TaskState
from imagegen.jobs.tables import Event, Image, Task
from imagegen.jobs.views import EventView, ImageView, Step, TaskView


@dataclass(frozen=True, slots=True)
class Underway:
    """How far a running attempt has come, and when it began, in milliseconds since the epoch."""

    step: Step
    started_at: int


def task_view(task: Task, underway: Underway | None, glimpse: Glimpse | None = None) -> TaskView:
    """A task as people see it."""
    state = TaskState(task.state)
    seen = glimpse if state is TaskState.IN_PROGRESS else None
    return TaskView(
        index=task.index,
        status=state.value,
        step="queued" if state in WAITING else underway.step if underway else None,
        style=task.style,
        subject=task.subject,
        page=None,
        provider=shown_provider(task.provider),
        model=task.model,
        retry_count=retries_made(task.attempts, task.allowance_from),
        error=task.error if state in (TaskState.FAILED, TaskState.INTERRUPTED) else None,
        retry_reason=task.retry_reason if state is TaskState.RETRYING else None,
        notice=task.notice,
        due_at=None if task.due_at is None else as_datetime(task.due_at),
        started_at=None if underway is None else as_datetime(underway.started_at),
        done=None if seen is None or seen.done is None else round(seen.done, 2),
        preview_url=_preview_url(task, seen) if seen is not None and seen.number else None,
        image_id=task.image_id,
        parent_id=task.parent_id,
        seed=task.seed,
        usd=usd(task.usd),
    )


def _preview_url(task: Task, glimpse: Glimpse) -> str:
    return f"/api/generate/{task.job_id}/preview/{task.index}/{glimpse.number}"


LISTED = (
    *("id", "job_id", "task_index", "width", "height", "format", "bytes", "provider", "model", "usd", "seed"),
    *("parent_id", "cutout_id", "created_at"),
)
"""The columns of a picture that lists show, in the order in which `listed_view` takes them."""
_listed = attrgetter(*LISTED)


def image_view(image: Image) -> ImageView:
    """A picture as lists show it."""
    return listed_view(_listed(image))


def listed_view(row: Sequence[Any]) -> ImageView:
    """A picture of a list from its `LISTED` columns: taken apart at once, for names looked up cost more."""
    name, job_id, task_index, width, height, picture_format, size, provider, model, amount, *rest = row
    seed, parent_id, cutout_id, created_at = rest
    return ImageView.model_validate(
        {
            "id": name,
            "job_id": job_id,
            "task_index": task_index,
            "url": f"/api/images/{name}/file",
            "thumbnail_url": f"/api/images/{name}/thumb",
            "width": width,
            "height": height,
            "format": picture_format,
            "bytes": size,
            "provider": shown_provider(provider),
            "model": model,
            "usd": usd(amount),
            "seed": seed,
            "face_score": None,
            "parent_id": parent_id,
            "cutout_id": cutout_id,
            "created_at": as_datetime(created_at),
        }
    )


def shown_provider(lane: str) -> str | None:
    """The provider as people see it: a cut-out has none."""
    return None if lane == LANE else lane


def event_view(event: Event) -> EventView:
    """One event as the stream sends it."""
    return EventView.model_validate(
        {
            "id": event.id,
            "kind": event.kind,
            "job_id": event.job_id,
            "task_index": event.task_index,
            "status": event.status,
            "step": event.step,
            "image_id": event.image_id,
            "at": as_datetime(event.at),
        }
    )


def step_of(state: str, receiving_at: int | None) -> Step:
    """How far an open attempt has come."""
    if state == AttemptState.SENT:
        return "sent" if receiving_at is None else "receiving"
    return "saving" if state == AttemptState.RECEIVED else "starting"


def seconds_between(begun: int | None, ended: int | None) -> float | None:
    """Seconds from one moment in milliseconds to another; None where one is missing."""
    return None if begun is None or ended is None else (ended - begun) / 1000


def usd(amount: int | None) -> float | None:
    """A column in micro-dollars as dollars."""
    return as_usd(None if amount is None else MicroUsd(amount))

"""Reading the job log: jobs, pictures, albums and events as people see them. Lists are by keyset, newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, Unpack, cast

from sqlalchemy import ColumnElement, func, or_, text
from sqlmodel import Session, col, select

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs import gallery
from imagegen.jobs.clock import as_datetime, day_start_ms
from imagegen.jobs.costs import Month, cost_lines, month_costs
from imagegen.jobs.gallery import ImageFile, ImageFilter
from imagegen.jobs.glimpses import Glimpse, Glimpses
from imagegen.jobs.progress import Pace, pace, remaining
from imagegen.jobs.rendering import Underway, event_view, image_view, step_of, task_view
from imagegen.jobs.spending import spent_since
from imagegen.jobs.states import ENDED, LIVE, WAITING, AttemptState, TaskState, job_status
from imagegen.jobs.submit import quote_view
from imagegen.jobs.tables import Album, Attempt, Event, Image, Job, Task
from imagegen.jobs.unmet import UnmetWishes, unmet_wishes
from imagegen.jobs.views import (
    AlbumView,
    CostLine,
    Eta,
    EventView,
    ImageDetail,
    ImagePage,
    JobPage,
    JobStatus,
    JobSummary,
    JobView,
    LibraryView,
    MonthCosts,
    Progress,
)

RECENT = 50
"""How many recent attempts of a model and size the ETA is taken from."""


class Reader:
    """One snapshot's worth of reading for one person; what several jobs need in common is read once."""

    def __init__(
        self, session: Session, owner: str, concurrency: int, lanes: Collection[str], glimpses: Glimpses
    ) -> None:
        self._glimpses = glimpses
        self._session = session
        self._owner = owner
        self._concurrency = concurrency
        self._lanes = lanes
        self._paces: dict[tuple[str, str], Pace] = {}

    def job(self, job_id: str) -> JobView | None:
        """A job with all its tasks and the pictures that are not in the trash."""
        job = self._job(job_id)
        if job is None:
            return None
        underway = self._underway(job_id)
        tasks = self._session.execute(
            select(Task).where(col(Task.job_id) == job_id).order_by(col(Task.index))
        ).scalars()
        images = self._session.execute(
            select(Image)
            .where(col(Image.job_id) == job_id, col(Image.deleted_at).is_(None))
            .order_by(col(Image.task_index), col(Image.id))
        ).scalars()
        return JobView(
            **dict(self._summaries([job])[0]),
            request=job.request if job.kind == "images" else None,
            images=[image_view(image) for image in images],
            tasks=[
                task_view(task, underway.get(task.id or 0), self._glimpses.get(task.id or 0)) for task in tasks
            ],
        )

    def glimpse(self, job_id: str, index: int) -> Glimpse | None:
        """What there is to see of a running task of one's own."""
        own = (col(Task.job_id) == job_id, col(Task.index) == index, col(Task.owner) == self._owner)
        task_id = self._session.execute(select(col(Task.id)).where(*own)).scalar_one_or_none()
        return None if task_id is None else self._glimpses.get(task_id)

    def costs(self, month: Month) -> MonthCosts:
        """What a month cost."""
        return month_costs(self._session, self._owner, month)

    def spent_today(self, now_ms: int) -> MicroUsd:
        """What counts against the cap of the day."""
        return spent_since(self._session, day_start_ms(now_ms))

    def wishes_unmet(self, job_id: str) -> UnmetWishes | None:
        """What of a job another model could be asked for. None when there is no such job."""
        job = self._job(job_id)
        return None if job is None else unmet_wishes(self._session, job)

    def cost_lines(self, month: Month) -> list[CostLine]:
        """What each attempt of a month cost."""
        return list(cost_lines(self._session, self._owner, month))

    def jobs(self, *, status: str | None, album: str | None, limit: int, after: str | None) -> JobPage:
        """Jobs without their tasks. `status` is a job status, or `live` for all that are not done."""
        where: list[ColumnElement[bool]] = [col(Job.owner) == self._owner]
        if album is not None:
            where.append(col(Job.album_id) == album)
        if after is not None:
            where.append(col(Job.id) < after)
        if status is not None:
            where.append(_has_status(status, self._live_job()))
        found = self._session.execute(
            select(Job).where(*where).order_by(col(Job.id).desc()).limit(limit + 1)
        ).scalars()
        jobs, following = _page(list(found), limit)
        return JobPage(jobs=self._summaries(jobs), next=following)

    def images(self, *, limit: int, after: str | None, **wanted: Unpack[ImageFilter]) -> ImagePage:
        """Pictures that are not in the trash, newest first, that match every filter."""
        return gallery.find_images(self._session, self._owner, wanted, limit=limit, after=after)

    def library(self) -> LibraryView:
        """How much there is, outside the trash."""
        return gallery.library(self._session, self._owner)

    def image(self, image_id: str) -> ImageDetail | None:
        """One picture that is not in the trash, with how it was made."""
        return gallery.read_image(self._session, self._owner, image_id)

    def image_file(self, image_id: str) -> ImageFile | None:
        """Where the original lies, unless it is in the trash."""
        return gallery.image_file(self._session, self._owner, image_id)

    def albums(self, album_id: str | None = None) -> list[AlbumView]:
        """All albums by name, or the one with that id."""
        where = [col(Album.owner) == self._owner]
        if album_id is not None:
            where.append(col(Album.id) == album_id)
        albums = self._session.execute(
            select(Album).where(*where).order_by(func.lower(col(Album.name)), col(Album.id))
        ).scalars()
        return self._album_views(list(albums))

    def events_after(self, seq: int, limit: int) -> list[EventView]:
        """Events later than `seq`, oldest first."""
        found = self._session.execute(
            select(Event)
            .where(col(Event.owner) == self._owner, col(Event.id) > seq)
            .order_by(col(Event.id))
            .limit(limit)
        ).scalars()
        return [event_view(event) for event in found]

    def _job(self, job_id: str) -> Job | None:
        return self._session.execute(
            select(Job).where(col(Job.id) == job_id, col(Job.owner) == self._owner)
        ).scalar_one_or_none()

    def _summaries(self, jobs: Sequence[Job]) -> list[JobSummary]:
        ids = [job.id for job in jobs]
        counts: dict[str, dict[TaskState, int]] = {job_id: {} for job_id in ids}
        for job_id, state, count in self._session.execute(
            select(col(Task.job_id), col(Task.state), func.count())
            .where(col(Task.job_id).in_(ids))
            .group_by(col(Task.job_id), col(Task.state))
        ):
            counts[job_id][TaskState(state)] = count
        covers: dict[str, str] = {}
        for job_id, image_id in self._session.execute(
            select(col(Image.job_id), func.min(Image.id))
            .where(col(Image.job_id).in_(ids), col(Image.deleted_at).is_(None))
            .group_by(col(Image.job_id))
        ):
            covers[job_id] = f"/api/images/{image_id}/file"
        return [self._summary(job, counts[job.id], covers.get(job.id)) for job in jobs]

    def _summary(self, job: Job, counts: dict[TaskState, int], cover: str | None) -> JobSummary:
        status = cast("JobStatus", job_status(counts))
        live = sum(counts.get(state, 0) for state in LIVE)
        position, ahead = self._place(job) if live else (None, 0)
        usual = self._pace(job.model, job.image_size)
        eta = remaining(ahead, live, self._concurrency, usual)
        return JobSummary(
            job_id=job.id,
            kind=cast("Literal['images', 'cutout']", job.kind),
            title=job.title,
            status=status,
            progress=Progress(total=job.total, **{state.value: counts.get(state, 0) for state in sorted(ENDED)}),
            queue_position=position if status == "queued" else None,
            eta_seconds=Eta(p50=eta.p50, p90=eta.p90),
            usual_seconds=Eta(p50=usual.p50, p90=usual.p90),
            message=self._message(job, counts),
            image_url=cover,
            quote=quote_view(job),
            album=job.album_id,
            aspect_ratio=job.aspect_ratio,
            created_at=as_datetime(job.created_at),
        )

    def _message(self, job: Job, counts: dict[TaskState, int]) -> str | None:
        parts = [job.notice] if job.notice else []
        if job.provider not in self._lanes and any(counts.get(state) for state in WAITING):
            parts.append(f"Waits for {job.provider}, which is not switched on.")
        if interrupted := counts.get(TaskState.INTERRUPTED):
            noun = "picture" if interrupted == 1 else "pictures"
            parts.append(f"{interrupted} {noun} may have been billed without arriving.")
        if failed := counts.get(TaskState.FAILED):
            parts.append(f"{failed} failed.")
        return " ".join(parts) or None

    def _place(self, job: Job) -> tuple[int, int]:
        """The job's place among the live ones of its provider (1 is next), and the live tasks before it."""
        before = or_(
            col(Job.priority) > job.priority, (col(Job.priority) == job.priority) & (col(Job.id) < job.id)
        )
        jobs, tasks = self._session.execute(
            select(func.count(col(Task.job_id).distinct()), func.count())
            .join(Job, col(Job.id) == col(Task.job_id))
            .where(col(Task.state).in_(sorted(LIVE)), col(Task.provider) == job.provider, before)
        ).one()
        return jobs + 1, tasks

    def _pace(self, model: str, image_size: str) -> Pace:
        key = (model, image_size)
        if key not in self._paces:
            rows = self._session.execute(
                select(col(Attempt.intent_at), col(Attempt.ended_at))
                .where(
                    col(Attempt.model) == model,
                    col(Attempt.image_size) == image_size,
                    _ATTEMPT_IS_STORED,
                )
                .order_by(col(Attempt.ended_at).desc())
                .limit(RECENT)
            )
            self._paces[key] = pace([(ended - begun) / 1000 for begun, ended in rows])
        return self._paces[key]

    def _underway(self, job_id: str) -> dict[int, Underway]:
        rows = self._session.execute(
            select(Attempt)
            .join(Task, (col(Task.id) == col(Attempt.task_id)) & (col(Task.attempts) == col(Attempt.number)))
            .where(col(Task.job_id) == job_id, col(Task.state) == TaskState.IN_PROGRESS)
        )
        return {
            attempt.task_id: Underway(step_of(attempt.state, attempt.receiving_at), attempt.intent_at)
            for attempt in rows.scalars()
        }

    def _album_views(self, albums: Sequence[Album]) -> list[AlbumView]:
        ids = [album.id for album in albums]
        counted = self._session.execute(
            select(col(Image.album_id), func.count())
            .where(col(Image.album_id).in_(ids), col(Image.deleted_at).is_(None))
            .group_by(col(Image.album_id))
        )
        counts = {album_id: count for album_id, count in counted}  # noqa: C416 - dict() loses the types of a row
        newest = (
            select(func.max(Job.id))
            .where(col(Job.album_id).in_(ids), col(Job.owner) == self._owner, self._live_job())
            .group_by(col(Job.album_id))
        )
        jobs = self._session.execute(select(Job).where(col(Job.id).in_(newest))).scalars()
        active = {summary.album: summary for summary in self._summaries(list(jobs))}
        return [
            AlbumView(
                id=album.id,
                name=album.name,
                images=counts.get(album.id, 0),
                active_job=active.get(album.id),
                created_at=as_datetime(album.created_at),
            )
            for album in albums
        ]

    def _live_job(self) -> ColumnElement[bool]:
        """Whether the job has a live task, found by the index of live tasks however many jobs are done."""
        # The owner is asked for because another index, which holds all tasks, would do for the rest.
        live = select(col(Task.job_id)).where(_TASK_IS_LIVE, col(Task.owner) == self._owner)
        return col(Job.id).in_(live)


DURATIONS_LOOKED_AT = 200
"""Enough for a fair median of each model that was used lately."""


def recent_durations(session: Session) -> list[tuple[str, float]]:
    """Model and seconds from sending to answer of the newest pictures, oldest first."""
    rows = session.execute(
        select(col(Attempt.model), col(Attempt.sent_at), col(Attempt.received_at))
        .where(col(Attempt.state) == AttemptState.STORED, col(Attempt.received_at).is_not(None))
        .order_by(col(Attempt.intent_at).desc())
        .limit(DURATIONS_LOOKED_AT)
    ).all()
    return [(model, (received - sent) / 1000) for model, sent, received in reversed(rows) if sent and received]


def event_bounds(session: Session) -> tuple[int, int]:
    """Ids of the oldest and the newest event that is kept; (0, 0) when there is none."""
    oldest, newest = session.execute(select(func.min(Event.id), func.max(Event.id))).one()
    return oldest or 0, newest or 0


_TASK_IS_LIVE = text("task.state IN ('pending', 'retrying', 'in_progress')")
_ATTEMPT_IS_STORED = text("attempt.state = 'stored'")
"""In the very words of the indexes `ix_task_live` and `ix_attempt_recent`: with bound values SQLite would not see
that these answer them."""


def _has_status(status: str, live: ColumnElement[bool]) -> ColumnElement[bool]:
    """The job states of `states.job_status` as a condition over the tasks."""

    def any_task(states: Iterable[TaskState]) -> ColumnElement[bool]:
        return (
            select(col(Task.id))
            .where(col(Task.job_id) == col(Job.id), col(Task.state).in_(sorted(states)))
            .exists()
        )

    begun = any_task(set(TaskState) - {TaskState.PENDING})
    completed, wrong = any_task({TaskState.COMPLETED}), any_task({TaskState.FAILED, TaskState.INTERRUPTED})
    return {
        "live": live,
        "queued": live & ~begun,
        "processing": live & begun,
        "completed": ~live & completed,
        "failed": ~live & ~completed & wrong,
        "cancelled": ~live & ~completed & ~wrong,
    }[status]


def _page(rows: list[Job], limit: int) -> tuple[list[Job], str | None]:
    more = len(rows) > limit
    kept = rows[:limit]
    return kept, kept[-1].id if more else None

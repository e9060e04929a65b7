"""What a person does to jobs and pictures: cancel, retry, trash, albums, references. One transaction each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, update
from sqlmodel import Session, col, select

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.clock import day_start_ms
from imagegen.jobs.cutouts import adopt, disown
from imagegen.jobs.spending import Caps, OverBudget, spent_since
from imagegen.jobs.states import RETRYABLE_BY_HAND, WAITING, AttemptState, TaskState
from imagegen.jobs.submit import submitted
from imagegen.jobs.tables import Album, Attempt, Image, Job, Reference, Task
from imagegen.jobs.transitions import move_attempt, move_task, record_event
from imagegen.jobs.views import Submitted
from imagegen.media.references import CleanReference
from imagegen.providers.base import ErrorKind


class UnknownTask(LookupError):  # noqa: N818 - named for what happened
    """The job has no tasks with those indexes."""

    def __init__(self, indexes: Sequence[int], total: int) -> None:
        super().__init__(f"no task {', '.join(map(str, indexes))}")
        self.indexes = tuple(indexes)
        self.total = total


def cancel(session: Session, owner: str, now_ms: int, job_id: str, indexes: Sequence[int]) -> bool:
    """Stop what waits; what runs is left to finish and its picture kept. False when there is no such job."""
    job = _own_job(session, owner, job_id)
    if job is None:
        return False
    _cancel_where(session, _tasks_of(job, indexes), now_ms)
    return True


def cancel_all(session: Session, owner: str, now_ms: int) -> int:
    """Stop everything of that person that waits; returns how many pictures will not be made."""
    return _cancel_where(session, col(Task.owner) == owner, now_ms)


def retry(
    session: Session, owner: str, now_ms: int, job_id: str, indexes: Sequence[int], *, caps: Caps
) -> Submitted | None:
    """Put tasks back to wait with a fresh allowance. None when there is no such job.

    Without indexes all *failed* tasks; what was interrupted or cancelled runs again only when it is listed. Where
    the vendor's job of a lost answer is known, that job is asked about first instead of sending another. Tasks
    that wait, run or are done are left as they are, so asking twice changes nothing. Raises `OverBudget`.
    """
    job = _own_job(session, owner, job_id)
    if job is None:
        return None
    tasks = _tasks_of(job, indexes)
    asked_about = _ask_about_jobs(session, tasks, now_ms) if indexes else 0
    moved = move_task(
        session,
        tasks,
        TaskState.PENDING,
        now_ms,
        expected=RETRYABLE_BY_HAND if indexes else {TaskState.FAILED},
        allowance_from=col(Task.attempts),
        due_at=None,
        error=None,
        cancel_requested=False,
    )
    if moved:
        one = job.per_image_usd
        _check_day(session, caps, now_ms, None if one is None else MicroUsd(len(moved) * one))
    if moved or asked_about:
        record_event(session, kind="job", owner=owner, job_id=job_id, status="queued", at=now_ms)
    return submitted(job)


def _ask_about_jobs(session: Session, tasks: ColumnElement[bool], now_ms: int) -> int:
    """Open again the attempts of interrupted tasks whose job the vendor may still tell of; how many there are."""
    known = session.execute(
        select(col(Task.id), col(Attempt.id))
        .join(Attempt, and_(col(Attempt.task_id) == col(Task.id), col(Attempt.number) == col(Task.attempts)))
        .where(
            tasks,
            col(Task.state) == TaskState.INTERRUPTED,
            col(Attempt.state) == AttemptState.UNKNOWN,
            col(Attempt.remote_id).is_not(None),
            col(Attempt.error_kind) != ErrorKind.LOST,
        )
    ).all()
    for task_id, attempt_id in known:
        assert task_id is not None
        move_attempt(session, attempt_id, AttemptState.SENT, ended_at=None, error_kind=None)
        move_task(
            session,
            col(Task.id) == task_id,
            TaskState.IN_PROGRESS,
            now_ms,
            expected={TaskState.INTERRUPTED},
            allowance_from=col(Task.attempts),
            error=None,
            cancel_requested=False,
        )
    return len(known)


def set_deleted(session: Session, owner: str, now_ms: int, image_id: str, *, deleted: bool) -> bool:
    """Move a picture to the trash or back; doing it twice changes nothing. False when there is no such picture."""
    image = session.execute(
        select(Image).where(col(Image.id) == image_id, col(Image.owner) == owner)
    ).scalar_one_or_none()
    if image is None:
        return False
    if (image.deleted_at is not None) != deleted:
        image.deleted_at = now_ms if deleted else None
        session.flush()
        if image.parent_id is not None:
            (disown if deleted else adopt)(session, image.parent_id, image_id, now_ms)
        record_event(
            session,
            kind="image",
            owner=owner,
            job_id=image.job_id,
            task_index=image.task_index,
            status="deleted" if deleted else "restored",
            image_id=image_id,
            at=now_ms,
        )
    return True


def insert_album(session: Session, album: Album) -> None:
    """Store a new album."""
    session.add(album)


def rename_album(session: Session, owner: str, album_id: str, name: str) -> bool:
    """Give an album another name. False when there is no such album."""
    renamed = session.execute(
        update(Album).where(*_own_album(owner, album_id)).values(name=name).returning(col(Album.id))
    )
    return renamed.first() is not None


def delete_album(session: Session, owner: str, album_id: str) -> bool:
    """Remove an album; its jobs and pictures stay, without an album. False when there is no such album."""
    removed = session.execute(delete(Album).where(*_own_album(owner, album_id)).returning(col(Album.id)))
    return removed.first() is not None


def keep_reference(
    session: Session, owner: str, now_ms: int, clean: CleanReference, new_id: str
) -> tuple[Reference, bool]:
    """The reference with that content, and whether it is new."""
    known = session.execute(
        select(Reference).where(col(Reference.owner) == owner, col(Reference.sha256) == clean.sha256)
    ).scalar_one_or_none()
    if known is not None:
        return known, False
    reference = Reference(
        id=new_id,
        owner=owner,
        sha256=clean.sha256,
        media_type=clean.media_type,
        width=clean.width,
        height=clean.height,
        created_at=now_ms,
    )
    session.add(reference)
    return reference, True


def _own_job(session: Session, owner: str, job_id: str) -> Job | None:
    return session.execute(select(Job).where(col(Job.id) == job_id, col(Job.owner) == owner)).scalar_one_or_none()


def _own_album(owner: str, album_id: str) -> tuple[ColumnElement[bool], ...]:
    return col(Album.id) == album_id, col(Album.owner) == owner


def _tasks_of(job: Job, indexes: Sequence[int]) -> ColumnElement[bool]:
    unknown = [index for index in indexes if not 0 <= index < job.total]
    if unknown:
        raise UnknownTask(unknown, job.total)
    all_tasks = col(Task.job_id) == job.id
    return all_tasks & col(Task.index).in_(indexes) if indexes else all_tasks


def _cancel_where(session: Session, where: ColumnElement[bool], now_ms: int) -> int:
    moved = move_task(session, where, TaskState.CANCELLED, now_ms, expected=WAITING, due_at=None)
    # What runs is told not to begin another attempt, and not to send what has not left yet.
    session.execute(
        update(Task)
        .where(where, col(Task.state) == TaskState.IN_PROGRESS)
        .values(cancel_requested=True)
        .execution_options(synchronize_session=False)
    )
    return len(moved)


def _check_day(session: Session, caps: Caps, now_ms: int, asked: MicroUsd | None) -> None:
    """The moved tasks are live already, so what is spent holds them. An unknown price passes no cap."""
    if caps.day is None or asked == 0:
        return
    spent = spent_since(session, day_start_ms(now_ms))
    if asked is None or spent > caps.day:
        raise OverBudget("IMAGEGEN_BUDGET_DAY_USD", caps.day, MicroUsd(spent - (asked or 0)), asked)

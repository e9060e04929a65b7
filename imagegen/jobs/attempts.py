"""The ledger of attempts: what is written before a call leaves, when its answer is here, and how it ended.

Each function is one transaction over a `Session`. The order is intent → sent → received → stored, or one of the
known or unknown ends; each step commits before the next thing happens, so that a crash at any point leaves a row
that says what may have been billed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, insert, or_, update
from sqlmodel import Session, col, select

from imagegen.jobs.retry import Ask, Decision, Failure, GiveUp, TryAgain
from imagegen.jobs.states import WAITING, AttemptState, TaskState
from imagegen.jobs.tables import Attempt, Image, Job, Task
from imagegen.jobs.transitions import TaskKey, move_attempt, move_task, record_event, record_task_event
from imagegen.media.store import StoredPicture
from imagegen.providers.base import Billed, ErrorKind
from imagegen.request import GenerationRequest


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task that this worker has won, with what its attempt needs to know."""

    key: TaskKey
    attempt_id: str
    number: int
    retries_made: int
    provider: str
    model: str
    style: str | None
    subject: str | None
    seed: int
    album_id: str | None
    request: GenerationRequest


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """Who is about to try; `wire_id` says what a model's id is sent as."""

    id: str
    number: int
    worker: str
    wire_id: Callable[[str], str]
    now_ms: int


def claim(session: Session, task_id: int, new: NewAttempt) -> Claimed | None:
    """Take a waiting task and write the intent of its next attempt; None when another has it or it is not due."""
    where = (
        (col(Task.id) == task_id)
        & (col(Task.attempts) == new.number - 1)
        & or_(col(Task.due_at).is_(None), col(Task.due_at) <= new.now_ms)
    )
    moved = move_task(
        session,
        where,
        TaskState.IN_PROGRESS,
        new.now_ms,
        expected=WAITING,
        attempts=new.number,
        due_at=None,
        retry_reason=None,
        error=None,
    )
    if not moved:
        return None
    task, job = session.execute(
        select(Task, Job).join(Job, col(Job.id) == col(Task.job_id)).where(col(Task.id) == task_id)
    ).one()
    session.execute(
        insert(Attempt).values(
            id=new.id,
            task_id=task_id,
            number=new.number,
            provider=task.provider,
            model=task.model,
            wire_id=new.wire_id(task.model),
            image_size=job.image_size,
            state=AttemptState.INTENT,
            worker=new.worker,
            billed=Billed.NO,
            intent_at=new.now_ms,
        )
    )
    return Claimed(
        key=moved[0],
        attempt_id=new.id,
        number=new.number,
        retries_made=retries_made(task),
        provider=task.provider,
        model=task.model,
        style=task.style,
        subject=task.subject,
        seed=task.seed,
        album_id=job.album_id,
        request=GenerationRequest.model_validate(job.request),
    )


def retries_made(task: Task) -> int:
    """Attempts after the first since a person last asked for the picture."""
    return max(0, task.attempts - task.allowance_from - 1)


def mark_sent(session: Session, claimed: Claimed, now_ms: int) -> bool:
    """Commit that the bytes are about to leave. Whoever loses (cancelled meanwhile) must not send."""
    still_wanted = exists().where(
        col(Task.id) == claimed.key.task_id,
        col(Task.state) == TaskState.IN_PROGRESS,
        col(Task.cancel_requested).is_(False),
    )
    won = move_attempt(session, claimed.attempt_id, AttemptState.SENT, still_wanted, sent_at=now_ms)
    if won:
        record_task_event(session, claimed.key, TaskState.IN_PROGRESS, now_ms, step="sent")
    return won


def mark_receiving(session: Session, claimed: Claimed, now_ms: int) -> None:
    """Note that the answer has begun to arrive; progress for people, nothing depends on it."""
    noted = session.execute(
        update(Attempt)
        .where(
            col(Attempt.id) == claimed.attempt_id,
            col(Attempt.state) == AttemptState.SENT,
            col(Attempt.receiving_at).is_(None),
        )
        .values(receiving_at=now_ms)
        .returning(col(Attempt.id))
    )
    if noted.first() is not None:
        record_task_event(session, claimed.key, TaskState.IN_PROGRESS, now_ms, step="receiving")


def mark_received(
    session: Session,
    key: TaskKey,
    attempt_id: str,
    now_ms: int,
    *,
    usd: int | None,
    model_version: str | None,
    usage: Mapping[str, int],
) -> bool:
    """Write the receipt: the answer is here and its bytes are on disk."""
    won = move_attempt(
        session,
        attempt_id,
        AttemptState.RECEIVED,
        received_at=now_ms,
        usd=usd,
        billed=Billed.YES,
        model_version=model_version,
        usage=dict(usage),
    )
    if won:
        record_task_event(session, key, TaskState.IN_PROGRESS, now_ms, step="saving")
    return won


def close_stored(
    session: Session, attempt_id: str, picture: StoredPicture, now_ms: int, *, prompt: str, image_id: str
) -> bool:
    """The picture is on its shelf: close the attempt, write the image, complete the task. False when lost."""
    if not move_attempt(session, attempt_id, AttemptState.STORED, ended_at=now_ms):
        return False
    attempt, task, job = session.execute(
        select(Attempt, Task, Job)
        .join(Task, col(Task.id) == col(Attempt.task_id))
        .join(Job, col(Job.id) == col(Task.job_id))
        .where(col(Attempt.id) == attempt_id)
    ).one()
    session.execute(
        insert(Image).values(
            id=image_id,
            owner=task.owner,
            job_id=job.id,
            task_index=task.index,
            attempt_id=attempt_id,
            album_id=job.album_id,
            style=task.style,
            sha256=picture.sha256,
            format=picture.format,
            width=picture.width,
            height=picture.height,
            bytes=picture.bytes,
            provider=task.provider,
            model=task.model,
            seed=task.seed,
            prompt=prompt,
            usd=attempt.usd,
            created_at=now_ms,
        )
    )
    record_event(
        session,
        kind="image",
        owner=task.owner,
        job_id=job.id,
        task_index=task.index,
        status="stored",
        image_id=image_id,
        at=now_ms,
    )
    moved = move_task(
        session,
        col(Task.id) == task.id,
        TaskState.COMPLETED,
        now_ms,
        image_id=image_id,
        usd=_sum(task.usd, attempt.usd),
        cancel_requested=False,
    )
    return bool(moved)


def close_failed(
    session: Session,
    key: TaskKey,
    attempt_id: str,
    failure: Failure,
    decision: Decision,
    *,
    now_ms: int,
    usd: int | None = None,
    counts: bool = True,
    seen: AttemptState | None = None,
) -> bool:
    """Close an attempt that brought no picture and move its task on as decided. False when lost.

    `counts=False` gives the attempt back: it never left the house, so it uses up no retry. `seen` is the state
    that the decision was made upon, for callers that do not carry the attempt themselves.
    """
    state = _closing_state(session, attempt_id, failure)
    usd = 0 if failure.billed is Billed.NO else usd
    columns = {"ended_at": now_ms, "error_kind": failure.kind, "billed": failure.billed, "usd": usd}
    unchanged = () if seen is None else (col(Attempt.state) == seen,)
    if not move_attempt(session, attempt_id, state, *unchanged, **columns):
        return False
    where = col(Task.id) == key.task_id
    if usd:
        session.execute(update(Task).where(where).values(usd=func.coalesce(col(Task.usd), 0) + usd))
    if not counts:
        session.execute(update(Task).where(where).values(allowance_from=col(Task.allowance_from) + 1))
    match decision:
        case TryAgain(wait, reason):
            cancelled = move_task(
                session,
                where & col(Task.cancel_requested).is_(True),
                TaskState.CANCELLED,
                now_ms,
                cancel_requested=False,
            )
            if not cancelled:
                due_at = now_ms + round(wait * 1000)
                target = TaskState.RETRYING if counts else TaskState.PENDING
                move_task(session, where, target, now_ms, due_at=due_at, retry_reason=reason)
        case GiveUp(message):
            move_task(session, where, TaskState.FAILED, now_ms, error=message, cancel_requested=False)
        case Ask(message):
            move_task(session, where, TaskState.INTERRUPTED, now_ms, error=message, cancel_requested=False)
    return True


def abandon(session: Session, claimed: Claimed, now_ms: int) -> None:
    """A cancel came before the bytes left: nothing was sent, nothing billed, the task is cancelled."""
    ended = {"ended_at": now_ms, "error_kind": "cancelled"}
    if move_attempt(session, claimed.attempt_id, AttemptState.FAILED, **ended):
        where = col(Task.id) == claimed.key.task_id
        move_task(session, where, TaskState.CANCELLED, now_ms, cancel_requested=False)


def _closing_state(session: Session, attempt_id: str, failure: Failure) -> AttemptState:
    before = session.execute(select(col(Attempt.state)).where(col(Attempt.id) == attempt_id)).scalar()
    if before == AttemptState.INTENT:
        return AttemptState.FAILED
    if failure.kind is ErrorKind.OUTCOME_UNKNOWN:
        return AttemptState.UNKNOWN
    if failure.kind in (ErrorKind.POLICY, ErrorKind.NO_IMAGE, ErrorKind.BAD_REQUEST):
        return AttemptState.REFUSED
    return AttemptState.FAILED


def _sum(first: int | None, second: int | None) -> int | None:
    return second if first is None else first if second is None else first + second

"""The ledger of attempts: what is written before a call leaves, when its answer is here, and how it ended.

Each function is one transaction over a `Session`. The order is intent → sent → received → stored, or one of the
known or unknown ends; each step commits before the next thing happens, so that a crash at any point leaves a row
that says what may have been billed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlmodel import Session

from imagegen.jobs.cutouts import CutoutRequest, NewCutout, adopt, follow_on, stored_request
from imagegen.jobs.states import WAITING, AttemptState, TaskState
from imagegen.jobs.tables import ATTEMPT, IMAGE, JOB, TASK
from imagegen.jobs.transitions import ONE_TASK, TaskKey, move_attempt, move_task, record_event, record_task_event
from imagegen.media.store import StoredPicture
from imagegen.providers.base import Billed
from imagegen.request import GenerationRequest


@dataclass(frozen=True, slots=True)
class Earlier:
    """The attempts at a picture since a person last asked for it.

    `providers` are those that were tried, each once; `failing_since` is when the present one first failed, in
    milliseconds since the epoch.
    """

    providers: tuple[str, ...] = ()
    failing_since: int | None = None


NOTHING_EARLIER = Earlier()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task that this worker has won, with what its attempt needs to know."""

    key: TaskKey
    attempt_id: str
    number: int
    retries_made: int
    earlier: Earlier
    provider: str
    model: str
    style: str | None
    subject: str | None
    seed: int
    request: GenerationRequest | CutoutRequest


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """Who is about to try; `wire_id` says what a model's id is sent as."""

    id: str
    number: int
    worker: str
    wire_id: Callable[[str], str]
    now_ms: int


_DUE = or_(TASK.c.due_at.is_(None), TASK.c.due_at <= bindparam("now"))
_MAY_CLAIM = and_(ONE_TASK, TASK.c.attempts == bindparam("made"), _DUE)
_CLAIMED = (
    select(
        TASK.c.provider,
        TASK.c.model,
        TASK.c.style,
        TASK.c.subject,
        TASK.c.seed,
        TASK.c.attempts,
        TASK.c.allowance_from,
        JOB.c.request,
        JOB.c.image_size,
    )
    .join(JOB, JOB.c.id == TASK.c.job_id)
    .where(TASK.c.id == bindparam("task"))
)
_NEW_ATTEMPT = insert(ATTEMPT)


def claim(session: Session, task_id: int, new: NewAttempt) -> Claimed | None:
    """Take a waiting task and write the intent of its next attempt; None when another has it or it is not due."""
    connection = session.connection()
    moved = move_task(
        session,
        _MAY_CLAIM,
        TaskState.IN_PROGRESS,
        new.now_ms,
        expected=WAITING,
        parameters={"task": task_id, "made": new.number - 1, "now": new.now_ms},
        attempts=new.number,
        due_at=None,
        retry_reason=None,
        error=None,
    )
    if not moved:
        return None
    row = connection.execute(_CLAIMED, {"task": task_id}).one()
    connection.execute(
        _NEW_ATTEMPT,
        {
            "id": new.id,
            "task_id": task_id,
            "number": new.number,
            "provider": row.provider,
            "model": row.model,
            "wire_id": new.wire_id(row.model),
            "image_size": row.image_size,
            "state": AttemptState.INTENT,
            "worker": new.worker,
            "billed": Billed.NO,
            "intent_at": new.now_ms,
        },
    )
    return Claimed(
        key=moved[0],
        attempt_id=new.id,
        number=new.number,
        retries_made=retries_made(row.attempts, row.allowance_from),
        earlier=earlier_attempts(session, task_id, row.allowance_from, row.provider)
        if new.number - row.allowance_from > 1
        else NOTHING_EARLIER,
        provider=row.provider,
        model=row.model,
        style=row.style,
        subject=row.subject,
        seed=row.seed,
        request=stored_request(row.request),
    )


_EARLIER = (
    select(ATTEMPT.c.provider, ATTEMPT.c.ended_at)
    .where(ATTEMPT.c.task_id == bindparam("task"), ATTEMPT.c.number > bindparam("after"))
    .order_by(ATTEMPT.c.number)
)


def earlier_attempts(session: Session, task_id: int, allowance_from: int, provider: str) -> Earlier:
    """What was tried since a person last asked for the picture; `provider` is the present one."""
    rows = session.connection().execute(_EARLIER, {"task": task_id, "after": allowance_from}).all()
    ends = [row.ended_at for row in rows if row.provider == provider and row.ended_at is not None]
    return Earlier(tuple(dict.fromkeys(row.provider for row in rows)), min(ends, default=None))


def retries_made(attempts: int, allowance_from: int) -> int:
    """Attempts after the first since a person last asked for the picture."""
    return max(0, attempts - allowance_from - 1)


def mark_sent(session: Session, claimed: Claimed, now_ms: int, remote_id: str | None = None) -> bool:
    """Commit that the bytes are about to leave. Whoever loses (cancelled meanwhile) must not send.

    `remote_id` is the name under which the vendor will know the call, where we choose it.
    """
    columns: dict[str, Any] = {"sent_at": now_ms} | ({} if remote_id is None else {"remote_id": remote_id})
    won = move_attempt(session, claimed.attempt_id, AttemptState.SENT, while_wanted=True, **columns)
    if won:
        record_task_event(session, claimed.key, TaskState.IN_PROGRESS, now_ms, step="sent")
    return won


_NOTE_RECEIVING = (
    update(ATTEMPT)
    .where(
        ATTEMPT.c.id == bindparam("attempt"),
        ATTEMPT.c.state == AttemptState.SENT,
        ATTEMPT.c.receiving_at.is_(None),
    )
    .values(receiving_at=bindparam("now"))
    .returning(ATTEMPT.c.id)
)


def mark_receiving(session: Session, key: TaskKey, attempt_id: str, now_ms: int) -> None:
    """Note that the answer has begun to arrive; progress for people, nothing depends on it."""
    noted = session.connection().execute(_NOTE_RECEIVING, {"attempt": attempt_id, "now": now_ms})
    if noted.first() is not None:
        record_task_event(session, key, TaskState.IN_PROGRESS, now_ms, step="receiving")


_NOTE_CREATED = update(ATTEMPT).where(ATTEMPT.c.id == bindparam("attempt")).values(remote_id=bindparam("remote"))


def mark_created(session: Session, attempt_id: str, remote_id: str) -> None:
    """Keep the id of the vendor's job, by which it is asked about from now on, also by a later run."""
    session.connection().execute(_NOTE_CREATED, {"attempt": attempt_id, "remote": remote_id})


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


_STORED = (
    select(
        TASK.c.id,
        TASK.c.owner,
        TASK.c.job_id,
        TASK.c["index"],
        TASK.c.style,
        TASK.c.provider,
        TASK.c.model,
        TASK.c.seed,
        TASK.c.usd.label("spent"),
        TASK.c.parent_id,
        TASK.c.notice,
        JOB.c.album_id,
        JOB.c.request,
        JOB.c.title,
        TASK.c.reserved_usd,
        ATTEMPT.c.usd,
    )
    .join(TASK, TASK.c.id == ATTEMPT.c.task_id)
    .join(JOB, JOB.c.id == TASK.c.job_id)
    .where(ATTEMPT.c.id == bindparam("attempt"))
)
_NEW_IMAGE = insert(IMAGE)


def close_stored(
    session: Session,
    attempt_id: str,
    picture: StoredPicture,
    now_ms: int,
    *,
    prompt: str,
    image_id: str,
    cutout_job_id: str,
    notice: str | None = None,
) -> bool:
    """The picture is on its shelf: close the attempt, write the image, complete the task. False when lost.

    `notice` is a sentence for people about how the picture came out. `cutout_job_id` is a fresh id for the cut-out
    that the job may have asked for as well.
    """
    if not move_attempt(session, attempt_id, AttemptState.STORED, ended_at=now_ms):
        return False
    connection = session.connection()
    row = connection.execute(_STORED, {"attempt": attempt_id}).one()
    connection.execute(
        _NEW_IMAGE,
        {**_made(row, prompt), **asdict(picture), "id": image_id, "attempt_id": attempt_id, "created_at": now_ms},
    )
    record_event(
        session,
        kind="image",
        owner=row.owner,
        job_id=row.job_id,
        task_index=row.index,
        status="stored",
        image_id=image_id,
        at=now_ms,
    )
    moved = move_task(
        session,
        row.id,
        TaskState.COMPLETED,
        now_ms,
        image_id=image_id,
        usd=_sum(row.spent, _price(row)),
        notice=" ".join(filter(None, (row.notice, notice))) or None,
        cancel_requested=False,
    )
    if row.parent_id is not None:
        adopt(session, row.parent_id, image_id, now_ms)
    if row.request.get("remove_background"):
        new = NewCutout(cutout_job_id, row.owner, now_ms)
        follow_on(session, new, image_id=image_id, prompt=prompt, title=row.title, album_id=row.album_id)
    return bool(moved)


def _made(row: Any, prompt: str) -> dict[str, Any]:  # noqa: ANN401 - a row of `_STORED`
    """What the columns of a picture say of how it was made."""
    return {
        "owner": row.owner,
        "job_id": row.job_id,
        "task_index": row.index,
        "album_id": row.album_id,
        "style": row.style,
        "provider": row.provider,
        "model": row.model,
        "seed": row.seed,
        "prompt": prompt,
        "usd": _price(row),
        "parent_id": row.parent_id,
    }


def _price(row: Any) -> int | None:  # noqa: ANN401 - a row of `_STORED`
    """What a picture cost: as the answer told, else as it was quoted. None where neither is known."""
    return row.reserved_usd if row.usd is None else row.usd  # type: ignore[no-any-return]


def _sum(first: int | None, second: int | None) -> int | None:
    return second if first is None else first if second is None else first + second

"""Every change of a task's or an attempt's state, in one place.

A change is one conditional UPDATE: it names the state it expects and says whether this call won. Whoever loses
does nothing more. The event that tells of a change is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, insert, update
from sqlmodel import Session, col, select

from imagegen.jobs.states import LIVE, AttemptState, TaskState, attempt_may_move_to, job_status, may_move_to
from imagegen.jobs.tables import Attempt, Event, Task


@dataclass(frozen=True, slots=True)
class TaskKey:
    """What an event says of a task."""

    task_id: int
    job_id: str
    index: int
    owner: str


def move_task(
    session: Session,
    where: ColumnElement[bool],
    to: TaskState,
    now_ms: int,
    *,
    expected: Collection[TaskState] | None = None,
    image_id: str | None = None,
    **columns: Any,  # noqa: ANN401 - columns of `task`, checked by SQLAlchemy
) -> list[TaskKey]:
    """Move every task that matches `where` and stands in an expected state (default: any legal one).

    Returns the tasks that this call moved; an empty list means that it lost. Ended jobs are announced.
    """
    legal = may_move_to(to)
    states = legal if expected is None else legal & frozenset(expected)
    if image_id is not None:
        columns["image_id"] = image_id
    statement = (
        update(Task)
        .where(where, col(Task.state).in_(sorted(states)))
        .values(state=to, **columns)
        .returning(col(Task.id), col(Task.job_id), col(Task.index), col(Task.owner))
        .execution_options(synchronize_session=False)
    )
    moved = [TaskKey(*row) for row in session.execute(statement)]
    for task in moved:
        record_task_event(session, task, to, now_ms, image_id=image_id)
    if to not in LIVE:
        for job_id in dict.fromkeys(task.job_id for task in moved):
            _announce_if_ended(session, job_id, moved[0].owner, now_ms)
    return moved


def move_attempt(
    session: Session,
    attempt_id: str,
    to: AttemptState,
    *extra: ColumnElement[bool],
    **columns: Any,  # noqa: ANN401 - columns of `attempt`, checked by SQLAlchemy
) -> bool:
    """Move one attempt if it stands where it may legally move from, and the extra conditions hold."""
    statement = (
        update(Attempt)
        .where(col(Attempt.id) == attempt_id, col(Attempt.state).in_(sorted(attempt_may_move_to(to))), *extra)
        .values(state=to, **columns)
        .returning(col(Attempt.id))
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def record_task_event(
    session: Session,
    task: TaskKey,
    status: str,
    now_ms: int,
    *,
    step: str | None = None,
    image_id: str | None = None,
) -> None:
    """Append what happened to one task."""
    record_event(
        session,
        kind="task",
        owner=task.owner,
        job_id=task.job_id,
        task_index=task.index,
        status=status,
        step=step,
        image_id=image_id,
        at=now_ms,
    )


def record_event(session: Session, **columns: Any) -> None:  # noqa: ANN401 - columns of `event`
    """Append one event. It becomes visible with the transaction that it tells of."""
    session.execute(insert(Event).values(**columns))
    session.info["has_events"] = True


def task_counts(session: Session, job_id: str) -> dict[TaskState, int]:
    """How many tasks of a job stand in which state."""
    rows = session.execute(
        select(col(Task.state), func.count()).where(col(Task.job_id) == job_id).group_by(col(Task.state))
    )
    return {TaskState(state): count for state, count in rows}


def _announce_if_ended(session: Session, job_id: str, owner: str, now_ms: int) -> None:
    live = select(col(Task.id)).where(col(Task.job_id) == job_id, col(Task.state).in_(sorted(LIVE))).limit(1)
    if session.execute(live).first() is None:
        status = job_status(task_counts(session, job_id))
        record_event(session, kind="job", owner=owner, job_id=job_id, status=status, at=now_ms)

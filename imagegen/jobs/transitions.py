"""Every change of a task's or an attempt's state, in one place.

A change is one conditional UPDATE: it names the state it expects and says whether this call won. Whoever loses
does nothing more. The event that tells of a change is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session

from imagegen.jobs.states import LIVE, AttemptState, TaskState, attempt_may_move_to, job_status, may_move_to
from imagegen.jobs.tables import ATTEMPT, EVENT, TASK


@dataclass(frozen=True, slots=True)
class TaskKey:
    """What an event says of a task."""

    task_id: int
    job_id: str
    index: int
    owner: str


ONE_TASK = TASK.c.id == bindparam("task")


def move_task(
    session: Session,
    where: ColumnElement[bool] | int,
    to: TaskState,
    now_ms: int,
    *,
    expected: Collection[TaskState] | None = None,
    image_id: str | None = None,
    parameters: Mapping[str, object] | None = None,
    **columns: Any,  # noqa: ANN401 - columns of `task`, checked by SQLAlchemy
) -> list[TaskKey]:
    """Move every task that matches `where`, or the one with that id, and stands in an expected state.

    A condition that is a constant of its module comes with its `parameters`; its statement is then built once.

    Without `expected` any state from which the move is legal will do. Returns the tasks that this call moved; an
    empty list means that it lost. Ended jobs are announced.
    """
    legal = may_move_to(to)
    states = tuple(sorted(legal if expected is None else legal & frozenset(expected)))
    if image_id is not None:
        columns["image_id"] = image_id
    if isinstance(where, int):
        where, parameters = ONE_TASK, {"task": where}
    if parameters is not None:
        statement, values = _move_tasks_where(where, to, states, tuple(columns)), _new(columns, parameters)
    else:
        statement, values = _move_tasks(to, states, columns).where(where), {}
    moved = [TaskKey(*row) for row in session.connection().execute(statement, values)]
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
    *,
    expected: Collection[AttemptState] | None = None,
    while_wanted: bool = False,
    **columns: Any,  # noqa: ANN401 - columns of `attempt`, checked by SQLAlchemy
) -> bool:
    """Move one attempt if it stands in an expected state; without `expected` any legal one will do.

    `while_wanted` adds that its task runs and nobody has asked to cancel it. False when this call lost.
    """
    legal = attempt_may_move_to(to)
    states = tuple(sorted(legal if expected is None else legal & frozenset(expected)))
    statement = _move_attempt(to, states, tuple(columns), while_wanted)
    parameters = _new(columns, {"attempt": attempt_id})
    return session.connection().execute(statement, parameters).first() is not None


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


_NEW_EVENT = insert(EVENT)
_EVENT_DEFAULTS = {"task_index": None, "step": None, "image_id": None}


def record_event(session: Session, **columns: Any) -> None:  # noqa: ANN401 - columns of `event`
    """Append one event. It becomes visible with the transaction that it tells of."""
    session.connection().execute(_NEW_EVENT, _EVENT_DEFAULTS | columns)


_COUNTS = select(TASK.c.state, func.count()).where(TASK.c.job_id == bindparam("job")).group_by(TASK.c.state)


def task_counts(session: Session, job_id: str) -> dict[TaskState, int]:
    """How many tasks of a job stand in which state."""
    rows = session.connection().execute(_COUNTS, {"job": job_id})
    return {TaskState(state): count for state, count in rows}


_ANY_LIVE = select(TASK.c.id).where(TASK.c.job_id == bindparam("job"), TASK.c.state.in_(sorted(LIVE))).limit(1)


def _announce_if_ended(session: Session, job_id: str, owner: str, now_ms: int) -> None:
    if session.connection().execute(_ANY_LIVE, {"job": job_id}).first() is None:
        status = job_status(task_counts(session, job_id))
        record_event(session, kind="job", owner=owner, job_id=job_id, status=status, at=now_ms)


# Statements are built once per shape: building and hashing one costs SQLAlchemy several times what SQLite needs to
# run it (0.24 ms against 0.06 ms for a move, CPU, on the machine this was written on).


@lru_cache(maxsize=256)
def _move_tasks_where(
    where: ColumnElement[bool], to: TaskState, states: tuple[TaskState, ...], columns: tuple[str, ...]
) -> ReturningUpdate[tuple[Any, ...]]:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    return _move_tasks(to, states, values).where(where)


def _move_tasks(
    to: TaskState, states: tuple[TaskState, ...], values: dict[str, Any]
) -> ReturningUpdate[tuple[Any, ...]]:
    returned = (TASK.c.id, TASK.c.job_id, TASK.c["index"], TASK.c.owner)
    return update(TASK).where(TASK.c.state.in_(states)).values(state=to, **values).returning(*returned)


@lru_cache(maxsize=256)
def _move_attempt(
    to: AttemptState, states: tuple[AttemptState, ...], columns: tuple[str, ...], while_wanted: bool
) -> ReturningUpdate[tuple[Any, ...]]:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    where = [ATTEMPT.c.id == bindparam("attempt"), ATTEMPT.c.state.in_(states)]
    if while_wanted:
        where.append(
            exists().where(
                TASK.c.id == ATTEMPT.c.task_id,
                TASK.c.state == TaskState.IN_PROGRESS,
                TASK.c.cancel_requested.is_(False),
            )
        )
    return update(ATTEMPT).where(*where).values(state=to, **values).returning(ATTEMPT.c.id)


def _new(columns: Mapping[str, Any], where: Mapping[str, object]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in columns.items()} | dict(where)

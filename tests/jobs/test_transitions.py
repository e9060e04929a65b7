"""One conditional update per change of state: legal moves win once, everything else changes nothing."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from imagegen.jobs import attempts, closing
from imagegen.jobs.database import Database
from imagegen.jobs.states import (
    ATTEMPT_MOVES,
    LIVE,
    TASK_MOVES,
    WAITING,
    AttemptState,
    TaskState,
    job_status,
)
from imagegen.jobs.tables import Attempt, Task
from imagegen.jobs.transitions import move_attempt, move_task, task_counts
from tests.jobs.joblog import (
    NOON,
    begin,
    blank_file,
    events,
    job_log,
    new_job,
    opened,
    put_in_states,
    submit,
    task_ids,
)

PAIRS = [(start, end) for start in TaskState for end in TaskState]
ATTEMPT_PAIRS = [(start, end) for start in AttemptState for end in AttemptState]


class Undo(Exception):  # noqa: N818 - named for what it does
    """Takes a transaction back."""


async def one_task(database: Database, state: TaskState, count: int = 1) -> int:
    """The first task of a fresh job, put in that state."""
    job = new_job(1, {"count": count})

    def prepare(session: Session) -> int:
        submit(session, job)
        put_in_states(session, job.id, {0: state})
        session.execute(text("DELETE FROM event"))
        return task_ids(session, job.id)[0]

    return await database.write(prepare)


def row(session: Session, table: type[Task] | type[Attempt]) -> dict[str, object]:
    """The only row of the table, as it lies in the file."""
    session.expire_all()
    found: dict[str, object] = session.execute(select(table)).scalar_one().model_dump()
    return found


def told(session: Session) -> list[tuple[str, str]]:
    """Kind and status of every event."""
    return [(event.kind, event.status) for event in events(session)]


async def test_a_task_moves_exactly_where_it_may(tmp_path: Path) -> None:
    def check(session: Session, task_id: int, start: TaskState, end: TaskState) -> None:
        session.execute(text("UPDATE task SET state = :state, error = NULL"), {"state": start})
        session.execute(text("DELETE FROM event"))
        before = row(session, Task)
        moved = move_task(session, col(Task.id) == task_id, end, NOON, error="said")
        if end in TASK_MOVES[start]:
            assert [task.task_id for task in moved] == [task_id]
            assert row(session, Task) == before | {"state": end, "error": "said"}
            assert told(session) == [("task", end), *([] if end in LIVE else [("job", job_status({end: 1}))])]
        else:
            assert (moved, row(session, Task), told(session)) == ([], before, [])

    with job_log(tmp_path) as database:
        task_id = await one_task(database, TaskState.PENDING)
        for start, end in PAIRS:
            await database.write(partial(check, task_id=task_id, start=start, end=end))


async def test_an_attempt_moves_exactly_where_it_may(tmp_path: Path) -> None:
    def check(session: Session, attempt_id: str, start: AttemptState, end: AttemptState) -> None:
        session.execute(text("UPDATE attempt SET state = :state, error_kind = NULL"), {"state": start})
        before = row(session, Attempt)
        won = move_attempt(session, attempt_id, end, error_kind="said")
        assert won is (end in ATTEMPT_MOVES[start])
        assert row(session, Attempt) == (before | {"state": end, "error_kind": "said"} if won else before)

    with job_log(tmp_path) as database:
        task_id = await one_task(database, TaskState.PENDING)
        claimed = await database.write(lambda session: begin(session, task_id))
        assert claimed is not None
        for start, end in ATTEMPT_PAIRS:
            await database.write(partial(check, attempt_id=claimed.attempt_id, start=start, end=end))


async def test_what_is_expected_narrows_and_never_widens(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        task_id = await one_task(database, TaskState.IN_PROGRESS)
        where = col(Task.id) == task_id
        assert not await database.write(
            lambda session: move_task(session, where, TaskState.CANCELLED, NOON, expected=WAITING)
        )
        await database.write(lambda session: move_task(session, where, TaskState.COMPLETED, NOON))
        assert not await database.write(
            lambda session: move_task(session, where, TaskState.PENDING, NOON, expected=frozenset(TaskState))
        )


async def test_an_event_stands_and_falls_with_its_change(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        task_id = await one_task(database, TaskState.IN_PROGRESS)

        def move_and_fail(session: Session) -> None:
            assert move_task(session, col(Task.id) == task_id, TaskState.COMPLETED, NOON)
            assert [event.status for event in events(session)] == ["completed", "completed"]
            raise Undo

        with pytest.raises(Undo):
            await database.write(move_and_fail)
        task = await database.read(lambda session: row(session, Task))
        assert task["state"] == TaskState.IN_PROGRESS
        assert await database.read(told) == []


async def test_the_end_of_a_job_is_announced_once(tmp_path: Path) -> None:
    job = new_job(1, {"count": 3})

    def end_one(session: Session, place: int, state: TaskState) -> list[str]:
        before = len(events(session))
        move_task(session, col(Task.id) == task_ids(session, job.id)[place], state, NOON)
        return [event.status for event in events(session)[before:] if event.kind == "job"]

    with job_log(tmp_path) as database:
        await database.write(lambda session: submit(session, job))
        await database.write(
            lambda session: put_in_states(session, job.id, dict.fromkeys(range(3), TaskState.IN_PROGRESS))
        )
        assert await database.write(lambda session: end_one(session, 0, TaskState.FAILED)) == []
        assert await database.write(lambda session: end_one(session, 1, TaskState.COMPLETED)) == []
        assert await database.write(lambda session: end_one(session, 2, TaskState.CANCELLED)) == ["completed"]
        counts = await database.read(lambda session: task_counts(session, job.id))
    assert counts == {TaskState.FAILED: 1, TaskState.COMPLETED: 1, TaskState.CANCELLED: 1}


async def test_of_many_claims_at_once_exactly_one_wins(tmp_path: Path) -> None:
    path = blank_file(tmp_path)
    with ExitStack() as stack:
        databases = [stack.enter_context(opened(path, threads=True)) for _ in range(4)]
        task_id = await one_task(databases[0], TaskState.PENDING)
        claims = await asyncio.gather(
            *(database.write(lambda session: begin(session, task_id)) for database in databases * 4)
        )
        assert len([claimed for claimed in claims if claimed is not None]) == 1
        task = await databases[0].read(lambda session: row(session, Task))
        attempt = await databases[0].read(lambda session: row(session, Attempt))
    assert (task["state"], task["attempts"]) == (TaskState.IN_PROGRESS, 1)
    assert (attempt["state"], attempt["number"], attempt["wire_id"]) == ("intent", 1, "wire-scripted-model")


async def test_an_entry_that_is_delivered_late_does_nothing(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        task_id = await one_task(database, TaskState.RETRYING)
        await database.write(
            lambda session: session.execute(text("UPDATE task SET attempts = 1, due_at = :due"), {"due": NOON + 5})
        )
        for number, now_ms in ((1, NOON + 5), (3, NOON + 5), (2, NOON + 4)):
            late = partial(begin, task_id=task_id, number=number, now_ms=now_ms)
            assert await database.write(late) is None
        claimed = await database.write(lambda session: begin(session, task_id, number=2, now_ms=NOON + 5))
        assert claimed is not None
        assert claimed.retries_made == 1


async def test_whoever_was_cancelled_before_sending_does_not_send(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        task_id = await one_task(database, TaskState.PENDING)
        claimed = await database.write(lambda session: begin(session, task_id))
        assert claimed is not None
        await database.write(lambda session: session.execute(text("UPDATE task SET cancel_requested = 1")))
        assert not await database.write(lambda session: attempts.mark_sent(session, claimed, NOON))
        await database.write(lambda session: closing.abandon(session, claimed, NOON))
        task = await database.read(lambda session: row(session, Task))
        attempt = await database.read(lambda session: row(session, Attempt))
    assert (task["state"], task["cancel_requested"]) == (TaskState.CANCELLED, False)
    assert (attempt["state"], attempt["billed"], attempt["usd"]) == (AttemptState.FAILED, "no", None)

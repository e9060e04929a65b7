"""What a person does to jobs, pictures and albums, and that nobody does it to another's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs import actions
from imagegen.jobs.actions import UnknownTask
from imagegen.jobs.spending import Caps, OverBudget
from imagegen.jobs.states import TaskState
from tests.jobs.joblog import (
    NOON,
    OWNER,
    STRANGER,
    UPLOAD,
    events,
    job_log,
    new_job,
    one_of_everything,
    put_in_states,
    reader,
    row_counts,
    submit,
    tasks_of,
)


async def test_nobody_changes_what_is_anothers(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        ids = await database.write(one_of_everything)
        before = await database.read(everything)
        acts: list[Callable[[Session], object]] = [
            partial(actions.cancel, owner=STRANGER, now_ms=NOON, job_id=ids["job"], indexes=[]),
            partial(actions.cancel, owner=STRANGER, now_ms=NOON, job_id=ids["job"], indexes=[99]),
            partial(actions.cancel_all, owner=STRANGER, now_ms=NOON),
            partial(actions.retry, owner=STRANGER, now_ms=NOON, job_id=ids["job"], indexes=[1], caps=Caps()),
            partial(actions.set_deleted, owner=STRANGER, now_ms=NOON, image_id=ids["image"], deleted=True),
            partial(actions.rename_album, owner=STRANGER, album_id=ids["album"], name="Mine"),
            partial(actions.delete_album, owner=STRANGER, album_id=ids["album"]),
        ]
        for act in acts:
            assert not await database.write(act)
            assert await database.read(everything) == before
        own, created = await database.write(
            lambda session: actions.keep_reference(session, STRANGER, NOON, UPLOAD, "r2")
        )
        assert (own.id, created) == ("r2", True), "the same picture of another person is a reference of its own"
        again = await database.write(lambda session: actions.keep_reference(session, OWNER, NOON, UPLOAD, "r3"))
        assert (again[0].id, again[1]) == ("r", False)


def everything(session: Session) -> tuple[object, ...]:
    """All that an act of somebody else could have changed."""
    view = reader(session).job(new_job(1).id)
    assert view is not None
    return (
        view,
        reader(session).albums(),
        reader(session).images(album=None, style=None, provider=None, limit=50, after=None),
        row_counts(session),
    )


async def test_cancel_stops_what_waits_and_marks_what_runs(tmp_path: Path) -> None:
    def states(session: Session, job_id: str) -> list[tuple[str, bool]]:
        return [(task.state, task.cancel_requested) for task in tasks_of(session, job_id)]

    with job_log(tmp_path) as database:
        ids = await database.write(one_of_everything)
        for _ in range(2):
            assert await database.write(lambda session: actions.cancel(session, OWNER, NOON, ids["job"], ())), (
                "asking twice is no error"
            )
            assert await database.read(partial(states, job_id=ids["job"])) == [
                (TaskState.COMPLETED, False),
                (TaskState.FAILED, False),
                (TaskState.CANCELLED, False),
                (TaskState.IN_PROGRESS, True),
            ]


async def test_only_listed_tasks_are_touched(tmp_path: Path) -> None:
    job = new_job(1, {"count": 6})
    states = [
        TaskState.PENDING,
        TaskState.RETRYING,
        TaskState.FAILED,
        TaskState.FAILED,
        TaskState.INTERRUPTED,
        TaskState.CANCELLED,
    ]

    def stands(session: Session) -> list[str]:
        return [task.state for task in tasks_of(session, job.id)]

    def retry(session: Session, indexes: list[int]) -> None:
        assert actions.retry(session, OWNER, NOON, job.id, indexes, caps=Caps()) is not None

    with job_log(tmp_path) as database:
        await database.write(lambda session: submit(session, job))
        await database.write(lambda session: put_in_states(session, job.id, dict(enumerate(states))))
        await database.write(lambda session: actions.cancel(session, OWNER, NOON, job.id, [1]))
        await database.write(partial(retry, indexes=[3]))
        assert await database.read(stands) == [
            "pending",
            "cancelled",
            "failed",
            "pending",
            "interrupted",
            "cancelled",
        ]
        await database.write(partial(retry, indexes=[]))
        assert await database.read(stands) == [
            "pending",
            "cancelled",
            "pending",
            "pending",
            "interrupted",
            "cancelled",
        ], "what may have been billed, or was cancelled, runs again only when it is listed"
        await database.write(partial(retry, indexes=[4, 5]))
        assert (await database.read(stands))[4:] == ["pending", "pending"]
        for bad in ([6], [-1], [0, 99]):
            with pytest.raises(UnknownTask):
                await database.write(partial(retry, indexes=bad))
            with pytest.raises(UnknownTask):
                await database.write(partial(actions.cancel, owner=OWNER, now_ms=NOON, job_id=job.id, indexes=bad))


async def test_a_retry_gives_a_fresh_allowance_once(tmp_path: Path) -> None:
    job = new_job(1)

    def prepare(session: Session) -> None:
        submit(session, job)
        (task,) = tasks_of(session, job.id)
        task.state, task.attempts, task.error = TaskState.FAILED, 3, "Busy."

    def again(session: Session) -> tuple[str, int, int, str | None]:
        actions.retry(session, OWNER, NOON, job.id, [], caps=Caps())
        (task,) = tasks_of(session, job.id)
        return task.state, task.attempts, task.allowance_from, task.error

    with job_log(tmp_path) as database:
        await database.write(prepare)
        assert await database.write(again) == await database.write(again) == ("pending", 3, 3, None)
        told = await database.read(lambda session: [(event.kind, event.status) for event in events(session)])
    assert told == [("job", "created"), ("task", "pending"), ("job", "queued")]


async def test_cancel_all_stops_every_waiting_task_of_one_person(tmp_path: Path) -> None:
    mine, theirs = [new_job(1, {"count": 2}), new_job(2)], new_job(3, owner=STRANGER)
    with job_log(tmp_path) as database:
        await database.write(lambda session: [submit(session, job) for job in (*mine, theirs)])
        assert await database.write(lambda session: actions.cancel_all(session, OWNER, NOON)) == 3
        assert await database.write(lambda session: actions.cancel_all(session, OWNER, NOON)) == 0
        ended = await database.read(
            lambda session: [event.job_id for event in events(session) if event.status == "cancelled"]
        )
        other = await database.read(lambda session: [task.state for task in tasks_of(session, theirs.id)])
    assert other == [TaskState.PENDING]
    assert [ended.count(job.id) for job in mine] == [3, 2], "each task and each job is told once"


async def test_a_retry_cannot_pass_the_cap_of_the_day(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        known, unknown = new_job(1), new_job(2)
        await database.write(partial(submit, new=known))
        await database.write(partial(submit, new=unknown))
        await database.write(lambda session: put_in_states(session, known.id, {0: TaskState.FAILED}))
        await database.write(lambda session: put_in_states(session, unknown.id, {0: TaskState.FAILED}))
        forget = "UPDATE job SET per_image_usd = NULL WHERE id = :id"
        await database.write(lambda session: session.execute(text(forget), {"id": unknown.id}) and None)

        def again(job_id: str, day: int) -> Callable[[Session], object]:
            caps = Caps(day=MicroUsd(day))
            return partial(actions.retry, owner=OWNER, now_ms=NOON, job_id=job_id, indexes=[], caps=caps)

        with pytest.raises(OverBudget):
            await database.write(again(known.id, 133_999))
        with pytest.raises(OverBudget):
            await database.write(again(unknown.id, 10_000_000))
        assert [task.state for task in await database.read(lambda s: tasks_of(s, known.id))] == ["failed"]
        assert await database.write(again(known.id, 134_000)) is not None

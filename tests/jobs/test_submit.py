"""From a request to a job in the log, in one transaction that reads before it writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from imagegen.catalogue.records import MicroUsd, ModelRecord
from imagegen.jobs import attempts, closing
from imagegen.jobs.actions import insert_album, retry, set_deleted
from imagegen.jobs.clock import day_start_ms
from imagegen.jobs.database import Database
from imagegen.jobs.retry import Ask, Failure, GiveUp
from imagegen.jobs.spending import Caps, OverBudget, spent_since
from imagegen.jobs.states import TaskState
from imagegen.jobs.submit import (
    TITLE_LENGTH,
    IdempotencyClash,
    NewJob,
    request_digest,
    title_of,
)
from imagegen.jobs.tables import Album, Reference
from imagegen.jobs.views import Submitted
from imagegen.providers.base import Billed, ErrorKind
from imagegen.request import RequestError, parse
from tests.jobs.joblog import (
    NOON,
    NOTHING,
    OWNER,
    begin,
    blank_file,
    events,
    finish,
    job_log,
    new_job,
    opened,
    put_in_states,
    reader,
    row_counts,
    submit,
    task_ids,
    tasks_of,
)
from tests.jobs.scripted import FREE, MODEL, PAID, PRICE

DAY = 86_400_000
UNPRICED_MODEL: ModelRecord = replace(MODEL, price=None)
UNPRICED = replace(PAID, models=(UNPRICED_MODEL,))


def cap(images: int) -> Caps:
    """A day's cap of that many images, and a little that is no whole image."""
    return Caps(day=MicroUsd(images * PRICE + 5))


async def at_once(
    databases: Sequence[Database], jobs: Sequence[NewJob], caps: Caps | None = None
) -> tuple[list[Submitted], list[BaseException]]:
    """Submit all jobs at the same time over several connections to one file."""
    answers = await asyncio.gather(
        *(
            databases[number % len(databases)].write(partial(submit, new=job, caps=caps))
            for number, job in enumerate(jobs)
        ),
        return_exceptions=True,
    )
    accepted = [answer for answer in answers if isinstance(answer, Submitted)]
    return accepted, [answer for answer in answers if isinstance(answer, BaseException)]


async def test_a_job_and_its_tasks_are_in_the_log_with_one_event(tmp_path: Path) -> None:
    job = new_job(1, {"styles": ["watercolor", "cartoon"], "subject": "a bride", "count": 2, "seed": 5})
    with job_log(tmp_path) as database:
        accepted = await database.write(lambda session: submit(session, job))
        tasks = await database.read(lambda session: tasks_of(session, job.id))
        told = await database.read(lambda session: [event.model_dump() for event in events(session)])
    assert (accepted.job_id, accepted.status, accepted.total) == (job.id, "queued", 4)
    assert (accepted.quote.usd, accepted.quote.per_image_usd, accepted.quote.credits) == (0.536, 0.134, 4)
    assert [(task.index, task.style, task.subject, task.state) for task in tasks] == [
        (index, style, "a bride", TaskState.PENDING)
        for index, style in enumerate(["watercolor", "watercolor", "cartoon", "cartoon"])
    ]
    assert {(task.provider, task.model, task.priority, task.reserved_usd) for task in tasks} == {
        ("scripted", "scripted-model", 1, PRICE)
    }
    assert [(event["kind"], event["status"], event["job_id"]) for event in told] == [("job", "created", job.id)]


async def test_a_job_of_ten_thousand_is_stored_and_read(tmp_path: Path) -> None:
    job = new_job(1, {"mode": "batch", "total_images": 10_000, "styles": ["watercolor", "cartoon", "fantasy"]})
    with job_log(tmp_path) as database:
        accepted = await database.write(lambda session: submit(session, job))
        view = await database.read(lambda session: reader(session).job(job.id))
    assert view is not None
    assert accepted.total == view.progress.total == len(view.tasks) == 10_000
    assert [task.index for task in view.tasks] == list(range(10_000))
    assert view.tasks[9_999].style == "watercolor"


async def test_the_same_key_and_body_are_one_job(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        first = await database.write(lambda session: submit(session, new_job(1, {"count": 2}, key="k")))
        again = await database.write(lambda session: submit(session, new_job(2, {"image_count": 2}, key="k")))
        assert again == first
        with pytest.raises(IdempotencyClash):
            await database.write(lambda session: submit(session, new_job(3, {"count": 3}, key="k")))
        other = await database.write(
            lambda session: submit(session, new_job(4, {"count": 2}, key="k", owner="someone else"))
        )
        unkeyed = [await database.write(partial(submit, new=new_job(number, {"count": 2}))) for number in (5, 6)]
        counts = await database.read(row_counts)
    assert len({answer.job_id for answer in (first, other, *unkeyed)}) == 4
    assert (counts["job"], counts["task"], counts["event"]) == (4, 8, 4)


async def test_a_repeat_is_answered_even_when_it_would_no_longer_be_accepted(tmp_path: Path) -> None:
    job = new_job(1, key="k")
    with job_log(tmp_path) as database:
        first = await database.write(lambda session: submit(session, job, cap(1)))
        assert await database.write(lambda session: submit(session, job, cap(0))) == first


async def test_one_key_at_once_over_many_connections_is_one_job(tmp_path: Path) -> None:
    path = blank_file(tmp_path)
    with ExitStack() as stack:
        databases = [stack.enter_context(opened(path, threads=True)) for _ in range(16)]
        accepted, refused = await at_once(databases, [new_job(number, key="k") for number in range(48)])
        counts = await databases[0].read(row_counts)
    assert (len({answer.job_id for answer in accepted}), len(accepted), refused) == (1, 48, [])
    assert (counts["job"], counts["task"], counts["event"]) == (1, 1, 1)


async def test_a_cap_cannot_be_passed_over_many_connections(tmp_path: Path) -> None:
    path = blank_file(tmp_path)
    jobs = [new_job(number, {"count": 2}) for number in range(48)]
    with ExitStack() as stack:
        databases = [stack.enter_context(opened(path, threads=True)) for _ in range(16)]
        accepted, refused = await at_once(databases, jobs, cap(11))
        counts = await databases[0].read(row_counts)
    assert len(accepted) == 5
    assert all(isinstance(error, OverBudget) for error in refused)
    assert (counts["job"], counts["task"]) == (5, 10)


@pytest.mark.parametrize(
    ("job", "caps", "name"),
    [
        (new_job(1, {"count": 2}), Caps(job=MicroUsd(2 * PRICE - 1)), "IMAGEGEN_BUDGET_JOB_USD"),
        (new_job(1, {"count": 2}), Caps(day=MicroUsd(2 * PRICE - 1)), "IMAGEGEN_BUDGET_DAY_USD"),
        (new_job(1, record=UNPRICED), Caps(job=MicroUsd(10**9)), "IMAGEGEN_BUDGET_JOB_USD"),
        (new_job(1, record=UNPRICED), Caps(day=MicroUsd(10**9)), "IMAGEGEN_BUDGET_DAY_USD"),
    ],
)
async def test_over_a_cap_nothing_is_stored(tmp_path: Path, job: NewJob, caps: Caps, name: str) -> None:
    with job_log(tmp_path) as database:
        with pytest.raises(OverBudget) as refused:
            await database.write(lambda session: submit(session, job, caps))
        assert await database.read(row_counts) == NOTHING
    assert (refused.value.cap, refused.value.asked) == (name, job.quote.whole)
    assert refused.value.limit in (caps.job, caps.day)


async def test_exactly_the_cap_is_allowed_and_what_is_free_has_none(tmp_path: Path) -> None:
    tight = Caps(job=MicroUsd(2 * PRICE), day=MicroUsd(2 * PRICE))
    with job_log(tmp_path) as database:
        assert (await database.write(lambda session: submit(session, new_job(1, {"count": 2}), tight))).total == 2
        free = new_job(2, {"count": 50}, record=FREE)
        assert (await database.write(lambda session: submit(session, free, tight))).total == 50


async def test_a_day_counts_what_it_cost_what_it_may_cost_and_what_still_will(tmp_path: Path) -> None:
    def close(session: Session, task_id: int, failure: Failure, usd: int | None = None) -> None:
        claimed = begin(session, task_id)
        assert claimed is not None
        assert attempts.mark_sent(session, claimed, NOON)
        decision = Ask("?") if failure.kind is ErrorKind.OUTCOME_UNKNOWN else GiveUp("!")
        assert closing.close_failed(
            session, claimed.key, claimed.attempt_id, failure, decision, now_ms=NOON, usd=usd
        )

    def today(session: Session) -> int:
        return spent_since(session, day_start_ms(NOON)) - live[0] * PRICE

    job, live = new_job(1, {"count": 6}), [6]
    with job_log(tmp_path) as database:
        await database.write(lambda session: submit(session, job))
        one, two, three, four, five, _ = await database.read(lambda session: task_ids(session, job.id))
        assert await database.read(today) == 0
        steps: list[tuple[Any, int]] = [
            (partial(finish, task_id=one, usd=120_000), 120_000),
            (partial(finish, task_id=two, usd=None), PRICE),
            (partial(close, task_id=three, failure=Failure(ErrorKind.BAD_REQUEST, "")), 0),
            (
                partial(close, task_id=four, failure=Failure(ErrorKind.OUTCOME_UNKNOWN, "", Billed.PERHAPS)),
                PRICE,
            ),
            (
                partial(close, task_id=five, failure=Failure(ErrorKind.POLICY, "", Billed.YES), usd=1_000),
                1_000,
            ),
        ]
        spent = 0
        for step, cost in steps:
            await database.write(step)
            live[0], spent = live[0] - 1, spent + cost
            assert await database.read(today) == spent
        assert await database.read(lambda session: spent_since(session, day_start_ms(NOON) + DAY)) == PRICE


async def test_yesterday_does_not_count(tmp_path: Path) -> None:
    yesterday, today = new_job(1, now_ms=NOON - DAY), new_job(2)
    with job_log(tmp_path) as database:
        await database.write(lambda session: submit(session, yesterday, cap(1)))
        (task_id,) = await database.read(lambda session: task_ids(session, yesterday.id))
        with pytest.raises(OverBudget):
            await database.write(lambda session: submit(session, today, cap(1)))
        await database.write(lambda session: finish(session, task_id, now_ms=NOON - DAY))
        assert (await database.write(lambda session: submit(session, today, cap(1)))).job_id == today.id


async def test_a_retry_that_would_pass_the_cap_changes_nothing(tmp_path: Path) -> None:
    job = new_job(1, {"count": 2})

    def again(session: Session, caps: Caps) -> Submitted | None:
        return retry(session, OWNER, NOON, job.id, [], caps=caps)

    with job_log(tmp_path) as database:
        await database.write(lambda session: submit(session, job))
        await database.write(
            lambda session: put_in_states(session, job.id, dict.fromkeys((0, 1), TaskState.FAILED))
        )
        with pytest.raises(OverBudget) as refused:
            await database.write(lambda session: again(session, cap(1)))
        assert (refused.value.spent, refused.value.asked) == (0, 2 * PRICE)
        states = await database.read(lambda session: [task.state for task in tasks_of(session, job.id)])
        assert states == [TaskState.FAILED] * 2
        assert await database.write(lambda session: again(session, cap(2))) is not None
        states = await database.read(lambda session: [task.state for task in tasks_of(session, job.id)])
    assert states == [TaskState.PENDING] * 2


async def test_albums_and_references_must_be_ones_own(tmp_path: Path) -> None:
    def prepare(session: Session) -> str:
        for owner in (OWNER, "someone else"):
            insert_album(session, Album(id=f"album of {owner}", owner=owner, name="x", created_at=0))
            session.add(
                Reference(
                    id=f"reference of {owner}",
                    owner=owner,
                    sha256="0" * 64,
                    media_type="image/png",
                    width=1,
                    height=1,
                    created_at=0,
                )
            )
        made = new_job(1)
        submit(session, made)
        return finish(session, task_ids(session, made.id)[0])

    def fields(session: Session, body: dict[str, Any]) -> list[str]:
        with pytest.raises(RequestError) as refused, session.begin_nested():
            submit(session, new_job(9, body))
        return [problem.field for problem in refused.value.problems]

    with job_log(tmp_path) as database:
        image_id = await database.write(prepare)
        before = await database.read(row_counts)
        own = [f"reference of {OWNER}", image_id]
        refusals: list[tuple[dict[str, Any], list[str]]] = [
            ({"album": "album of someone else"}, ["album"]),
            ({"album": "none"}, ["album"]),
            (
                {"reference_images": [own[0], "none", own[1], "reference of someone else"]},
                ["reference_images.1", "reference_images.3"],
            ),
        ]
        for body, expected in refusals:
            assert await database.write(partial(fields, body=body)) == expected
        assert await database.read(row_counts) == before
        good = new_job(9, {"album": f"album of {OWNER}", "reference_images": own})
        assert (await database.write(lambda session: submit(session, good))).job_id == good.id
        await database.write(lambda session: set_deleted(session, OWNER, NOON, image_id, deleted=True))
        assert await database.write(partial(fields, body={"reference_images": own})) == ["reference_images.1"]


def test_bodies_that_mean_the_same_have_one_digest() -> None:
    first = parse({"prompt": "x", "style": "a", "image_count": 2, "reference_images": ["r"]})
    second = parse({"reference_images": [{"id": "r"}], "count": 2.0, "styles": ["a"], "prompt": "x", "seed": None})
    assert request_digest(first) == request_digest(second)
    assert request_digest(first) != request_digest(parse({"prompt": "x ", "style": "a", "count": 2}))


@given(st.text(min_size=1))
def test_a_title_is_the_beginning_of_the_prompt_on_one_line(prompt: str) -> None:
    title, line = title_of(prompt), " ".join(prompt.split())
    assert len(title) <= TITLE_LENGTH
    assert len(title.splitlines()) <= 1
    assert title == line or (title.endswith("…") and line.startswith(title[:-1]))

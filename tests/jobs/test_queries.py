"""Reading the job log: every entry once, a job's state by one rule, and nobody else's anything."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest
from sqlmodel import Session

from imagegen.jobs import actions, attempts
from imagegen.jobs.queries import event_bounds
from imagegen.jobs.references import reference_files, unknown_references
from imagegen.jobs.states import TaskState, job_status
from imagegen.jobs.tables import Album
from imagegen.jobs.views import ImagePage, JobPage, JobView
from imagegen.media.store import MediaStore
from tests.jobs.joblog import (
    NOON,
    OWNER,
    STRANGER,
    begin,
    events,
    finish,
    job_log,
    new_job,
    one_of_everything,
    picture,
    put_in_states,
    reader,
    submit,
    task_ids,
)


def look(session: Session, job_id: str) -> JobView:
    """The job as its owner sees it."""
    found = reader(session).job(job_id)
    assert found is not None
    return found


def jobs_page(
    session: Session, *, status: str | None = None, limit: int = 50, after: str | None = None
) -> JobPage:
    return reader(session).jobs(status=status, album=None, limit=limit, after=after)


def images_page(session: Session, *, limit: int = 50, after: str | None = None, owner: str = OWNER) -> ImagePage:
    return reader(session, owner).images(album=None, style=None, provider=None, limit=limit, after=after)


async def test_a_job_shows_its_tasks_and_pictures_in_order(tmp_path: Path) -> None:
    job = new_job(1, {"count": 4})

    def prepare(session: Session) -> str:
        submit(session, job)
        ids = task_ids(session, job.id)
        image_id = finish(session, ids[2])
        begin(session, ids[1])
        put_in_states(session, job.id, {3: TaskState.INTERRUPTED})
        return image_id

    with job_log(tmp_path) as database:
        image_id = await database.write(prepare)
        view = await database.read(lambda session: look(session, job.id))
    assert (view.status, view.title, view.queue_position) == ("processing", "a red fox", None)
    assert view.progress.model_dump() == {
        "total": 4,
        "completed": 1,
        "failed": 0,
        "cancelled": 0,
        "interrupted": 1,
    }
    assert [(task.index, task.status, task.step) for task in view.tasks] == [
        (0, "pending", "queued"),
        (1, "in_progress", "starting"),
        (2, "completed", None),
        (3, "interrupted", None),
    ]
    assert [image.id for image in view.images] == [image_id] == [view.tasks[2].image_id]
    assert view.image_url == f"/api/images/{image_id}/file" == view.images[0].url
    assert view.message == "1 picture may have been billed without arriving."
    assert view.created_at == datetime.fromtimestamp(NOON / 1000, UTC)


async def test_a_picture_tells_how_it_was_made(tmp_path: Path) -> None:
    job = new_job(1)

    def make(session: Session) -> str:
        submit(session, job)
        (task_id,) = task_ids(session, job.id)
        claimed = begin(session, task_id, now_ms=NOON + 500)
        assert claimed is not None
        assert attempts.mark_sent(session, claimed, NOON + 1000)
        attempts.mark_receiving(session, claimed.key, claimed.attempt_id, NOON + 3000)
        assert look(session, job.id).tasks[0].step == "receiving"
        attempts.mark_received(
            session, claimed.key, claimed.attempt_id, NOON + 4000, usd=1, model_version="v7", usage={}
        )
        assert look(session, job.id).tasks[0].step == "saving"
        attempts.close_stored(
            session,
            claimed.attempt_id,
            picture(1),
            NOON + 4250,
            prompt="sent",
            image_id="i",
            cutout_job_id="unused",
        )
        return "i"

    with job_log(tmp_path) as database:
        await database.write(make)
        image = await database.read(lambda session: reader(session).image("i"))
    assert image is not None
    assert (image.prompt, image.wire_id, image.model_version) == ("sent", "wire-scripted-model", "v7")
    assert image.timings.model_dump() == {"waiting": 1.0, "generating": 3.0, "saving": 0.25}
    assert image.request["prompt"] == "a red fox"


async def test_a_waiting_jobs_place_and_time_come_from_those_before_it(tmp_path: Path) -> None:
    first, second = new_job(1, {"count": 8}), new_job(2, {"count": 2})
    batch = new_job(0, {"mode": "batch", "total_images": 3})

    def prepare(session: Session) -> None:
        earlier = new_job(-1)
        for job in (earlier, batch, first, second):
            submit(session, job)
        (done,) = task_ids(session, earlier.id)
        claimed = begin(session, done, now_ms=NOON)
        assert claimed is not None
        attempts.mark_sent(session, claimed, NOON)
        attempts.mark_received(session, claimed.key, claimed.attempt_id, NOON, usd=1, model_version=None, usage={})
        attempts.close_stored(
            session, claimed.attempt_id, picture(1), NOON + 10_000, prompt="", image_id="i", cutout_job_id="unused"
        )

    with job_log(tmp_path) as database:
        await database.write(prepare)
        views = await database.read(lambda session: [look(session, job.id) for job in (first, second, batch)])
    assert [view.queue_position for view in views] == [1, 2, 3], "interactive work goes before a batch"
    assert [view.eta_seconds.p50 for view in views] == [10.0, 20.0, 20.0]


async def test_every_state_of_a_job_is_found_by_its_name(tmp_path: Path) -> None:
    """The condition in SQL and the rule in Python agree for every set of task states."""
    subsets = [set(chosen) for size in range(1, 8) for chosen in combinations(TaskState, size)]
    expected: dict[str, str] = {}

    def prepare(session: Session) -> None:
        for number, states in enumerate(subsets):
            job = new_job(number, {"count": len(states)})
            submit(session, job)
            put_in_states(session, job.id, dict(enumerate(states)))
            expected[job.id] = job_status(dict.fromkeys(states, 1))

    def found(session: Session, status: str) -> set[str]:
        return {job.job_id for job in jobs_page(session, status=status, limit=200).jobs}

    with job_log(tmp_path) as database:
        await database.write(prepare)
        shown = await database.read(lambda session: jobs_page(session, limit=200).jobs)
        assert {job.job_id: job.status for job in shown} == expected
        for status in ("queued", "processing", "completed", "failed", "cancelled"):
            wanted = {job_id for job_id, its in expected.items() if its == status}
            assert await database.read(partial(found, status=status)) == wanted
            assert wanted
        live = {job_id for job_id, its in expected.items() if its in ("queued", "processing")}
        assert await database.read(partial(found, status="live")) == live


async def test_paging_shows_every_job_once_while_others_arrive(tmp_path: Path) -> None:
    there = [new_job(number) for number in range(23)]
    with job_log(tmp_path) as database:
        await database.write(lambda session: [submit(session, job) for job in there])
        seen, after, number = [], None, 100
        while True:
            page = await database.read(partial(jobs_page, limit=5, after=after))
            seen += [job.job_id for job in page.jobs]
            after, number = page.next, number + 1
            if after is None:
                break
            await database.write(partial(submit, new=new_job(number)))
    assert seen == sorted((job.id for job in there), reverse=True)


async def test_paging_shows_every_picture_once_while_others_arrive(tmp_path: Path) -> None:
    job = new_job(1, {"count": 40})
    with job_log(tmp_path) as database:
        await database.write(lambda session: submit(session, job))
        ids = await database.read(lambda session: task_ids(session, job.id))
        there = await database.write(lambda session: [finish(session, task_id) for task_id in ids[:23]])
        seen, after, later = [], None, iter(ids[23:])
        while True:
            page = await database.read(partial(images_page, limit=5, after=after))
            seen += [image.id for image in page.images]
            after = page.next
            if after is None:
                break
            await database.write(partial(finish, task_id=next(later)))
    assert seen == sorted(there, reverse=True)


async def test_the_last_page_is_known_to_be_the_last(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        assert await database.read(jobs_page) == JobPage(jobs=[], next=None)
        await database.write(lambda session: [submit(session, new_job(number)) for number in range(10)])
        first = await database.read(partial(jobs_page, limit=5))
        assert first.next == first.jobs[-1].job_id
        second = await database.read(partial(jobs_page, limit=5, after=first.next))
    assert (len(second.jobs), second.next) == (5, None)


async def test_pictures_are_found_by_album_style_and_provider(tmp_path: Path) -> None:
    shelved = new_job(1, {"styles": ["watercolor", "cartoon"], "album": "a"})
    loose = new_job(2, {"style": "watercolor"})

    def prepare(session: Session) -> list[str]:
        actions.insert_album(session, Album(id="a", owner=OWNER, name="Wedding", created_at=0))
        session.flush()
        submit(session, shelved)
        submit(session, loose)
        return [finish(session, task) for job in (shelved, loose) for task in task_ids(session, job.id)]

    def found(
        session: Session, album: str | None = None, style: str | None = None, provider: str | None = None
    ) -> list[str]:
        page = reader(session).images(limit=9, after=None, album=album, style=style, provider=provider)
        return [image.id for image in page.images]

    with job_log(tmp_path) as database:
        one, two, three = await database.write(prepare)
        assert await database.read(partial(found, album="a")) == [two, one]
        assert await database.read(partial(found, style="watercolor")) == [three, one]
        assert await database.read(partial(found, album="a", style="cartoon")) == [two]
        assert await database.read(partial(found, provider="scripted")) == [three, two, one]
        assert await database.read(partial(found, provider="gemini")) == []
        (album,) = await database.read(lambda session: reader(session).albums())
        assert (album.name, album.images, album.active_job) == ("Wedding", 2, None)


async def test_an_album_shows_its_newest_live_job(tmp_path: Path) -> None:
    jobs = [new_job(number, {"album": "a"}) for number in (1, 2, 3)]

    def prepare(session: Session) -> None:
        actions.insert_album(session, Album(id="a", owner=OWNER, name="Wedding", created_at=0))
        session.flush()
        for job in jobs:
            submit(session, job)
        finish(session, task_ids(session, jobs[2].id)[0])

    with job_log(tmp_path) as database:
        await database.write(prepare)
        (album,) = await database.read(lambda session: reader(session).albums("a"))
        assert album.active_job is not None
        assert album.active_job.job_id == jobs[1].id
        assert await database.write(lambda session: actions.delete_album(session, OWNER, "a"))
        job = await database.read(lambda session: look(session, jobs[2].id))
    assert (job.album, len(job.images)) == (None, 1), "its jobs and pictures stay"


async def test_the_trash_hides_a_picture_everywhere_and_gives_it_back(tmp_path: Path) -> None:
    job = new_job(1)

    def prepare(session: Session) -> str:
        submit(session, job)
        return finish(session, task_ids(session, job.id)[0])

    def visible(session: Session, image_id: str) -> list[bool]:
        mine = reader(session)
        return [
            bool(images_page(session).images),
            mine.image(image_id) is not None,
            mine.image_file(image_id) is not None,
            bool(look(session, job.id).images),
            look(session, job.id).image_url is not None,
            unknown_references(session, [image_id], OWNER) == [],
        ]

    with job_log(tmp_path) as database:
        image_id = await database.write(prepare)
        assert await database.read(partial(visible, image_id=image_id)) == [True] * 6
        for deleted in (True, True, False, False):
            moved = partial(actions.set_deleted, owner=OWNER, now_ms=NOON, image_id=image_id, deleted=deleted)
            assert await database.write(moved)
            assert await database.read(partial(visible, image_id=image_id)) == [not deleted] * 6
        told = await database.read(lambda session: [event.status for event in events(session)])
    assert told[-2:] == ["deleted", "restored"], "doing it twice tells nothing new"


async def test_events_are_read_from_where_one_stopped(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        assert await database.read(event_bounds) == (0, 0)
        await database.write(lambda session: [submit(session, new_job(number)) for number in range(5)])
        oldest, newest = await database.read(event_bounds)
        read = await database.read(lambda session: reader(session).events_after(0, 3))
        rest = await database.read(lambda session: reader(session).events_after(read[-1].id, 50))
    assert [event.id for event in read + rest] == list(range(oldest, newest + 1))


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


async def test_nobody_reads_what_is_anothers(tmp_path: Path, store: MediaStore) -> None:
    def seen(session: Session, owner: str, ids: dict[str, str]) -> list[bool]:
        eyes = reader(session, owner)
        references = [ids["reference"], ids["image"]]
        return [
            eyes.job(ids["job"]) is not None,
            bool(eyes.jobs(status=None, album=None, limit=9, after=None).jobs),
            bool(eyes.jobs(status="live", album=ids["album"], limit=9, after=None).jobs),
            bool(images_page(session, owner=owner).images),
            eyes.image(ids["image"]) is not None,
            eyes.image_file(ids["image"]) is not None,
            bool(eyes.albums()),
            bool(eyes.albums(ids["album"])),
            bool(eyes.events_after(0, 99)),
            unknown_references(session, references, owner) == [],
        ]

    def files(session: Session, owner: str, ids: dict[str, str]) -> list[Path]:
        return reference_files(session, store, [ids["reference"], ids["image"]], owner)

    with job_log(tmp_path) as database:
        ids = await database.write(one_of_everything)
        assert await database.read(partial(seen, owner=OWNER, ids=ids)) == [True] * 10
        assert await database.read(partial(seen, owner=STRANGER, ids=ids)) == [False] * 10
        assert len(await database.read(partial(files, owner=OWNER, ids=ids))) == 2
        with pytest.raises(LookupError):
            await database.read(partial(files, owner=STRANGER, ids=ids))


async def test_no_event_holds_a_persons_text(tmp_path: Path) -> None:
    secret = "Zq7-secret"
    job = new_job(1, {"prompt": secret, "negative_prompt": secret, "subject": secret, "count": 2})

    def live_through(session: Session) -> None:
        submit(session, job)
        done, _ = task_ids(session, job.id)
        actions.set_deleted(session, OWNER, NOON, finish(session, done), deleted=True)
        actions.cancel_all(session, OWNER, NOON)

    with job_log(tmp_path) as database:
        await database.write(live_through)
        told = await database.read(lambda session: reader(session).events_after(0, 99))
    assert len(told) > 5
    assert secret not in repr(told)

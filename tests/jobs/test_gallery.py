"""The gallery as it is read: where pictures come from, how many there are, and which index finds each list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlmodel import Session

from imagegen.jobs import actions
from imagegen.jobs.tables import Album
from imagegen.jobs.views import Lineage
from tests.jobs.joblog import (
    NOON,
    OWNER,
    STRANGER,
    finish,
    job_log,
    new_job,
    reader,
    submit,
    task_ids,
)

DAY_MS = 86_400_000


def pictures(session: Session, number: int, body: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """The ids of a finished job's pictures."""
    job = new_job(number, body, **more)
    submit(session, job)
    return [finish(session, task, now_ms=job.now_ms) for task in task_ids(session, job.id)]


def make_cutout(session: Session, cutout: str, parent: str) -> None:
    """As the cut-out's own job leaves them."""
    session.execute(text("UPDATE image SET parent_id = :p WHERE id = :c"), {"p": parent, "c": cutout})
    session.execute(text("UPDATE image SET cutout_id = :c WHERE id = :p"), {"p": parent, "c": cutout})


def lineage(session: Session, image_id: str) -> Lineage:
    found = reader(session).image(image_id)
    assert found is not None
    return found.lineage


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """The SQL that runs meanwhile."""
    seen: list[str] = []
    engine = session.get_bind()
    assert isinstance(engine, Engine | Connection)

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plans(session: Session, read: Callable[[], object]) -> str:
    """How SQLite looks for what `read` asks, in its own words."""
    found: list[str] = []
    engine = session.get_bind()

    def explain(connection: Connection, _: object, statement: str, values: Any, *__: object) -> None:
        if statement.startswith("SELECT"):
            rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            found.extend(row[3] for row in rows)

    event.listen(engine, "before_cursor_execute", explain)
    try:
        read()
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    return "\n".join(found)


async def test_a_picture_knows_where_it_comes_from_and_what_came_of_it(tmp_path: Path) -> None:
    def prepare(session: Session) -> tuple[str, str, str, str]:
        first, second = pictures(session, 1, {"count": 2})
        (variation,) = pictures(session, 2, {"reference_images": [second, first, "gone", second]})
        (cutout,) = pictures(session, 3)
        make_cutout(session, cutout, variation)
        return first, second, variation, cutout

    with job_log(tmp_path) as database:
        # `gone` is named past the check that a submit makes of its references.
        first, second, variation, cutout = await database.write(_unchecked(prepare))
        told = await database.read(partial(lineage, image_id=variation))
        assert told == Lineage(parent=None, cutout=cutout, references=[second, first], children=[cutout])
        child = await database.read(partial(lineage, image_id=cutout))
        assert child == Lineage(parent=variation, cutout=None, references=[], children=[])
        reference = await database.read(partial(lineage, image_id=first))
        assert reference == Lineage(parent=None, cutout=None, references=[], children=[variation])
        trash = partial(actions.set_deleted, owner=OWNER, now_ms=NOON, deleted=True)
        await database.write(lambda session: [trash(session, image_id=image) for image in (first, cutout)])
        told = await database.read(partial(lineage, image_id=variation))
    assert told == Lineage(parent=None, cutout=None, references=[second], children=[])


def _unchecked(prepare: Callable[[Session], Any]) -> Callable[[Session], Any]:
    """Runs with an upload called `gone`, which is no picture of the gallery."""

    def with_upload(session: Session) -> Any:
        session.execute(
            text(
                "INSERT INTO reference (id, owner, sha256, media_type, width, height, created_at) "
                "VALUES ('gone', :owner, 'x', 'image/png', 1, 1, 0)"
            ),
            {"owner": OWNER},
        )
        return prepare(session)

    return with_upload


async def test_what_was_made_of_a_picture_is_found_by_indexes_alone(tmp_path: Path) -> None:
    def prepare(session: Session) -> str:
        (reference,) = pictures(session, 1)
        pictures(session, 2, {"count": 3, "reference_images": [reference]})
        return reference

    with job_log(tmp_path) as database:
        reference = await database.write(prepare)
        told = await database.read(lambda session: plans(session, lambda: lineage(session, reference)))
    assert "SCAN" not in told
    assert "TEMP B-TREE" not in told


async def test_the_library_counts_what_is_not_in_the_trash(tmp_path: Path) -> None:
    def prepare(session: Session) -> list[str]:
        old = pictures(session, 1, now_ms=NOON - 3 * DAY_MS)
        new = pictures(session, 2, {"count": 3})
        make_cutout(session, new[1], new[0])
        pictures(session, 3, owner=STRANGER)
        return old + new

    with job_log(tmp_path) as database:
        empty = await database.read(lambda session: reader(session).library())
        assert empty.model_dump() == {"images": 0, "cutouts": 0, "oldest": None}
        old, _, cutout, _ = await database.write(prepare)
        full = await database.read(lambda session: reader(session).library())
        day = datetime.fromtimestamp(NOON / 1000 - 3 * 86_400, UTC).date()
        assert full.model_dump() == {"images": 4, "cutouts": 1, "oldest": day}
        trash = partial(actions.set_deleted, owner=OWNER, now_ms=NOON, deleted=True)
        await database.write(lambda session: [trash(session, image_id=image) for image in (old, cutout)])
        left = await database.read(lambda session: reader(session).library())
    assert (left.images, left.cutouts, left.oldest) == (2, 0, datetime.fromtimestamp(NOON / 1000, UTC).date())


async def test_cutouts_and_originals_are_told_apart(tmp_path: Path) -> None:
    def prepare(session: Session) -> list[str]:
        made = pictures(session, 1, {"count": 4})
        make_cutout(session, made[1], made[0])
        return made

    with job_log(tmp_path) as database:
        made = await database.write(prepare)
        for kind, expected in (
            ("cutout", [made[1]]),
            ("original", [made[3], made[2], made[0]]),
            (None, made[::-1]),
        ):
            page = await database.read(partial(_of_kind, kind=kind))
            assert page == expected


def _of_kind(session: Session, kind: Any) -> list[str]:
    return [image.id for image in reader(session).images(kind=kind, limit=9, after=None).images]


async def test_albums_are_read_with_the_same_few_queries_however_many_there_are(tmp_path: Path) -> None:
    def prepare(session: Session, albums: range) -> None:
        for number in albums:
            session.add(Album(id=f"a{number}", owner=OWNER, name=f"Album {number}", created_at=0))
        session.flush()
        for number in albums:
            pictures(session, 10 * number, {"album": f"a{number}", "count": number})
            submit(session, new_job(10 * number + 1, {"album": f"a{number}"}))

    def look(session: Session) -> tuple[int, list[tuple[int, bool]]]:
        with statements(session) as seen:
            found = reader(session).albums()
        # Which place a live job has is counted for each; the albums themselves take four queries, a summary three.
        places = sum("count(DISTINCT task.job_id)" in statement for statement in seen)
        return len(seen) - places, [(album.images, album.active_job is not None) for album in found]

    with job_log(tmp_path) as database:
        await database.write(partial(prepare, albums=range(1, 3)))
        few, _ = await database.read(look)
        await database.write(partial(prepare, albums=range(3, 8)))
        many, found = await database.read(look)
    assert few == many <= 7
    assert found == [(number, True) for number in range(1, 8)]


async def test_every_list_is_found_by_its_own_index(tmp_path: Path) -> None:
    """At 100,000 pictures a list that is sorted or searched row by row takes tens of milliseconds."""

    def look(session: Session) -> dict[str, str]:
        mine = reader(session)
        return {
            "all": plans(session, lambda: mine.images(limit=9, after="x")),
            "album": plans(session, lambda: mine.images(album="a", limit=9, after="x")),
            "style": plans(session, lambda: mine.images(style="a", limit=9, after="x")),
            "cutouts": plans(session, lambda: mine.images(kind="cutout", limit=9, after="x")),
            "words": plans(session, lambda: mine.images(words="fox", limit=9, after="x")),
            "live jobs": plans(session, lambda: mine.jobs(status="live", album=None, limit=9, after=None)),
            "pace": plans(session, lambda: mine._pace("m", "1K")),
            "picture": plans(session, lambda: mine.image(image_id)),
        }

    with job_log(tmp_path) as database:
        (image_id,) = await database.write(lambda session: pictures(session, 1))
        found = await database.read(look)
    for name, index in (
        ("all", "ix_image_owner_id (owner=? AND id<?)"),
        ("album", "ix_image_album_id_id (album_id=? AND id<?)"),
        ("style", "ix_image_style_id (style=? AND id<?)"),
        ("cutouts", "ix_image_cutouts (owner=? AND id<?)"),
        ("words", "image_fts VIRTUAL TABLE INDEX"),
        ("live jobs", "ix_task_live"),
        ("pace", "ix_attempt_recent"),
        ("picture", "ix_image_parent_id_id (parent_id=?)"),
    ):
        assert index in found[name], found[name]
        assert "TEMP B-TREE" not in found[name], found[name]

"""Finding pictures by words: what people type is words, and nothing they type is syntax."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from imagegen.jobs import actions
from imagegen.jobs.search import match_expression
from imagegen.jobs.views import ImagePage
from tests.jobs.joblog import NOON, OWNER, STRANGER, finish, job_log, new_job, reader, submit, task_ids

PROMPTS = (
    "A mountain lake at dawn",
    "The bottle's label, warm studio light",
    r"Screenshot of C:\\users\\me",
    "고양이가 창가에 앉아 있다",
    "Mountains AND sea",
    'A sign that says "open"',
    "Café in the rain",
)


def fill(session: Session) -> dict[str, str]:
    """One picture for each prompt; prompt → image id."""
    job = new_job(1, {"count": len(PROMPTS)})
    submit(session, job)
    return {
        prompt: finish(session, task, now_ms=NOON + place, prompt=prompt)
        for place, (prompt, task) in enumerate(zip(PROMPTS, task_ids(session, job.id), strict=True))
    }


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("mountain", [4, 0]),
        ("MOUNTAIN lake", [0]),
        ("lake mountain", [0]),
        ("bottle's", [1]),
        (r"C:\users", [2]),
        ("고양이", [3]),
        ("AND", [4]),
        ("mountain AND", [4]),
        ("NOT mountain", []),
        ('"open', [5]),
        ("cafe", [6]),
        ("prompt:lake", []),
        ("*", []),
        ('"', []),
        ("  ", []),
        ("nothing of it", []),
    ],
)
async def test_words_find_newest_first(words: str, places: list[int], tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        ids = await database.write(fill)
        found = await database.read(lambda session: search(session, words))
    assert found == [ids[PROMPTS[place]] for place in places]


async def test_pages_visit_everything_once(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        ids = await database.write(fill)
        first = await database.read(lambda session: page(session, "a", None))
        second = await database.read(lambda session: page(session, "a", first.next))
        assert first.next is not None
        seen = [image.id for image in (*first.images, *second.images)]
    assert len(seen) == len(set(seen))
    assert set(seen) <= set(ids.values())
    assert seen == sorted(seen, reverse=True)


async def test_trash_and_other_people_are_not_searched(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        ids = await database.write(fill)
        gone = ids[PROMPTS[0]]
        await database.write(lambda session: actions.set_deleted(session, OWNER, NOON, gone, deleted=True))
        assert gone not in await database.read(lambda session: search(session, "mountain"))
        others = await database.read(
            lambda session: reader(session, STRANGER).images(
                words="mountain", album=None, style=None, provider=None, limit=9, after=None
            )
        )
    assert others.images == []


async def test_the_index_follows_the_table(tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        await database.write(fill)
        changed = "UPDATE image SET prompt = 'A harbour' WHERE prompt LIKE '%lake%'"
        await database.write(lambda session: session.execute(text(changed)) and None)
        assert await database.read(lambda session: search(session, "lake")) == []
        assert len(await database.read(lambda session: search(session, "harbour"))) == 1
        await database.write(lambda session: session.execute(text("DELETE FROM image")) and None)
        assert await database.read(lambda session: search(session, "harbour")) == []
        check = "INSERT INTO image_fts(image_fts) VALUES ('integrity-check')"
        await database.write(lambda session: session.execute(text(check)) and None)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.text(max_size=40))
async def test_nothing_that_is_typed_is_an_error(words: str, tmp_path: Path) -> None:
    with job_log(tmp_path) as database:
        await database.write(lambda session: fill(session) if not search(session, "mountain") else None)
        await database.read(lambda session: search(session, words))


def test_without_a_letter_or_digit_there_is_nothing_to_look_for() -> None:
    assert match_expression('" * ( ) :') is None


def search(session: Session, words: str) -> list[str]:
    found = reader(session).images(words=words, album=None, style=None, provider=None, limit=9, after=None)
    return [image.id for image in found.images]


def page(session: Session, words: str, after: str | None) -> ImagePage:
    return reader(session).images(words=words, album=None, style=None, provider=None, limit=2, after=after)

"""A gallery to try: as many pictures as asked for, as the studio itself would have left them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from imagegen.commands import demo
from imagegen.jobs.startup import held, open_engine
from imagegen.settings import load_settings
from tests.commands.conftest import Run


@pytest.fixture(autouse=True)
def few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing is what takes long."""
    monkeypatch.setattr(demo, "FILES", 3)


def rows(data_dir: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(data_dir / "imagegen.sqlite3")) as connection:
        return connection.execute(sql).fetchall()


def test_an_empty_folder_is_filled(run: Run, data_dir: Path) -> None:
    status, out, err = run("demo", "250")
    assert (status, err) == (0, "")
    assert out.startswith("250 pictures from ")
    ((images, jobs, files, ratios, days),) = rows(
        data_dir,
        "SELECT count(*), count(DISTINCT job_id), count(DISTINCT sha256), count(DISTINCT width * 10000 + height), "
        "count(DISTINCT created_at / 86400000) FROM image",
    )
    assert (images, files, ratios) == (250, 3, 3)
    assert 40 < jobs < 250
    assert days > 40
    assert rows(data_dir, "SELECT count(*) FROM image WHERE prompt LIKE '%mountain%'") == [(2,)]
    assert rows(data_dir, "SELECT count(*) FROM image a JOIN image b ON b.seq = a.seq + 1 WHERE b.id <= a.id") == [
        (0,)
    ]
    assert rows(data_dir, "PRAGMA foreign_key_check") == []
    assert rows(data_dir, "PRAGMA integrity_check") == [("ok",)]


def test_the_studio_takes_it_for_its_own(run: Run) -> None:
    assert run("demo", "120")[0] == 0
    asyncio.run(_look_around())


async def _look_around() -> None:
    async with open_engine(load_settings()) as engine:
        page = await engine.images(owner="local", limit=200)
        assert len(page.images) == 120
        assert len((await engine.images(owner="local", words="mountain", limit=9)).images) == 1
        for image in page.images[:3]:
            record = await engine.image(image.id, owner="local")
            assert record is not None
            assert record.request["prompt"] == record.prompt
            assert engine.store.image_path(*_file(await engine.image_file(image.id, owner="local"))).exists()
        jobs = (await engine.jobs(owner="local", status=None, album=None, limit=200, after=None)).jobs
        assert {job.status for job in jobs} == {"completed"}
        assert sum(job.progress.completed for job in jobs) == 120
        albums = await engine.albums(owner="local")
        assert 0 < sum(album.images for album in albums) < 120


def _file(found: Any) -> tuple[str, str]:
    return found.sha256, found.format


def test_a_folder_with_something_in_it_is_left_alone(run: Run, data_dir: Path) -> None:
    (data_dir / "images").mkdir(parents=True)
    (data_dir / "images" / "mine.png").write_bytes(b"mine")
    status, out, err = run("demo", "3")
    assert (status, out) == (1, "")
    assert err == (
        f"imagegen: the data folder {data_dir} is not empty; set IMAGEGEN_DATA_DIR to a new or an empty folder\n"
    )
    assert not (data_dir / "imagegen.sqlite3").exists()


def test_twice_is_once(run: Run, data_dir: Path) -> None:
    assert run("demo", "5")[0] == 0
    status, _, err = run("demo", "5")
    assert (status, "is not empty" in err) == (1, True)
    assert rows(data_dir, "SELECT count(*) FROM image") == [(5,)]


def test_a_folder_that_a_server_holds_is_left_alone(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    with held(data_dir):
        status, out, err = run("demo", "3")
    assert (status, out) == (1, "")
    assert err.startswith("imagegen: another server already uses the data folder")

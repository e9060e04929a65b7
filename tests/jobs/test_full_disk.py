"""A full disk: nothing is accepted or sent without room; a picture that has arrived is held until it fits."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from imagegen.jobs import preparing, worker
from imagegen.jobs.engine import Engine, StorageFull
from imagegen.media.store import MediaStore, Receipt, StorageError
from imagegen.request import parse
from tests.jobs.scripted import ScriptedProvider, running_engine, until_done


async def test_without_room_nothing_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider) as engine:
        monkeypatch.setattr(MediaStore, "free_bytes", lambda _: preparing.FREE_BYTES_WANTED - 1)
        with pytest.raises(StorageFull):
            await engine.submit(parse({"prompt": "x"}), owner="local")
        page = await engine.jobs(owner="local", status=None, album=None, limit=10, after=None)
    assert page.jobs == []
    assert provider.calls == []


async def test_without_room_nothing_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider, started=False) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        monkeypatch.setattr(MediaStore, "free_bytes", lambda _: preparing.FREE_BYTES_WANTED - 1)
        await engine.start()
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert job.tasks[0].status == "failed"
    assert job.tasks[0].error == "The disk is full. Nothing was sent or billed; free some space, then retry."
    assert provider.calls == []


async def test_a_database_that_cannot_grow_accepts_nothing(tmp_path: Path) -> None:
    """SQLite's own SQLITE_FULL, by a limit on the file's pages."""
    async with running_engine(tmp_path, ScriptedProvider(), started=False) as engine:
        await _limit_database(engine)
        with pytest.raises(StorageFull):
            await engine.submit(parse({"prompt": "x" * 9_000, "count": 100}), owner="local")
        page = await engine.jobs(owner="local", status=None, album=None, limit=10, after=None)
    assert page.jobs == []


async def test_an_arrived_picture_is_held_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SPOOL_WAITS", (0.0, 0.0, 0.0))
    _fail_to_spool(monkeypatch, times=3)
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert job.status == "completed"
    assert provider.bills == 1


async def test_a_picture_that_cannot_be_saved_is_told_of_and_not_bought_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SPOOL_WAITS", (0.0,))
    _fail_to_spool(monkeypatch, times=2)
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert job.tasks[0].status == "interrupted"
    assert job.tasks[0].error is not None
    assert "arrived but could not be saved" in job.tasks[0].error
    assert provider.bills == 1


async def _limit_database(engine: Engine) -> None:
    def limit(session: Session) -> None:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages + 2}"))

    await engine._database.write(limit)


def _fail_to_spool(monkeypatch: pytest.MonkeyPatch, *, times: int) -> None:
    real, left = MediaStore.spool, [times]

    def spool(self: MediaStore, attempt_id: str, data: bytes, receipt: Receipt) -> None:
        if left[0]:
            left[0] -= 1
            raise StorageError("The disk is full.", errno.ENOSPC)
        real(self, attempt_id, data, receipt)

    monkeypatch.setattr(MediaStore, "spool", spool)

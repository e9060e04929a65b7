"""Cut-outs through the engine: free jobs of their own, whose pictures are children of the ones they cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagegen.jobs.engine import Engine
from imagegen.jobs.submit import IdempotencyClash
from imagegen.jobs.views import ImageView, JobView
from imagegen.media.cutout import CutoutOptions
from imagegen.media.references import clean_reference
from imagegen.request import parse
from tests.jobs.scripted import ScriptedProvider, ScriptedRemover, png, running_engine, until_done

OWNER = "local"


async def _made(engine: Engine, **asked: object) -> ImageView:
    accepted = await engine.submit(parse({"prompt": "a copper kettle", **asked}), owner=OWNER)
    return (await _done(engine, accepted.job_id)).images[0]


async def _done(engine: Engine, job_id: str | None) -> JobView:
    assert job_id is not None
    await until_done(engine, job_id)
    job = await engine.job(job_id, owner=OWNER)
    assert job is not None
    return job


async def test_a_cut_out_is_a_child_of_its_picture(tmp_path: Path) -> None:
    remover = ScriptedRemover()
    async with running_engine(tmp_path, ScriptedProvider(), remover=remover) as engine:
        album = await engine.create_album("Kettles", owner=OWNER)
        original = await _made(engine, album=album.id)
        options = CutoutOptions("u2netp", alpha_matting=True, background="#ffffff")
        accepted = await engine.cut_out(original.id, options, owner=OWNER)
        assert accepted is not None
        assert (accepted.quote.usd, accepted.quote.credits, accepted.total) == (0.0, 0, 1)
        job = await _done(engine, accepted.job_id)
        assert (job.kind, job.status, job.title, job.album) == ("cutout", "completed", "a copper kettle", album.id)
        [child] = job.images
        assert (child.parent_id, child.provider, child.model, child.usd) == (original.id, None, "u2netp", 0.0)
        assert job.tasks[0].provider is None
        parent = await engine.image(original.id, owner=OWNER)
        assert parent is not None
        assert parent.cutout_id == child.id
        assert remover.asked == [options]
        assert remover.sources == [engine.store.image_path(*await _file(engine, original.id)).read_bytes()]
        found = await engine.images(owner=OWNER, words="kettle", limit=10)
        assert {image.id for image in found.images} == {original.id, child.id}
        told = [event.status for event in await engine.events_after(0, owner=OWNER, limit=100)]
        assert "changed" in told
    assert remover.closed


async def _file(engine: Engine, image_id: str) -> tuple[str, str]:
    found = await engine.image_file(image_id, owner=OWNER)
    assert found is not None
    return found.sha256, found.format


async def test_in_the_trash_a_cut_out_is_nobodys(tmp_path: Path) -> None:
    async with running_engine(tmp_path, ScriptedProvider(), remover=ScriptedRemover()) as engine:
        original = await _made(engine)
        accepted = await engine.cut_out(original.id, CutoutOptions(), owner=OWNER)
        assert accepted is not None
        [child] = (await _done(engine, accepted.job_id)).images

        async def shown() -> str | None:
            parent = await engine.image(original.id, owner=OWNER)
            assert parent is not None
            return parent.cutout_id

        assert await engine.delete_image(child.id, owner=OWNER)
        assert await shown() is None
        assert await engine.restore_image(child.id, owner=OWNER)
        assert await shown() == child.id


async def test_a_job_may_ask_for_cut_outs_of_all_it_makes(tmp_path: Path) -> None:
    """They are in neither its total nor its pictures, and cost nothing."""
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider, remover=ScriptedRemover()) as engine:
        asked = parse({"prompt": "two cups", "count": 2, "remove_background": True})
        accepted = await engine.submit(asked, owner=OWNER)
        job = await _done(engine, accepted.job_id)
        assert (job.progress.total, len(job.images), accepted.total) == (2, 2, 2)
        listed = await engine.jobs(owner=OWNER, status=None, album=None, limit=10, after=None)
        follow_ons = [one for one in listed.jobs if one.kind == "cutout"]
        assert len(follow_ons) == 2
        children = [(await _done(engine, one.job_id)).images[0] for one in follow_ons]
        assert {child.parent_id for child in children} == {image.id for image in job.images}
        again = await engine.job(job.job_id, owner=OWNER)
        assert again is not None
        assert {image.cutout_id for image in again.images} == {child.id for child in children}
    assert provider.bills == 2


async def test_its_failure_leaves_the_paid_picture_alone(tmp_path: Path) -> None:
    remover = ScriptedRemover(fail="Nothing was found to cut out.")
    async with running_engine(tmp_path, ScriptedProvider(), remover=remover) as engine:
        accepted = await engine.submit(parse({"prompt": "fog", "remove_background": True}), owner=OWNER)
        job = await _done(engine, accepted.job_id)
        assert job.status == "completed"
        listed = await engine.jobs(owner=OWNER, status=None, album=None, limit=10, after=None)
        [cutout] = [one for one in listed.jobs if one.kind == "cutout"]
        failed = await _done(engine, cutout.job_id)
        assert (failed.status, failed.tasks[0].error) == ("failed", "Nothing was found to cut out.")
        assert len(remover.sources) == 1, "what finds nothing once finds nothing again"
        remover.fail = None
        assert await engine.retry(cutout.job_id, owner=OWNER, task_indexes=[]) is not None
        assert (await _done(engine, cutout.job_id)).status == "completed"


async def test_a_picture_of_ones_own(tmp_path: Path) -> None:
    async with running_engine(tmp_path, ScriptedProvider(), remover=ScriptedRemover()) as engine:
        reference, _ = await engine.add_reference(clean_reference(png(size=(32, 32))), owner=OWNER)
        accepted = await engine.cut_out_reference(reference.id, CutoutOptions(), owner=OWNER)
        assert accepted is not None
        job = await _done(engine, accepted.job_id)
        assert (job.title, job.images[0].parent_id) == ("Your picture", None)


async def test_what_is_not_there_cannot_be_cut(tmp_path: Path) -> None:
    async with running_engine(tmp_path, ScriptedProvider(), remover=ScriptedRemover()) as engine:
        original = await _made(engine)
        assert await engine.cut_out("nothing", CutoutOptions(), owner=OWNER) is None
        assert await engine.cut_out(original.id, CutoutOptions(), owner="another") is None
        assert await engine.cut_out_reference("nothing", CutoutOptions(), owner=OWNER) is None
        await engine.delete_image(original.id, owner=OWNER)
        assert await engine.cut_out(original.id, CutoutOptions(), owner=OWNER) is None


async def test_one_key_makes_one_cut_out(tmp_path: Path) -> None:
    async with running_engine(tmp_path, ScriptedProvider(), remover=ScriptedRemover()) as engine:
        original = await _made(engine)
        first = await engine.cut_out(original.id, CutoutOptions(), owner=OWNER, idempotency_key="k")
        second = await engine.cut_out(original.id, CutoutOptions(), owner=OWNER, idempotency_key="k")
        assert first == second
        with pytest.raises(IdempotencyClash):
            await engine.cut_out(original.id, CutoutOptions(alpha_matting=True), owner=OWNER, idempotency_key="k")


async def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    async with running_engine(tmp_path, ScriptedProvider(), remover=ScriptedRemover()) as engine:
        original = await _made(engine)
        engine.store.image_path(*await _file(engine, original.id)).unlink()
        accepted = await engine.cut_out(original.id, CutoutOptions(), owner=OWNER)
        assert accepted is not None
        job = await _done(engine, accepted.job_id)
        assert job.tasks[0].error == "The picture is gone, so nothing was cut out."


async def test_what_a_person_should_know_of_it_is_kept(tmp_path: Path) -> None:
    remover = ScriptedRemover(notice="Only the first frame was used.")
    async with running_engine(tmp_path, ScriptedProvider(), remover=remover) as engine:
        original = await _made(engine)
        accepted = await engine.cut_out(original.id, CutoutOptions(), owner=OWNER)
        assert accepted is not None
        job = await _done(engine, accepted.job_id)
        [task] = job.tasks
        assert (task.parent_id, task.notice) == (original.id, remover.notice)
        for image_id, notice in ((job.images[0].id, remover.notice), (original.id, None)):
            record = await engine.image(image_id, owner=OWNER)
            assert record is not None
            assert record.notice == notice

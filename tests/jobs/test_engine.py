"""The engine as its callers use it: real queue, real SQLite, real files, a scripted provider."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.retry import MAY_HAVE_BEEN_BILLED, RetryPolicy
from imagegen.jobs.spending import Caps, OverBudget
from imagegen.jobs.submit import IdempotencyClash
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.request import RequestError, parse
from tests.jobs.scripted import FREE, PRICE, ScriptedProvider, png, running_engine, until_done


async def test_a_prompt_becomes_a_picture(tmp_path: Path) -> None:
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider) as engine:
        accepted = await engine.submit(parse({"prompt": "a red fox", "count": 3}), owner="local")
        assert accepted.job_id is not None
        assert (accepted.total, accepted.quote.usd) == (3, 0.402)
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert job.status == "completed"
    assert job.progress.completed == len(job.images) == provider.bills == 3
    assert [task.status for task in job.tasks] == ["completed"] * 3
    assert [task.image_id for task in job.tasks] == [image.id for image in job.images]
    assert all(task.usd == 0.134 for task in job.tasks)


async def test_the_bytes_are_kept_as_they_came(tmp_path: Path) -> None:
    original = png((1, 2, 3))
    async with running_engine(tmp_path, ScriptedProvider([original])) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        page = await engine.images(owner="local", album=None, style=None, provider=None, limit=10, after=None)
        file = await engine.image_file(page.images[0].id, owner="local")
        assert file is not None
        assert engine.store.image_path(file.sha256, file.format).read_bytes() == original
        assert engine.store.spooled_attempts() == []


async def test_what_cost_nothing_is_tried_again(tmp_path: Path) -> None:
    provider = ScriptedProvider(
        [ProviderError(ErrorKind.OVERLOADED, "Busy."), ProviderError(ErrorKind.RATE_LIMITED, "Slow down.")]
    )
    async with running_engine(tmp_path, provider) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert (job.tasks[0].status, job.tasks[0].retry_count, len(provider.calls)) == ("completed", 2, 3)


async def test_retries_end(tmp_path: Path) -> None:
    provider = ScriptedProvider([ProviderError(ErrorKind.OVERLOADED, "Busy.") for _ in range(9)])
    async with running_engine(tmp_path, provider) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
        assert job is not None
        assert (job.status, job.tasks[0].error, len(provider.calls)) == ("failed", "Busy. Tried 3 times.", 3)

        provider.answers.clear()
        again = await engine.retry(accepted.job_id, owner="local", task_indexes=[])
        assert again is not None
        await engine.retry(accepted.job_id, owner="local", task_indexes=[])
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert (job.status, job.tasks[0].retry_count, len(provider.calls)) == ("completed", 0, 4)


async def test_a_lost_answer_asks_and_is_never_sent_again_by_itself(tmp_path: Path) -> None:
    lost = ProviderError(ErrorKind.OUTCOME_UNKNOWN, "The connection broke.", billed=Billed.PERHAPS)
    provider = ScriptedProvider([lost])
    async with running_engine(tmp_path, provider) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
        await engine.retry(accepted.job_id, owner="local", task_indexes=[])
        job = await engine.job(accepted.job_id, owner="local")
        assert job is not None
        assert (job.status, job.tasks[0].status, len(provider.calls)) == ("failed", "interrupted", 1)
        assert job.tasks[0].error is not None
        assert MAY_HAVE_BEEN_BILLED in job.tasks[0].error

        await engine.retry(accepted.job_id, owner="local", task_indexes=[0])
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert (job.status, len(provider.calls)) == ("completed", 2)


async def test_resend_is_a_setting(tmp_path: Path) -> None:
    lost = ProviderError(ErrorKind.OUTCOME_UNKNOWN, "The connection broke.", billed=Billed.PERHAPS)
    provider = ScriptedProvider([lost])
    policy = RetryPolicy(delay=0.01, resend_unknown=True)
    async with running_engine(tmp_path, provider, policy=policy) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
    assert len(provider.calls) == 2


async def test_cancel_stops_what_waits_and_keeps_what_runs(tmp_path: Path) -> None:
    provider = ScriptedProvider(gate=asyncio.Event())
    assert provider.gate is not None
    async with running_engine(tmp_path, provider, concurrency=2) as engine:
        accepted = await engine.submit(parse({"prompt": "x", "count": 5}), owner="local")
        assert accepted.job_id is not None
        for _ in range(2):
            await asyncio.wait_for(provider.arrived.acquire(), 10)
        assert await engine.cancel(accepted.job_id, owner="local")
        provider.gate.set()
        await until_done(engine, accepted.job_id)
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert (job.status, job.progress.completed, job.progress.cancelled) == ("completed", 2, 3)
    assert provider.bills == 2


async def test_fifty_submits_with_one_key_make_one_job(tmp_path: Path) -> None:
    request = parse({"prompt": "x"})
    async with running_engine(tmp_path, ScriptedProvider()) as engine:
        answers = await asyncio.gather(
            *(engine.submit(request, owner="local", idempotency_key="k") for _ in range(50))
        )
        assert len({answer.job_id for answer in answers}) == 1
        with pytest.raises(IdempotencyClash):
            await engine.submit(parse({"prompt": "y"}), owner="local", idempotency_key="k")
        other = await engine.submit(parse({"prompt": "y"}), owner="someone else", idempotency_key="k")
        assert other.job_id != answers[0].job_id


async def test_fifty_submits_cannot_pass_a_cap(tmp_path: Path) -> None:
    caps = Caps(day=MicroUsd(10 * PRICE + 5))
    provider = ScriptedProvider()
    async with running_engine(tmp_path, provider, caps=caps) as engine:
        answers = await asyncio.gather(
            *(engine.submit(parse({"prompt": str(n)}), owner="local") for n in range(50)), return_exceptions=True
        )
        accepted = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert len(accepted) == 10
        assert sum(isinstance(answer, OverBudget) for answer in answers) == 40
        for answer in accepted:
            assert answer.job_id is not None
            await until_done(engine, answer.job_id)
    assert provider.bills == 10


async def test_a_free_provider_simply_runs_again(tmp_path: Path) -> None:
    provider = ScriptedProvider([ProviderError(ErrorKind.OUTCOME_UNKNOWN, "Stopped.")])
    async with running_engine(tmp_path, provider, record=FREE) as engine:
        accepted = await engine.submit(parse({"prompt": "x"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
    assert len(provider.calls) == 2


async def test_unknown_style_album_and_reference_are_named(tmp_path: Path) -> None:
    async with running_engine(tmp_path, ScriptedProvider()) as engine:
        for body, field in (
            ({"prompt": "x", "style": "nope"}, "styles.0"),
            ({"prompt": "x", "album": "nope"}, "album"),
            ({"prompt": "x", "reference_images": ["nope"]}, "reference_images.0"),
            ({"prompt": "x", "model": "nope"}, "model"),
        ):
            with pytest.raises(RequestError) as refused:
                await engine.submit(parse(body), owner="local")
            assert [problem.field for problem in refused.value.problems] == [field]
        assert (await engine.jobs(owner="local", status=None, album=None, limit=10, after=None)).jobs == []

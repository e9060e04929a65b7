"""Vendors that work on jobs: a restart asks about them, a retry asks first, a cancel reaches the vendor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from imagegen.jobs.clock import SystemClock
from imagegen.jobs.engine import Engine
from imagegen.jobs.remote_jobs import STOP_AGAIN_MS
from imagegen.jobs.views import JobView
from imagegen.providers.base import (
    Billed,
    ErrorKind,
    LeftWithVendorError,
    Picture,
    Provider,
    ProviderCall,
    ProviderError,
    Reporter,
    lost,
)
from imagegen.request import parse
from tests.jobs.scripted import PAID, PRICE, png, running_engine, until_done

JOBS = replace(PAID, resumable=True)
NAMED = replace(JOBS, names_calls=True)
STILL_RUNNING = ProviderError(ErrorKind.OUTCOME_UNKNOWN, "It takes too long.", billed=Billed.PERHAPS)
STOPPED = ProviderError(ErrorKind.CANCELLED, "It was stopped.", billed=Billed.PERHAPS)


@dataclass
class JobProvider(Provider):
    """Creates jobs that end when a test says so; `ends` are how they end, in order, then come pictures."""

    record = JOBS
    ends: list[ProviderError | None] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        self.created.append(call.attempt_id)
        await reporter.created(f"job-{len(self.created)}")
        return await self._ended()

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        assert call.references == ()
        self.resumed.append(remote_id)
        return await self._ended()

    async def cancel(self, remote_id: str) -> None:
        self.stopped.append(remote_id)
        self.ends.insert(0, STOPPED)
        self.gate.set()

    async def aclose(self) -> None:
        pass

    async def _ended(self) -> Picture:
        self.waiting.set()
        await self.gate.wait()
        end = self.ends.pop(0) if self.ends else None
        if end is not None:
            raise end
        return Picture(png(), PRICE, "jobs-1", {"images": 1})


@asynccontextmanager
async def begun(folder: Path, provider: JobProvider) -> AsyncIterator[tuple[Engine, str]]:
    """An engine with one job submitted to that provider."""
    async with running_engine(folder, provider, record=JOBS) as engine:
        submitted = await engine.submit(parse({"prompt": "a heron"}), owner="local")
        assert submitted.job_id is not None
        yield engine, submitted.job_id


async def look(engine: Engine, job_id: str) -> JobView:
    job = await engine.job(job_id, owner="local")
    assert job is not None
    return job


async def test_a_restart_asks_about_the_job_and_creates_no_other(tmp_path: Path) -> None:
    first, second = JobProvider(), JobProvider()
    async with begun(tmp_path, first) as (_, job_id):
        await first.waiting.wait()
    second.gate.set()
    async with running_engine(tmp_path, second, record=JOBS) as engine:
        await until_done(engine, job_id)
        job = await look(engine, job_id)
    assert (job.status, job.tasks[0].status) == ("completed", "completed")
    assert (len(first.created), second.created, second.resumed) == (1, [], ["job-1"])
    assert job.images[0].usd == 0.134


async def test_a_job_that_still_runs_is_asked_about_when_a_person_runs_it_again(tmp_path: Path) -> None:
    provider = JobProvider(ends=[STILL_RUNNING, STILL_RUNNING])
    provider.gate.set()
    async with begun(tmp_path, provider) as (engine, job_id):
        await until_done(engine, job_id)
        assert (await look(engine, job_id)).tasks[0].status == "interrupted"

        for status in ("interrupted", "completed"):
            await engine.retry(job_id, owner="local", task_indexes=[0])
            await until_done(engine, job_id)
            assert (await look(engine, job_id)).tasks[0].status == status
    assert (len(provider.created), provider.resumed) == (1, ["job-1", "job-1"])


@pytest.mark.parametrize(
    "end", [lost("The vendor"), ProviderError(ErrorKind.INTERNAL, "It failed.", billed=Billed.PERHAPS)]
)
async def test_a_job_that_brought_nothing_is_sent_again_as_the_person_wished(
    tmp_path: Path, end: ProviderError
) -> None:
    provider = JobProvider(ends=[STILL_RUNNING, end])
    provider.gate.set()
    async with begun(tmp_path, provider) as (engine, job_id):
        await until_done(engine, job_id)
        await engine.retry(job_id, owner="local", task_indexes=[0])
        await until_done(engine, job_id)
        assert (await look(engine, job_id)).tasks[0].status == "completed"
    assert (len(provider.created), provider.resumed) == (2, ["job-1"])


async def test_a_job_that_the_vendor_forgot_is_not_asked_about_again(tmp_path: Path) -> None:
    provider = JobProvider(ends=[lost("The vendor")])
    provider.gate.set()
    async with begun(tmp_path, provider) as (engine, job_id):
        await until_done(engine, job_id)
        assert (await look(engine, job_id)).tasks[0].status == "interrupted"
        await engine.retry(job_id, owner="local", task_indexes=[0])
        await until_done(engine, job_id)
        assert (await look(engine, job_id)).tasks[0].status == "completed"
    assert (len(provider.created), provider.resumed) == (2, [])


async def test_a_job_that_takes_hours_holds_no_worker(tmp_path: Path) -> None:
    """It is left with the vendor and waited for beside the workers; others go on in the only slot there is."""

    class Overnight(JobProvider):
        both = asyncio.Event()

        async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
            self.created.append(call.attempt_id)
            await reporter.created(f"job-{len(self.created)}")
            if len(self.created) == 2:
                self.both.set()
            raise LeftWithVendorError

    provider = Overnight()
    async with running_engine(tmp_path, provider, record=JOBS, concurrency=1) as engine:
        jobs = [await engine.submit(parse({"prompt": prompt}), owner="local") for prompt in ("one", "two")]
        await provider.both.wait()
        provider.gate.set()
        for job in jobs:
            await until_done(engine, job.job_id or "")
            assert (await look(engine, job.job_id or "")).tasks[0].status == "completed"
    assert (len(provider.created), sorted(provider.resumed)) == (2, ["job-1", "job-2"])


async def test_a_cancel_stops_the_job_at_the_vendor(tmp_path: Path) -> None:
    provider = JobProvider()
    async with begun(tmp_path, provider) as (engine, job_id):
        await provider.waiting.wait()
        await engine.cancel(job_id, owner="local")
        await until_done(engine, job_id)
        assert (await look(engine, job_id)).tasks[0].status == "cancelled"
    assert provider.stopped == ["job-1"]


async def test_a_vendor_that_does_not_stop_a_job_is_asked_again_after_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf(JobProvider):
        async def cancel(self, remote_id: str) -> None:
            self.stopped.append(remote_id)
            if len(self.stopped) == 1:
                raise ProviderError(ErrorKind.OVERLOADED, "Not now.")

    provider, now_ms = Deaf(), SystemClock().now_ms()
    async with begun(tmp_path, provider) as (engine, job_id):
        monkeypatch.setattr(SystemClock, "now_ms", lambda _: now_ms)
        remote = engine._feeder._remote

        async def asked() -> int:
            remote.stop_cancelled()
            assert remote._stopping is not None
            await remote._stopping
            return len(provider.stopped)

        await provider.waiting.wait()
        await engine.cancel(job_id, owner="local")
        assert [await asked(), await asked()] == [1, 1]
        now_ms += STOP_AGAIN_MS
        assert [await asked(), await asked()] == [2, 2]
        now_ms += STOP_AGAIN_MS
        assert await asked() == 2, "it has heard"
        provider.gate.set()
        await until_done(engine, job_id)


async def test_a_job_that_somebody_stopped_at_the_vendor_has_failed(tmp_path: Path) -> None:
    provider = JobProvider(ends=[STOPPED])
    provider.gate.set()
    async with begun(tmp_path, provider) as (engine, job_id):
        await until_done(engine, job_id)
        task = (await look(engine, job_id)).tasks[0]
    assert (task.status, task.error) == ("failed", "It was stopped.")


async def test_a_vendor_that_takes_our_name_is_asked_about_it_after_a_restart(tmp_path: Path) -> None:
    """Its id is kept before anything is sent, so that not even a crash in the middle of the sending loses it."""

    class Named(JobProvider):
        record = NAMED

        async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
            self.created.append(call.attempt_id)
            return await self._ended()

    first, second = Named(), Named()
    second.gate.set()
    async with running_engine(tmp_path, first, record=NAMED) as engine:
        submitted = await engine.submit(parse({"prompt": "a heron"}), owner="local")
        await first.waiting.wait()
    async with running_engine(tmp_path, second, record=NAMED) as engine:
        await until_done(engine, submitted.job_id or "")
    assert (second.resumed, second.created) == (first.created, [])

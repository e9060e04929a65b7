"""What a running picture shows before it is there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from imagegen.jobs.glimpses import PREVIEW_MAX_BYTES
from imagegen.providers.base import Picture, ProviderCall, Reporter
from tests.jobs.scripted import PRICE, ScriptedProvider, png, until_done
from tests.web.conftest import OpenStudio

EARLY, LATER = png((1, 2, 3)), png((4, 5, 6))


@dataclass
class Showing(ScriptedProvider):
    """Shows early states one at a time, each when the test asks for the next."""

    steps: asyncio.Queue[bytes | float | None] = field(default_factory=asyncio.Queue)
    shown: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        while (step := await self.steps.get()) is not None:
            if isinstance(step, bytes):
                reporter.preview(step)
            else:
                reporter.progress(step)
            self.shown.release()
        return Picture(png(), PRICE, "scripted-2026", {"images": 1})


async def test_progress_and_early_states_until_the_picture_is_there(open_studio: OpenStudio) -> None:
    provider = Showing()
    async with open_studio(provider) as studio:
        job_id = await studio.submit()

        async def after(step: bytes | float) -> dict[str, object]:
            provider.steps.put_nowait(step)
            await provider.shown.acquire()
            (task,) = (await studio.client.get(f"/api/generate/{job_id}")).json()["tasks"]
            return {"done": task["done"], "preview_url": task["preview_url"]}

        assert await after(0.25) == {"done": 0.25, "preview_url": None}
        first = f"/api/generate/{job_id}/preview/0/1"
        assert await after(EARLY) == {"done": 0.25, "preview_url": first}
        shown = await studio.client.get(first)
        assert (shown.content, shown.headers["content-type"]) == (EARLY, "image/png")
        assert "no-store" in shown.headers["cache-control"]
        assert (await after(LATER))["preview_url"] == f"/api/generate/{job_id}/preview/0/2"
        assert (await studio.client.get(first)).content == LATER
        for nothing in (b"<script>", b"\x89PNG\r\n\x1a\n" + bytes(PREVIEW_MAX_BYTES)):
            assert (await after(nothing))["preview_url"] == f"/api/generate/{job_id}/preview/0/2"

        provider.steps.put_nowait(None)
        await until_done(studio.engine, job_id)
        (task,) = (await studio.client.get(f"/api/generate/{job_id}")).json()["tasks"]
        assert (task["status"], task["done"], task["preview_url"]) == ("completed", None, None)
        assert (await studio.client.get(first)).status_code == 404


async def test_each_word_is_an_event_without_content(open_studio: OpenStudio) -> None:
    provider = Showing()
    async with open_studio(provider) as studio:
        job_id = await studio.submit()
        changed = asyncio.Event()
        leave = studio.engine.on_commit(changed.set)

        async def told(step: str, times: int) -> None:
            async with asyncio.timeout(10):
                while True:
                    changed.clear()
                    events = await studio.engine.events_after(0, owner="local", limit=100)
                    if [event.step for event in events].count(step) == times:
                        return
                    await changed.wait()

        provider.steps.put_nowait(0.5)
        await told("progress", 1)
        provider.steps.put_nowait(0.52)  # too little to tell
        provider.steps.put_nowait(EARLY)
        await told("preview", 1)
        provider.steps.put_nowait(0.6)
        await told("progress", 2)
        leave()
        provider.steps.put_nowait(None)
        await until_done(studio.engine, job_id)

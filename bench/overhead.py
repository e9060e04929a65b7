"""What the house itself adds to a picture: job log, queue and store around a provider that answers at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from app import loop_factory
from bench.figures import Figure, Target
from bench.gemini import Gemini
from imagegen.request import parse
from tests.jobs.scripted import ScriptedProvider, running_engine

CONCURRENCY = 8
OWNER = "local"


def measure(_gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """Seconds over pictures for one job of tiny pictures, eight at a time, every step durable."""
    images, rounds = (100, 1) if quick else (500, 3)
    per_item = [_run(images) / images * 1000 for _ in range(rounds)]
    yield Figure(
        f"queue overhead per item, {images} items",
        "ms",
        statistics.median(per_item),
        target=Target("ours", "≤", 7),
    )


def _run(images: int) -> float:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_seconds(images))


async def _seconds(images: int) -> float:
    request = parse({"prompt": "A lighthouse in the fog", "mode": "batch", "total_images": images})
    with TemporaryDirectory(prefix="imagegen-bench-") as folder:
        provider = ScriptedProvider()
        async with running_engine(Path(folder), provider, concurrency=CONCURRENCY) as engine:
            begun = time.perf_counter()
            await engine.submit(request, owner=OWNER)
            for _ in range(images):  # to look into the log all the time would be measured too
                await provider.arrived.acquire()
            while True:
                page = await engine.jobs(owner=OWNER, status=None, album=None, limit=1, after=None)
                if page.jobs[0].progress.completed == images:
                    return time.perf_counter() - begun
                await asyncio.sleep(0.02)

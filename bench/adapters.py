"""What an adapter adds to its vendor's answer: a call minus the vendor's own time and the decoding of its picture.

Each emulator runs in a process of its own: `python -m bench.adapters NAME` serves until its standard input ends,
and says its address.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

from bench.figures import Figure, Target
from bench.gemini import Gemini
from bench.processes import ROOT
from imagegen.providers.base import Picture, Provider, ProviderCall, Reporter
from tests.emulator.server import KEY
from tests.providers.conftest import VENDORS

LATENCY = 0.05
"""Seconds that the emulated vendor takes before it answers."""
LIMIT_MS = 10


def measure(_gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """The median overhead of a call to each vendor, one after the other."""
    calls = 10 if quick else 40
    for name in VENDORS:
        command = [sys.executable, "-m", "bench.adapters", name]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            overheads = asyncio.run(_overheads(name, url, calls))
            process.stdin.close()
        yield Figure(
            f"overhead of a call to {name}",
            "ms",
            statistics.median(overheads) * 1000,
            target=Target("ours", "≤", LIMIT_MS),
        )


async def _overheads(name: str, url: str, calls: int) -> list[float]:
    provider = VENDORS[name].adapter(api_key=KEY, base_url=url, connect_timeout=5, read_timeout=30)
    await provider.prepare()
    for _ in range(3):  # the first picture of a shape is made, the first connection opened
        await provider.generate(_call(provider), Reporter())
    overheads = []
    for _ in range(calls):
        begun = time.perf_counter()
        picture = await provider.generate(_call(provider), Reporter())
        overheads.append(time.perf_counter() - begun - LATENCY - _decoding(picture))
    await provider.aclose()
    return overheads


def _call(provider: Provider) -> ProviderCall:
    model = next(model for model in provider.record.models if model.capabilities.aspect_ratios)
    return ProviderCall(
        attempt_id=str(uuid.uuid4()),
        model=model,
        prompt="A lighthouse in the fog",
        aspect_ratio="1:1",
        image_size="1K",
        seed=7,
    )


def _decoding(picture: Picture) -> float:
    """Seconds that the picture's own way out of JSON takes, as base64."""
    body = json.dumps({"data": base64.b64encode(picture.data).decode()})
    begun = time.perf_counter()
    base64.b64decode(json.loads(body)["data"])
    return time.perf_counter() - begun


def main() -> None:
    """Serve one vendor's emulator."""
    with VENDORS[sys.argv[1]].emulator() as emulator:
        emulator.latency = LATENCY
        print(json.dumps({"url": emulator.url}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

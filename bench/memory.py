"""The largest resident set of the server."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figures import Figure, Target
from bench.gemini import Gemini
from bench.studios import Imagegen, PlainApp, running

CONCURRENCY = 32


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """32 pictures of 2K in flight, all answered at the same moment; the plain app has its 8 threads."""
    images = CONCURRENCY * (2 if quick else 6)
    gemini.latency(1.0)
    with running(Imagegen, gemini, concurrency=CONCURRENCY) as ours:
        at_rest = ours.program.peak_mib()
        ours.make("2K", images)
        peak = ours.program.peak_mib()
    with running(PlainApp, gemini) as plain:
        plain_at_rest = plain.program.peak_mib()
        plain.make("2K", images // 2)
        plain_peak = plain.program.peak_mib()
    yield Figure("peak memory at rest, page loaded", "MiB", at_rest, plain_at_rest)
    yield Figure(
        f"peak memory, C={CONCURRENCY} 2K (plain app: C=8)", "MiB", peak, plain_peak, Target("ours", "≤", 400)
    )

"""Batch efficiency: the time that N pictures must take, ceil(N/C)·L, over the time they took."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench.figures import Figure, Target, compare
from bench.gemini import Gemini
from bench.studios import Imagegen, PlainApp, Running, running

CONCURRENCY = 8
TARGETS = {"1K": 0.97, "2K": 0.95}


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """N = 96, C = 8, L = 2 s; quick: N = 32, L = 1 s."""
    images, latency, rounds = (32, 1.0, 1) if quick else (96, 2.0, 1)
    ideal = math.ceil(images / CONCURRENCY) * latency
    with running(Imagegen, gemini) as ours, running(PlainApp, gemini) as plain:
        for size, target in TARGETS.items():
            gemini.latency(0.1)
            _warm(ours, size)
            _warm(plain, size)
            gemini.latency(latency)
            pairs = [(ideal / ours.make(size, images), ideal / plain.make(size, images)) for _ in range(rounds)]
            name = f"batch efficiency {size}, N={images} C={CONCURRENCY} L={latency:g} s"
            yield compare(name, "", pairs, Target("ours", "≥", target))


def _warm(studio: Running, size: str) -> None:
    studio.make(size, CONCURRENCY)

"""CPU seconds of the server per finished picture: alone, with a person looking on, and in jobs of any length."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from bench.figures import Figure, Target, compare
from bench.gemini import Gemini
from bench.studios import Imagegen, PlainApp, Running, running
from bench.viewers import Viewer, watching_imagegen, watching_plain_app

SIZES = ("1K", "2K")
LATENCY = 0.2


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """Pairs of batches, without and with an open page, whose tab also fetches what it shows."""
    images, rounds = (16, 1) if quick else (48, 3)
    gemini.latency(LATENCY)
    with running(Imagegen, gemini) as ours, running(PlainApp, gemini) as plain:
        for size in SIZES:
            ours.make(size, 8)
            plain.make(size, 8)
            pairs = [(_cost(ours, size, images), _cost(plain, size, images)) for _ in range(rounds)]
            yield compare(f"CPU per picture {size}", "ms", pairs, Target("ratio", "≤", 0.3))
        for size in SIZES:
            pairs = [
                (
                    _cost(ours, size, images, watching_imagegen(ours.program.port)),
                    _cost(plain, size, images, watching_plain_app(plain.program.port)),
                )
                for _ in range(rounds)
            ]
            yield compare(f"CPU per picture {size}, one page open", "ms", pairs)


def measure_scale(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """CPU per picture of one job of 1,000 over that of jobs of one, which are made before and after it."""
    images, single = (200, 40) if quick else (1_000, 100)
    gemini.latency(0.05)
    with running(Imagegen, gemini) as ours:
        ours.make("1K", 16)
        ones = [ours.cpu_of("1K", single, at_a_time=1)]
        together = ours.cpu_of("1K", images)
        ones.append(ours.cpu_of("1K", single, at_a_time=1))
    of_one = statistics.mean(ones)
    yield Figure("CPU per picture 1K, jobs of one", "ms", of_one * 1000)
    yield Figure(f"CPU per picture 1K, one job of {images}", "ms", together * 1000)
    yield Figure(f"CPU per picture, n={images} over n=1", "×", together / of_one, target=Target("ours", "≤", 1.1))


def _cost(studio: Running, size: str, images: int, viewer: Viewer | None = None) -> float:
    """Milliseconds per picture."""
    with ExitStack() as stack:
        if viewer is not None:
            stack.enter_context(viewer)
        return studio.cpu_of(size, images) * 1000

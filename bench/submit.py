"""How soon a submit is answered, durably, and how soon its request leaves for the provider."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.figures import Figure, Target, at_percentile, compare
from bench.gemini import Gemini
from bench.studios import Imagegen, PlainApp, Running, running
from bench.viewers import Viewer, watching_imagegen, watching_plain_app

BUSY_LATENCY = 2.0
BUSY_PAUSE = 0.1
"""Seconds between submits under load; enough to fall everywhere between the arrivals of pictures."""

WORK_PAUSE = 0.73
"""Seconds between submits at work; no divisor of the latency, so that arrivals do not keep step with submits."""
WARMING = 3
"""Submits until as many pictures arrive as are asked for."""


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """Idle: each submit waits until the one before has its picture. Busy: 8 pictures are always in flight."""
    submits = 30 if quick else 150
    with running(Imagegen, gemini) as ours:
        gemini.latency(0.02)
        ours.make("1K", 16)
        idle = [_post_and_finish(ours) for _ in range(submits)]
        yield Figure("POST /api/generate p50, idle", "ms", at_percentile(idle, 50))
        yield Figure("POST /api/generate p95, idle", "ms", at_percentile(idle, 95), target=Target("ours", "≤", 5))
        for size in ("1K", "2K"):
            busy = _busy(ours, gemini, size, submits)
            yield Figure(f"POST /api/generate p50, 8 in flight {size}", "ms", at_percentile(busy, 50))
            yield Figure(
                f"POST /api/generate p95, 8 in flight {size}",
                "ms",
                at_percentile(busy, 95),
                target=Target("ours", "≤", 15),
            )


def measure_departure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """From the submit to the arrival of its request at the provider, in pairs of runs.

    Idle: each submit waits until the one before has its picture. At work: a page is open and three pictures of
    2K are always being made, so that most of the eight places are free, also in the plain app, which is slower.
    """
    submits, rounds = (10, 1) if quick else (30, 3)
    with running(Imagegen, gemini) as ours, running(PlainApp, gemini) as plain:
        for studio in (ours, plain):
            gemini.latency(0.02)
            studio.make("1K", 8)
            studio.make("2K", 8)
        idle = [(_delays_idle(ours, gemini, submits), _delays_idle(plain, gemini, submits)) for _ in range(rounds)]
        at_work = [
            (
                _delays_at_work(ours, gemini, submits, watching_imagegen(ours.program.port)),
                _delays_at_work(plain, gemini, submits, watching_plain_app(plain.program.port)),
            )
            for _ in range(rounds)
        ]
    for state, runs in (("idle", idle), ("at work", at_work)):
        for percent, target in ((50, None), (95, Target("ratio", "≤", 0.25))):
            pairs = [(at_percentile(first, percent), at_percentile(second, percent)) for first, second in runs]
            yield compare(f"submit → request leaves, {state}, p{percent}", "ms", pairs, target)


def _post_and_finish(studio: Running) -> float:
    """Milliseconds of one POST; returns when its picture is there and the server is at rest."""
    made = studio.studio.finished()
    begun = time.perf_counter()
    studio.submit("1K", 1)
    took = (time.perf_counter() - begun) * 1000
    studio.wait_for(made + 1)
    time.sleep(0.02)
    return took


def _busy(studio: Running, gemini: Gemini, size: str, submits: int) -> list[float]:
    """Milliseconds of each POST while the workers are kept full."""
    gemini.latency(BUSY_LATENCY)
    made = studio.studio.finished()
    lasting = round(submits * BUSY_PAUSE / BUSY_LATENCY + 2) * studio.studio.concurrency
    studio.submit(size, lasting)
    time.sleep(BUSY_LATENCY / 2)
    times = []
    for _ in range(submits):
        begun = time.perf_counter()
        studio.submit(size, 1)
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(BUSY_PAUSE)
    gemini.latency(0.02)
    studio.wait_for(made + lasting + submits)
    return times


def _delays_idle(studio: Running, gemini: Gemini, submits: int) -> list[float]:
    gemini.latency(0.02)
    seen, begun = len(gemini.arrivals()), {}
    for _ in range(submits):
        made = studio.studio.finished()
        start = time.monotonic()
        begun[studio.submit("1K", 1)] = start
        studio.wait_for(made + 1)
        time.sleep(0.02)
    return _delays(begun, gemini.arrivals(seen))


def _delays_at_work(studio: Running, gemini: Gemini, submits: int, viewer: Viewer) -> list[float]:
    gemini.latency(BUSY_LATENCY)
    seen, begun, made = len(gemini.arrivals()), {}, studio.studio.finished()
    with viewer:
        first = time.monotonic()
        for number in range(submits + WARMING):
            time.sleep(max(0.0, first + number * WORK_PAUSE - time.monotonic()))
            start = time.monotonic()
            begun[studio.submit("2K", 1)] = start
        studio.wait_for(made + submits + WARMING)
    return _delays(begun, gemini.arrivals(seen))[WARMING:]


def _delays(begun: dict[str, float], arrivals: list[tuple[str, float]]) -> list[float]:
    """Milliseconds from submit to arrival, in the order of the submits."""
    arrived = dict(arrivals)
    return [(arrived[prompt] - start) * 1000 for prompt, start in begun.items()]

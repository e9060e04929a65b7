"""CPU of a server that nobody asks for anything."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.figures import Figure, Target
from bench.gemini import Gemini
from bench.processes import Program
from bench.studios import Imagegen, PlainApp, running
from bench.viewers import watching_imagegen, watching_plain_app

LIMIT = Target("ours", "≤", 2)


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """Per cent of one core after the page is loaded, without a tab and with one."""
    seconds = 5.0 if quick else 20.0
    gemini.latency(0.02)
    with running(Imagegen, gemini) as ours, running(PlainApp, gemini) as plain:
        for studio in (ours, plain):
            studio.make("1K", 8)
            studio.program.settle()
        yield Figure("idle, no tab", "%", _load(ours.program, seconds), _load(plain.program, seconds), LIMIT)
        with watching_imagegen(ours.program.port):
            with_tab = _load(ours.program, seconds)
        with watching_plain_app(plain.program.port):
            plain_with_tab = _load(plain.program, seconds)
        yield Figure("idle, one tab", "%", with_tab, plain_with_tab, LIMIT)


def _load(program: Program, seconds: float) -> float:
    before = program.cpu_seconds()
    time.sleep(seconds)
    return (program.cpu_seconds() - before) / seconds * 100

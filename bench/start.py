"""From the start of the process to its first answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, Target, compare
from bench.gemini import Gemini
from bench.studios import Imagegen, PlainApp, Studio


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """Pairs of starts on empty folders, after one of each that fills the disk's cache and compiles bytecode."""
    rounds = 2 if quick else 7
    _start(Imagegen, gemini), _start(PlainApp, gemini)
    starts = [(_start(Imagegen, gemini), _start(PlainApp, gemini)) for _ in range(rounds)]
    first = [(ours[0], plain[0]) for ours, plain in starts]
    page = [(ours[1], plain[1]) for ours, plain in starts]
    yield compare("start → first answer (/healthz; plain app: /)", "s", first, Target("ratio", "≤", 0.6))
    yield compare("start → first answer of the page", "s", page)


def _start(kind: type[Studio], gemini: Gemini) -> tuple[float, float]:
    """Seconds to the first answer at all, and to that of the page."""
    with TemporaryDirectory(prefix="imagegen-bench-") as folder:
        studio = kind(Path(folder), gemini.url)
        with studio.start() as program:
            return program.first_answer(studio.first_path), program.first_answer("/")

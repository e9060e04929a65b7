"""From the start of the process to its first answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, Target, compare
from bench.gemini import Gemini
from bench.studios import Imagegen, PlainApp, Studio


class Unprepared(Imagegen):
    """As after an upgrade without `make`: the page was not drawn ahead of time."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"IMAGEGEN_CACHE_DIR": str(self.folder / "cache")}


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """Pairs of starts after an earlier one, which fills the disk's cache and compiles bytecode.

    Without the page that `make run` draws ahead of time, imagegen's very first start waits for Gradio.
    """
    rounds = 2 if quick else 7
    with TemporaryDirectory(prefix="imagegen-bench-") as mine, TemporaryDirectory(prefix="plain-bench-") as other:
        ours, plain = Imagegen(Path(mine), gemini.url), PlainApp(Path(other), gemini.url)
        _start(ours)
        _start(plain)
        _, first_ever = _start(Unprepared(Path(mine), gemini.url))
        starts = [(_start(ours), _start(plain)) for _ in range(rounds)]
    first = [(mine[0], other[0]) for mine, other in starts]
    page = [(mine[1], other[1]) for mine, other in starts]
    yield compare("start → first answer (/healthz; plain app: /)", "s", first, Target("ratio", "≤", 0.6))
    yield compare("start → first answer of the page", "s", page)
    yield Figure("start → first answer of the page, the very first", "s", first_ever)


def _start(studio: Studio) -> tuple[float, float]:
    """Seconds to the first answer at all, and to that of the page."""
    with studio.start() as program:
        answers = program.first_answer(studio.first_path), program.first_answer("/")
        program.first_answer("/manifest.json")  # by then the page is kept for the next start
        return answers

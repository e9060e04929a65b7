"""Background removal beside `rembg.remove` with the same weights; its column is the plain app's here.

Both from bytes to bytes, on photographs of scikit-image enlarged to the sizes that are sold, with the grain that
an enlarged photograph lacks. Ours goes through the child process and its pipes. Both have all cores.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.figures import Figure, Target, compare
from bench.gemini import Gemini
from imagegen.media.cutout import CUTOUT_MODELS, CutoutOptions, Cutter

PHOTOGRAPHS = ("astronaut", "coffee")
SIZES = {"1K": 1024, "2K": 2048}
TARGETS = {"1K": Target("ratio", "≤", 0.5), "2K": Target("ratio", "≤", 0.3)}
LIKE_REMBG = CutoutOptions(decontaminate=False)
"""`rembg.remove` cleans no edges unless it is told to."""

Measured = tuple[bytes, float, float]
"""The cut-out, seconds on the clock, seconds of CPU."""


def measure(_: Gemini, quick: bool) -> Iterator[Figure]:
    """Pairs of cut-outs one right after the other, by size and kind of file."""
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as folder:
        cutter = Cutter(Path(folder))
        runner.run(cutter.prepare())
        rembg = _Rembg()
        for size, side in SIZES.items():
            for kind in ("png", "jpeg"):
                sources = [_photograph(name, side, kind) for name in PHOTOGRAPHS]
                ours, theirs = _Ours(runner, cutter, LIKE_REMBG), rembg
                yield from _compared(f"{size} {kind}", sources, ours, theirs, 2 if quick else 8, TARGETS[size])
            sources = [_photograph(name, side, "png") for name in PHOTOGRAPHS]
            clean = _Ours(runner, cutter, CutoutOptions())
            pairs = [
                (clean.cut(source)[1] * 1000, rembg.cut(source, decontaminate=True)[1] * 1000)
                for source in sources * (1 if quick else 4)
            ]
            yield compare(f"cut-out {size} png, edges cleaned", "ms", pairs)
        runner.run(cutter.aclose())


class _Ours:
    def __init__(self, runner: asyncio.Runner, cutter: Cutter, options: CutoutOptions) -> None:
        self._runner, self._cutter, self._options = runner, cutter, options

    def cut(self, source: bytes) -> Measured:
        process = Path(f"/proc/{self._cutter._worker.pid}/stat")
        cpu, begun = _cpu(process) + time.process_time(), time.perf_counter()
        result = self._runner.run(self._cutter.cut(source, self._options))
        seconds = time.perf_counter() - begun
        return result.data, seconds, _cpu(process) + time.process_time() - cpu


class _Rembg:
    """rembg in this process, with the bundled weights in its own session for them."""

    def __init__(self) -> None:
        import onnxruntime  # noqa: PLC0415 - these take seconds
        import rembg  # noqa: PLC0415
        from rembg.sessions.u2netp import U2netpSession  # noqa: PLC0415

        weights = str(CUTOUT_MODELS["u2netp"].path(Path()))
        ours = {"download_models": classmethod(lambda *_, **__: weights)}
        session = type("Session", (U2netpSession,), ours)
        self._session = session("u2netp", onnxruntime.SessionOptions())
        self._remove: Any = rembg.remove

    def cut(self, source: bytes, *, decontaminate: bool = False) -> Measured:
        cpu, begun = time.process_time(), time.perf_counter()
        data = self._remove(source, session=self._session, decontaminate=decontaminate)
        return data, time.perf_counter() - begun, time.process_time() - cpu


def _compared(
    label: str, sources: list[bytes], ours: _Ours, theirs: _Rembg, rounds: int, target: Target
) -> Iterator[Figure]:
    wall, cpu, overlaps, differences = [], [], [], []
    for source in sources:
        ours.cut(source), theirs.cut(source)  # what is paid once: pages of memory, buffers of the model
        for _ in range(rounds):
            our, their = ours.cut(source), theirs.cut(source)
            wall.append((our[1] * 1000, their[1] * 1000))
            cpu.append((our[2] * 1000, their[2] * 1000))
        first, second = _matte(our[0]), _matte(their[0])
        inside, other = first > 127, second > 127
        overlaps.append(float((inside & other).sum() / (inside | other).sum()))
        differences.append(float(np.abs(first - second).mean()))
    yield compare(f"cut-out {label}", "ms", wall, target)
    yield compare(f"cut-out {label}, CPU", "ms", cpu)
    yield Figure(f"cut-out {label}, least IoU with rembg's", "", min(overlaps), target=Target("ours", "≥", 0.99))
    yield Figure(f"cut-out {label}, mean difference of 255", "", max(differences))


def _matte(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.getchannel("A")).astype(np.int16)


def _photograph(name: str, side: int, kind: str) -> bytes:
    """Square and grainy; the grain is always the same."""
    with Image.open(BytesIO((files("skimage") / "data" / f"{name}.png").read_bytes())) as image:
        short = min(image.size)
        enlarged = image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC, box=(0, 0, short, short))
    grain = np.random.default_rng(0).normal(0, 3, (side, side, 1))
    file = BytesIO()
    grainy = (np.asarray(enlarged) + grain).clip(0, 255).astype(np.uint8)
    Image.fromarray(grainy).save(file, kind, **({"quality": 92} if kind == "jpeg" else {}))
    return file.getvalue()


def _cpu(process: Path) -> float:
    """User and system time of a process in seconds."""
    fields = process.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""Fractal noise that looks the same at every resolution: drawn on coarse grids, sampled as finely as needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.floating[Any]]
"""Kept as float32; the type also covers what numpy makes of them on the way."""

_OCTAVES = 9


@dataclass(frozen=True, slots=True)
class Profile:
    """A fractal line, such as the crest of a ridge. Each of `octaves` has twice the waves of the one before."""

    octaves: tuple[Floats, ...]
    gain: float
    smooth: bool
    sharp: bool = False
    """Valleys are folded up, which makes peaks."""

    def at(self, x: Floats) -> Floats:
        """The line's heights, about -1 to 1, at places 0 to 1."""
        total = np.zeros_like(x)
        weight, whole = 1.0, 0.0
        for points in self.octaves:
            line = _between(points, x * (len(points) - 1), self.smooth)
            total += weight * (1 - 2.4 * np.abs(line) if self.sharp else line)
            whole += weight
            weight *= self.gain
        return (total / whole).astype(np.float32)


def profile(random: np.random.Generator, *, waves: int, gain: float, smooth: bool, sharp: bool = False) -> Profile:
    """A line of that many large waves. A low gain is smooth as dunes, a high one jagged as crags."""
    octaves = tuple(random.uniform(-1, 1, waves * 2**octave + 1).astype(np.float32) for octave in range(_OCTAVES))
    return Profile(octaves, gain, smooth, sharp)


def _between(points: Floats, place: Floats, smooth: bool) -> Floats:
    start = np.minimum(place.astype(np.int32), len(points) - 2)
    share = place - start
    if smooth:
        share = share * share * (3 - 2 * share)
    left = points[start]
    return np.asarray(left + (points[start + 1] - left) * share, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Field:
    """Fractal noise over a plane, 0 to 1."""

    grid: Image.Image

    def rows(self, first: float, last: float, width: int, height: int) -> Floats:
        """The rows between two shares of the whole, as an array of that size."""
        columns, lines = self.grid.size
        box = (0, first * lines, columns, last * lines)
        return np.asarray(self.grid.resize((width, height), Image.Resampling.BICUBIC, box), dtype=np.float32)


def field(random: np.random.Generator, *, columns: int, lines: int, octaves: int = 6, gain: float = 0.55) -> Field:
    """A field whose largest patches divide it into that many columns and lines, on a grid of 512 × 512."""
    total = np.zeros((512, 512), dtype=np.float32)
    weight = 1.0
    for octave in range(octaves):
        shape = (min(lines * 2**octave, 512) + 1, min(columns * 2**octave, 512) + 1)
        patches = Image.fromarray(random.random(shape, dtype=np.float32))
        total += weight * np.asarray(patches.resize((512, 512), Image.Resampling.BICUBIC), dtype=np.float32)
        weight *= gain
    low, high = np.quantile(total, (0.02, 0.98))
    return Field(Image.fromarray(((total - low) / (high - low)).clip(0, 1).astype(np.float32)))

"""Stars, as every sky needs them."""

from __future__ import annotations

import numpy as np

from imagegen.providers.sketching.canvas import Frame, Layer, Patch
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, colour, mix
from imagegen.providers.sketching.scheme import WHITE

_TINTS = tuple(mix(colour(code), WHITE, 0.35) for code in ("9db8ff", "ffffff", "ffe2b0", "ffc4c0"))


def stars(random: np.random.Generator, frame: Frame, *, count: int, below: float | None = None) -> Layer:
    """A field of that many stars over the area of a square; `below` is the y where they fade away."""
    drawn = random.random((3 * count, 5), dtype=np.float32)
    x, y = (drawn[:, 0] - 0.5) * 3.6, (drawn[:, 1] - 0.5) * 3.6
    seen = (np.abs(x) < frame.right) & (np.abs(y) < frame.bottom)
    chosen = np.flatnonzero(seen)

    def shade(at: Patch) -> tuple[Floats | Colour, Floats]:
        colours = np.full((at.y.size, at.x.size, 3), 255, dtype=np.float32)
        cover = np.zeros((at.y.size, at.x.size), dtype=np.float32)
        top, bottom = float(at.y[0, 0]), float(at.y[-1, 0])
        for star in chosen[(y[chosen] > top - 0.02) & (y[chosen] < bottom + 0.02)]:
            _, _, size, light, tint = (float(value) for value in drawn[star])
            radius = max(0.001 + 0.0032 * size**10, 0.7 * at.pixel)
            strength = 0.3 + 0.7 * light**2
            if below is not None:
                strength *= min(max((below - y[star]) * 4, 0.0), 1.0)
            place = (float(x[star]), float(y[star]))
            _spot(colours, cover, at, place, radius=radius, strength=strength, tint=_TINTS[int(tint * 4) % 4])
        return colours, cover

    return Layer(shade)


def _spot(
    colours: Floats,
    cover: Floats,
    at: Patch,
    place: tuple[float, float],
    *,
    radius: float,
    strength: float,
    tint: Colour,
) -> None:
    reach = radius * 3.2
    left, right = np.searchsorted(at.x[0], (place[0] - reach, place[0] + reach))
    top, bottom = np.searchsorted(at.y[:, 0], (place[1] - reach, place[1] + reach))
    if left >= right or top >= bottom:
        return
    near = (at.x[:, left:right] - place[0]) ** 2 + (at.y[top:bottom] - place[1]) ** 2
    light = strength * np.exp(-near / np.float32(radius**2))
    colours[top:bottom, left:right] = tint
    np.maximum(cover[top:bottom, left:right], light, out=cover[top:bottom, left:right])

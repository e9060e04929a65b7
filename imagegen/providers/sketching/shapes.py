"""Flat shapes: how far places lie from them, and how much of a pixel they cover."""

from __future__ import annotations

import numpy as np

from imagegen.providers.sketching.canvas import Box, Layer, Patch
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour


def covered(distance: Floats, pixel: float) -> Floats:
    """The share of a pixel that lies inside, from the signed distance of its centre; negative is inside."""
    share: Floats = np.clip(0.5 - distance / np.float32(pixel), 0, 1)
    return share


def smooth(value: Floats, start: float, end: float) -> Floats:
    """0 up to `start`, 1 from `end` on, and a soft rise between; `end` may be the smaller."""
    share = np.clip((value - np.float32(start)) / np.float32(end - start), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def ellipse(at: Patch, x: float, y: float, radius_x: float, radius_y: float, *, turn: float = 0.0) -> Floats:
    """The distance from an ellipse, exact near its edge."""
    across, down = turned(at.x - np.float32(x), at.y - np.float32(y), turn)
    across, down = across / np.float32(radius_x), down / np.float32(radius_y)
    scaled = np.sqrt(across**2 + down**2)
    slope = np.sqrt((across / np.float32(radius_x)) ** 2 + (down / np.float32(radius_y)) ** 2) + np.float32(1e-6)
    return np.asarray(scaled * (scaled - 1) / slope, dtype=np.float32)


def rounded_box(at: Patch, x: float, y: float, half_x: float, half_y: float, *, radius: float) -> Floats:
    """The distance from a rectangle with round corners."""
    across = np.abs(at.x - np.float32(x)) - np.float32(half_x - radius)
    down = np.abs(at.y - np.float32(y)) - np.float32(half_y - radius)
    outside = np.sqrt(np.maximum(across, 0) ** 2 + np.maximum(down, 0) ** 2)
    return np.asarray(outside + np.minimum(np.maximum(across, down), 0) - np.float32(radius), dtype=np.float32)


def turned(x: Floats, y: Floats, turn: float) -> tuple[Floats, Floats]:
    """Places seen from axes that are turned by that many radians."""
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return x * cosine + y * sine, y * cosine - x * sine


def gradient(stops: tuple[float, ...], colours: tuple[Colour, ...]) -> Layer:
    """A backdrop whose colours run from y to y of the stops."""
    table = np.stack(colours)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        column = np.stack([np.interp(at.y[:, 0], stops, table[:, channel]) for channel in range(3)], axis=-1)
        shape = (at.y.size, at.x.size)
        return np.broadcast_to(column[:, None, :].astype(np.float32), (*shape, 3)), np.ones(shape, np.float32)

    return Layer(shade)


def glow(  # noqa: PLR0917 - the first four are one ellipse
    x: float, y: float, radius_x: float, radius_y: float, colour: Colour, strength: float
) -> Layer:
    """A soft spot of light or shadow that fades out over the radii."""

    def shade(at: Patch) -> tuple[Colour, Floats]:
        across, down = (at.x - np.float32(x)) / np.float32(radius_x), (at.y - np.float32(y)) / np.float32(radius_y)
        share = np.clip(1 - across**2 - down**2, 0, 1)
        return colour, np.asarray(np.float32(strength) * share * share, dtype=np.float32)

    return Layer(shade, box_around(x, y, radius_x, radius_y))


def box_around(x: float, y: float, radius_x: float, radius_y: float) -> Box:
    """The box of what reaches that far from a place."""
    return x - radius_x, y - radius_y, x + radius_x, y + radius_y

"""Veined stone and poured ink: noise whose places are pushed about by other noise."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, Patch, compose
from imagegen.providers.sketching.noise import Field, Floats, field
from imagegen.providers.sketching.palette import colour, mix, of_luma
from imagegen.providers.sketching.scheme import WHITE, Scheme
from imagegen.providers.sketching.shapes import smooth

_EDGE = 640
"""The longer edge of the grid on which the noise is pushed about."""


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A slab in the colours of the scheme, with veins."""
    frame = Frame.of(width, height)
    flow, veins = _flowing(random, frame)
    return compose([_slab(flow, veins, _shades(brief.scheme), frame)], width, height, random)


def _shades(scheme: Scheme) -> Floats:
    return np.stack(
        [
            of_luma(scheme.main, 30),
            of_luma(scheme.main, 78),
            of_luma(mix(scheme.main, scheme.accent, 0.4), 128),
            of_luma(scheme.accent, 168),
            mix(of_luma(scheme.accent, 218), WHITE, 0.35),
        ]
    )


def _flowing(random: np.random.Generator, frame: Frame) -> tuple[Field, Field]:
    """Two fields of the frame's shape: the flow of colour, and the veins in it."""
    scale = _EDGE / (2 * max(frame.right, frame.bottom))
    columns, rows = round(2 * frame.right * scale), round(2 * frame.bottom * scale)
    push_x, push_y, base, fine = (
        np.asarray(field(random, columns=size, lines=size, octaves=octaves, gain=0.5).grid, dtype=np.float32)
        for size, octaves in ((2, 5), (2, 5), (3, 7), (4, 7))
    )
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x, y = x / np.float32(scale) * 300, y / np.float32(scale) * 300
    for reach in (150, 90):
        shift_x, shift_y = _at(push_x, x, y) - 0.5, _at(push_y, x, y) - 0.5
        x, y = x + reach * shift_x, y + reach * shift_y
    flow = _at(base, x, y)
    vein = np.abs(_at(fine, 0.6 * x + 60 * flow, 0.6 * y) - 0.5) * 2
    return Field(Image.fromarray(flow)), Field(Image.fromarray(vein))


def _at(grid: Floats, x: Floats, y: Floats) -> Floats:
    """The grid between its points, repeated mirror-wise beyond its edges."""
    size = grid.shape[0] - 1
    x, y = (size - np.abs(place % (2 * size) - size) for place in (x, y))
    column, row = (np.minimum(place.astype(np.intp), size - 1) for place in (x, y))
    right, low = x - column, y - row
    upper = grid[row, column] * (1 - right) + grid[row, column + 1] * right
    lower = grid[row + 1, column] * (1 - right) + grid[row + 1, column + 1] * right
    return np.asarray(upper + (lower - upper) * low, dtype=np.float32)


def _slab(flow: Field, veins: Field, shades: Floats, frame: Frame) -> Layer:
    gold = mix(colour("d9b06a"), shades[-1], 0.35)
    stops = np.linspace(0, 1, len(shades))

    def shade(at: Patch) -> tuple[Floats, Floats]:
        top = (float(at.y[0, 0]) - at.pixel / 2) / frame.bottom / 2 + 0.5
        bottom = (float(at.y[-1, 0]) + at.pixel / 2) / frame.bottom / 2 + 0.5
        tone, vein = (
            each.rows(max(top, 0), min(bottom, 1), at.x.size, at.y.size).clip(0, 1) for each in (flow, veins)
        )
        folds = 0.5 + 0.5 * np.sin(tone * 17)
        place = np.clip(0.86 * tone + 0.16 * folds - 0.04, 0, 1)
        colours = np.stack([np.interp(place, stops, shades[:, channel]) for channel in range(3)], axis=-1)
        colours = colours.astype(np.float32)
        colours += (shades[-1] - colours) * (0.5 * smooth(folds, 0.965, 1.0))[..., None]
        thread = smooth(vein, 0.035, 0.0) * smooth(tone, 0.3, 0.55)
        colours += (gold - colours) * (0.75 * thread)[..., None]
        colours *= (1 - 0.28 * smooth(vein, 0.16, 0.0) * (1 - thread))[..., None]
        return colours, np.ones(tone.shape, np.float32)

    return Layer(shade)

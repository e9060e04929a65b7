"""Sheets of coloured paper, each cut along a contour of the same relief, with shadows on the one below."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, Patch, compose
from imagegen.providers.sketching.noise import Field, Floats, field
from imagegen.providers.sketching.palette import mix, of_luma
from imagegen.providers.sketching.scheme import WHITE, Scheme
from imagegen.providers.sketching.shapes import smooth

_SHEETS = 8
_LIFT = 0.011
"""How far a sheet's shadow falls, in shares of the shorter edge."""


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """Eight sheets from deep to pale."""
    frame = Frame.of(width, height)
    columns, lines = round(4 * frame.right + 0.5), round(4 * frame.bottom + 0.5)
    relief = field(random, columns=columns, lines=lines, octaves=5, gain=0.42)
    fibres = field(random, columns=150, lines=150, octaves=2)
    rough = 0.0 if brief.mood.manner == "paper" else 0.07  # that manner brings its own fibres
    return compose([_sheets(relief, fibres, _shades(brief.scheme), frame, rough)], width, height, random)


def _shades(scheme: Scheme) -> Floats:
    dark, middle = of_luma(scheme.main, 46), of_luma(scheme.main, 118)
    pale = of_luma(mix(scheme.main, scheme.accent, 0.45), 212)
    shares = np.linspace(0, 1, _SHEETS)
    shades = [
        mix(dark, middle, 2 * share) if share < 0.5 else mix(middle, pale, 2 * share - 1) for share in shares
    ]
    return np.stack([*shades[:-1], mix(shades[-1], WHITE, 0.35)])


def _sheets(relief: Field, fibres: Field, shades: Floats, frame: Frame, rough: float) -> Layer:
    def sample(of: Field, at: Patch, shift: float) -> Floats:
        """The field over the patch, moved to the lower right; past the edge its last row and column go on."""
        spare = 2 * _LIFT
        width, height = 2 * frame.right + 2 * spare, 2 * frame.bottom + 2 * spare
        left = (spare - shift) / width
        right = left + 2 * frame.right / width
        top = (float(at.y[0, 0]) - at.pixel / 2 + frame.bottom + spare - shift) / height
        bottom = (float(at.y[-1, 0]) + at.pixel / 2 + frame.bottom + spare - shift) / height
        columns, lines = of.grid.size
        box = (left * columns, top * lines, right * columns, bottom * lines)
        return np.asarray(of.grid.resize((at.x.size, at.y.size), Image.Resampling.BICUBIC, box), dtype=np.float32)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        here, before, far = (sample(relief, at, shift) for shift in (0, 0.3 * _LIFT, _LIFT))
        grain = sample(fibres, at, 0) - 0.5
        steep = np.abs(here - before) / np.float32(0.3 * _LIFT * 1.4) + np.float32(0.5)
        edge = steep * np.float32(at.pixel)
        colours = np.broadcast_to(shades[0], (*here.shape, 3)).copy()
        for number in range(1, _SHEETS):
            level = np.float32(number / _SHEETS)
            shadow = smooth(far - level, -0.02, 0.035)
            colours *= (1 - 0.46 * shadow)[..., None]
            cover = np.clip((here - level) / edge + 0.5, 0, 1)
            lit = np.clip(1 - (here - level) / (edge * 2.2 + np.float32(0.004)), 0, 1) * smooth(
                here - before, 0, 0.004
            )
            sheet = shades[number] * (1 + 0.16 * lit)[..., None]
            colours += (sheet - colours) * cover[..., None]
        colours *= (1 + rough * grain)[..., None]
        return colours, np.ones(here.shape, np.float32)

    return Layer(shade)

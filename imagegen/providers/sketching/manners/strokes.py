"""Oil in thick strokes along a swirling flow."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.noise import Floats, field

_FLOW_EDGE = 768
_STROKE_STEPS = 9


def painted(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Thick strokes along a swirling flow: colour and bristle marks are smeared the same way."""
    width, height = picture.size
    scale = _FLOW_EDGE / max(width, height)
    columns, rows = round(width * scale), round(height * scale)
    colours = np.asarray(picture.resize((columns, rows), Image.Resampling.BOX), dtype=np.float32)
    angle = 1.3 * np.pi * field(random, columns=3, lines=3, octaves=2).rows(0, 1, columns, rows)
    step_x, step_y = 1.3 * np.cos(angle), 1.3 * np.sin(angle) * 0.8
    bristles = _spots(random, rows, columns, 2)
    patches = _spots(random, rows, columns, 6)
    source = np.concatenate((colours, bristles, patches), axis=-1)
    smeared = _smeared(source, step_x, step_y)
    bristle, tint = smeared[..., 3] - 127.5, smeared[..., 4] - 127.5
    lit = bristle - np.roll(bristle, (1, 1), axis=(0, 1))  # as light falls on thick paint from above
    vivid = smeared[..., :3] + 0.3 * (smeared[..., :3] - smeared[..., :3].mean(axis=-1, keepdims=True))
    vivid += (0.35 * bristle + 0.3 * tint + 0.55 * lit)[..., None] * np.array((1.0, 0.95, 0.8), dtype=np.float32)
    strokes = Image.fromarray(vivid.clip(0, 255).astype(np.uint8))
    return strokes.resize(picture.size, Image.Resampling.LANCZOS)


def _spots(random: np.random.Generator, rows: int, columns: int, size: int) -> Floats:
    """Squares of that size in random greys, as rows × columns × 1."""
    coarse = 255 * random.random((-(-rows // size), -(-columns // size)), dtype=np.float32)
    return np.kron(coarse, np.ones((size, size), dtype=np.float32))[:rows, :columns, None]


def _smeared(source: Floats, step_x: Floats, step_y: Floats) -> Floats:
    """Every pixel becomes the mean along the flow line through it, nine steps to either side."""
    rows, columns = source.shape[:2]
    total = source.copy()
    for way in (1.0, -1.0):
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        for _ in range(_STROKE_STEPS):
            at = (y.clip(0, rows - 1).astype(np.intp), x.clip(0, columns - 1).astype(np.intp))
            x += way * step_x[at]
            y += way * step_y[at]
            total += source[y.clip(0, rows - 1).astype(np.intp), x.clip(0, columns - 1).astype(np.intp)]
    return total / np.float32(2 * _STROKE_STEPS + 1)

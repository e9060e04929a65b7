"""Drawn with a pen: fine lines and hatching on paper, or the outlines and flat shades of a cartoon."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from imagegen.providers.sketching.manners.tone import blurred, floats, image, levels, luma_of, outlines
from imagegen.providers.sketching.noise import Floats

_INK = np.array((28, 27, 38), dtype=np.float32)
_PAPER = np.array((250, 247, 240), dtype=np.float32)
_LINES = 115
"""Hatching lines along the shorter edge."""


def line_drawing(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Black lines on warm paper; what is dark is hatched, twice where it is darkest."""
    pixels = floats(picture)
    edge = min(picture.size)
    tone = luma_of(pixels)
    low, high = (float(value) for value in np.quantile(tone[::8, ::8], (0.02, 0.98)))
    tone = (tone - low) * np.float32(255 / max(high - low, 40))
    soft = blurred(tone, edge / 260)
    pen = outlines(tone, width=edge / 420, depth=3.0)
    jitter = float(random.uniform(0, 1))
    y, x = (np.arange(size, dtype=np.float32) / edge for size in picture.size[::-1])
    falling = (x[None, :] + y[:, None]) * _LINES * 0.72 + np.float32(jitter)
    rising = (x[None, :] - y[:, None]) * _LINES * 0.72 + np.float32(jitter)
    pixel = np.float32(_LINES * 0.72 / edge)
    hatch = np.maximum(_hatched(falling, soft, 142.0, pixel), _hatched(rising, soft, 70.0, pixel))
    cover = np.maximum(pen, 0.62 * hatch)
    return image(_PAPER + (_INK - _PAPER) * cover[..., None])


def _hatched(place: Floats, tone: Floats, below: float, pixel: np.float32) -> Floats:
    """Lines at whole places, thicker where the tone lies further below the limit."""
    thick = np.clip((below - tone) / below, 0, 1) * np.float32(0.3)
    near = np.abs(place - np.round(place))
    return np.asarray(np.clip((thick - near) / pixel + 0.5, 0, 1) * np.clip(thick * 22, 0, 1), dtype=np.float32)


def cartoon(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Shades in a few flat steps, brighter colours, a bold outline."""
    edge = min(picture.size)
    calm = floats(picture.filter(ImageFilter.BoxBlur(edge / 500)))
    tone = luma_of(calm)
    flat = levels(tone + 18, 6, softness=0.3)
    pixels = calm * ((flat + 8) / np.maximum(tone, 8))[..., None].clip(0.6, 1.6)
    grey = luma_of(pixels)[..., None]
    pixels = grey + (pixels - grey) * np.float32(1.28)
    pen = outlines(tone, width=edge / 260, depth=7.0)
    return image(pixels + (_INK - pixels) * (0.92 * pen)[..., None])

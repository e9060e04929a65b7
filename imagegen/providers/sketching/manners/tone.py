"""What several manners need: pictures as numbers and back, soft copies, lightness in steps, outlines."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.noise import Floats

_LUMA = np.array((0.299, 0.587, 0.114), dtype=np.float32)


def floats(picture: Image.Image) -> Floats:
    """Rows × columns × RGB, 0 to 255."""
    return np.asarray(picture, dtype=np.float32)


def image(pixels: Floats) -> Image.Image:
    """The picture of such numbers."""
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def luma_of(pixels: Floats) -> Floats:
    """How light each place looks, 0 to 255."""
    return np.asarray(pixels @ _LUMA, dtype=np.float32)


def blurred(tone: Floats, radius: float) -> Floats:
    """The mean over a square that reaches that many pixels to each side, which need not be whole."""
    return _mean_along(_mean_along(tone, radius, 1), radius, 0)


def _mean_along(tone: Floats, radius: float, axis: int) -> Floats:
    size = tone.shape[axis]
    before = np.concatenate((np.zeros_like(tone.take([0], axis)), np.cumsum(tone, axis, dtype=np.float32)), axis)
    ends = (np.arange(size) + 0.5)[:, None] + np.array((-radius - 0.5, radius + 0.5))
    ends = ends.clip(0, size)
    start = np.minimum(ends.astype(np.intp), size - 1)
    shares = (ends - start).astype(np.float32)
    shape = [1, 1]
    shape[axis] = size
    low, high = (
        before.take(start[:, end], axis) + shares[:, end].reshape(shape) * tone.take(start[:, end], axis)
        for end in (0, 1)
    )
    return np.asarray((high - low) / (ends[:, 1] - ends[:, 0]).astype(np.float32).reshape(shape), dtype=np.float32)


def levels(tone: Floats, count: int, *, softness: float = 0.08) -> Floats:
    """The tone in that many equal steps; `softness` is the share of a step over which one passes into the next."""
    step = np.float32(256 / count)
    place = tone / step
    whole = np.floor(place)
    rise = np.clip((place - whole - 1 + softness) / softness, 0, 1)
    return np.asarray((whole + rise + 0.5) * step, dtype=np.float32)


def outlines(tone: Floats, *, width: float, depth: float) -> Floats:
    """How much ink lies along the edges of a tone, 0 to 1. `width` is in pixels, `depth` the weakest edge."""
    near, far = blurred(tone, width * 0.5), blurred(blurred(tone, width * 1.1), width * 0.8)
    return np.clip((far - near - depth) / (0.6 * depth + 2), 0, 1).astype(np.float32)

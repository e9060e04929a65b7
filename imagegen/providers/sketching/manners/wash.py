"""Watercolour: washes that dry with darker rims, on the grain of paper whose border stays white."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from imagegen.providers.sketching.manners.tone import blurred, floats, image, levels, luma_of
from imagegen.providers.sketching.noise import Floats, field

_EDGE = 800
_WASHES = 7
_PAPER = np.array((252, 248, 239), dtype=np.float32)


def watercolour(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """The picture in transparent washes."""
    width, height = picture.size
    scale = min(1.0, _EDGE / max(width, height))
    size = (round(width * scale), round(height * scale))
    small = picture.resize(size, Image.Resampling.BOX) if scale < 1 else picture
    wander = _wandering(small, random)
    soft = floats(wander.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.GaussianBlur(max(size) / 700)))
    tone = luma_of(soft) + 26 * (field(random, columns=7, lines=7, octaves=5).rows(0, 1, *size) - 0.5)
    flat = levels(tone, _WASHES, softness=0.35)
    rims = np.clip(np.abs(flat - blurred(flat, max(size) / 170)) / 40, 0, 1)
    pale = _PAPER - (_PAPER - soft) * (0.84 * _pigment(random, size))[..., None]
    pale += ((flat - tone) * 0.42)[..., None]
    pale *= (1 - 0.34 * rims)[..., None]
    grain = field(random, columns=170, lines=170, octaves=3).rows(0, 1, *size)
    pale *= (1 - 0.085 * grain)[..., None]
    border = _deckle(random, size)
    return image(
        _PAPER * (1 - 0.03 * grain)[..., None] * (1 - border)[..., None] + pale * border[..., None]
    ).resize(picture.size, Image.Resampling.LANCZOS)


def _wandering(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """The picture with edges that run a little, as wet paint does."""
    width, height = picture.size
    reach = max(width, height) / 90
    shift = [
        (field(random, columns=14, lines=14, octaves=4).rows(0, 1, width, height) - 0.5) * reach for _ in "xy"
    ]
    y, x = np.mgrid[0:height, 0:width]
    rows = (y + shift[1]).round().astype(np.intp).clip(0, height - 1)
    columns = (x + shift[0]).round().astype(np.intp).clip(0, width - 1)
    return Image.fromarray(np.asarray(picture)[rows, columns])


def _pigment(random: np.random.Generator, size: tuple[int, int]) -> Floats:
    """How thickly the colour lies: in blooms, thinner where more water was."""
    blooms = field(random, columns=5, lines=5, octaves=5).rows(0, 1, *size)
    return np.asarray(1.08 - 0.42 * blooms, dtype=np.float32)


def _deckle(random: np.random.Generator, size: tuple[int, int]) -> Floats:
    """1 inside, 0 along the border, with a ragged edge."""
    width, height = size
    edge = min(size)
    ragged = field(random, columns=9, lines=9, octaves=6).rows(0, 1, width, height)
    x = np.minimum(np.arange(width), width - 1 - np.arange(width))[None, :] / edge
    y = np.minimum(np.arange(height), height - 1 - np.arange(height))[:, None] / edge
    inside = np.minimum(x, y) - 0.012 - 0.045 * ragged
    return np.clip(inside / 0.006, 0, 1).astype(np.float32)

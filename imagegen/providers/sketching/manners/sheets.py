"""Made of sheets and blocks: cut paper with shadows, screen print in few inks, cubes, modelling clay."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from imagegen.providers.sketching.manners.tone import blurred, floats, image, levels, luma_of
from imagegen.providers.sketching.noise import Floats, field

_INKS = 5
_DOTS = 120
"""Halftone dots along the shorter edge."""
_CUBES = 28
"""Cubes along the shorter edge."""
_CUBE_EDGE = 1536


def paper_cut(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Each shade is a sheet of its own, which throws a shadow on the darker ones below."""
    edge = min(picture.size)
    calm = floats(picture.filter(ImageFilter.BoxBlur(edge / 150)).filter(ImageFilter.BoxBlur(edge / 170)))
    tone = luma_of(calm)
    low, high = (float(value) for value in np.quantile(tone[::8, ::8], (0.01, 0.99)))
    stretched = ((tone - low) * np.float32(255 / max(high - low, 30))).clip(0, 255)
    flat = levels(stretched, 6, softness=0.2)
    shift = max(1, round(edge / 105))
    above = blurred(np.roll(flat, (shift, shift), axis=(0, 1)), edge / 240)
    shadow = np.clip((above - flat) / 50, 0, 1)
    rim = np.clip((flat - np.roll(flat, (1, 1), axis=(0, 1))) / 40, 0, 1)
    target = low + flat * np.float32((high - low) / 255)
    pixels = calm + (target - tone)[..., None]
    pixels *= (1 - 0.5 * shadow + 0.1 * rim)[..., None]
    fibres = field(random, columns=150, lines=150, octaves=3).rows(0, 1, *picture.size)
    return image(pixels * (1.03 - 0.09 * fibres)[..., None])


def screen_print(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Five strong inks; between them the shades are dots."""
    width, height = picture.size
    small = picture.resize((max(1, width * 160 // max(width, height)), max(1, height * 160 // max(width, height))))
    inks = small.quantize(_INKS, method=Image.Quantize.MEDIANCUT)
    table: Floats = np.array((inks.getpalette() or [])[: 3 * _INKS], dtype=np.float32).reshape(-1, 3)
    grey = luma_of(table)[:, None]
    table = (grey + (table - grey) * np.float32(1.5) - 128) * np.float32(1.18) + 132
    inks.putpalette([int(value) for value in table.clip(0, 255).round().ravel()])
    edge = min(width, height)
    y, x = (np.arange(size, dtype=np.float32) / edge * _DOTS for size in (height, width))
    along, across = (x[None, :] + y[:, None]) * np.float32(2.22), (x[None, :] - y[:, None]) * np.float32(2.22)
    dots = 24 * np.sin(along) * np.sin(across)
    shaded = floats(picture) + dots[..., None]
    grey_level = luma_of(shaded)[..., None]
    vivid = grey_level + (shaded - grey_level) * np.float32(1.4)
    printed = image((vivid - 128) * np.float32(1.15) + 132).quantize(palette=inks, dither=Image.Dither.NONE)
    pixels = floats(printed.convert("RGB").filter(ImageFilter.GaussianBlur(edge / 2200)))
    worn = field(random, columns=60, lines=60, octaves=4).rows(0, 1, width, height)
    return image(pixels + (np.array((246, 238, 222), np.float32) - pixels) * (0.16 * worn**3)[..., None])


def cubes(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Built from small cubes that are seen from one corner; each has the colour of its place."""
    width, height = picture.size
    scale = _CUBE_EDGE / max(width, height)
    columns, rows = round(width * scale), round(height * scale)
    side = min(columns, rows) / _CUBES / np.sqrt(3)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    skew, along = (
        x / np.float32(np.sqrt(3) * side) - y / np.float32(3 * side),
        y * np.float32(2 / 3) / np.float32(side),
    )
    first, second = np.round(skew), np.round(along)
    third = np.round(-skew - along)
    off = [np.abs(rounded - exact) for rounded, exact in ((first, skew), (second, along), (third, -skew - along))]
    first = np.where((off[0] > off[1]) & (off[0] > off[2]), -second - third, first)
    second = np.where((off[1] > off[2]) & (off[1] >= off[0]), -first - third, second)
    centre_x = (np.sqrt(3) * side * (first + second / 2)).astype(np.float32)
    centre_y = (1.5 * side * second).astype(np.float32)
    coarse = floats(picture.resize((max(1, columns // 8), max(1, rows // 8)), Image.Resampling.BOX))
    place = (
        (centre_y / 8).astype(np.intp).clip(0, coarse.shape[0] - 1),
        (centre_x / 8).astype(np.intp).clip(0, coarse.shape[1] - 1),
    )
    return image(coarse[place] * _faces(x - centre_x, y - centre_y)[..., None]).resize(
        picture.size, Image.Resampling.BICUBIC
    )


def _faces(across: Floats, down: Floats) -> Floats:
    """The light on the upper, left and right face of a cube around its front corner."""
    upper = down < -np.abs(across) / np.float32(np.sqrt(3))
    return np.where(upper, np.float32(1.1), np.where(across < 0, np.float32(0.95), np.float32(0.78)))


def clay(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Soft and matt, with thumb marks in the light that falls from the upper left."""
    width, height = picture.size
    edge = min(picture.size)
    calm = floats(picture.filter(ImageFilter.BoxBlur(edge / 240)).filter(ImageFilter.BoxBlur(edge / 240)))
    tone = luma_of(calm)
    marks = field(random, columns=13, lines=13, octaves=3).rows(0, 1, width, height)
    skin = field(random, columns=90, lines=90, octaves=2).rows(0, 1, width, height)
    relief = blurred(tone, edge / 70) * 0.9 + 34 * marks + 3.2 * skin
    step = max(1, round(edge / 340))
    slope = relief - np.roll(relief, (step, step), axis=(0, 1))
    grey = tone[..., None]
    pixels = grey + (calm - grey) * np.float32(0.86)
    pixels = pixels + (np.array((238, 214, 196), np.float32) - pixels) * np.float32(0.16)
    return image(pixels * (1 + (slope * np.float32(0.016)).clip(-0.22, 0.22))[..., None])

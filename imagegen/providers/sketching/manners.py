"""Manners of drawing that are applied to a finished landscape: washes, brush strokes. And the corner mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from imagegen.providers.sketching.mood import Manner
from imagegen.providers.sketching.noise import Floats, field

MARK = "offline sketch"
_FLOW_EDGE = 768
_STROKE_STEPS = 9
_Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def drawn_in(manner: Manner, picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """The picture in that manner, of the same size; a cartoon is already painted as one."""
    change = _CHANGES.get(manner)
    return change(picture, random) if change else picture


def marked(picture: Image.Image) -> Image.Image:
    """The picture with a small mark in the lower right corner that says what it is."""
    edge = min(picture.size)
    font = ImageFont.load_default(max(11, round(edge / 58)))
    layer = Image.new("L", picture.size)
    margin = round(edge / 45)
    place = (picture.width - margin, picture.height - margin)
    draw = ImageDraw.Draw(layer)
    draw.text(place, MARK, fill=170, font=font, anchor="rs")
    box = draw.textbbox(place, MARK, font=font, anchor="rs")
    around = (int(box[0]) - margin, int(box[1]) - margin, picture.width, picture.height)
    letters = layer.crop(around)
    corner = picture.crop(around)
    shadow = letters.filter(ImageFilter.GaussianBlur(edge / 500)).point(lambda value: value * 0.7)
    corner.paste((0, 0, 0), mask=shadow)
    corner.paste((255, 255, 255), mask=letters)
    picture.paste(corner, around[:2])
    return picture


def _watercolour(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Soft washes with darker rims on the grain of paper."""
    width, height = picture.size
    small = picture.resize((width * 512 // max(width, height), height * 512 // max(width, height)))
    wash = small.filter(ImageFilter.MedianFilter(7)).filter(ImageFilter.GaussianBlur(1.2))
    rims = ImageChops.invert(ImageChops.difference(wash, wash.filter(ImageFilter.GaussianBlur(5))).convert("L"))
    washed = ImageChops.multiply(wash, Image.merge("RGB", (rims, rims, rims)))
    pale = Image.blend(
        washed.resize(picture.size, Image.Resampling.BICUBIC), Image.new("RGB", picture.size, "#fbf6ec"), 0.24
    )
    blotches = _tone(random, 5, picture.size, 22)
    paper = _tone(random, 170, picture.size, 20)
    return ImageChops.multiply(ImageChops.multiply(pale, blotches), paper)


def _tone(random: np.random.Generator, patches: int, size: tuple[int, int], depth: float) -> Image.Image:
    shares = field(random, columns=patches, lines=patches, octaves=4).rows(0, 1, *size)
    grey = Image.fromarray((255 - depth * shares.clip(0, 1)).astype(np.uint8))
    return Image.merge("RGB", (grey, grey, grey))


def _painted(picture: Image.Image, random: np.random.Generator) -> Image.Image:
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


_CHANGES: Mapping[Manner, _Change] = {
    "watercolor": _watercolour,
    "painted": _painted,
}

"""Photographs that the tests cut out: those of scikit-image, in the public domain, which rembg brings along."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PIL import Image, ImageChops

from tests.media.pictures import encoded, opened


@cache
def astronaut(side: int = 256) -> Image.Image:
    """NASA's portrait of Eileen Collins, RGB, square: a person who fills the middle of the picture."""
    photograph = opened((files("skimage") / "data" / "astronaut.png").read_bytes())
    return photograph.resize((side, side))


@cache
def photograph(side: int = 256) -> bytes:
    """The same as a PNG."""
    return encoded(astronaut(side), "png")


def matte_of(data: bytes) -> Image.Image:
    """How opaque each pixel of a cut-out is."""
    cutout = opened(data)
    assert cutout.mode == "RGBA"
    return cutout.getchannel("A")


def overlap(one: Image.Image, other: Image.Image) -> float:
    """Intersection over union of what is more than half opaque."""
    first, second = (matte.point(lambda value: 255 * (value > 127), "1") for matte in (one, other))
    union = ImageChops.logical_or(first, second).histogram()[-1]
    return ImageChops.logical_and(first, second).histogram()[-1] / union

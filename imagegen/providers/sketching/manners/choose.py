"""Which change a manner is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from imagegen.providers.sketching.manners.ink import cartoon, line_drawing
from imagegen.providers.sketching.manners.light import bloom, luminous, noir, studio
from imagegen.providers.sketching.manners.sheets import clay, cubes, paper_cut, screen_print
from imagegen.providers.sketching.manners.strokes import painted
from imagegen.providers.sketching.manners.wash import watercolour
from imagegen.providers.sketching.mood import Manner

_EDGE = 2048
"""The longest edge at which pictures are changed, in pixels; larger ones are made smaller, which bounds memory."""
Change = Callable[[Image.Image, np.random.Generator], Image.Image]

CHANGES: Mapping[Manner, Change] = {
    "watercolor": watercolour,
    "cartoon": cartoon,
    "painted": painted,
    "line": line_drawing,
    "paper": paper_cut,
    "clay": clay,
    "noir": noir,
    "poster": screen_print,
    "isometric": cubes,
    "bloom": bloom,
    "studio": studio,
    "luminous": luminous,
}


def drawn_in(manner: Manner, picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """The picture in that manner, of the same size; as it is where the manner is plain."""
    change = CHANGES.get(manner)
    if change is None:
        return picture
    longest = max(picture.size)
    if longest <= _EDGE:
        return change(picture, random)
    width, height = (round(length * _EDGE / longest) for length in picture.size)
    small = picture.resize((width, height), Image.Resampling.BOX)
    return change(small, random).resize(picture.size, Image.Resampling.BICUBIC)

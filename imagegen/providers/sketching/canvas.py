"""Pictures from layers that are functions of a place, painted in bands of rows: alike at every size.

Places are in shares of the picture's shorter edge; (0, 0) is its centre and y grows downwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour

_BAND = 128
_GRAIN = 1.8

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Half of the picture's width and height; the shorter is 0.5."""

    right: float
    bottom: float

    @classmethod
    def of(cls, width: int, height: int, *, zoom: float = 1.0) -> Frame:
        """The frame of a picture of that many pixels."""
        edge = 2 * min(width, height) * zoom
        return cls(width / edge, height / edge)


@dataclass(frozen=True, slots=True)
class Patch:
    """Places to be painted: a row of x, a column of y, and the size of a pixel."""

    x: Floats
    y: Floats
    pixel: float


Shade = Callable[[Patch], tuple[Floats | Colour, Floats]]
"""The colours of a patch (rows × columns × 3, or one colour) and how much of what is below they cover, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One coat of paint; nothing outside its box is touched."""

    shade: Shade
    box: Box | None = None


def compose(
    layers: Iterable[Layer], width: int, height: int, random: np.random.Generator, *, zoom: float = 1.0
) -> Image.Image:
    """The picture of layers, the first lowest. Grain is drawn from `random` and hides the steps of soft gradients.

    With `zoom` everything is that much larger, as if the frame were smaller.
    """
    coats: Sequence[Layer] = tuple(layers)
    grain = _GRAIN * random.standard_normal((256, 256), dtype=np.float32)
    edge = min(width, height) * zoom
    x = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / edge)[None, :]
    y = ((np.arange(height, dtype=np.float32) + 0.5 - height / 2) / edge)[:, None]
    canvas = np.empty((height, width, 3), dtype=np.uint8)
    columns = np.tile(grain, (1, -(-width // 256)))[:, :width]
    for first in range(0, height, _BAND):
        last = min(first + _BAND, height)
        pixels = np.zeros((last - first, width, 3), dtype=np.float32)
        for layer in coats:
            _coat(pixels, layer, x, y[first:last], 1 / edge)
        pixels += columns[np.arange(first, last) % 251, :, None]
        canvas[first:last] = pixels.clip(0, 255, out=pixels).astype(np.uint8)
    return Image.fromarray(canvas)


def _coat(pixels: Floats, layer: Layer, x: Floats, y: Floats, pixel: float) -> None:
    left, right, top, bottom = 0, x.size, 0, y.size
    if layer.box:
        left, right = (int(place) for place in np.searchsorted(x[0], (layer.box[0], layer.box[2])))
        top, bottom = (int(place) for place in np.searchsorted(y[:, 0], (layer.box[1], layer.box[3])))
        if left >= right or top >= bottom:
            return
    part = pixels[top:bottom, left:right]
    colours, cover = layer.shade(Patch(x[:, left:right], y[top:bottom], pixel))
    part += (colours - part) * cover[..., None]

"""The colours of a scene, and how references recolour them. Colours are sRGB, 0 to 255, as float32 triples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Colour = NDArray[np.float32]
_Change = Callable[[Colour], Colour]

_LUMA = np.array((0.299, 0.587, 0.114), dtype=np.float32)
_COLOURS_OF_A_REFERENCE = 8


@dataclass(frozen=True, slots=True)
class Palette:
    """From the top of the sky to the ground: `haze` is the air between ridges, `land` the nearest ridge."""

    zenith: Colour
    sky: Colour
    horizon: Colour
    light: Colour
    haze: Colour
    land: Colour


def colour(code: str) -> Colour:
    """A colour from six hexadecimal digits."""
    return np.array([int(code[start : start + 2], 16) for start in (0, 2, 4)], dtype=np.float32)


def palette(codes: str) -> Palette:
    """A palette from six colours in the order of its fields."""
    return Palette(*(colour(code) for code in codes.split()))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The first colour with that share of the second."""
    return (first * (1 - share) + second * share).astype(np.float32)


def luma(shade: Colour) -> float:
    """How light a colour looks, 0 to 255."""
    return float(shade @ _LUMA)


def of_luma(shade: Colour, target: float) -> Colour:
    """The colour made as light as `target`: towards black or white, so that its hue stays."""
    now = luma(shade)
    if target <= now:
        return (shade * (target / max(now, 1.0))).astype(np.float32)
    return mix(shade, np.full(3, 255, dtype=np.float32), (target - now) / max(255 - now, 1.0))


def changed(base: Palette, **shades: Colour) -> Palette:
    """The palette with some colours exchanged."""
    return replace(base, **shades)


def toned(base: Palette, shade: Colour, share: float) -> Palette:
    """The palette drawn towards one hue; every colour stays as light as it was."""
    return _each(base, lambda own: mix(own, of_luma(shade, luma(own)), share))


def faded(base: Palette, share: float) -> Palette:
    """The palette with that share of its colourfulness taken away."""
    return _each(base, lambda own: mix(own, np.full(3, luma(own), dtype=np.float32), share))


def _each(base: Palette, change: _Change) -> Palette:
    return Palette(*(change(getattr(base, field.name)) for field in fields(base)))


def colours_of(reference: bytes) -> list[Colour]:
    """The leading colours of a picture, most frequent first. Raises `OSError` when it is none."""
    with Image.open(BytesIO(reference)) as picture:
        picture.draft("RGB", (128, 128))
        small = picture.convert("RGB").resize((64, 64))
    reduced = small.quantize(_COLOURS_OF_A_REFERENCE, method=Image.Quantize.MAXCOVERAGE)
    counts = sorted(reduced.getcolors() or [], reverse=True)
    table = reduced.getpalette() or []
    return [
        np.array(table[3 * index : 3 * index + 3], dtype=np.float32)
        for _, index in counts
        if isinstance(index, int)
    ]


def recoloured(base: Palette, found: Sequence[Colour]) -> Palette:
    """The palette in the colours of references: each role takes the found colour of its own rank in lightness.

    A role keeps half of the difference to its own lightness, so that a dark reference makes a readable scene.
    """
    if not found:
        return base
    ranked = sorted(found, key=luma)
    roles = sorted(fields(base), key=lambda field: luma(getattr(base, field.name)))
    taken: dict[str, Colour] = {}
    for rank, role in enumerate(roles):
        nearest = ranked[round(rank * (len(ranked) - 1) / (len(roles) - 1))]
        own = luma(getattr(base, role.name))
        taken[role.name] = of_luma(nearest, luma(nearest) + (own - luma(nearest)) * 0.5)
    return Palette(**taken)

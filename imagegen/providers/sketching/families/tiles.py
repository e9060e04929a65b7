"""A quilt of squares with arcs, rings, stripes and triangles in a few strong colours."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Layer, Patch, compose
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, colour, mix, of_luma
from imagegen.providers.sketching.scheme import WHITE, Scheme
from imagegen.providers.sketching.shapes import covered

_SETS = (
    "f4efe2 1f4ea3 e04b32 f0b22e",
    "f6ead8 0f5c63 f2784b f3c14f",
    "efe7f3 4a2f8f ef6f8e f6b73c",
    "f2efe6 22352f d9583b 8fb8a8",
    "f7f0e4 27407a f08a4b 7cc0b8",
)
_TABLE = 64
_KINDS = 9


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """Five to eight squares along the shorter edge."""
    drawn = tuple(colour(code) for code in _SETS[int(random.integers(len(_SETS)))].split())
    inks = _inks(brief.scheme) if brief.coloured else drawn
    count = int(random.integers(5, 8))
    table = random.random((5, _TABLE, _TABLE), dtype=np.float32)
    return compose([_quilt(np.stack(inks), table, count)], width, height, random)


def _inks(scheme: Scheme) -> tuple[Colour, ...]:
    paper = mix(scheme.pale, WHITE, 0.75)
    return paper, of_luma(scheme.main, 70), scheme.main, mix(scheme.accent, WHITE, 0.15)


def _quilt(inks: Floats, table: Floats, count: int) -> Layer:
    ground = (table[1] * len(inks)).astype(np.intp) % len(inks)
    over = (ground + 1 + (table[2] * (len(inks) - 1)).astype(np.intp)) % len(inks)
    third = (over + 1 + (table[4] * (len(inks) - 1)).astype(np.intp)) % len(inks)
    kinds = (table[0] * _KINDS).astype(np.intp)
    turns = (table[3] * 4).astype(np.intp)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across, down = at.x * np.float32(count) + 0.5 * (count % 2), at.y * np.float32(count) + 0.5 * (count % 2)
        column, row = np.floor(across).astype(np.intp), np.floor(down).astype(np.intp)
        u, v = across - column - np.float32(0.5), down - row - np.float32(0.5)
        cell = (row % _TABLE, column % _TABLE)
        kind, turn = kinds[cell], turns[cell]
        flip, swap = np.where(turn >= 2, -1, 1), turn % 2 == 1
        u, v = np.where(swap, v, u) * flip, np.where(swap, -u, v) * flip
        first, second = _forms(u.astype(np.float32), v.astype(np.float32), kind)
        pixel = at.pixel * count
        colours = inks[ground[cell]]
        colours = colours + (inks[over[cell]] - colours) * covered(first, pixel)[..., None]
        colours += (inks[third[cell]] - colours) * covered(second, pixel)[..., None]
        return colours, np.ones(kind.shape, np.float32)

    return Layer(shade)


def _forms(u: Floats, v: Floats, kind: np.ndarray) -> tuple[Floats, Floats]:
    """The distances from the two forms of each kind of square, which reaches from -0.5 to 0.5."""
    centre = np.sqrt(u**2 + v**2)
    corner = np.sqrt((u + 0.5) ** 2 + (v + 0.5) ** 2)
    opposite = np.sqrt((u - 0.5) ** 2 + (v - 0.5) ** 2)
    side = np.sqrt(u**2 + (v + 0.5) ** 2)
    none = np.ones_like(u)
    first = (
        corner - 1,
        corner - 1,
        centre - 0.44,
        np.abs(u) + np.abs(v) - 0.4,
        (u + v) * 0.7,
        0.25 * np.abs(((u + 0.5) * 4) % 1 - 0.5) - 0.07,
        np.minimum(corner, opposite) - 0.5,
        side - 0.5,
        np.maximum(np.abs(u), np.abs(v)) - 0.24,
    )
    second = (
        corner - 0.5,
        np.abs(corner - 0.62) - 0.1,
        centre - 0.2,
        centre - 0.13,
        np.maximum((u + v) * 0.7 + 0.18, none * -1),
        none,
        none,
        np.sqrt(u**2 + (v - 0.5) ** 2) - 0.5,
        centre - 0.13,
    )
    return (
        np.choose(kind, [np.broadcast_to(each, kind.shape) for each in first]).astype(np.float32),
        np.choose(kind, [np.broadcast_to(each, kind.shape) for each in second]).astype(np.float32),
    )

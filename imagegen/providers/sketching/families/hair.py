"""Hair of a portrait: the part behind the head, and the part that frames the forehead."""

from __future__ import annotations

from typing import Literal

import numpy as np

from imagegen.providers.sketching.canvas import Layer, Patch
from imagegen.providers.sketching.families.face import HEAD
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, mix
from imagegen.providers.sketching.scheme import WHITE
from imagegen.providers.sketching.shapes import covered, ellipse, smooth

Hair = Literal["long", "bob", "bun", "afro", "short"]


def _strands(at: Patch, hair: Colour, *, along: Floats, waves: float) -> Floats:
    """Hair colours with a sheen from the left and fine strands along a direction."""
    light = (
        1.0 - 0.38 * smooth(at.x, -0.06, 0.17) + 0.06 * np.sin(along * waves) + 0.04 * np.sin(along * waves * 2.7)
    )
    sheen = np.exp(-(((at.x + 0.085 + 0.25 * (at.y - HEAD.y)) / 0.045) ** 2)) * smooth(
        at.y, HEAD.y + 0.1, HEAD.y - 0.14
    )
    colours = hair * light[..., None]
    return np.asarray(colours + (mix(hair, WHITE, 0.42) - colours) * (0.36 * sheen)[..., None], dtype=np.float32)


def back_hair(style: Hair, hair: Colour) -> list[Layer]:
    """What is seen on both sides of the face and the neck."""
    dark = hair * np.float32(0.8)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        match style:
            case "long":
                half = 0.163 + 0.03 * smooth(at.y, -0.1, 0.26) + 0.006 * np.sin(at.y * 34)
                sides = np.maximum(np.abs(at.x) - half, np.maximum(HEAD.y - at.y, at.y - 0.34))
                distance = np.minimum(HEAD.distance(at, larger=0.03), _rounded(sides))
            case "bob":
                half = 0.168 + 0.016 * smooth(at.y, -0.1, 0.08) - 0.03 * smooth(at.y, 0.07, 0.13)
                sides = np.maximum(np.abs(at.x) - half, np.maximum(HEAD.y - at.y, at.y - 0.115))
                distance = np.minimum(HEAD.distance(at, larger=0.033), _rounded(sides))
            case "bun":
                knot = ellipse(at, 0.0, HEAD.y - 0.238, 0.072, 0.064)
                distance = np.minimum(HEAD.distance(at, larger=0.016) + 4 * np.maximum(at.y - 0.02, 0), knot)
            case "afro":
                far = np.sqrt((at.x / 1.04) ** 2 + (at.y - np.float32(HEAD.y - 0.05)) ** 2)
                angle = np.arctan2(at.y - HEAD.y + 0.05, at.x)
                distance = far - 0.222 - 0.005 * np.sin(angle * 23) - 0.004 * np.sin(angle * 37 + 1)
            case "short":
                distance = HEAD.distance(at, larger=0.013) + 4 * np.maximum(at.y - HEAD.y - 0.02, 0)
        along = at.x + 0.25 * np.sin(at.y * 6) if style != "afro" else at.x * at.y * 18
        colours = _strands(at, dark, along=np.asarray(along + 0 * at.y, dtype=np.float32), waves=150)
        return colours, covered(np.asarray(distance, dtype=np.float32), at.pixel)

    return [Layer(shade, (-0.3, HEAD.y - 0.33, 0.3, 0.38))]


def _rounded(distance: Floats) -> Floats:
    return np.asarray(distance, dtype=np.float32)


def front_hair(style: Hair, hair: Colour, *, side: float) -> list[Layer]:
    """From the parting over the forehead down to the temples; the parting is at that side."""
    part = 0.045 * side
    larger = {"long": 0.024, "bob": 0.027, "bun": 0.014, "afro": 0.03, "short": 0.024}[style]
    fall = {"long": 3.6, "bob": 3.2, "bun": 2.2, "afro": 1.2, "short": 1.0}[style]
    start = {"long": -0.128, "bob": -0.118, "bun": -0.118, "afro": -0.1, "short": -0.098}[style]

    def shade(at: Patch) -> tuple[Floats, Floats]:
        away = np.abs(at.x - np.float32(part))
        line = HEAD.y + start + fall * away**1.75
        if style == "short":
            line = (
                HEAD.y
                + start
                + 0.028 * np.sin((at.x * side + 0.12) * 17)
                + 9 * np.maximum(np.abs(at.x) - 0.105, 0)
            )
        edge = (at.y - line) * np.float32(0.6)
        reach = HEAD.distance(at, larger=larger) - (0.02 if style == "short" else 0.0) * smooth(
            at.y, HEAD.y, HEAD.y - 0.2
        )
        low = at.y - np.float32(HEAD.y + (0.03 if style in ("short", "bun") else 0.075))
        distance = np.maximum(np.maximum(edge, reach), low)
        along = np.sqrt(away + 0.01) * 0.9 + 0.35 * at.y
        shade_of = hair * np.float32(0.8) if style == "afro" else hair
        colours = _strands(at, shade_of, along=np.asarray(along, dtype=np.float32), waves=130)
        colours *= (1 - 0.25 * smooth(edge, -0.02, 0.0))[..., None]
        return colours, covered(np.asarray(distance, dtype=np.float32), at.pixel)

    def shadow(at: Patch) -> tuple[Colour, Floats]:
        moved = Patch(at.x - np.float32(0.006), at.y - np.float32(0.014), at.pixel)
        _, cover = shade(moved)
        inside = covered(HEAD.distance(at), at.pixel)
        return hair * np.float32(0.25), np.asarray(0.32 * cover * inside, dtype=np.float32)

    box = (-0.2, HEAD.y - 0.26, 0.2, HEAD.y + 0.12)
    return [Layer(shadow, box), Layer(shade, box)]


def beard(hair: Colour) -> list[Layer]:
    """A full beard around the mouth."""

    def shade(at: Patch) -> tuple[Floats, Floats]:
        low = HEAD.y + 0.075 + 0.028 * smooth(np.abs(at.x), 0.075, 0.03) - 0.09 * smooth(np.abs(at.x), 0.08, 0.14)
        chin = ellipse(at, 0, HEAD.y + 0.1, HEAD.half_width * 0.93, 0.125)
        mouth = ellipse(at, 0, HEAD.y + 0.116, 0.036, 0.017)
        distance = np.maximum(np.maximum(low - at.y, chin), -mouth)
        along = at.x * 1.2 + 0.15 * np.sin(at.y * 30)
        colours = _strands(at, hair, along=np.asarray(along, dtype=np.float32), waves=190)
        return colours, covered(np.asarray(distance, dtype=np.float32), at.pixel)

    return [Layer(shade, (-0.16, HEAD.y - 0.05, 0.16, HEAD.y + 0.25))]

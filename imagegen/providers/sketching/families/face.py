"""Head, neck and features of a portrait. The head is the measure that hair and jewellery go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from imagegen.providers.sketching.canvas import Layer, Patch
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, colour, mix
from imagegen.providers.sketching.scheme import WHITE
from imagegen.providers.sketching.shapes import covered, ellipse, smooth


@dataclass(frozen=True, slots=True)
class Head:
    """An egg with its narrow end down, centred on the axis."""

    y: float = -0.07
    half_width: float = 0.136
    half_height: float = 0.185

    def distance(self, at: Patch, *, larger: float = 0.0) -> Floats:
        """How far places lie outside."""
        half_width, half_height = self.half_width + larger, self.half_height + larger
        down = (at.y - np.float32(self.y)) / np.float32(half_height)
        narrow = 1 - 0.27 * smooth(down, -0.05, 1.15)
        across = at.x / (np.float32(half_width) * narrow)
        return np.asarray((np.sqrt(across**2 + down**2) - 1) * np.float32(half_width * 0.95), dtype=np.float32)


HEAD = Head()
_WARM = colour("c4523f")
_Paint = Callable[[Colour, Floats], None]


def neck(skin: Colour) -> Layer:
    """The neck down to the chest, in the shadow of the chin."""
    shaded = mix(skin, mix(_WARM, colour("2a1420"), 0.5), 0.36)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        half = 0.064 + 0.012 * smooth(at.y, 0.12, 0.0) + 0.045 * smooth(at.y, 0.15, 0.25) ** 2
        cover = covered(np.abs(at.x) - half, at.pixel)
        chin = smooth(at.y - 0.3 * np.abs(at.x), 0.19, 0.09)
        bone = np.exp(-(((at.y - 0.2 - 0.5 * np.abs(np.abs(at.x) - 0.04)) / 0.006) ** 2)) * (at.y > 0.18)
        dark = np.clip(0.95 * chin + 0.45 * smooth(at.x, -0.02, 0.08) + 0.3 * bone, 0, 1)
        colours = skin + (shaded - skin) * dark[..., None]
        return colours, cover

    return Layer(shade, (-0.22, 0.02, 0.22, 0.5))


def face(skin: Colour, lips: Colour, hair: Colour) -> list[Layer]:
    """Ears, head and features."""
    brow = mix(hair, mix(skin, colour("30181c"), 0.6), 0.35)
    return [_ear(-1, skin), _ear(1, skin), _head(skin), _features(skin, lips, brow)]


def _tone(skin: Colour, x: Floats, down: Floats) -> Floats:
    """Skin with light from the upper left; the far cheek falls into warm shadow."""
    bright = mix(skin, WHITE, 0.16)
    shaded = mix(skin, mix(_WARM, colour("2a1420"), 0.5), 0.33)
    turn = smooth(x + 0.25 * down, -0.9, 0.1)[..., None]
    dark = smooth(x + 0.18 * down + 0.1 * x * down, 0.12, 0.95)[..., None]
    return np.asarray(bright + (skin - bright) * turn + (shaded - skin) * dark, dtype=np.float32)


def _head(skin: Colour) -> Layer:
    blush = mix(skin, _WARM, 0.42)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        x = at.x / np.float32(HEAD.half_width)
        down = (at.y - np.float32(HEAD.y)) / np.float32(HEAD.half_height)
        colours = _tone(skin, x + 0 * down, down + 0 * x)
        for side in (-1, 1):
            near = np.clip(1 - ((x - side * 0.56) / 0.36) ** 2 - ((down - 0.3) / 0.24) ** 2, 0, 1)
            colours += (blush - colours) * (0.55 * near**1.5)[..., None]
        return colours, covered(HEAD.distance(at), at.pixel)

    return Layer(shade, (-0.16, HEAD.y - 0.2, 0.16, HEAD.y + 0.2))


def _ear(side: int, skin: Colour) -> Layer:
    x, y = side * HEAD.half_width * 0.97, HEAD.y + 0.045

    def shade(at: Patch) -> tuple[Floats, Floats]:
        inside = smooth(ellipse(at, x + side * 0.003, y - 0.002, 0.012, 0.024), 0.002, -0.008)
        place = np.full((at.y.size, at.x.size), 0.75 * side, dtype=np.float32)
        colours = _tone(skin, place, np.zeros_like(place))
        colours += (mix(skin, _WARM, 0.5) * 0.86 - colours) * (0.6 * inside)[..., None]
        return colours, covered(ellipse(at, x, y, 0.022, 0.037, turn=-0.12 * side), at.pixel)

    return Layer(shade, (x - 0.03, y - 0.045, x + 0.03, y + 0.045))


def _features(skin: Colour, lips: Colour, brow: Colour) -> Layer:
    """Brows, closed eyes, nose and mouth."""
    line = mix(skin, colour("3a1418"), 0.78)
    soft = mix(skin, mix(_WARM, colour("2a1420"), 0.4), 0.55)
    lid = mix(skin, lips, 0.35)
    eye_y, brow_y, nose_y, mouth_y = HEAD.y + 0.016, HEAD.y - 0.026, HEAD.y + 0.068, HEAD.y + 0.112

    def shade(at: Patch) -> tuple[Floats, Floats]:
        shape = (at.y.size, at.x.size)
        colours = np.broadcast_to(skin, (*shape, 3)).copy()
        cover = np.zeros(shape, np.float32)

        def paint(tint: Colour, share: Floats) -> None:
            """Over what is there: cover grows, and the colour is drawn towards the tint."""
            nonlocal cover
            whole = cover + share * (1 - cover)
            part = share / np.maximum(whole, 1e-6)
            colours[...] += (tint - colours) * part[..., None]
            cover = whole

        for side in (-1, 1):
            across = (at.x - np.float32(side * 0.056)) * np.float32(side)
            share = across / np.float32(0.031)
            arc = at.y - np.float32(eye_y) - 0.0095 * (1 - share**2) + 0.004 * share
            paint(lid, 0.5 * smooth(ellipse(at, side * 0.056, eye_y - 0.004, 0.034, 0.019), 0.004, -0.008))
            thick = 0.0026 * np.clip(1.25 - 0.5 * share**2 + 0.2 * share, 0.2, 2)
            paint(line, covered(np.abs(arc) - thick, at.pixel) * (np.abs(share) < 1.04))
            lash = np.abs((share * 3.1) % 1 - 0.5) * 0.02 - 0.0016
            below = (arc > 0) & (arc < 0.0065) & (share > 0.02) & (share < 1.02)
            paint(line, covered(lash, at.pixel) * below * 0.9)
            bow = at.y - np.float32(brow_y) + 0.012 * (1 - (share - 0.15) ** 2) - 0.002 * share
            taper = 0.0046 * np.clip(1.1 - 0.3 * (share + 1), 0.12, 1)
            paint(brow, 0.92 * covered(np.abs(bow) - taper, at.pixel) * (np.abs(share) < 1.14))
        bridge = at.x - np.float32(0.009) - 0.012 * smooth(at.y, eye_y, nose_y) ** 2
        length = smooth(at.y, eye_y - 0.012, eye_y + 0.03) * smooth(at.y, nose_y + 0.006, nose_y - 0.008)
        paint(soft, 0.42 * np.exp(-((bridge / 0.0055) ** 2)) * length)
        tip = at.y - np.float32(nose_y) - 0.0065 * (1 - (at.x / 0.021) ** 2)
        paint(soft, 0.8 * covered(np.abs(tip) - 0.0019, at.pixel) * smooth(np.abs(at.x), 0.023, 0.016))
        paint(
            mix(skin, WHITE, 0.4), 0.3 * smooth(ellipse(at, -0.004, nose_y - 0.012, 0.009, 0.014), 0.004, -0.006)
        )
        _mouth(at, paint, lips, mouth_y)
        return colours, cover

    return Layer(shade, (-0.12, HEAD.y - 0.06, 0.12, HEAD.y + 0.16))


def _mouth(at: Patch, paint: _Paint, lips: Colour, y: float) -> None:
    """Two lips and the line between them, which curves up a little at its ends."""
    share = at.x / np.float32(0.037)
    between = at.y - np.float32(y) + 0.004 * share**2 - 0.0016 * np.cos(share * 4.4)
    low = 0.0145 * np.clip(1 - share**2, 0, 1) ** 0.8
    bow = 0.0105 * np.clip(1 - share**2, 0, 1) ** 0.7 * (1 - 0.3 * np.exp(-((share / 0.2) ** 2)))
    width = np.abs(share) < 1
    paint(mix(lips, WHITE, 0.1), covered(np.maximum(between - low, -between), at.pixel) * width)
    paint(mix(lips, colour("40121c"), 0.16), covered(np.maximum(-between - bow, between), at.pixel) * width)
    paint(
        mix(lips, colour("40121c"), 0.6),
        0.8 * covered(np.abs(between) - 0.0013, at.pixel) * (np.abs(share) < 1.03),
    )
    shine = smooth(ellipse(at, -0.006, y + 0.007, 0.012, 0.0034), 0.001, -0.003)
    paint(mix(lips, WHITE, 0.6), 0.35 * shine)

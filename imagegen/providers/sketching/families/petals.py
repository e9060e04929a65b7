"""One large blossom seen from above, ring of petals upon ring, each with veins and a shadow on those below."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, Patch, compose
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, colour, mix, of_luma
from imagegen.providers.sketching.scheme import WHITE
from imagegen.providers.sketching.shapes import box_around, glow, gradient, smooth

_RINGS = 9
_EDGE = 2048
"""The longest edge that is painted, in pixels; larger pictures are enlarged from it, as the rings take long."""
_ROSE, _BLUSH = colour("d9607f"), colour("f6c9d2")


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A blossom in the leading colour, pink where none is asked for."""
    frame = Frame.of(width, height)
    asked = brief.coloured
    main = brief.scheme.main if asked else _ROSE
    ground = brief.scheme.pale if asked else _BLUSH
    dark, pale = of_luma(main, 62), mix(of_luma(main, 176), WHITE, 0.22)
    x, y = (float(value) for value in random.uniform(-0.03, 0.03, 2))
    layers = [
        gradient((-frame.bottom, frame.bottom), (mix(ground, WHITE, 0.25), mix(ground, dark, 0.12))),
        glow(x - 0.15, y - 0.2, 0.7, 0.7, WHITE, 0.35),
        glow(x + 0.03, y + 0.05, 0.56, 0.56, dark, 0.42),
    ]
    for number in range(_RINGS):
        inner = number / (_RINGS - 1)
        radius = 0.45 * (1 - inner) ** 0.86 + 0.055
        count = max(6, round(15 - 8 * inner))
        turn = float(random.uniform(0, 1))
        lean = random.uniform(0.9, 1.08, count).astype(np.float32)
        tint = mix(mix(main, pale, 0.75 - 0.35 * inner), dark, 0.28 * inner)
        layers.append(_ring(x, y, radius, lean, turn=turn, tint=tint, dark=dark))
    layers.append(_heart(x, y, 0.062, random))
    scale = min(1.0, _EDGE / max(width, height))
    painted = compose(layers, round(width * scale), round(height * scale), random)
    return painted if scale == 1 else painted.resize((width, height), Image.Resampling.BICUBIC)


def _ring(x: float, y: float, radius: float, lean: Floats, *, turn: float, tint: Colour, dark: Colour) -> Layer:
    """Petals all around; `lean` holds how long each of them is."""
    count = len(lean)
    tip = mix(tint, WHITE, 0.3)
    spread = radius * 1.17

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across, down = at.x - np.float32(x), at.y - np.float32(y)
        far = np.sqrt(across**2 + down**2)
        around = np.arctan2(down, across) / np.float32(2 * np.pi) * count + np.float32(turn)
        colours = np.broadcast_to(dark * 0.7, (*far.shape, 3)).copy()
        cover = np.zeros(far.shape, np.float32)
        for half in (0.5, 0.0):  # every second petal lies above its neighbours
            petal = np.floor(around + half)
            middle = (around + np.float32(half) - petal - np.float32(0.5)) * 2
            reach = np.float32(radius) * lean[petal.astype(np.intp) % count] * (0.96 if half else 1.04)
            wide = np.clip(1 - np.abs(middle) ** 2.6 * 0.9, 0, 1) ** 0.5
            edge = reach * (0.62 + 0.38 * wide) - np.float32(0.02 * radius) * smooth(np.abs(middle), 0.12, 0.0)
            depth = np.clip(far / reach, 0, 1.2)
            inside = np.clip((edge - far) / np.float32(at.pixel) + 0.5, 0, 1)
            rim = 1.0 if half else np.clip((0.93 - np.abs(middle)) * far * 3 / (count * at.pixel) + 0.5, 0, 1)
            inside = inside * rim
            shadow = np.clip((edge + np.float32(0.02) - far) / np.float32(0.03), 0, 1) ** 2 * 0.42
            colours += (dark * 0.55 - colours) * (shadow * (1 - inside))[..., None]
            cover = np.maximum(cover, shadow)
            veins = 0.5 + 0.5 * np.cos(middle * 21 + 0 * far)
            light = (
                0.56 + 0.5 * smooth(depth, 0.3, 1.0) - 0.1 * np.abs(middle) ** 2 - 0.09 * veins * (1 - depth * 0.5)
            )
            side = 0.06 * (-across - down) / np.maximum(far, 1e-4)
            face = tint + (tip - tint) * smooth(depth, 0.78, 1.02)[..., None]
            face = face * (light + side)[..., None]
            colours += (face - colours) * inside[..., None]
            cover = np.maximum(cover, inside)
        return colours, cover.astype(np.float32)

    return Layer(shade, box_around(x, y, spread, spread))


def _heart(x: float, y: float, radius: float, random: np.random.Generator) -> Layer:
    """Stamens in golden dots, set like seeds."""
    number = np.arange(120, dtype=np.float32)
    far = radius * np.sqrt(number / 120)
    angle = number * np.float32(2.399963) + np.float32(random.uniform(0, 6))
    places = np.stack((far * np.cos(angle), far * np.sin(angle)), axis=-1)
    gold, ochre = colour("f2c14a"), colour("a8691e")

    def shade(at: Patch) -> tuple[Floats, Floats]:
        colours = np.broadcast_to(ochre, (at.y.size, at.x.size, 3)).copy()
        cover = np.clip((radius - np.sqrt((at.x - x) ** 2 + (at.y - y) ** 2)) / 0.02, 0, 1).astype(np.float32)
        for across, down in places:
            near = np.sqrt((at.x - np.float32(x + across)) ** 2 + (at.y - np.float32(y + down)) ** 2)
            dot = smooth(near, 0.0062, 0.0035)
            light = 0.8 + 0.35 * smooth((at.x - x - across) + (at.y - y - down), 0.005, -0.005)
            colours += (gold * light[..., None] - colours) * dot[..., None]
            cover = np.maximum(cover, dot)
        return colours, cover

    return Layer(shade, box_around(x, y, radius * 1.15, radius * 1.15))

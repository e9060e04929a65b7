"""Bottles, vases, bowls and cups, and what is in them. Each stands at (x, foot)."""

from __future__ import annotations

import numpy as np

from imagegen.providers.sketching.canvas import Layer, Patch
from imagegen.providers.sketching.families.stage import Stage
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, colour, mix
from imagegen.providers.sketching.scheme import WHITE
from imagegen.providers.sketching.shapes import covered, ellipse, glow, smooth
from imagegen.providers.sketching.solids import TILT, Label, Material, Turned, ball, block, lighter

_PAPER = colour("f6f2ec")


def bottle(stage: Stage, x: float, foot: float, random: np.random.Generator) -> tuple[list[Turned], float]:
    """A body with a label, a neck and a cap; and the radius of the body."""
    radius = float(random.uniform(0.082, 0.1))
    tall = float(random.uniform(0.21, 0.27))
    neck = radius * float(random.uniform(0.36, 0.46))
    dark = Material(mix(stage.scheme.deep, colour("16121c"), 0.35), 0.45, stage.scheme.light)
    label = Label(tall * 0.26, tall * 0.72, _PAPER, stage.scheme.deep)
    body = Turned(
        x,
        foot,
        (0, 0.008, 0.02, tall - 0.05, tall - 0.026, tall - 0.01, tall),
        (radius * 0.9, radius * 0.98, radius, radius, radius * 0.93, radius * 0.7, neck * 1.04),
        stage.glaze,
        label,
    )
    collar = Turned(x, foot - tall, (0, 0.022), (neck, neck), stage.glaze)
    cap_height = float(random.uniform(0.055, 0.08))
    wide = neck * 1.22
    cap = Turned(x, foot - tall - 0.018, (0, cap_height), (wide, wide), dark)
    return [body, collar, cap], radius


def vase(stage: Stage, x: float, foot: float, random: np.random.Generator) -> tuple[Turned, float]:
    """A belly and a narrow lip; and the radius of the belly."""
    belly = float(random.uniform(0.12, 0.15))
    tall = float(random.uniform(0.29, 0.34))
    where = float(random.uniform(0.36, 0.5))
    heights = np.linspace(0, 1, 24)
    rising = np.interp(heights, (0, where, 0.86, 1), (0, 1, 2, 2.2))
    round_belly = np.where(
        rising < 1, np.sin(np.minimum(rising, 1) * np.pi / 2) ** 0.7, 0.5 + 0.5 * np.cos((rising - 1) * np.pi)
    )
    lip = 0.36 + 0.12 * np.clip((heights - 0.86) / 0.14, 0, 1)
    radii = belly * np.maximum(lip, 0.52 + 0.48 * round_belly - 0.42 * np.clip(rising - 1, 0, 1) ** 2)
    body = Turned(x, foot, tuple(tall * heights), tuple(radii), stage.glaze, hollow=True)
    return body, belly


def stems(stage: Stage, x: float, lip: float, radius: float, random: np.random.Generator) -> list[Layer]:
    """Thin stems with round blossoms and leaves that come out of a lip."""
    green = mix(colour("4f7a52"), stage.scheme.deep, 0.25)
    layers = []
    for number in range(5):
        lean = (number - 2) * 0.075 + float(random.uniform(-0.02, 0.02))
        tall = 0.3 - 0.03 * abs(number - 2) - float(random.uniform(0, 0.09))
        start = x + (number - 2) * radius * 0.22
        layers.append(_stem(start, lip, lean, tall, green))
        size = 0.034 + 0.014 * float(random.random())
        petal = mix(stage.scheme.accent, WHITE, 0.12 + 0.4 * (number % 2))
        layers.append(_blossom(start + lean, lip - tall, size, petal, float(random.uniform(0, 6))))
    return layers


def _stem(x: float, foot: float, lean: float, tall: float, green: Colour) -> Layer:
    def shade(at: Patch) -> tuple[Floats, Floats]:
        up = (np.float32(foot) - at.y) / np.float32(tall)
        across = at.x - np.float32(x) - np.float32(lean) * np.clip(up, 0, 1) ** 2
        cover = covered(np.abs(across) - 0.0032, at.pixel)
        leaf_up = (up - 0.5) / 0.24
        leaf = np.float32(0.02) * np.clip(1 - leaf_up**2, 0, 1)
        side = np.float32(np.sign(lean) or 1)
        blade = covered(np.abs(across - side * leaf) - leaf * 0.85, at.pixel)
        colours = green * (0.85 + 0.35 * smooth(across, 0.02, -0.02))[..., None]
        whole = np.maximum(cover, blade) * (up > -0.1) * (up < 1)
        return colours, np.asarray(whole, dtype=np.float32)

    return Layer(shade, (x - 0.25, foot - tall, x + 0.25, foot + 0.02))


def _blossom(x: float, y: float, size: float, petal: Colour, turn: float) -> Layer:
    heart = mix(petal, colour("e9b23c"), 0.75)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across, down = at.x - np.float32(x), (at.y - np.float32(y)) / np.float32(0.86)
        far = np.sqrt(across**2 + down**2) / np.float32(size)
        angle = np.arctan2(down, across) + np.float32(turn)
        edge = 0.8 + 0.2 * np.abs(np.cos(angle * 4))
        light = 0.72 + 0.34 * smooth(far, 0.1, 0.95) - 0.16 * np.sin(np.arctan2(down, across))
        colours = petal * light[..., None]
        middle = covered((far - 0.26) * np.float32(size), at.pixel)
        colours += (heart - colours) * middle[..., None]
        return colours, covered((far - edge) * np.float32(size), at.pixel)

    return Layer(shade, (x - size, y - size, x + size, y + size))


def bowl(stage: Stage, x: float, foot: float) -> Turned:
    """A wide bowl on a small foot."""
    up = np.linspace(0, 1, 20)
    radii = 0.085 + 0.155 * np.sqrt(np.clip(up, 0, 1)) ** 1.1
    radii[:2] = 0.09
    return Turned(x, foot, tuple(0.155 * up), tuple(radii), stage.glaze, hollow=True)


def rim(body: Turned) -> list[Layer]:
    """The far side of a hollow body, behind what lies in it."""
    return [body.layer()]


def front(body: Turned) -> list[Layer]:
    """The near side of a hollow body, before what lies in it."""
    whole = body.layer()
    lip = body.foot - body.height
    radius = body.radii[-1]

    def shade(at: Patch) -> tuple[Floats | Colour, Floats]:
        colours, cover = whole.shade(at)
        opening = ellipse(at, body.x, lip, radius * 0.97, TILT * radius * 0.97)
        below = covered(-opening, at.pixel) * (at.y > lip)
        return colours, np.asarray(cover * below, dtype=np.float32)

    return [Layer(shade, whole.box)]


def fruit(stage: Stage, x: float, lip: float, radius: float, random: np.random.Generator) -> list[Layer]:
    """A heap of round fruit that looks out of a bowl."""
    near = mix(stage.scheme.accent, colour("e8832a"), 0.35)
    tints = (stage.scheme.accent, near, mix(near, colour("f0c040"), 0.6), mix(stage.scheme.main, WHITE, 0.25))
    layers = []
    places = ((-0.5, 0.02), (0.5, 0.02), (0.0, -0.05), (-0.72, 0.1), (-0.24, 0.1), (0.24, 0.1), (0.72, 0.1))
    for number, (across, down) in enumerate(places):
        size = radius * (0.3 + 0.05 * float(random.random()))
        skin = Material(tints[int(random.integers(4))], 0.5, stage.scheme.light)
        foot = lip + (down + 0.06) * radius + 0.01
        at = x + across * radius * 0.86
        if number > 2:
            layers.append(glow(at, foot - size * 0.9, size * 1.5, size * 1.2, stage.scheme.deep, 0.4))
        layers.append(ball(at, foot, size, skin))
        layers.append(_stalk(at + size * 0.1, foot - 1.78 * size, size * 0.3))
    return layers


def _stalk(x: float, y: float, size: float) -> Layer:
    brown = colour("4a3322")

    def shade(at: Patch) -> tuple[Colour, Floats]:
        up = (np.float32(y) - at.y) / np.float32(size)
        across = at.x - np.float32(x) - np.float32(size * 0.35) * np.clip(up, 0, 1) ** 2
        return brown, covered(np.abs(across) - 0.0028, at.pixel) * ((up > 0) & (up < 1))

    return Layer(shade, (x - size, y - size, x + size, y + size))


def cup(stage: Stage, x: float, foot: float) -> list[Layer]:
    """A cup with a handle on a saucer, full to below its lip."""
    up = np.linspace(0, 1, 20)
    saucer = Turned(x, foot, (0, 0.01, 0.022), (0.12, 0.2, 0.235), lighter(stage.glaze, 0.12))
    base = foot - 0.016
    body = Turned(
        x, base, tuple(0.185 * up), tuple(0.07 + 0.075 * np.clip(up, 0, 1) ** 0.55), stage.glaze, hollow=True
    )
    lip, radius = base - body.height, body.radii[-1]
    drink = mix(colour("3a2014"), stage.scheme.deep, 0.2)
    handle = _handle(x + 0.15, base - 0.115, stage.glaze)

    def coffee(at: Patch) -> tuple[Floats, Floats]:
        surface = ellipse(at, x, lip + 0.006, radius * 0.9, TILT * radius * 0.84)
        shine = smooth(at.x - np.float32(x) - 2 * (at.y - np.float32(lip)), 0.02, -0.16)
        colours = drink + (colour("c9925a") - drink) * (0.5 * shine)[..., None]
        return colours, covered(surface, at.pixel)

    return [
        saucer.layer(),
        glow(x + 0.03, foot - 0.02, 0.13, 0.032, stage.scheme.deep, 0.5),
        handle,
        body.layer(),
        Layer(coffee, (x - radius, lip - radius, x + radius, lip + radius)),
    ]


def _handle(x: float, y: float, material: Material) -> Layer:
    def shade(at: Patch) -> tuple[Floats, Floats]:
        across, up = (at.x - np.float32(x)) / np.float32(0.92), np.float32(y) - at.y
        far = np.sqrt(across**2 + up**2)
        tube = np.clip((far - np.float32(0.05)) / np.float32(0.0145), -1, 1)
        outward = tube / np.maximum(far, 1e-5)
        colours = material.lit(across * outward, up * outward, np.sqrt(1 - tube**2))
        return colours, covered(np.abs(far - np.float32(0.05)) - np.float32(0.0145), at.pixel)

    return Layer(shade, (x - 0.08, y - 0.08, x + 0.08, y + 0.08))


def steam(x: float, y: float, random: np.random.Generator) -> list[Layer]:
    """Soft strands that rise and fade."""
    layers = []
    start = float(random.uniform(0, 6))
    for number, side in enumerate((-0.04, 0.0, 0.042)):
        layers.append(_strand(x + side, y, float(random.uniform(0.012, 0.018)), start + 0.7 * number))
    return layers


def _strand(x: float, y: float, sway: float, start: float) -> Layer:
    def shade(at: Patch) -> tuple[Colour, Floats]:
        up = (np.float32(y + 0.07) - at.y) / np.float32(0.3)
        across = at.x - np.float32(x) - np.float32(sway) * np.sin(up * 6.5 + np.float32(start))
        width = 0.009 + 0.02 * np.clip(up, 0, 1)
        share = np.exp(-((across / width) ** 2)) * smooth(up, 0, 0.35) * smooth(up, 1, 0.45)
        return WHITE, np.asarray(0.34 * share, dtype=np.float32)

    return Layer(shade, (x - 0.08, y - 0.2, x + 0.08, y + 0.08))


def stack(stage: Stage, foot: float, random: np.random.Generator) -> list[Layer]:
    """Blocks and discs on each other, a ball on top."""
    bright = Material(mix(stage.scheme.main, stage.scheme.accent, 0.6), 0.35, stage.scheme.light)
    deep = Material(mix(stage.scheme.main, stage.scheme.deep, 0.35), 0.4, stage.scheme.light)
    surfaces = (bright, stage.stone, deep, bright, stage.stone, stage.accent)
    layers: list[Layer] = [*stage.shadow(0, foot, 0.2, 0.24)]
    level, half, last_x = foot, 0.2, 0.0
    for number in range(5):
        half *= float(random.uniform(0.74, 0.92)) if number else 1.0
        x = 0.0 if not number else last_x + float(random.uniform(-0.026, 0.026))
        tall = float(random.uniform(0.052, 0.088))
        surface = surfaces[(number + int(random.integers(2))) % len(surfaces)]
        if number:
            layers.append(glow(x + 0.02, level + 0.002, half * 1.12, 0.02, stage.scheme.deep, 0.55))
        if random.random() < 0.5 and number:
            layers.append(block(x, level, half, tall, surface))
            level -= tall + TILT * 0.45 * half
        else:
            edge = 0.016
            body = Turned(
                x, level, (0, edge, tall - edge, tall), (half - 0.012, half, half, half - 0.012), surface
            )
            layers.append(body.layer())
            level -= tall
        last_x = x
    size = float(random.uniform(0.062, 0.082))
    layers.append(glow(last_x + 0.015, level, size * 0.9, 0.018, stage.scheme.deep, 0.6))
    layers.append(ball(last_x, level + 0.004, size, deep))
    small = 0.035 + 0.015 * float(random.random())
    side = 0.29 * (1 if random.random() < 0.6 else -1)
    layers += [*stage.shadow(side, foot + 0.05, small, small), ball(side, foot + 0.05, small, stage.accent)]
    return layers

"""Solid things in studio light: bodies of revolution, balls, rings and blocks, seen a little from above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imagegen.providers.sketching.canvas import Layer, Patch
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, mix
from imagegen.providers.sketching.scheme import WHITE
from imagegen.providers.sketching.shapes import box_around, covered, ellipse, rounded_box, smooth

TILT = 0.2
"""How much of a circle's depth is seen, as the sine of the camera's elevation."""
_KEY = np.array((-0.52, 0.61, 0.6), dtype=np.float32)
_HALF = np.array((-0.31, 0.36, 0.88), dtype=np.float32)
_STEPS = 6


@dataclass(frozen=True, slots=True)
class Material:
    """A surface: its colour, how it shines (0 matt to 1 glazed) and the light that its surroundings throw back."""

    colour: Colour
    gloss: float
    bounce: Colour

    def lit(self, across: Floats, up: Floats, towards: Floats) -> Floats:
        """Colours of places whose normal has those parts: to the right, upwards and to the viewer."""
        key = across * _KEY[0] + up * _KEY[1] + towards * _KEY[2]
        diffuse = np.clip((key + 0.22) / 1.22, 0, 1)
        shine = np.clip(across * _HALF[0] + up * _HALF[1] + towards * _HALF[2], 0, 1)
        ambient = 0.3 + 0.12 * up
        rim = np.clip(1 - towards, 0, 1) ** 3 * np.clip(0.35 + across, 0, 1)
        light = (0.92 * diffuse + ambient)[..., None] * self.colour
        light += ((0.22 * np.clip(-up, 0, 1) + 0.3 * rim) * (0.5 + self.gloss))[..., None] * self.bounce
        spot = self.gloss * (0.75 * shine**60 + 0.18 * shine**8)
        light += (255 - np.minimum(light, 255)) * spot[..., None]
        return np.asarray(light, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Label:
    """A band around a body, between two heights, with a few printed lines."""

    bottom: float
    top: float
    paper: Colour
    ink: Colour


@dataclass(frozen=True, slots=True)
class Turned:
    """A body of revolution: radii at heights above its foot, whose centre stands at (x, foot)."""

    x: float
    foot: float
    heights: tuple[float, ...]
    radii: tuple[float, ...]
    material: Material
    label: Label | None = None
    hollow: bool = False
    """Open at the top, so that the inside is seen."""

    @property
    def height(self) -> float:
        """From foot to top."""
        return self.heights[-1]

    def layer(self) -> Layer:
        """The body as paint."""
        reach = max(self.radii) * 1.02
        low = self.foot + TILT * self.radii[0] + 0.01
        box = (self.x - reach, self.foot - self.height - TILT * reach - 0.01, self.x + reach, low)
        return Layer(self._shade, box)

    def _radius(self, height: Floats) -> Floats:
        return np.interp(height, self.heights, self.radii).astype(np.float32)

    def _shade(self, at: Patch) -> tuple[Floats, Floats]:
        across = at.x - np.float32(self.x)
        up = np.float32(self.foot) - at.y
        height = np.broadcast_to(up, (at.y.size, at.x.size))
        for _ in range(_STEPS):  # the side that faces us hangs lower than the axis, by as much as it is near
            radius = self._radius(height)
            depth = np.sqrt(np.maximum(radius**2 - across**2, 0))
            height = (0.5 * height + 0.5 * (up + TILT * depth)).astype(np.float32)  # damped: steep edges overshoot
        radius = np.maximum(self._radius(height), 1e-5)
        slope = (self._radius(height + 0.004) - self._radius(height - 0.004)) / np.float32(0.008)
        flat = 1 / np.sqrt(1 + slope**2)
        side = np.clip(across / radius, -1, 1)
        cover = covered(np.abs(across) - radius, at.pixel) * covered(-height, at.pixel)
        cover = cover * covered(height - np.float32(self.height), at.pixel)
        colours = self.material.lit(side * flat, -slope * flat, np.sqrt(1 - side**2) * flat)
        if self.label:
            self._print(colours, self.label, side, height, at.pixel)
        colours *= (0.62 + 0.38 * smooth(height, 0, 0.05))[..., None]
        return self._topped(at, colours, cover)

    def _print(self, colours: Floats, label: Label, side: Floats, height: Floats, pixel: float) -> None:
        """The label lies on the shaded side, so it takes its light from the body below."""
        middle, half = (label.top + label.bottom) / 2, (label.top - label.bottom) / 2
        turn = np.arcsin(side)
        paper = covered(np.abs(height - np.float32(middle)) - half, pixel) * covered(np.abs(turn) - 0.95, 0.02)
        light = self.material.lit(side, np.zeros_like(side), np.sqrt(1 - side**2)) / np.maximum(
            self.material.colour, 1
        )
        brightness = np.clip(light.mean(axis=-1, keepdims=True), 0.25, 1.04)
        colours += (label.paper * brightness - colours) * paper[..., None]
        for line, reach in ((0.35, 0.42), (0.05, 0.5), (-0.22, 0.5), (-0.49, 0.3)):
            ink = covered(np.abs(height - np.float32(middle + line * half)) - half * 0.075, pixel)
            ink = ink * covered(np.abs(turn + 0.05) - reach, 0.02)
            colours += (label.ink * brightness - colours) * ink[..., None]

    def _topped(self, at: Patch, colours: Floats, cover: Floats) -> tuple[Floats, Floats]:
        """With the round face at the top, or the inside of a hollow body."""
        radius = self.radii[-1]
        across = (at.x - np.float32(self.x)) / np.float32(radius)
        down = (at.y - np.float32(self.foot - self.height)) / np.float32(TILT * radius)
        far = np.sqrt(across**2 + down**2)
        top = covered(ellipse(at, self.x, self.foot - self.height, radius, TILT * radius), at.pixel)
        face = self._inside(across, down, far) if self.hollow else self._lid(across, down, far)
        colours += (face - colours) * top[..., None]
        return colours, np.maximum(cover, top)

    def _inside(self, across: Floats, down: Floats, far: Floats) -> Floats:
        """The lip, and behind it the wall, darker the deeper."""
        wall = self.material.lit(-across * 0.8 + 0 * down, 0.3 + 0 * far, 0.5 + 0 * far)
        wall *= (0.5 + 0.3 * np.clip(down, -1, 1))[..., None]
        lip = self.material.lit(0 * far, 0.9 + 0 * far, 0.4 + 0 * far)
        return np.asarray(lip + (wall - lip) * smooth(far, 0.98, 0.9)[..., None])

    def _lid(self, across: Floats, down: Floats, far: Floats) -> Floats:
        """A flat face whose edge catches the light."""
        face = self.material.lit(0.12 * across + 0 * down, 0.97 - 0.06 * far, 0.2 + 0 * far)
        edge = smooth(far, 0.9, 1.0) * smooth(-across - down, -0.2, 0.9) * 0.25
        return np.asarray(face + (255 - np.minimum(face, 255)) * edge[..., None])


def ball(x: float, foot: float, radius: float, material: Material) -> Layer:
    """A ball that stands at (x, foot)."""
    centre = foot - radius + TILT * radius * 0.3

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across = (at.x - np.float32(x)) / np.float32(radius)
        up = (np.float32(centre) - at.y) / np.float32(radius)
        far = np.sqrt(across**2 + up**2)
        towards = np.sqrt(np.maximum(1 - far**2, 0))
        colours = material.lit(across + 0 * up, up + 0 * across, towards)
        colours *= (0.7 + 0.3 * smooth(up, -1, -0.35))[..., None]
        return colours, covered((far - 1) * np.float32(radius), at.pixel)

    return Layer(shade, box_around(x, centre, radius * 1.02, radius * 1.02))


def ring(x: float, foot: float, radius: float, thickness: float, material: Material) -> Layer:
    """A ring that stands upright and faces the viewer."""
    centre = foot - radius - thickness

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across, up = at.x - np.float32(x), np.float32(centre) - at.y
        far = np.sqrt(across**2 + up**2)
        tube = np.clip((far - np.float32(radius)) / np.float32(thickness), -1, 1)
        outward = tube / np.maximum(far, 1e-5)
        colours = material.lit(across * outward, up * outward, np.sqrt(1 - tube**2))
        return colours, covered(np.abs(far - np.float32(radius)) - np.float32(thickness), at.pixel)

    return Layer(shade, box_around(x, centre, (radius + thickness) * 1.02, (radius + thickness) * 1.02))


def block(
    x: float, foot: float, half: float, height: float, material: Material, *, round_by: float = 0.3
) -> Layer:
    """A block with round edges; `round_by` is a share of its height. Its top is seen as a lighter band."""
    top = height + 2 * TILT * 0.45 * half
    middle = foot - top / 2
    radius = min(round_by * height, half)

    def shade(at: Patch) -> tuple[Floats, Floats]:
        inside = rounded_box(at, x, middle, half, top / 2, radius=radius)
        up = np.float32(foot) - at.y
        face = smooth(up, height - 0.35 * radius, height + 0.35 * radius) + 0 * at.x
        bend = np.clip((at.x - np.float32(x)) / np.float32(half), -1, 1) ** 9
        foot_bend = smooth(up, radius, 0) * 0.6
        tilt = face * 0.95 - foot_bend
        towards = np.sqrt(np.clip(1 - tilt**2 - 0.6 * bend**2, 0.02, 1))
        colours = material.lit(0.75 * bend + 0 * tilt, tilt, towards)
        colours *= (0.7 + 0.3 * smooth(up, 0, 0.04))[..., None]
        return colours, covered(inside, at.pixel)

    return Layer(shade, box_around(x, middle, half * 1.02, top / 2 + 0.01))


def lighter(material: Material, share: float) -> Material:
    """The same surface, nearer to white."""
    return Material(mix(material.colour, WHITE, share), material.gloss, material.bounce)

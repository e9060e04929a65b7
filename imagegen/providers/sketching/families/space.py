"""A planet with rings and a moon among stars, before the light of a nebula."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, Patch, compose
from imagegen.providers.sketching.families.heavens import stars
from imagegen.providers.sketching.noise import Field, Floats, field
from imagegen.providers.sketching.palette import Colour, colour, mix, of_luma
from imagegen.providers.sketching.scheme import WHITE, Scheme
from imagegen.providers.sketching.shapes import box_around, covered, glow, smooth, turned
from imagegen.providers.sketching.vocabulary import Words

WORDS = (
    "space planet planets galaxy galaxies nebula cosmos cosmic universe astronaut spaceship rocket orbit saturn"
    " jupiter mars asteroid comet supernova solar+system interstellar star+field constellation ringed"
)
_RINGLESS = "moon mars earth galaxy nebula"
_NIGHT = colour("080a18")
_LIGHTS = ("6d3fd0 f08a5c", "3a5bd8 e86aa8", "1f8fa8 c05ad8", "8a3fb8 f2b25a", "2f6fd0 6fd8c8", "b8406a f0a070")
"""Cold and warm light of a nebula, where no colours are asked for."""


@dataclass(frozen=True, slots=True)
class Planet:
    """A banded globe, lit from one side."""

    x: float
    y: float
    radius: float
    turn: float
    """The tilt of its axis in radians."""
    bright: Colour
    dark: Colour
    bands: Floats
    weather: Field
    ringed: bool

    def globe(self) -> Layer:
        """The globe with its bands, its shadow and a rim of air."""
        tints = self.dark + (self.bright - self.dark) * self.bands[:, None]
        clouds = np.asarray(self.weather.grid, dtype=np.float32)
        rim = mix(self.bright, WHITE, 0.45)

        def shade(at: Patch) -> tuple[Floats, Floats]:
            across = (at.x - np.float32(self.x)) / np.float32(self.radius)
            down = (at.y - np.float32(self.y)) / np.float32(self.radius)
            far = np.sqrt(across**2 + down**2)
            towards = np.sqrt(np.maximum(1 - far**2, 0))
            along, pole = turned(across, down, self.turn)
            around = np.arctan2(along, np.maximum(towards, 1e-3))
            rows = ((pole * 0.48 + 0.5) * 511).astype(np.intp).clip(0, 511)
            columns = ((around / 3.2 + 0.5) * 511).astype(np.intp).clip(0, 511)
            swirl = clouds[rows, columns]
            band = (pole * 0.46 + 0.5 + 0.05 * (swirl - 0.5)) * (len(tints) - 1)
            low = band.astype(np.intp).clip(0, len(tints) - 2)
            colours = tints[low] + (tints[low + 1] - tints[low]) * (band - low)[..., None]
            colours = colours * (0.86 + 0.28 * swirl)[..., None]
            sun = -0.66 * across - 0.46 * down + 0.6 * towards
            light = smooth(sun, -0.22, 0.85)
            if self.ringed:
                light = light * (1 - 0.5 * np.exp(-(((pole - 0.14 - 0.06 * along**2) / 0.05) ** 2)))
            colours *= (0.02 + 1.06 * light)[..., None]
            air = smooth(far, 0.82, 1.0) * np.clip(light + 0.06, 0, 1)
            colours += (rim - colours) * (0.55 * air)[..., None]
            return colours, covered((far - 1) * np.float32(self.radius), at.pixel)

        return Layer(shade, box_around(self.x, self.y, self.radius * 1.01, self.radius * 1.01))

    def rings(self, *, front: bool) -> Layer:
        """The half of the rings before the globe, or the half behind it."""
        tint = mix(self.bright, WHITE, 0.25)

        def shade(at: Patch) -> tuple[Floats, Floats]:
            across, down = at.x - np.float32(self.x), at.y - np.float32(self.y)
            along, deep = turned(across, down, self.turn)
            deep = deep / np.float32(0.27)
            far = np.sqrt(along**2 + deep**2) / np.float32(self.radius)
            lanes = 0.62 + 0.22 * np.sin(far * 71) + 0.16 * np.sin(far * 153 + 1.3)
            density = smooth(far, 1.3, 1.36) * smooth(far, 2.16, 2.06) * (1 - 0.85 * _gap(far, 1.74, 0.028))
            density = density * np.clip(lanes, 0.05, 1) * (0.55 + 0.45 * smooth(far, 1.3, 1.6))
            side = smooth(deep if front else -deep, -at.pixel, at.pixel)
            shadow: Floats = np.ones_like(far)
            if not front:  # the globe keeps the light from the part right behind it
                behind = (along * 0.82 + 0.0 * deep) / np.float32(self.radius)
                shadow = 1 - 0.85 * smooth(behind, 0.15, 0.55) * smooth(far, 2.4, 1.6)
            colours = np.broadcast_to(tint, (*far.shape, 3)) * (0.35 + 0.65 * shadow * lanes)[..., None]
            return colours, np.asarray(0.9 * density * side, dtype=np.float32)

        reach = self.radius * 2.2
        return Layer(shade, box_around(self.x, self.y, reach, reach))


def _gap(far: Floats, where: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((far - where) / width) ** 2)), dtype=np.float32)


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A planet, or a nebula alone where the words speak of a galaxy."""
    frame = Frame.of(width, height)
    cold, warm = (colour(code) for code in _LIGHTS[int(random.integers(len(_LIGHTS)))].split())
    colours = brief.scheme if brief.coloured else replace(brief.scheme, main=cold, accent=warm, deep=cold)
    night = mix(_NIGHT, of_luma(colours.deep, 16), 0.35)
    layers = [
        _nebula(colours, night, frame, random),
        stars(random, frame, count=900),
    ]
    if not brief.words.has("nebula galaxy galaxies") or brief.words.has("planet"):
        layers += _bodies(brief.words, colours, random)
    return compose(layers, width, height, random)


def _bodies(words: Words, colours: Scheme, random: np.random.Generator) -> list[Layer]:
    ringed = not words.has(_RINGLESS) or words.has("ringed rings saturn")
    steps = 26
    bands = np.clip(0.5 + np.cumsum(random.uniform(-0.45, 0.45, steps)) * 0.5 % 1.0 - 0.25, 0, 1).astype(
        np.float32
    )
    bright = of_luma(mix(colours.accent, WHITE, 0.12), 178)
    dark = mix(of_luma(colours.main, 74), colours.accent, 0.08)
    side = float(random.choice(np.array((-1.0, 1.0))))
    planet = Planet(
        x=side * float(random.uniform(0.0, 0.07)),
        y=float(random.uniform(-0.03, 0.05)),
        radius=float(random.uniform(0.2, 0.235)) if ringed else float(random.uniform(0.27, 0.32)),
        turn=side * float(random.uniform(-0.42, -0.2)),
        bright=bright,
        dark=dark,
        bands=bands,
        weather=field(random, columns=2, lines=9, octaves=5),
        ringed=ringed,
    )
    halo = glow(planet.x - 0.03, planet.y - 0.02, planet.radius * 1.55, planet.radius * 1.55, bright, 0.3)
    globe = [planet.rings(front=False), planet.globe(), planet.rings(front=True)] if ringed else [planet.globe()]
    moon_bands = np.full(4, 0.55, dtype=np.float32)
    grey = mix(colour("a9a4a8"), colours.accent, 0.25)
    moon = Planet(
        x=-side * float(random.uniform(0.28, 0.36)),
        y=-float(random.uniform(0.26, 0.36)),
        radius=float(random.uniform(0.026, 0.045)),
        turn=0.3,
        bright=grey,
        dark=mix(grey, _NIGHT, 0.4),
        bands=moon_bands,
        weather=field(random, columns=6, lines=6, octaves=4),
        ringed=False,
    )
    return [halo, moon.globe(), *globe]


def _nebula(colours: Scheme, night: Colour, frame: Frame, random: np.random.Generator) -> Layer:
    """Two veils of light in the colours of the scheme, torn by dark dust."""
    veil = field(random, columns=2, lines=2, octaves=7, gain=0.5)
    other = field(random, columns=2, lines=3, octaves=6, gain=0.5)
    dust = field(random, columns=4, lines=4, octaves=7, gain=0.6)
    warm, cold = of_luma(colours.accent, 150), of_luma(colours.main, 105)
    lean = float(random.uniform(-0.8, 0.8))

    def shade(at: Patch) -> tuple[Floats, Floats]:
        top = float(at.y[0, 0]) / frame.bottom / 2 + 0.5
        bottom = min(float(at.y[-1, 0] + at.pixel) / frame.bottom / 2 + 0.5, 1.0)
        first, second, dark = (each.rows(top, bottom, at.x.size, at.y.size) for each in (veil, other, dust))
        stream = np.exp(-(((at.y + lean * at.x + 0.5 * (second - 0.5)) / 0.34) ** 2))
        light = np.clip(first * 1.5 - 0.42, 0, 1) ** 1.4 * (0.3 + 0.7 * stream) * (1 - 0.55 * dark**2)
        cool = np.clip(second * 1.4 - 0.34, 0, 1) ** 1.3 * (0.32 + 0.6 * stream)
        pixels = np.broadcast_to(night, (*first.shape, 3)) * (0.8 + 0.4 * (1 - dark))[..., None]
        pixels = pixels + (cold - pixels) * (0.72 * cool)[..., None]
        pixels += (warm - pixels) * (0.8 * light)[..., None]
        pixels += (WHITE - pixels) * (0.32 * np.clip(light - 0.55, 0, 1))[..., None]
        return pixels, np.ones(first.shape, np.float32)

    return Layer(shade)

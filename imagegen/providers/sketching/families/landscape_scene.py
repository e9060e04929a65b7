"""A landscape as data: what stands where, drawn from a random source, without a pixel yet.

Lengths are shares of the picture's height, so that a scene is the same at every size; x runs from 0 to the aspect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imagegen.providers.sketching.mood import Mood
from imagegen.providers.sketching.noise import Field, Floats, Profile, field, profile
from imagegen.providers.sketching.palette import Colour, mix

SPAN = 2.4
"""The width of ground that there is; a picture shows the middle of it, 21:9 nearly all."""
_RIDGES = {"mountains": (6, 3, 0.48), "hills": (6, 3, 0.34), "dunes": (5, 2, 0.22), "sea": (2, 4, 0.45)}
"""Number of ridges, their large waves and their gain, by kind of ground; at sea there are islands."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Conifers on a crest, one in each cell of a jittered row."""

    cells: int
    place: Floats
    height: Floats
    present: Floats

    def at(self, x: Floats) -> Floats:
        """How far trees rise above the crest at places 0 to 1, in shares of the tallest."""
        here = x * self.cells
        rise = np.zeros_like(x)
        for neighbour in (-1, 0, 1):
            cell = np.clip(here.astype(np.int32) + neighbour, 0, self.cells - 1)
            distance = np.abs(here - cell - self.place[cell]) / (0.62 * self.height[cell] + 0.12)
            taper = np.clip(1 - distance, 0, 1)
            branches = taper - 0.16 * np.abs((taper * 5.5) % 1 - 0.5)  # a saw-tooth outline
            rise = np.maximum(rise, np.clip(branches, 0, 1) * self.height[cell] * self.present[cell])
        return rise.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Ridge:
    """One layer of ground: a crest around `base`, `top` coloured there and fading to `foot` over `depth`."""

    crest: Profile
    base: float
    relief: float
    top: Colour
    foot: Colour
    depth: float
    snow: float
    """How far down the crest snow lies, 0 for none."""
    trees: Trees | None
    tree_height: float

    def ground(self, places: Floats) -> Floats:
        """The y of the crest at places 0 to 1, without trees; y grows downwards."""
        return (self.base - self.relief * self.crest.at(places)).astype(np.float32)

    def rise(self, places: Floats) -> Floats:
        """How far trees stand above the crest."""
        if self.trees is None:
            return np.zeros_like(places)
        return (self.tree_height * self.trees.at(places)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Body:
    """A sun or a moon: centre, radius, and how far its glow reaches."""

    x: float
    y: float
    radius: float
    glow: float
    colour: Colour
    shadow: float
    """How much of the disc lies in shadow, as of a crescent; 0 for a sun."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole landscape. `shore` is the y below which water lies, None without water."""

    mood: Mood
    horizon: float
    bodies: tuple[Body, ...]
    clouds: Field
    cover: float
    mist: Field
    ridges: tuple[Ridge, ...]
    shore: float | None
    stars: Floats
    """Rows of x (0 to 1), y (0 to 1 of the sky), size and brightness."""


def scene(mood: Mood, random: np.random.Generator, aspect: float) -> Scene:
    """The landscape of a mood."""
    horizon = float(random.uniform(0.5, 0.58))
    drawn = float(random.uniform(0.2, 0.26))
    shore = {"none": None, "lake": horizon + drawn, "sea": horizon + 0.03}[mood.water]
    return Scene(
        mood=mood,
        horizon=horizon,
        bodies=_bodies(mood, random, aspect, horizon),
        clouds=field(random, columns=3, lines=9),
        cover=mood.clouds,
        mist=field(random, columns=3, lines=8, octaves=5),
        ridges=_ridges(mood, random, horizon, shore),
        shore=shore,
        stars=random.random((420, 4), dtype=np.float32),
    )


def _bodies(mood: Mood, random: np.random.Generator, aspect: float, horizon: float) -> tuple[Body, ...]:
    side = float(random.choice(np.array((0.3, 0.36, 0.64, 0.7)))) + float(random.uniform(-0.04, 0.04))
    low = mood.hour in ("dawn", "sunset", "golden")
    y = horizon - (float(random.uniform(0.1, 0.19)) if low else float(random.uniform(0.27, 0.38)))
    night = mood.hour in ("night", "dusk")
    main = Body(
        x=side * aspect,
        y=y,
        radius=0.042 if night else 0.052 if low else 0.036,
        glow=0.42 if low else 0.22 if night else 0.3,
        colour=mood.palette.light,
        shadow=float(random.uniform(0.25, 0.8)) if night else 0.0,
    )
    if not mood.companion:
        return (main,)
    tint = mix(mood.palette.light, mood.palette.sky, 0.45)
    giant = Body((1 - side) * aspect, horizon - 0.3, 0.13, 0.2, tint, 0.6)
    return (giant, main)


def _ridges(mood: Mood, random: np.random.Generator, horizon: float, shore: float | None) -> tuple[Ridge, ...]:
    sea, peaks = mood.water == "sea", mood.ground == "mountains"
    count, waves, gain = _RIDGES["sea" if sea else mood.ground]
    first, last = horizon + 0.01, (shore - 0.015 if shore else 0.9)
    ridges = []
    for index in range(count):
        near = index / (count - 1)  # 0 is the farthest
        crest = profile(random, waves=waves + index % 3, gain=gain, smooth=not peaks, sharp=peaks and near < 0.7)
        relief = 0.2 - 0.13 * near if peaks else 0.075 - 0.01 * near
        if shore:
            relief *= 0.9 - 0.4 * near
        shade = mix(mood.palette.haze, mood.palette.land, 0.16 + 0.84 * near**1.25)
        misty = mix(shade, mood.palette.haze, (0.35 + 0.45 * mood.fog) * (1 - 0.55 * near))
        trees = _trees(random, 80 + int(100 * (1 - near)))
        wooded = mood.trees and near > 0.45
        ridges.append(
            Ridge(
                crest=crest,
                base=horizon + 0.035 if sea else first + (last - first) * near**1.2,
                relief=relief * 0.6 if sea else relief,
                top=shade,
                foot=misty,
                depth=0.09 + 0.13 * near,
                snow=1 - 0.75 * near if mood.snow and mood.ground != "dunes" else 0.0,
                trees=trees if wooded else None,
                tree_height=0.018 + 0.05 * max(near - 0.45, 0) / 0.55,
            )
        )
    return tuple(ridges)


def _trees(random: np.random.Generator, cells: int) -> Trees:
    place = random.uniform(0.2, 0.8, cells).astype(np.float32)
    height = random.uniform(0.45, 1.0, cells).astype(np.float32)
    clumps = np.interp(np.arange(cells), np.linspace(0, cells, 16), random.random(16))
    present = (random.random(cells) < 0.25 + 0.75 * clumps).astype(np.float32)
    return Trees(cells, place, height, present)

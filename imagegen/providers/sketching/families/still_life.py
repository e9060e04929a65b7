"""Things on a plinth or a table before a seamless backdrop, in the soft light of a studio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, compose
from imagegen.providers.sketching.families import vessels
from imagegen.providers.sketching.families.stage import Stage, backdrop
from imagegen.providers.sketching.palette import luma, mix
from imagegen.providers.sketching.shapes import glow
from imagegen.providers.sketching.solids import Material, Turned, ball, ring
from imagegen.providers.sketching.vocabulary import first

Thing = Literal["bottle", "vase", "bowl", "cup", "stack"]

_THINGS: dict[Thing, str] = {
    "vase": "vase pot jug pitcher amphora bouquet tulip tulips ceramic+vase plant urn",
    "bottle": "bottle serum perfume cosmetic cosmetics skincare lotion cream fragrance wine whisky oil+bottle jar"
    " shampoo soap dispenser flask packaging",
    "bowl": "bowl fruit fruits apple apples orange oranges lemon lemons pear peach plum cherries food salad",
    "cup": "cup mug coffee tea espresso latte teacup",
    "stack": "sculpture object product shoe sneaker watch chair lamp toy furniture headphones phone camera",
}
WORDS = " ".join((*_THINGS.values(), "still+life plinth pedestal podium tabletop studio+light product+photo"))
STYLE_WORDS = "clay studio"


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A still life of what the words name."""
    drawn: Thing = random.choice(np.array(["bottle", "vase", "stack", "bottle"], dtype=object))
    thing: Thing = first(_THINGS, brief.words.subject, drawn)
    zoom = float(random.uniform(1.22, 1.36)) * (0.82 if thing == "vase" else 1.0)
    frame = Frame.of(width, height, zoom=zoom)
    colours = brief.scheme
    stage = Stage(
        scheme=colours,
        glaze=Material(colours.main, 0.9 if luma(colours.main) < 150 else 0.6, colours.light),
        stone=Material(mix(colours.pale, colours.light, 0.62), 0.05, colours.accent),
        accent=Material(colours.accent, 0.55, colours.light),
        random=random,
    )
    foot = 0.19 + 0.1 * (frame.bottom - 0.38)
    layers = [*backdrop(colours, frame, foot), *_SETTINGS[thing](stage, foot)]
    return compose(layers, width, height, random, zoom=zoom)


def _plinth(stage: Stage, foot: float, radius: float, height: float) -> list[Layer]:
    body = Turned(0, foot, (0, height), (radius, radius), stage.stone)
    return [*stage.shadow(0, foot, radius, height * 0.6), body.layer()]


def _standing(stage: Stage, x: float, foot: float, radius: float, *bodies: Turned) -> list[Layer]:
    height = max(foot - body.foot + body.height for body in bodies)
    return [*stage.shadow(x, foot, radius, height * 0.55), *(body.layer() for body in bodies)]


def _bottle(stage: Stage, foot: float) -> list[Layer]:
    """A bottle with a label on a round plinth, a ring behind it and balls at its sides."""
    random = stage.random
    side = -1 if random.random() < 0.75 else 1
    top = foot - 0.055
    where = 0.02 * side * -1
    bodies, radius = vessels.bottle(stage, where, top, random)
    hoop = Material(mix(stage.scheme.main, stage.scheme.deep, 0.25), 0.5, stage.scheme.light)
    far = top - 0.035
    balls = [
        (side * 0.235, top + 0.012, 0.026 + 0.012 * float(random.random()), hoop),
        (-side * 0.18, top + 0.028, 0.043 + 0.018 * float(random.random()), stage.accent),
    ]
    return [
        *_plinth(stage, foot, 0.3, 0.055),
        glow(side * 0.13, far + 0.004, 0.09, 0.016, stage.scheme.deep, 0.4),
        ring(side * 0.125, far, 0.125, 0.0155, hoop),
        *_standing(stage, where, top, radius, *bodies),
        *(
            layer
            for x, at, size, material in balls
            for layer in (*stage.shadow(x, at, size, size), ball(x, at, size, material))
        ),
    ]


def _vase(stage: Stage, foot: float) -> list[Layer]:
    """A vase with a few stems on a table, and fruit beside it."""
    body, radius = vessels.vase(stage, -0.03, foot, stage.random)
    side = 0.2 + 0.03 * float(stage.random.random())
    return [
        *stage.shadow(-0.03, foot, radius, body.height * 0.6),
        *vessels.stems(stage, -0.03, foot - body.height, body.radii[-1], stage.random),
        body.layer(),
        *stage.shadow(side, foot + 0.05, 0.055, 0.06),
        ball(side, foot + 0.05, 0.055, stage.accent),
        *stage.shadow(side + 0.085, foot + 0.025, 0.032, 0.04),
        ball(side + 0.085, foot + 0.025, 0.032, stage.stone),
    ]


def _bowl(stage: Stage, foot: float) -> list[Layer]:
    """A bowl full of fruit, one beside it."""
    body = vessels.bowl(stage, 0, foot)
    fruits = vessels.fruit(stage, 0, foot - body.height, body.radii[-1], stage.random)
    side = 0.29
    return [
        *stage.shadow(0, foot, 0.22, 0.16),
        *vessels.rim(body),
        *fruits,
        *vessels.front(body),
        *stage.shadow(side, foot + 0.05, 0.062, 0.06),
        ball(side, foot + 0.05, 0.062, stage.accent),
    ]


def _cup(stage: Stage, foot: float) -> list[Layer]:
    """A cup on its saucer with steam."""
    return [
        *stage.shadow(0, foot, 0.25, 0.03),
        *vessels.cup(stage, 0, foot),
        *vessels.steam(0, foot - 0.28, stage.random),
    ]


def _stack(stage: Stage, foot: float) -> list[Layer]:
    """Forms that balance on each other."""
    return vessels.stack(stage, foot, stage.random)


_SETTINGS: Mapping[Thing, Callable[[Stage, float], list[Layer]]] = {
    "bottle": _bottle,
    "vase": _vase,
    "bowl": _bowl,
    "cup": _cup,
    "stack": _stack,
}

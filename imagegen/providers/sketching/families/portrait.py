"""A head and shoulders of simple shapes before a disc of colour: closed eyes, soft light from the left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, Patch, compose
from imagegen.providers.sketching.families.face import HEAD, face, neck
from imagegen.providers.sketching.families.hair import Hair, back_hair, beard, front_hair
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import Colour, colour, luma, mix, of_luma
from imagegen.providers.sketching.scheme import WHITE, Scheme
from imagegen.providers.sketching.shapes import covered, ellipse, glow, gradient, smooth
from imagegen.providers.sketching.vocabulary import Words, among, first

_FEMALE = "woman women girl lady bride queen princess mother grandmother actress she her sister daughter ballerina"
_MALE = "man men boy gentleman groom king prince father grandfather actor he him brother son knight wizard viking"
WORDS = (
    f"{_FEMALE} {_MALE} portrait portraits face faces headshot person people human bust profile selfie child kid"
    " character hero heroine model dancer musician chef doctor artist couple astronaut+portrait self+portrait"
)
STYLE_WORDS = "line+art lineart line+drawing pencil charcoal"
_BEARDED = "beard bearded wizard viking sailor grandfather dwarf"
_CROWNED = "king queen prince princess crown royal"
_HAIR: dict[Hair, str] = {
    "afro": "afro curly curls",
    "bun": "bun ballerina updo grandmother",
    "bob": "bob short+hair",
    "long": "long+hair flowing mermaid elf princess bride wizard viking",
    "short": "short crew buzz knight groom king boy",
}
_SKINS = ("f3cdb4", "e9b796", "d79b74", "b97a54", "8f5a3c", "6a4230", "f0c4a4")
_HAIRS = ("1f1a1c", "3a251b", "5b3a26", "8a5a30", "c99a58", "a64b2a", "26201e")
_TOLD_HAIR = {"blonde": "dbb36a", "blond": "dbb36a", "redhead": "b0502a", "ginger": "b8582c", "silver": "b9bcc4"}
_GREY_HAIR = colour("c9c7c8")

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is drawn."""

    skin: Colour
    hair: Colour
    style: Hair
    bearded: bool
    crowned: bool
    lips: Colour
    earrings: bool


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A portrait of whom the words tell of; what they leave open is drawn."""
    zoom = float(random.uniform(1.02, 1.1))
    frame = Frame.of(width, height, zoom=zoom)
    who = _person(brief.words, random)
    colours = brief.scheme
    shift = 0.06 + 0.32 * max(frame.bottom - 0.5, 0)
    layers = [
        *_backdrop(colours, frame, random),
        *back_hair(who.style, who.hair),
        neck(who.skin),
        *_shoulders(colours, random),
        *face(who.skin, who.lips, who.hair),
        *(beard(who.hair) if who.bearded else ()),
        *front_hair(who.style, who.hair, side=float(random.choice(np.array((-1.0, 1.0))))),
        *(_earrings(colours) if who.earrings else ()),
        *(_crown() if who.crowned else ()),
    ]
    return compose([_moved(layer, shift) for layer in layers], width, height, random, zoom=zoom)


def _moved(layer: Layer, down: float) -> Layer:
    """The layer that much further down, so that a tall picture has air above the head."""
    if layer.box is None:
        return layer
    left, top, right, bottom = layer.box

    def shade(at: Patch) -> tuple[Floats | Colour, Floats]:
        return layer.shade(Patch(at.x, at.y - np.float32(down), at.pixel))

    return Layer(shade, (left, top + down, right, bottom + down))


def _person(words: Words, random: np.random.Generator) -> Person:
    drawn: Gender = "female" if random.random() < 0.55 else "male"
    gender: Gender = first({"female": _FEMALE, "male": _MALE}, words.subject, drawn)
    female_styles: tuple[Hair, ...] = ("long", "bob", "bun", "afro")
    male_styles: tuple[Hair, ...] = ("short", "short", "afro", "short")
    styles = female_styles if gender == "female" else male_styles
    style: Hair = first(_HAIR, words.subject, styles[int(random.integers(4))])
    skin = colour(_SKINS[int(random.integers(len(_SKINS)))])
    shades = _HAIRS[:3] if luma(skin) < 120 else _HAIRS
    hair = colour(shades[int(random.integers(len(_HAIRS))) % len(shades)])
    hair = next((colour(code) for word, code in _TOLD_HAIR.items() if word in words.subject), hair)
    if among(words.subject, "old elderly grandmother grandfather wizard aged"):
        hair = _GREY_HAIR
    chance = random.random(2)
    female = gender == "female"
    return Person(
        skin=skin,
        hair=hair,
        style=style,
        bearded=not female and (among(words.subject, _BEARDED) or bool(chance[0] < 0.35)),
        crowned=among(words.subject, _CROWNED),
        lips=mix(skin, colour("b03a4c"), 0.62 if female else 0.28),
        earrings=female and bool(chance[1] < 0.6),
    )


def _backdrop(colours: Scheme, frame: Frame, random: np.random.Generator) -> list[Layer]:
    """A quiet wall with a large disc behind the head."""
    x, y = float(random.uniform(-0.08, 0.08)), -0.1
    radius = float(random.uniform(0.31, 0.35))
    disc_top, disc_low = mix(colours.accent, WHITE, 0.18), mix(colours.accent, colours.main, 0.45)

    def disc(at: Patch) -> tuple[Floats, Floats]:
        share = smooth(at.y, y - radius, y + radius)
        shades = disc_top + (disc_low - disc_top) * share[..., None]
        cover = covered(ellipse(at, x, y, radius, radius), at.pixel)
        return np.broadcast_to(shades, (*cover.shape, 3)), cover

    return [
        gradient(
            (-frame.bottom, frame.bottom), (mix(colours.pale, WHITE, 0.12), mix(colours.pale, colours.main, 0.16))
        ),
        Layer(disc, (x - radius, y - radius, x + radius, y + radius)),
        glow(-0.22, -0.3, 0.6, 0.5, mix(colours.light, WHITE, 0.3), 0.28),
    ]


def _shoulders(colours: Scheme, random: np.random.Generator) -> list[Layer]:
    """A garment with a round or an open neck that runs out of the picture."""
    cloth = mix(colours.main, colours.deep, 0.15)
    seam = mix(cloth, WHITE, 0.28)
    open_neck = random.random() < 0.5

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across = np.abs(at.x)
        slope = 0.195 + 0.13 * smooth(across, 0.04, 0.3) + 0.6 * smooth(across, 0.26, 0.44) ** 2
        if open_neck:
            neckline = np.maximum(across * 1.75 + (at.y - 0.405), 0.1 - at.y) * np.float32(0.5)
        else:
            neckline = ellipse(at, 0, 0.17, 0.1, 0.085)
        cover = covered(np.maximum(slope - at.y, -neckline), at.pixel)
        light = 1.1 - 0.42 * smooth(at.x, -0.3, 0.34) - 0.12 * smooth(at.y, 0.3, 0.6)
        fold = 0.06 * np.sin(at.x * 21 + 9 * at.y) * smooth(at.y, 0.3, 0.5)
        colours_of_cloth = cloth * (light + fold)[..., None]
        hem = covered(np.abs(neckline - 0.008) - 0.004, at.pixel) * (at.y < 0.47)
        colours_of_cloth += (seam - colours_of_cloth) * (0.55 * hem)[..., None]
        return colours_of_cloth, np.asarray(cover, dtype=np.float32)

    return [Layer(shade, (-0.62, 0.1, 0.62, 3.0))]


def _earrings(colours: Scheme) -> list[Layer]:
    gold = of_luma(mix(colour("e0ac4a"), colours.accent, 0.2), 176)
    layers = []
    for side in (-1, 1):
        x, y = side * (HEAD.half_width * 0.965), HEAD.y + 0.098

        def shade(at: Patch, x: float = x, y: float = y) -> tuple[Floats, Floats]:
            light = 1.15 - 0.5 * smooth(at.x - np.float32(x) + (at.y - np.float32(y)), -0.014, 0.014)
            return gold * light[..., None], covered(ellipse(at, x, y, 0.0125, 0.0125), at.pixel)

        layers.append(Layer(shade, (x - 0.02, y - 0.02, x + 0.02, y + 0.02)))
    return layers


def _crown() -> list[Layer]:
    """Five points on a band, over the hair."""
    gold, dark = colour("e9b84c"), colour("8f5d1c")

    def shade(at: Patch) -> tuple[Floats, Floats]:
        across = at.x / np.float32(HEAD.half_width * 0.92)
        base = HEAD.y - 0.125 + 0.02 * (1 - across**2)
        points = 0.055 + 0.045 * (1 - np.abs((across * 2.5 + 0.5) % 1 - 0.5) * 2) * (1 - 0.25 * np.abs(across))
        up = base - at.y
        inside = np.maximum(np.maximum(up - points, -up), (np.abs(across) - 1) * np.float32(HEAD.half_width))
        light = 1.12 - 0.45 * smooth(across + 0 * up, -0.5, 1)
        colours = gold * light[..., None]
        band = covered(np.abs(up - 0.02) - 0.003, at.pixel)
        colours += (dark - colours) * (0.6 * band)[..., None]
        jewel = covered(
            np.sqrt(((across * 2.5 + 0.5) % 1 - 0.5) ** 2 * 0.0026 + (up - 0.036) ** 2) - 0.008, at.pixel
        )
        colours += (colour("b3304a") - colours) * jewel[..., None]
        return colours, covered(inside, at.pixel)

    return [Layer(shade, (-0.17, HEAD.y - 0.25, 0.17, HEAD.y - 0.06))]

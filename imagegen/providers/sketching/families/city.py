"""A skyline in layers of haze, windows lit at dusk, a large sun or moon behind it; before it a street or water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.canvas import Frame, Layer, Patch, compose
from imagegen.providers.sketching.families.heavens import stars
from imagegen.providers.sketching.mood import Mood
from imagegen.providers.sketching.noise import Floats, field
from imagegen.providers.sketching.palette import Colour, Palette, colour, luma, mix, of_luma, palette
from imagegen.providers.sketching.shapes import covered, glow, gradient, smooth

WORDS = (
    "city cityscape skyline skyscraper skyscrapers building buildings tower towers street streets downtown urban"
    " metropolis town rooftop rooftops seoul tokyo paris london york shanghai architecture facade bridge traffic"
    " cyberpunk neon apartment office synthwave retrowave vaporwave"
)
STYLE_WORDS = "noir cyberpunk synthwave isometric voxel"
_RETRO = palette("2a0f4a 5d1a6e d9447f ffe27a 8a2f83 12081f")
_RETRO_WORDS = "synthwave retrowave vaporwave neon cyberpunk retro"
_WATER = "river harbour harbor bay sea water lake reflection reflections canal bridge rain rainy"
_ROWS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One row of houses: left edges, widths, tops and kinds of roof, and the seed of its windows."""

    edges: Floats
    tops: Floats
    roofs: Floats
    salts: Floats
    base: Colour
    foot: Colour
    lamp: Colour
    lit: float
    """The share of windows in which light burns."""
    storey: float
    low: float
    """The y to which it reaches down."""

    def layer(self) -> Layer:
        """The row as paint."""
        return Layer(self._shade, (-4, float(self.tops.min()) - 0.13, 4, self.low))

    def _shade(self, at: Patch) -> tuple[Floats, Floats]:
        house = np.clip(np.searchsorted(self.edges, at.x[0], side="right") - 1, 0, len(self.tops) - 1)
        left, right = self.edges[house][None, :], self.edges[house + 1][None, :]
        share = (at.x - left) / (right - left)
        top = self.tops[house][None, :] - self._roof(house, share, right - left)
        cover = covered(top - at.y, at.pixel) * np.ones_like(at.x)
        depth = np.clip((at.y - top) / np.float32(max(self.low - self.tops.min(), 0.1)), 0, 1)
        colours = self.base + (self.foot - self.base) * (depth**1.4)[..., None]
        colours *= (1.05 - 0.13 * smooth(share, 0.2, 1.0))[..., None]
        light = self._windows(at, house, top, left, right)
        colours += (self.lamp - colours) * light[..., None]
        return colours, np.asarray(cover, dtype=np.float32)

    def _roof(self, house: np.ndarray, share: Floats, width: Floats) -> Floats:
        """What rises above the flat top: a step, a spire, a slope or an aerial."""
        kind = self.roofs[house][None, :]
        middle = np.abs(share - 0.5)
        step = width * 0.22 * (middle < 0.3) + width * 0.2 * (middle < 0.16)
        spire = np.clip(0.5 - middle, 0, 0.5) * width * 1.5
        slope = share * width * 0.45
        aerial = 0.05 * (middle * width < 0.0016) + 0.012 * (middle < 0.28)
        chosen = np.select([kind < 0.2, kind < 0.3, kind < 0.42, kind < 0.56], [step, spire, slope, aerial], 0.0)
        return np.asarray(chosen, dtype=np.float32)

    def _windows(self, at: Patch, house: np.ndarray, top: Floats, left: Floats, right: Floats) -> Floats:
        salt = self.salts[house][None, :]
        pane = np.float32(self.storey) * (0.62 + 0.5 * (salt % 1))
        count = np.maximum(np.floor((right - left) * 0.86 / pane), 1)
        column = (at.x - left - (right - left) * 0.07) / ((right - left) * 0.86) * count
        row = (at.y - self.tops[house][None, :] - np.float32(0.5 * self.storey)) / np.float32(self.storey)
        inside = (column > 0) & (column < count) & (row > 0) & (at.y > top)
        noise = np.abs(np.sin(np.floor(column) * 12.9898 + np.floor(row) * 78.233 + salt * 37.7) * 43758.547) % 1
        storey = np.abs(np.sin(np.floor(row) * 9.17 + salt * 11.3) * 9631.7) % 1
        burns = smooth(noise, 1 - self.lit + 0.1 * (storey - 0.5), 1 - self.lit + 0.12) * (0.45 + 0.55 * storey)
        across, down = np.abs(column % 1 - 0.5), np.abs(row % 1 - 0.5)
        edge_x, edge_y = at.pixel / pane, at.pixel / self.storey
        shape = np.clip((0.31 - across) / edge_x + 0.5, 0, 1) * np.clip((0.3 - down) / edge_y + 0.5, 0, 1)
        return np.asarray(shape * burns * inside, dtype=np.float32)


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A city at the hour of the brief."""
    frame = Frame.of(width, height)
    retro = brief.words.has(_RETRO_WORDS)
    colours = _RETRO if retro and brief.mood.hour != "day" else brief.mood.palette
    wet = brief.words.has(_WATER) or random.random() < 0.25
    street = frame.bottom * (0.52 if wet else 1.0)
    layers = [
        *_sky(brief.mood, colours, frame, random, retro=retro),
        *(row.layer() for row in _rows(brief.mood, colours, frame, street, random)),
    ]
    picture = compose(layers, width, height, random)
    return _mirrored(picture, street / frame.bottom, colours, random) if wet else picture


def _sky(mood: Mood, colours: Palette, frame: Frame, random: np.random.Generator, *, retro: bool) -> list[Layer]:
    bottom = frame.bottom
    layers = [
        gradient(
            (-bottom, -0.25 * bottom, 0.35 * bottom, bottom),
            (colours.zenith, colours.sky, colours.horizon, mix(colours.horizon, colours.haze, 0.5)),
        )
    ]
    dark = luma(colours.zenith) < 60
    if dark:
        layers.append(stars(random, frame, count=260, below=0.1 * bottom))
    low = mood.hour in ("dawn", "golden", "sunset", "dusk") or retro
    radius = float(random.uniform(0.24, 0.3)) if low else 0.07
    x = float(random.uniform(-0.14, 0.14)) if low else float(random.uniform(-0.3, 0.3))
    y = -0.06 * bottom - float(random.uniform(0.0, 0.08)) if low else -0.62 * bottom
    shine = mix(colours.light, colours.horizon, 0.2 if low else 0.0)
    fading = mix(colours.horizon, colours.sky, 0.35) if low else mix(shine, colours.horizon, 0.25)
    layers.append(glow(x, y, radius * 3.1, radius * 3.1, colours.light, 0.5))
    layers.append(_sun(x, y, radius, shine, fading, striped=retro))
    if mood.clouds > 0 and not retro:
        layers.append(_clouds(mood, colours, frame, random))
    return layers


def _sun(x: float, y: float, radius: float, shine: Colour, low: Colour, *, striped: bool) -> Layer:
    def shade(at: Patch) -> tuple[Floats, Floats]:
        down = (at.y - np.float32(y)) / np.float32(radius)
        far = np.sqrt((at.x - np.float32(x)) ** 2 + (at.y - np.float32(y)) ** 2) - np.float32(radius)
        cover = covered(far, at.pixel)
        if striped:
            gap = np.clip(down, 0, 1) * 0.55
            stripe = np.abs((down * 6.5) % 1 - 0.5)
            cover = cover * np.clip((stripe - gap * 0.5) * radius / (6.5 * at.pixel) + 0.5, 0, 1)
        share = smooth(down, -0.5, 1.0)
        colours = shine + (low - shine) * share[..., None]
        return np.broadcast_to(colours, (*cover.shape, 3)), cover

    return Layer(shade, (x - radius * 1.01, y - radius * 1.01, x + radius * 1.01, y + radius * 1.01))


def _clouds(mood: Mood, colours: Palette, frame: Frame, random: np.random.Generator) -> Layer:
    density = field(random, columns=3, lines=9)
    tint = mix(colours.light, colours.haze, 0.4)

    def shade(at: Patch) -> tuple[Colour, Floats]:
        top, bottom = (float(at.y[place, 0]) / frame.bottom / 2 + 0.5 for place in (0, -1))
        cover = density.rows(top, min(bottom + at.pixel, 1.0), at.x.size, at.y.size)
        share = np.clip((cover - (0.98 - 0.6 * mood.clouds)) * 2, 0, 1) * smooth(at.y, 0.2, -0.2)
        return tint, np.asarray(0.6 * share, dtype=np.float32)

    return Layer(shade)


def _rows(mood: Mood, colours: Palette, frame: Frame, street: float, random: np.random.Generator) -> list[Row]:
    night = mood.hour in ("night", "dusk", "sunset") or luma(colours.zenith) < 60
    lamp = mix(colour("ffd27a"), colours.light, 0.25)
    walls = mix(colours.land, colour("2c3a5c"), 0.65) if mood.hour in ("day", "golden") else colours.land
    rows = []
    for index in range(_ROWS):
        near = index / (_ROWS - 1)
        share = 0.2 + 0.8 * near**0.9
        base = mix(colours.haze, walls, share)
        base = mix(base, colours.sky, 0.18 * (1 - near))
        foot = mix(base, colours.haze, (0.42 + 0.3 * mood.fog) * (1 - 0.75 * near))
        tall = (0.62 - 0.4 * near) * min(street + 0.5, 1.0)
        edges, tops = _houses(
            random, frame, street - 0.02 - tall, tall * (0.75 - 0.25 * near), 0.075 + 0.035 * near
        )
        lit = (0.34 + 0.14 * near) if night else 0.16 * near
        rows.append(
            Row(
                edges=edges,
                tops=tops,
                roofs=random.random(len(tops), dtype=np.float32),
                salts=(100 * random.random(len(tops), dtype=np.float32)),
                base=base,
                foot=foot,
                lamp=lamp if night else of_luma(base, min(luma(base) + 46, 250)),
                lit=lit if night else 0.75,
                storey=0.0125 + 0.0065 * near,
                low=street,
            )
        )
    return rows


def _houses(
    random: np.random.Generator, frame: Frame, middle: float, spread: float, width: float
) -> tuple[Floats, Floats]:
    """Edges and tops of a row that is wide enough for every frame, drawn from its middle outwards."""
    count = 72
    widths = width * random.uniform(0.45, 1.25, count).astype(np.float32)
    heights = random.beta(1.6, 2.6, count).astype(np.float32)
    edges = np.concatenate((np.zeros(1, np.float32), np.cumsum(widths))) - widths.sum() / 2
    place = (edges[:-1] + edges[1:]) / 2
    downtown = np.exp(-((place / (0.42 + 0.4 * (frame.right - 0.5))) ** 2))
    tops = middle + spread * (0.62 - 1.15 * heights * (0.45 + 0.75 * downtown))
    return edges.astype(np.float32), tops.astype(np.float32)


def _mirrored(picture: Image.Image, shore: float, colours: Palette, random: np.random.Generator) -> Image.Image:
    """The lower part of the picture as water, in which the upper part is seen again."""
    pixels = np.asarray(picture).copy()
    height, width = pixels.shape[:2]
    first = round((0.5 + shore / 2) * height)
    phase = float(random.uniform(0, 6))
    deep = mix(colours.zenith, colours.land, 0.55)
    columns = np.arange(width)[None, :]
    for start in range(first, height, 128):
        row = np.arange(start, min(start + 128, height), dtype=np.float32)[:, None]
        depth = (row - first) / height
        across = columns.astype(np.float32) / height
        wave = np.sin(620 * depth**0.6 + 7 * np.sin(2.7 * across + 30 * depth + phase)) + 0.5 * np.sin(
            990 * depth**0.62 - 11 * across
        )
        source = first - 1 - (row - first) * 1.5 - np.abs(wave) * (0.0012 + 0.03 * depth) * height
        aside = columns + wave * (0.001 + 0.012 * depth) * height
        seen = pixels[source.clip(0, first - 1).astype(np.intp), aside.clip(0, width - 1).astype(np.intp)]
        share = np.clip(0.24 + 0.7 * depth + 0 * wave, 0, 1)[..., None]
        pixels[start : start + row.size] = (seen + (deep - seen) * share).astype(np.uint8)
    return Image.fromarray(pixels)

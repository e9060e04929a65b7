"""From a scene to pixels, in bands of rows, so that a 4K picture needs no more memory at once than a small one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from imagegen.providers.sketching.families.landscape_scene import SPAN, Body, Ridge, Scene
from imagegen.providers.sketching.noise import Floats
from imagegen.providers.sketching.palette import mix

Pixels = NDArray[np.uint8]
"""Rows × columns × RGB."""

_BAND = 96
_GRAIN = 2.2
_CLOUDS_BELOW_HORIZON = 0.2


def paint(scene: Scene, width: int, height: int, random: np.random.Generator) -> Pixels:
    """The picture of a scene. Grain is drawn from `random` and hides the steps of soft gradients."""
    canvas = np.empty((height, width, 3), dtype=np.uint8)
    land_rows = height if scene.shore is None else min(round(scene.shore * height), height)
    places = (0.5 + ((np.arange(width) + 0.5) / height - 0.5 * width / height) / SPAN).astype(np.float32)
    crests = [(ridge.ground(places), ridge.rise(places)) for ridge in scene.ridges]
    grain = _GRAIN * random.standard_normal((256, 256), dtype=np.float32)
    for first, last in _bands(0, land_rows):
        band = _Band(scene, first, last, width, height)
        band.sky()
        for ridge, (ground, rise) in zip(scene.ridges, crests, strict=True):
            band.ridge(ridge, ground, rise)
        canvas[first:last] = _grained(band.pixels, grain, first)
    if scene.shore is not None:
        _water(scene, canvas, land_rows, grain)
    return canvas


def _bands(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last, _BAND):
        yield start, min(start + _BAND, last)


class _Band:
    """Some rows of the picture while they are painted, back to front."""

    def __init__(self, scene: Scene, first: int, last: int, width: int, height: int) -> None:
        self.scene = scene
        self.height = height
        self.top, self.bottom = first / height, last / height
        self.y: Floats = ((np.arange(first, last) + 0.5) / height).astype(np.float32)[:, None]
        self.x: Floats = ((np.arange(width) + 0.5) / height).astype(np.float32)[None, :]
        self.flat = scene.mood.manner == "cartoon"
        self.pixels: Floats = np.empty((last - first, width, 3), dtype=np.float32)

    def sky(self) -> None:
        """Gradient, stars, bodies with their glow, clouds."""
        colours = self.scene.mood.palette
        up = self.y[:, 0] / self.scene.horizon
        if self.flat:
            up = np.round(up * 7) / 7
        stops = np.array((0.0, 0.55, 1.0, 1.3))
        steps = np.stack((colours.zenith, colours.sky, colours.horizon, colours.haze))
        for channel in range(3):
            self.pixels[..., channel] = np.interp(up, stops, steps[:, channel])[:, None]
        if self.top >= self.scene.horizon + _CLOUDS_BELOW_HORIZON:
            return
        if self.scene.mood.stars:
            self._stars()
        for body in self.scene.bodies:
            self._body(body)
        if self.scene.cover > 0:
            self._clouds()

    def _stars(self) -> None:
        rows, columns = self.pixels.shape[:2]
        pixel = self.height / 1024
        for x, y, size, light in self.scene.stars:
            row = int((y**1.3 * self.scene.horizon - self.top) * self.height)
            column, reach = int(x * columns), max(1, round((0.8 + 1.4 * size**6) * pixel))
            if 0 <= row < rows:
                spot = self.pixels[row : row + reach, column : column + reach]
                spot += (255 - spot) * (0.25 + 0.75 * light**2)

    def _body(self, body: Body) -> None:
        distance = np.sqrt((self.x - body.x) ** 2 + (self.y - body.y) ** 2)
        glow = 0.75 * np.exp(-distance / (0.3 * body.glow)) + 0.3 * np.exp(-((distance / body.glow) ** 2))
        edge = 1.2 / self.height
        disc = np.clip((body.radius - distance) / edge + 0.5, 0, 1)
        if body.shadow:
            offset = np.float32(body.radius * (1.9 - 1.5 * body.shadow))
            dark = np.sqrt((self.x - body.x - offset) ** 2 + (self.y - body.y + 0.3 * offset) ** 2)
            disc *= 1 - 0.93 * np.clip((body.radius * 1.02 - dark) / (edge * 6) + 0.5, 0, 1)
            glow *= 0.6
        if self.flat:
            glow = np.round(glow * 5) / 5
        _lay(self.pixels, body.colour, np.maximum(np.minimum(glow, 0.85), disc))

    def _clouds(self) -> None:
        scene = self.scene
        rows, columns = self.pixels.shape[:2]
        # Rows of cloud lie closer together towards the horizon, as a ceiling seen from below does.
        ends = scene.horizon + _CLOUDS_BELOW_HORIZON
        first, last = (1 - (1 - min(edge / ends, 1)) ** 0.7 for edge in (self.top, self.bottom))
        density = scene.clouds.rows(first, last, columns, rows)
        cover: Floats = np.clip((density - (0.95 - 0.75 * scene.cover)) * 2.2, 0, 1).astype(np.float32)
        cover *= cover * (3 - 2 * cover)
        if self.flat:
            cover = np.clip((cover - 0.4) * 0.12 * self.height, 0, 1).astype(np.float32)
            density = (np.round(density * 4) / 4).astype(np.float32)
        body = scene.bodies[-1]
        nearness = np.exp(-np.abs(self.x - body.x) / 0.5) * np.exp(-np.abs(self.y - body.y) / 0.35)
        colours = scene.mood.palette
        shade, lit = mix(colours.horizon, colours.sky, 0.45), mix(colours.light, colours.horizon, 0.4)
        _lay(self.pixels, shade, cover * 0.75)
        _lay(self.pixels, lit, cover * density * (0.15 + 0.7 * nearness))

    def ridge(self, ridge: Ridge, ground: Floats, rise: Floats) -> None:
        """One layer of ground over what is behind it."""
        if self.bottom < float((ground - rise).min()) - 2 / self.height:
            return
        below = self.y - ground
        cover = np.clip((below + rise) * self.height + 0.5, 0, 1)
        rows, columns = self.pixels.shape[:2]
        patches = self.scene.mist.rows(self.top, self.bottom, columns, rows)
        if self.flat:
            self._flat_ridge(ridge, below, rise, cover)
            return
        fading = np.clip(np.clip(below / ridge.depth, 0, 1) * (0.7 + 0.6 * patches), 0, 1)
        shade = ridge.top + (ridge.foot - ridge.top) * fading[..., None]
        body = self.scene.bodies[-1]
        nearness = np.exp(-np.abs(self.x - body.x) / (0.6 * body.glow + 0.05))
        rim = np.exp(-np.clip(below + rise, 0, 1) / 0.012) * nearness
        _lay(shade, body.colour, np.float32(0.28 * (1 - body.shadow)) * rim)
        if ridge.snow:
            self._snow(shade, ridge, ground, below, patches)
        self.pixels += (shade - self.pixels) * cover[..., None]

    def _flat_ridge(self, ridge: Ridge, below: Floats, rise: Floats, cover: Floats) -> None:
        """One colour with an outline, and a lighter hem where snow or light would lie."""
        shade = np.broadcast_to(ridge.top, self.pixels.shape).copy()
        hem = np.clip((ridge.relief * (0.12 + 0.5 * ridge.snow) - below - rise) * self.height, 0, 1)
        white = np.full(3, 255, dtype=np.float32)
        _lay(shade, white, np.float32(0.75 if ridge.snow else 0.14) * hem)
        pen = np.float32(2.6 * self.height / 1024)
        _lay(shade, np.array((28, 24, 40), dtype=np.float32), np.clip(pen - (below + rise) * self.height, 0, 1))
        self.pixels += (shade - self.pixels) * cover[..., None]

    def _snow(self, shade: Floats, ridge: Ridge, ground: Floats, below: Floats, patches: Floats) -> None:
        """Snow lies deeper on higher ground, and reaches down the slope in patches."""
        high = np.clip((ridge.base - ground) / ridge.relief, 0, 1)
        tongues = 0.5 + 0.5 * np.sin(ground * 260 + 9 * patches)
        line = ridge.snow * ridge.relief * (0.08 + high * (0.25 + 0.5 * patches + 0.22 * tongues))
        cap = 0.12 * ridge.top + 0.88 * np.array((250, 252, 255), dtype=np.float32)
        bright = (cap * 0.55 + ridge.top * 0.45) if self.scene.mood.stars else cap
        _lay(shade, bright, np.clip((line - below) / 0.008, 0, 1) * 0.85 * np.clip(ridge.snow, 0, 1))


def _lay(pixels: Floats, colour: Floats, share: Floats) -> None:
    """One colour over the pixels, with a share for each."""
    pixels += (colour - pixels) * share[..., None]


def _water(scene: Scene, canvas: Pixels, shore: int, grain: Floats) -> None:
    """Below the shore the picture above it, mirrored, squeezed and rippled, under the water's own colour."""
    height, width = canvas.shape[:2]
    columns = np.arange(width, dtype=np.float32)[None, :] / height
    colours = scene.mood.palette
    deep = mix(colours.zenith, colours.land, 0.4)
    body = scene.bodies[-1]
    for first, last in _bands(shore, height):
        row = np.arange(first, last, dtype=np.float32)[:, None]
        depth = (row - shore) / height  # 0 at the shore
        wave = np.sin(700 * depth**0.62 + 9 * np.sin(3.1 * columns + 41 * depth)) + 0.6 * np.sin(
            1130 * depth**0.6 - 14 * columns
        )
        lift = wave * (0.0015 + 0.028 * depth) * height
        source = shore - 1 - (row - shore) * 1.35 - np.abs(lift)
        mirrored = canvas[source.clip(0, shore - 1).astype(np.int32), np.arange(width)[None, :]].astype(np.float32)
        _lay(mirrored, deep, np.broadcast_to(0.22 + 0.9 * depth, wave.shape))
        path = np.exp(-(((columns - body.x) / (0.03 + 0.22 * depth)) ** 2))
        glitter = np.clip(wave - 0.55, 0, 1) * path * (0.75 - 0.9 * depth) * (1 - 0.5 * body.shadow)
        _lay(mirrored, body.colour, np.clip(glitter, 0, 1))
        line = np.exp(-depth * height / 2.5) * 0.35
        _lay(mirrored, colours.horizon, np.broadcast_to(line, wave.shape))
        canvas[first:last] = _grained(mirrored, grain, first)


def _grained(pixels: Floats, grain: Floats, first: int) -> Pixels:
    rows, columns = pixels.shape[:2]
    tile = np.roll(grain, (-first % 251, first % 241), axis=(0, 1))
    repeats = (-(-rows // 256), -(-columns // 256))
    pixels += np.tile(tile, repeats)[:rows, :columns, None]
    return pixels.clip(0, 255).astype(np.uint8)

"""Kinds of light and film: a studio's, a dream's, an enchanted evening's, black and white."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from imagegen.providers.sketching.manners.tone import floats, image, luma_of
from imagegen.providers.sketching.noise import Floats, field

_BLUSH = np.array((255, 214, 214), dtype=np.float32)
_VIOLET, _AMBER = (np.array(shade, dtype=np.float32) for shade in ((64, 34, 120), (255, 226, 170)))


def _from_centre(size: tuple[int, int]) -> Floats:
    """How far each place is from the centre: 0 there, 1 at the middle of the shorter edges."""
    width, height = size
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in (height, width))
    return np.asarray(np.sqrt(x[None, :] ** 2 + y[:, None] ** 2))


def _soft(picture: Image.Image, share: float) -> Image.Image:
    """A soft copy; the radius is a share of the shorter edge. Blurred small, for that looks the same."""
    width, height = picture.size
    small = picture.resize((max(1, width // 4), max(1, height // 4)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(min(width, height) * share / 4)).resize(picture.size)


def studio(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """As through a portrait lens: sharp in the middle, soft around it, darker corners, deeper contrast."""
    far = _from_centre(picture.size)
    pixels, soft = floats(picture), floats(_soft(picture, 0.012))
    pixels = pixels + (soft - pixels) * (np.clip((far - 0.7) * 1.6, 0, 1))[..., None]
    share = pixels / 255
    curve = share * share * (3 - 2 * share)
    pixels = 255 * (share + 0.4 * (curve - share))
    return image(pixels * (1.04 - 0.24 * np.clip(far - 0.35, 0, 1.2) ** 2)[..., None])


def bloom(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Blush and light that spills over, with petals out of focus."""
    soft = floats(_soft(picture, 0.03))
    pixels = 255 - (255 - floats(picture)) * (1 - 0.5 * soft / 255)
    pixels = pixels + (_BLUSH - pixels) * np.float32(0.2)
    petals = _petals(picture.size, random)
    return image(pixels + (np.array((255, 188, 200), np.float32) - pixels) * (0.62 * petals)[..., None])


def _petals(size: tuple[int, int], random: np.random.Generator) -> Floats:
    """Falling petals near the edges, soft as things close to a lens are; 0 to 1."""
    width, height = size
    scale = 360 / min(size)
    layer = Image.new("L", (round(width * scale), round(height * scale)))
    for _ in range(16):
        x, y, length, turn, strength = (float(value) for value in random.random(5))
        side = 0.5 + np.sign(x - 0.5) * (0.24 + 0.3 * abs(x - 0.5) * 2)
        long = round(16 + 34 * length)
        petal = Image.new("L", (2 * long, 2 * long))
        box = (long - long // 2, long - long // 4, long + long // 2, long + long // 4)
        ImageDraw.Draw(petal).ellipse(box, fill=round(70 + 150 * strength))
        petal = petal.rotate(180 * turn)
        layer.paste(255, (round(side * layer.width) - long, round(y * layer.height) - long), petal)
    soft = layer.filter(ImageFilter.GaussianBlur(2.6))
    return np.asarray(soft.resize(size, Image.Resampling.BICUBIC), dtype=np.float32) / 255


def luminous(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Violet shadows, amber light, rays through mist and motes that glow."""
    width, height = picture.size
    pixels = floats(picture)
    share = pixels / 255
    pixels = 255 * share**1.35 * (0.72 + 0.28 * share)
    tone = (luma_of(pixels) / 255)[..., None]
    split = _VIOLET + (_AMBER - _VIOLET) * tone
    pixels = pixels + (split - pixels) * np.float32(0.32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(min(width, height))
    from_x = float(random.uniform(0.15, 0.85)) * width / min(width, height)
    angle = np.arctan2(x - np.float32(from_x), y + np.float32(0.35))
    rays = 0.5 + 0.3 * np.sin(angle * 31 + 2) + 0.2 * np.sin(angle * 57)
    mist = field(random, columns=3, lines=3, octaves=5).rows(0, 1, width, height)
    beam = np.clip(rays - 0.35, 0, 1) * np.clip(1.1 - y, 0, 1) * (0.55 + 0.45 * mist)
    pixels = 255 - (255 - pixels) * (1 - 0.5 * beam[..., None] * _AMBER / 255)
    soft = floats(_soft(image(pixels), 0.03))
    pixels = 255 - (255 - pixels) * (1 - 0.34 * np.clip(soft - 70, 0, 255) / 255)
    motes = floats(_motes(picture.size, random))[..., None] / 255
    return image(pixels + (np.array((255, 240, 200), np.float32) - pixels) * motes)


def _motes(size: tuple[int, int], random: np.random.Generator) -> Image.Image:
    """Small lights with a halo; a grey picture."""
    edge = min(size)
    layer = Image.new("L", size)
    draw = ImageDraw.Draw(layer)
    for _ in range(70):
        x, y, big, strength = (float(value) for value in random.random(4))
        radius = edge * (0.0012 + 0.0036 * big**4)
        place = (x * size[0], y * size[1])
        box = (place[0] - radius, place[1] - radius, place[0] + radius, place[1] + radius)
        draw.ellipse(box, fill=round(90 + 165 * strength))
    return ImageChops.add(
        layer.filter(ImageFilter.GaussianBlur(edge / 1400)),
        layer.filter(ImageFilter.GaussianBlur(edge / 190)),
        0.8,
    )


def noir(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Hard black and white with the light of a blind, dark corners and film grain."""
    width, height = picture.size
    tone = luma_of(floats(picture))
    low, high = (float(value) for value in np.quantile(tone[::8, ::8], (0.03, 0.97)))
    share = ((tone - low) / max(high - low, 30)).clip(0, 1)
    hard = share * share * (3 - 2 * share)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(min(width, height))
    lean = float(random.uniform(0.25, 0.45))
    slat = np.sin((y + lean * x) * 42)
    light = 0.62 + 0.38 * np.clip(slat * 4 + 1.4, 0, 1)
    beam = np.clip(1.4 - 2.2 * np.abs(y + lean * x - 0.75), 0, 1)
    light = 1 - beam * (1 - light)
    vignette = 1.06 - 0.62 * np.clip(_from_centre(picture.size) - 0.3, 0, 1.1) ** 1.5
    grain = 7 * random.standard_normal((512, 512), dtype=np.float32)
    tiled = np.asarray(
        Image.fromarray(np.tile(grain, (2, 2))).resize((2 * min(width, height), 2 * min(width, height)))
    )
    film = np.tile(tiled, (-(-height // tiled.shape[0]), -(-width // tiled.shape[1])))[:height, :width]
    grey = (8 + 246 * hard * light * vignette + film)[..., None]
    return image(grey * np.array((1.0, 0.985, 0.955), np.float32))

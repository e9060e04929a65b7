"""Photo-like pictures, encoded once and made unique for each answer without encoding them again."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Literal

import numpy as np
from PIL import Image

PictureFormat = Literal["jpeg", "png"]

# Observed from the living model at 1K; 2K and 4K are twice and four times as wide.
PIXELS_1K = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
SCALES = {"1K": 1, "2K": 2, "4K": 4}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture up to the place of its comment, and the base64 of all that follows the comment."""

    head: bytes
    tail: bytes
    tail_base64: bytes
    format: PictureFormat

    def unique(self, mark: int) -> tuple[bytes, bytes]:
        """The picture's base64 in two pieces, carrying `mark` in a comment."""
        return base64.b64encode(self.head + self._comment(mark)), self.tail_base64

    def picture(self, mark: int) -> bytes:
        """The picture that `unique(mark)` encodes."""
        return self.head + self._comment(mark) + self.tail

    def _comment(self, mark: int) -> bytes:
        text = f"picture {mark}".encode()
        if self.format == "jpeg":
            size = _whole_triples(len(self.head) + 4, len(text))
            return b"\xff\xfe" + struct.pack(">H", size + 2) + text.ljust(size)
        size = _whole_triples(len(self.head) + 12, len(text) + 8)
        data = b"tEXtComment\x00" + text.ljust(size - 8)
        return struct.pack(">I", size) + data + struct.pack(">I", zlib.crc32(data))


def _whole_triples(before: int, at_least: int) -> int:
    """The smallest length from `at_least` on with which the bytes before fill whole base64 groups."""
    return at_least + -(before + at_least) % 3


def encoded(aspect_ratio: str, image_size: str, picture_format: PictureFormat = "jpeg") -> Encoded:
    """The picture of that shape: about 0.6 MB as JPEG at 1K, 2.4 MB at 2K, as photographs have."""
    width, height = PIXELS_1K[aspect_ratio]
    scale = SCALES[image_size]
    return encoded_at(width * scale, height * scale, picture_format)


@lru_cache(maxsize=64)
def encoded_at(width: int, height: int, picture_format: PictureFormat) -> Encoded:
    """The picture of that many pixels."""
    data = _encode(_photograph(width, height), picture_format)
    # The comment stands behind the JFIF segment (2 + 18 bytes) or the IHDR chunk (8 + 25 bytes).
    split = 20 if picture_format == "jpeg" else 33
    return Encoded(data[:split], data[split:], base64.b64encode(data[split:]), picture_format)


@lru_cache(maxsize=1)
def thought() -> bytes:
    """A small interim picture as JPEG, in base64."""
    return base64.b64encode(_encode(_photograph(256, 256), "jpeg"))


def _photograph(width: int, height: int) -> Image.Image:
    random = np.random.default_rng(20261121)
    down, across = np.mgrid[0:1:512j, 0:1:512j]
    tile = np.stack([200 - 120 * down, 140 + 60 * across * down, 90 + 120 * down], axis=-1)
    tile += 20 * random.standard_normal((512, 512, 1)) + 6 * random.standard_normal((512, 512, 3))
    repeats = (-(-height // 512), -(-width // 512), 1)
    pixels = np.tile(tile.clip(0, 255).astype(np.uint8), repeats)[:height, :width]
    return Image.fromarray(np.ascontiguousarray(pixels))


def _encode(picture: Image.Image, picture_format: PictureFormat) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, picture_format, quality=90, compress_level=1)
    return buffer.getvalue()

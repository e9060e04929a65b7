"""Cut-outs as PNG, the form in which designers pass them on.

Pillow tries five filters on each row and takes twice as long as lossless WebP, 320 ms on 2048². One filter for all
rows, and Intel's compressor for the rest, take 50; the file is half as large again as the WebP, and two thirds of
Pillow's own at its quickest (measured on photographs of scikit-image, cut out with u2netp).
"""

from __future__ import annotations

import struct

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_RGBA = bytes((8, 6, 0, 0, 0))
_UP = 2
"""The filter: each byte less the one above it."""
_LEVEL = 1
_ROWS = 64
"""Filtered and compressed at a time, so that they stay in the processor's cache."""


def png(image: Image.Image) -> bytes:
    """An RGBA picture as PNG. What is wholly transparent becomes black: colours that nobody sees are not kept."""
    pixels = np.asarray(image).reshape(image.height, image.width, 4)
    compressor = isal_zlib.compressobj(_LEVEL)
    above = np.zeros(image.width * 4, np.uint8)
    parts = []
    for begin in range(0, image.height, _ROWS):
        rows = _seen(pixels[begin : begin + _ROWS])
        parts.append(compressor.compress(_filtered(rows, above)))
        above = rows[-1]
    parts.append(compressor.flush())
    size = struct.pack(">II", image.width, image.height)
    header = _chunk(b"IHDR", size + _EIGHT_BIT_RGBA)
    return b"".join((_SIGNATURE, header, _chunk(b"IDAT", b"".join(parts)), _chunk(b"IEND", b"")))


def _seen(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows of bytes, without what hides under full transparency."""
    whole = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    return (whole * (pixels[..., 3] > 0)).view(np.uint8).reshape(len(pixels), -1)


def _filtered(rows: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each row behind the number of its filter; `above` is the row before the first."""
    filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    np.subtract(rows[0], above, out=filtered[0, 1:])
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = isal_zlib.crc32(kind + content)
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)))

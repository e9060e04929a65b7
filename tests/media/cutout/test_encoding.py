"""Cut-outs as PNG files: every reader finds the same pixels in them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagegen.media.cutout.encoding import _ROWS, png


def noise(width: int, height: int) -> Image.Image:
    """Any colours and any transparency."""
    return Image.fromarray(np.random.default_rng(4).integers(0, 256, (height, width, 4), np.uint8))


@pytest.mark.parametrize("height", [1, 2, _ROWS - 1, _ROWS, _ROWS + 1, 5 * _ROWS + 3])
@pytest.mark.parametrize("width", [1, 7, 300])
def test_the_pixels_come_back(width: int, height: int) -> None:
    image = noise(width, height)
    read = Image.open(BytesIO(png(image)))
    assert (read.format, read.mode, read.size) == ("PNG", "RGBA", (width, height))
    seen = np.asarray(image).copy()
    seen[seen[..., 3] == 0] = 0
    assert np.array_equal(np.asarray(read), seen)


def test_colours_under_full_transparency_are_not_kept() -> None:
    hidden = Image.new("RGBA", (64, 64), (200, 100, 50, 0))
    assert not np.asarray(Image.open(BytesIO(png(hidden)))).any()


def test_the_file_is_as_the_format_wants_it() -> None:
    """Readers are lenient; here the checksums are reckoned with another library than the writer's."""
    data = png(noise(20, 30))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    kinds, contents, at = [], {}, 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length) == (zlib.crc32(kind + content),)
        kinds.append(kind)
        contents[kind] = content
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert contents[b"IHDR"] == struct.pack(">IIBBBBB", 20, 30, 8, 6, 0, 0, 0)
    assert len(zlib.decompress(contents[b"IDAT"])) == 30 * (1 + 20 * 4)


def test_the_same_picture_gives_the_same_file() -> None:
    assert png(noise(50, 90)) == png(noise(50, 90))

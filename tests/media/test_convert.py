"""Downloads in another format: the same pixels, transparency kept or put on white."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from imagegen.media.convert import converted
from imagegen.media.inspect import FORMATS, NotAPicture, PictureFormat


def encoded(image: Image.Image, format: str = "png", **options: Any) -> bytes:  # noqa: A002
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def half_clear() -> Image.Image:
    """Red on the left, nothing on the right."""
    image = Image.new("RGBA", (64, 32), (0, 0, 0, 0))
    image.paste((200, 10, 10, 255), (0, 0, 32, 32))
    return image


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_every_format_becomes_every_other(source: PictureFormat, target: PictureFormat) -> None:
    picture = encoded(Image.new("RGB", (40, 30), (20, 120, 220)), source)
    made = opened(converted(picture, target))
    assert (made.format, made.size) == (target.upper(), (40, 30))
    pixel = made.convert("RGB").getpixel((20, 15))
    assert isinstance(pixel, tuple)
    assert all(abs(a - b) <= 4 for a, b in zip(pixel, (20, 120, 220), strict=True))


@pytest.mark.parametrize("target", ["png", "webp"])
def test_transparency_stays(target: PictureFormat) -> None:
    made = opened(converted(encoded(half_clear()), target))
    assert made.mode == "RGBA"
    assert made.getchannel("A").getextrema() == (0, 255)


def test_in_a_jpeg_transparency_becomes_white() -> None:
    made = opened(converted(encoded(half_clear()), "jpeg"))
    right, left = made.getpixel((56, 16)), made.getpixel((8, 16))
    assert isinstance(right, tuple)
    assert isinstance(left, tuple)
    assert min(right) >= 252
    assert left[0] > 150 > 60 > left[1]


def test_no_metadata_is_taken_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    picture = encoded(Image.new("RGB", (8, 8)), "jpeg", exif=exif, comment=b"another")
    for target in FORMATS:
        assert b"secret" not in converted(picture, target)
        assert b"another" not in converted(picture, target)


def test_a_damaged_picture_is_told() -> None:
    with pytest.raises(NotAPicture):
        converted(encoded(Image.new("RGB", (64, 64)))[:60], "jpeg")

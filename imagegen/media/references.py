"""Reference pictures: what people upload, made safe and small enough to send to any provider."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Literal

from PIL import Image

from imagegen.media.chunks import is_bare
from imagegen.media.inspect import ALLOWED, MEDIA_TYPES, PICTURE_MAX_PIXELS, NotAPicture, PictureFormat, inspect
from imagegen.media.pixels import render

UPLOAD_MAX_BYTES = 20 * 1024 * 1024
UPLOAD_MAX_PIXELS = 50_000_000
UPLOAD_MIN_SIDE = 16
"""Pixels. Providers refuse smaller pictures, each with words of its own."""
STORED_MAX_EDGE = 3072
"""Pixels on the longer edge: what the catalogue's models take at most unless their record says otherwise."""
SENT_MAX_BYTES = 7_000_000
"""Gemini's limit for one inline picture (Vertex AI documentation, November 2026), read as decimal to be safe."""
LOSSLESS_MAX_PIXELS = 4_000_000
"""Above this a PNG takes seconds to write and passes `SENT_MAX_BYTES` for most photographs."""

_QUALITIES = (92, 85, 75)
_Reason = Literal["type", "corrupt", "too_many_pixels", "too_large"]


class ReferenceRefused(Exception):  # noqa: N818 - an answer to a person, not a fault
    """The upload cannot be a reference. The message is plain and says what is allowed.

    `reason` is `corrupt` also for a picture that is too small to show anything.
    """

    def __init__(self, reason: _Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CleanReference:
    """A picture made anew: upright, 8-bit sRGB, no metadata. `sha256` is of `data`; sizes in pixels."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    sha256: str


def clean_reference(data: bytes) -> CleanReference:
    """An upload as it is stored. Decodes all of it; raises `ReferenceRefused`."""
    if len(data) > UPLOAD_MAX_BYTES:
        raise ReferenceRefused(
            "too_large", f"The file has {len(data) / 1024 / 1024:.1f} MB; allowed: up to 20 MB of {ALLOWED}."
        )
    cleaned, media_type, (width, height) = _remade(data, STORED_MAX_EDGE, UPLOAD_MAX_PIXELS, UPLOAD_MIN_SIDE)
    return CleanReference(cleaned, media_type, width, height, hashlib.sha256(cleaned).hexdigest())


def scaled_for(data: bytes, max_edge: int) -> tuple[bytes, str]:
    """A stored reference or an image of the gallery as one model takes it, with its media type.

    At most `max_edge` pixels on the longer edge and `SENT_MAX_BYTES`, without metadata. Bytes that are so already
    are returned as they are. Raises `ReferenceRefused` when the picture is damaged.
    """
    try:
        found = inspect(data)
    except NotAPicture as error:
        raise ReferenceRefused(error.reason, str(error)) from None
    fits = max(found.width, found.height) <= max_edge and len(data) <= SENT_MAX_BYTES
    if fits and is_bare(data, found.format):
        return data, MEDIA_TYPES[found.format]
    cleaned, media_type, _ = _remade(data, max_edge, PICTURE_MAX_PIXELS, 1)
    return cleaned, media_type


def _remade(data: bytes, max_edge: int, max_pixels: int, min_side: int) -> tuple[bytes, str, tuple[int, int]]:
    try:
        found = inspect(data, max_pixels=max_pixels)
        if min(found.width, found.height) < min_side:
            raise ReferenceRefused(
                "corrupt",
                f"The picture has {found.width} × {found.height} pixels; allowed: at least {min_side} a side.",
            )
        image, _ = render(data, (max_edge, max_edge), max_pixels=max_pixels, reducing_gap=3.0)
    except NotAPicture as error:
        raise ReferenceRefused(error.reason, str(error)) from None
    return _encoded(image, lossless=found.format == "png")


def _encoded(image: Image.Image, *, lossless: bool) -> tuple[bytes, str, tuple[int, int]]:
    """The smallest loss that fits `SENT_MAX_BYTES`: first less quality, then fewer pixels."""
    while True:
        for picture_format, options in _encodings(image, lossless=lossless):
            file = BytesIO()
            image.save(file, picture_format, **options)
            if file.tell() <= SENT_MAX_BYTES:
                return file.getvalue(), MEDIA_TYPES[picture_format], image.size
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)), reducing_gap=2.0)


def _encodings(image: Image.Image, *, lossless: bool) -> Iterator[tuple[PictureFormat, dict[str, Any]]]:
    """How to try to write it, best first.

    PNG for drawings and cut-outs of modest size, whose flat colours and edges JPEG blurs. Photographs were lossy
    when they came, so JPEG keeps them, in a tenth of the time. Large pictures with alpha become WebP, which every
    provider that takes PNG takes as well.
    """
    transparent = image.mode == "RGBA"
    if (lossless or transparent) and image.width * image.height <= LOSSLESS_MAX_PIXELS:
        yield "png", {}
    for quality in _QUALITIES:
        yield ("webp", {"quality": quality, "method": 3}) if transparent else ("jpeg", {"quality": quality})

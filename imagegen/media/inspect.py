"""What a picture file is: its format and size, told from its content and never from its name.

Only the header is read. A picture that claims more pixels than allowed is refused before anything is decoded, and
Pillow's process-wide limit and its warning play no part: format classes are opened directly, so that threads with
different limits do not meet.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final, Literal, cast, get_args

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

PictureFormat = Literal["png", "jpeg", "webp"]
Refusal = Literal["type", "corrupt", "too_many_pixels"]

FORMATS: Final[tuple[PictureFormat, ...]] = get_args(PictureFormat)
MEDIA_TYPES: Final[dict[PictureFormat, str]] = {name: f"image/{name}" for name in FORMATS}
ALLOWED = "PNG, JPEG or WebP"

PICTURE_MAX_PIXELS = 100_000_000
"""For pictures that providers send: five times 4K, the largest size that is sold."""

BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, AssertionError)
"""What Pillow raises for a picture that is cut short or damaged; found by reading its plugins and by fuzzing."""

_CLASSES: dict[PictureFormat, type[ImageFile]] = {
    "png": PngImageFile,
    "jpeg": JpegImageFile,
    "webp": WebPImageFile,
}
_HEAD_BYTES = 512
_OTHER_TYPES = (
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"PK\x03\x04", "ZIP"),
)


class NotAPicture(Exception):  # noqa: N818 - says what the bytes are, not that something went wrong
    """The bytes are no picture that is accepted. The message is plain and says what is allowed."""

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Inspected:
    """Format and size in pixels as stored, before any EXIF orientation."""

    format: PictureFormat
    width: int
    height: int


def inspect(source: bytes | Path, *, max_pixels: int = PICTURE_MAX_PIXELS) -> Inspected:
    """Format and size of a picture, from its header alone.

    Raises `NotAPicture`, and `OSError` when the file itself cannot be read.
    """
    if isinstance(source, bytes):
        return _inspect(BytesIO(source), max_pixels)
    with source.open("rb") as file:
        return _inspect(file, max_pixels)


def open_picture(file: IO[bytes], format: PictureFormat) -> ImageFile:  # noqa: A002 - the field's own word
    """Pillow's lazy image, chosen by format and without Pillow's own pixel limit. Raises one of `BROKEN`."""
    file.seek(0)
    return _CLASSES[format](file, "")


def sniff(head: bytes) -> PictureFormat:
    """The format that a file's first bytes announce. Raises `NotAPicture`."""
    if not head:
        raise NotAPicture("corrupt", f"The file is empty; allowed: {ALLOWED}.")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    name = _other_type(head)
    raise NotAPicture("type", f"{name or 'This kind of file'} is not accepted; allowed: {ALLOWED}.")


def _inspect(file: IO[bytes], max_pixels: int) -> Inspected:
    head = file.read(_HEAD_BYTES)
    picture_format = sniff(head)
    if (
        picture_format == "webp"
    ):  # libwebp sets canvases aside as soon as it is opened, so its header is read by hand
        _bounded(_webp_size(head), max_pixels)
    try:
        size = open_picture(file, picture_format).size
    except BROKEN as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # the disk's trouble; Pillow's own have no number
            raise
        raise NotAPicture("corrupt", f"The {picture_format.upper()} picture is damaged or cut short.") from None
    _bounded(size, max_pixels)
    return Inspected(picture_format, *size)


def _bounded(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise NotAPicture(
            "too_many_pixels",
            f"The picture has {width} × {height} pixels; allowed: up to {max_pixels // 1_000_000} megapixels.",
        )


def _webp_size(head: bytes) -> tuple[int, int]:
    """Canvas size out of the first chunk (RFC 9649, sections 2.5 to 2.7)."""
    try:
        match head[12:16]:
            case b"VP8X":
                low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", head, 24)
                return 1 + low_width + (high_width << 16), 1 + low_height + (high_height << 16)
            case b"VP8L":
                bits = cast(int, struct.unpack_from("<I", head, 21)[0])
                return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
            case b"VP8 ":
                width, height = struct.unpack_from("<HH", head, 26)
                return width & 0x3FFF, height & 0x3FFF
    except struct.error:
        pass
    raise NotAPicture("corrupt", "The WEBP picture is damaged or cut short.")


def _other_type(head: bytes) -> str | None:
    for magic, name in _OTHER_TYPES:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp":
        return "AVIF" if head[8:12] in (b"avif", b"avis") else "HEIC"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        return "SVG" if b"<svg" in text else "HTML"
    return None

"""Whether a picture file holds nothing but the picture.

Uploaded references are stored that way; an image of the gallery may carry its maker's prompt, a signature or EXIF.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagegen.media.inspect import PictureFormat

_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
_JPEG_JFIF, _JPEG_SCAN = 0xE0, 0xDA
_JPEG_SEGMENTS = frozenset({_JPEG_JFIF, 0xDB, 0xC0, 0xC4, 0xDD, _JPEG_SCAN})  # DQT, baseline SOF0, DHT, DRI
_JFIF_LENGTH = 16  # longer ones hold a small preview


def is_bare(data: bytes, picture_format: PictureFormat) -> bool:
    """True for a whole, still picture without metadata, colour profile or bytes after its end.

    It may say no to a picture that is bare in an unusual way, never yes to one that is not.
    """
    match picture_format:
        case "png":
            return set(_png_chunks(data)) <= _PNG_CHUNKS
        case "webp":
            return set(_webp_chunks(data)) <= _WEBP_CHUNKS
        case "jpeg":
            return _is_bare_jpeg(data)


def _png_chunks(data: bytes) -> Iterator[bytes]:
    position = 8
    while position < len(data):
        name = data[position + 4 : position + 8]
        yield name
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        if name == b"IEND":
            break
    else:
        yield b"cut short"
    if position != len(data):
        yield b"trailing bytes"


def _webp_chunks(data: bytes) -> Iterator[bytes]:
    if int.from_bytes(data[4:8], "little") + 8 != len(data):
        yield b"wrong length"
    position = 12
    while position < len(data):
        yield data[position : position + 4]
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + length + length % 2
    if position != len(data):
        yield b"cut short"


def _is_bare_jpeg(data: bytes) -> bool:
    """Baseline with one scan, so that nothing hides between scans; inside one, FF stands before 00 or RST only."""
    position = 2
    while data[position : position + 1] == b"\xff":
        marker = data[position + 1] if position + 1 < len(data) else 0
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if marker not in _JPEG_SEGMENTS or (marker == _JPEG_JFIF and length != _JFIF_LENGTH):
            return False
        position += 2 + length
        if marker == _JPEG_SCAN:
            return data.find(b"\xff\xd9", position) == len(data) - 2 and data.find(b"\xff\xda", position) == -1
    return False

"""Pictures of every awkward kind, made small and quickly."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (250, 250, 250)


def encoded(image: Image.Image, picture_format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, picture_format, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Red and green above, blue and white below: no two ways of turning it look the same."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> list[str]:
    """The colour names of the quarters, as `quarters()` has them: left to right, top to bottom."""
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}
    width, height = image.size
    found = []
    for x, y in ((1, 1), (3, 1), (1, 3), (3, 3)):
        pixel = image.convert("RGB").getpixel((width * x // 4, height * y // 4))
        assert isinstance(pixel, tuple)
        distance = {
            name: sum(abs(a - b) for a, b in zip(colour, pixel, strict=True)) for colour, name in names.items()
        }
        found.append(min(distance, key=lambda name: distance[name]))
    return found


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that compresses badly."""
    grey = Image.effect_noise((width, height), 90)
    bands = [
        grey,
        grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        grey.transpose(Image.Transpose.ROTATE_180),
        grey,
    ]
    return Image.merge(mode, bands[: len(mode)])


def exif(orientation: int = 1, *, gps: bool = False) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "SECRET camera"
    if gps:
        tags.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return tags.tobytes()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG from packed rows, each behind its filter byte; for depths that Pillow reads and does not write."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
    body = b"".join(extra) + png_chunk(b"IDAT", zlib.compress(rows, 1))
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


def png_bomb() -> bytes:
    """A real 200-megapixel PNG of some 100 KB: 1-bit grey, all black."""
    return png(20_000, 10_000, 1, 0, bytes((1 + 20_000 // 8) * 10_000))


def claiming(picture_format: str, width: int, height: int) -> bytes:
    """A small picture whose header claims another size."""
    if picture_format == "png":
        return png(width, height, 8, 2, bytes(100))
    image = quarters()
    if picture_format == "jpeg":
        data = encoded(image, "jpeg")
        frame = data.index(b"\xff\xc0") + 5
        return data[:frame] + struct.pack(">HH", height, width) + data[frame + 4 :]
    if picture_format == "webp lossy":
        data = encoded(image, "webp")
        return data[:26] + struct.pack("<HH", width, height) + data[30:]
    if picture_format == "webp lossless":
        data = encoded(image, "webp", lossless=True)
        bits = struct.unpack_from("<I", data, 21)[0] & 0xF0000000 | (height - 1) << 14 | (width - 1)
        return data[:21] + struct.pack("<I", bits) + data[25:]
    data = encoded(image, "webp", exif=exif())
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return data[:24] + canvas + data[30:]


def swapped_profile() -> bytes:
    """An ICC profile in which red and green have changed places: colours are wrong unless it is honoured."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {
        bytes(profile[at : at + 4]): at
        for at in range(132, 132 + 12 * struct.unpack_from(">I", profile, 128)[0], 12)
    }
    red, green = tags[b"rXYZ"] + 4, tags[b"gXYZ"] + 4
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))

"""From a picture's bytes to pixels that later steps can trust: 8-bit sRGB, RGB or RGBA, upright, without metadata.

A decoded picture is large (50 megapixels are 200 MB), so only a few are decoded at a time in one process.
"""

from __future__ import annotations

import os
import threading
from io import BytesIO

from PIL import Image, ImageCms, features
from PIL.ImageFile import ImageFile

from imagegen.media.inspect import BROKEN, Inspected, NotAPicture, inspect, open_picture

JPEG_MAX_SCANS = 500
"""By many scans, a small progressive JPEG can ask for hours of decoding. Tools write about 10; the marker also
occurs by chance in what is attached to a picture, once in 64 KB, about 320 times in the largest upload."""

_DECODING = threading.BoundedSemaphore(min(4, max(2, os.cpu_count() or 2)))
_HAS_COLOUR_MANAGEMENT = features.check("littlecms2")
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = range(5, 9)  # orientations that exchange width and height


def render(
    data: bytes, box: tuple[int, int], *, max_pixels: int, reducing_gap: float
) -> tuple[Image.Image, Inspected]:
    """The first frame, scaled down to fit `box`, and what the bytes were.

    `box` is width and height in pixels as displayed; nothing is scaled up. `reducing_gap` is Pillow's: the cheap
    first step of scaling stops at that many times the final size, so 3 is finest and 1 quickest. The image is RGBA
    only if some of it is transparent. Decodes all of the picture; raises `NotAPicture` for what is damaged, cut
    short or too large.
    """
    found = inspect(data, max_pixels=max_pixels)
    with _DECODING:
        try:
            source = open_picture(BytesIO(data), found.format)
            if source.info.get("progressive") and data.count(b"\xff\xda") > JPEG_MAX_SCANS:
                raise NotAPicture("corrupt", "The JPEG picture has too many layers to be opened.")
            return _decoded(source, box, reducing_gap), found
        except BROKEN:
            raise NotAPicture("corrupt", f"The {found.format.upper()} picture is damaged or cut short.") from None


def _decoded(source: ImageFile, box: tuple[int, int], reducing_gap: float) -> Image.Image:
    if (
        source.format != "JPEG"
    ):  # a JPEG is better loaded by thumbnail(), which can decode it at a fraction of its size
        source.load()
    profile: bytes | None = source.info.get("icc_profile")
    orientation = _orientation(source)
    image = _scalable(source)
    lying_box = box[::-1] if orientation in _LYING else box
    image.thumbnail(lying_box, Image.Resampling.LANCZOS, reducing_gap)
    image = _without_empty_alpha(_in_srgb(image, profile))
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    image.info.clear()  # encoders copy comments, profiles and transparent colours from here unasked
    return image


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1, upright, where it is absent or cannot be read."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except BROKEN:
        return 1
    return value if isinstance(value, int) else 1


def _scalable(image: Image.Image) -> Image.Image:
    """The same picture in a mode whose pixels can be averaged: 8 bit, no palette, no transparent colour key."""
    if image.mode == "I;16":  # 16-bit grey; convert("L") would clip instead of scale
        image.info.pop("transparency", None)  # a 16-bit colour key has no 8-bit counterpart
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode not in ("RGBA", "LA") and image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in ("P", "1") else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """8-bit sRGB with the alpha it had. A profile that does not fit the picture counts as none."""
    image.load()
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    colours = {"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode)
    converted = _from_profile(image.convert(colours), profile) if profile and _HAS_COLOUR_MANAGEMENT else None
    if converted is None:
        return image.convert("RGB" if alpha is None else "RGBA")
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The image taken from its profile's colours to sRGB; None if it is sRGB already or the profile is no use."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *BROKEN):
        return None


def _without_empty_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image

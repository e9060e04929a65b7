"""From any picture's bytes to what the models take: upright 8-bit RGB, its transparency beside it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from imagegen.media.cutout.options import CutoutFailed
from imagegen.media.inspect import BROKEN, NotAPicture, open_picture, sniff
from imagegen.media.pixels import render

MAX_PIXELS = 50_000_000
"""As for uploads; the largest size that is sold has 17 million, or 24 in its widest ratio."""
ALLOWED = "PNG, JPEG, WebP, GIF, TIFF or BMP"
FIRST_FRAME = "Only the first frame was used."

_FULL = 255.0
_ALSO = ("GIF", "TIFF", "BMP")
_TOO_LARGE = f"The picture is too large; allowed: up to {MAX_PIXELS // 1_000_000} million pixels."
_UNKNOWN = f"The picture is damaged or of an unknown kind; allowed: {ALLOWED}."


@dataclass(frozen=True, slots=True)
class Picture:
    """`rgb` is RGB and `alpha` L or None, both of the size as displayed. `notice` is a sentence for people."""

    rgb: Image.Image
    alpha: Image.Image | None
    notice: str | None


def opened(source: bytes) -> Picture:
    """The first frame. Decodes all of it; raises `CutoutFailed`."""
    try:
        try:
            file_format = sniff(source)
        except NotAPicture:
            image, is_animated = _of_other_kinds(source)
        else:
            image, _ = render(source, (MAX_PIXELS, MAX_PIXELS), max_pixels=MAX_PIXELS, reducing_gap=3)
            is_animated = getattr(open_picture(BytesIO(source), file_format), "is_animated", False)
    except NotAPicture as error:
        too_large = error.reason == "too_many_pixels"
        raise CutoutFailed(*("too_large", _TOO_LARGE) if too_large else ("picture", _UNKNOWN)) from None
    except Image.DecompressionBombError:
        raise CutoutFailed("too_large", _TOO_LARGE) from None
    except BROKEN:
        raise CutoutFailed("picture", _UNKNOWN) from None
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return Picture(rgb, alpha, FIRST_FRAME if is_animated else None)


def _of_other_kinds(source: bytes) -> tuple[Image.Image, bool]:
    """RGB or RGBA, and whether there are more frames. Raises `CutoutFailed` and what Pillow raises."""
    with Image.open(BytesIO(source), formats=_ALSO) as image:
        if image.width * image.height > MAX_PIXELS:
            raise CutoutFailed("too_large", _TOO_LARGE)
        is_animated = getattr(image, "is_animated", False)
        image.load()
        upright = ImageOps.exif_transpose(image)
    if upright.mode in ("I", "F") or upright.mode.startswith("I;"):
        return _eight_bit(upright), is_animated
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB"), is_animated


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 bit, 32 bit or floating point as 8 bit; Pillow's own conversion clips instead of scaling."""
    values = np.asarray(image.convert("F"))
    brightest = float(values.max())
    white = _FULL if brightest <= _FULL else 65_535.0
    if image.mode == "F":
        white = max(brightest, 1.0)
    scaled = np.nan_to_num(values * (_FULL / white)).clip(0, _FULL)
    return Image.fromarray(scaled.astype(np.uint8)).convert("RGB")

"""Pictures of every awkward kind become upright 8-bit RGB."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from imagegen.media.cutout.options import CutoutFailed
from imagegen.media.cutout.pictures import FIRST_FRAME, opened
from tests.media.pictures import claiming, corners, encoded, exif, noise, png_bomb, quarters

COLOURS = ["red", "green", "blue", "white"]


def ramp(mode: str) -> Image.Image:
    """Grey from dark to bright, over the whole range of the mode."""
    values = np.tile(np.linspace(0, 1, 64), (64, 1))
    kinds = {"I;16": values * 65_535, "I": values * 65_535, "F": values}
    return Image.fromarray(kinds[mode].astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *[(mode, "png") for mode in ("RGB", "RGBA", "P")],
        *[(mode, "jpeg") for mode in ("RGB", "CMYK")],
        *[(mode, "tiff") for mode in ("RGB", "CMYK", "LAB")],
        *[("RGB", kind) for kind in ("webp", "gif", "bmp")],
    ],
)
def test_colours_are_kept(mode: str, kind: str) -> None:
    image = quarters().convert(mode)
    options = {"lossless": True} if kind == "webp" else {}
    picture = opened(encoded(image, kind, **options))
    assert (picture.rgb.mode, picture.rgb.size, picture.notice) == ("RGB", (96, 64), None)
    assert corners(picture.rgb) == COLOURS


@pytest.mark.parametrize(("mode", "kind"), [("I;16", "png"), ("I;16", "tiff"), ("I", "tiff"), ("F", "tiff")])
def test_deep_grey_is_scaled_and_not_clipped(mode: str, kind: str) -> None:
    grey = np.asarray(opened(encoded(ramp(mode), kind)).rgb)
    assert np.abs(grey[32, :, 0] - np.linspace(0, 255, 64)).max() < 2


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_the_orientation_is_applied(kind: str) -> None:
    picture = opened(encoded(quarters(), kind, exif=exif(6)))
    assert picture.rgb.size == (64, 96)
    assert corners(picture.rgb) == ["blue", "red", "white", "green"]


@pytest.mark.parametrize(("mode", "kind"), [("LA", "png"), ("RGBA", "png"), ("RGBA", "webp"), ("RGBA", "tiff")])
def test_transparency_stands_beside(mode: str, kind: str) -> None:
    image = quarters().convert("L" if mode == "LA" else "RGB")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture = opened(encoded(image, kind))
    assert picture.rgb.mode == "RGB"
    assert picture.alpha is not None
    assert picture.alpha.getextrema() == image.getchannel("A").getextrema()


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "tiff"])
def test_of_an_animation_the_first_frame_is_used_and_that_is_told(kind: str) -> None:
    frames = [noise(96, 64), noise(96, 64)]
    picture = opened(encoded(quarters(), kind, save_all=True, append_images=frames))
    assert picture.notice == FIRST_FRAME
    assert corners(picture.rgb) == COLOURS


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", encoded(noise(64, 64), "png")[:900], encoded(noise(64, 64), "gif")[:900], b"GIF89a"],
    ids=["empty", "text", "short png", "short gif", "gif head"],
)
def test_what_is_no_picture_is_refused_with_what_is_allowed(data: bytes) -> None:
    with pytest.raises(CutoutFailed, match="allowed: PNG, JPEG, WebP, GIF, TIFF or BMP") as caught:
        opened(data)
    assert caught.value.reason == "picture"


@pytest.mark.parametrize(
    "data",
    [
        png_bomb(),
        claiming("jpeg", 60_000, 60_000),
        encoded(Image.new("1", (10_000, 6_000)), "tiff", compression="group4"),
    ],
    ids=["bomb", "claim", "tiff"],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(data: bytes) -> None:
    with pytest.raises(CutoutFailed, match="allowed: up to 50 million pixels") as caught:
        opened(data)
    assert caught.value.reason == "too_large"

"""Whole cut-outs, from bytes to bytes, with the real weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imagegen.media.cutout.composition import NO_MATTING, cut_out
from imagegen.media.cutout.models import CUTOUT_MODELS
from imagegen.media.cutout.networks import BundledNetwork, Network
from imagegen.media.cutout.options import CutoutFailed, CutoutOptions
from imagegen.media.cutout.pictures import FIRST_FRAME
from tests.media.cutout.photographs import astronaut, matte_of, overlap, photograph
from tests.media.pictures import encoded, exif, noise, opened


@pytest.fixture(scope="module")
def network() -> Network:
    return BundledNetwork(CUTOUT_MODELS["u2netp"].path(Path()))


class Drawn:
    """A network that finds what it is told to."""

    def __init__(self, matte: Image.Image) -> None:
        self._matte = matte

    def matte(self, rgb: Image.Image) -> Image.Image:
        assert rgb.mode == "RGB"
        return self._matte.resize(rgb.size)


def half() -> Drawn:
    """The left half, sharply."""
    matte = Image.new("L", (64, 64))
    matte.paste(255, (0, 0, 32, 64))
    return Drawn(matte)


def test_a_person_is_cut_out(network: Network) -> None:
    result = cut_out(photograph(), network, CutoutOptions())
    assert result.notice is None
    matte = matte_of(result.data)
    assert matte.size == (256, 256)
    assert matte.getpixel((110, 60)) == 255  # the face
    assert matte.getpixel((10, 10)) == 0  # the flag behind
    inside = np.asarray(matte) == 255
    kept = np.asarray(opened(result.data).convert("RGB"))[inside]
    assert (kept == np.asarray(astronaut())[inside]).all(), "the subject is as it was"


def test_the_same_picture_gives_the_same_bytes(network: Network) -> None:
    assert cut_out(photograph(), network, CutoutOptions()) == cut_out(photograph(), network, CutoutOptions())


def test_alpha_matting_finds_finer_edges(network: Network) -> None:
    plain = matte_of(cut_out(photograph(), network, CutoutOptions()).data)
    result = cut_out(photograph(), network, CutoutOptions(alpha_matting=True))
    assert result.notice is None
    matted = matte_of(result.data)
    assert 0.9 < overlap(plain, matted) < 1


def test_where_matting_has_nothing_to_go_by_the_plain_edges_are_used() -> None:
    doubtful = Drawn(Image.new("L", (64, 64), 128))
    result = cut_out(encoded(noise(64, 64), "png"), doubtful, CutoutOptions(alpha_matting=True))
    assert result.notice == NO_MATTING
    assert matte_of(result.data).getextrema() == (128, 128)


def test_a_coloured_background_leaves_nothing_transparent(network: Network) -> None:
    result = cut_out(photograph(), network, CutoutOptions(background="#1e90FF"))
    image = opened(result.data).convert("RGBA")
    assert image.getpixel((10, 10)) == (0x1E, 0x90, 0xFF, 255)
    assert image.getchannel("A").getextrema() == (255, 255)
    assert image.getpixel((110, 60)) == astronaut().convert("RGBA").getpixel((110, 60))


def test_what_was_transparent_stays_so(network: Network) -> None:
    image = astronaut().convert("RGBA")
    hole = Image.new("L", image.size, 255)
    hole.paste(0, (100, 50, 120, 70))
    image.putalpha(hole)
    matte = matte_of(cut_out(encoded(image, "png"), network, CutoutOptions()).data)
    assert matte.getpixel((110, 60)) == 0
    assert matte.getpixel((110, 75)) == 255


def test_traces_of_the_model_are_no_haze() -> None:
    matte = Image.new("L", (64, 64), 2)
    matte.paste(253, (16, 16, 48, 48))
    result = cut_out(encoded(noise(64, 64), "png"), Drawn(matte), CutoutOptions())
    assert matte_of(result.data).histogram() == [64 * 64 - 32 * 32, *[0] * 254, 32 * 32]


@pytest.mark.parametrize("decontaminate", [True, False])
def test_edges_are_cleaned_unless_that_is_unwanted(decontaminate: bool) -> None:
    matte = half().matte(astronaut(64)).filter(ImageFilter.GaussianBlur(2))
    red = Image.composite(Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "lime"), matte)
    result = cut_out(encoded(red, "png"), Drawn(matte), CutoutOptions(decontaminate=decontaminate))
    pixel = opened(result.data).getpixel((33, 32))
    assert isinstance(pixel, tuple)
    assert (pixel[1] < 40) is decontaminate


def test_the_orientation_is_applied() -> None:
    wide = encoded(astronaut().resize((128, 64)), "jpeg", exif=exif(6))
    assert matte_of(cut_out(wide, half(), CutoutOptions()).data).size == (64, 128)


def test_a_notice_about_the_source_comes_along() -> None:
    frames = encoded(astronaut(), "gif", save_all=True, append_images=[noise(256, 256)])
    assert cut_out(frames, half(), CutoutOptions()).notice == FIRST_FRAME


def test_a_very_long_picture_is_cut_out_as_well() -> None:
    long = encoded(Image.new("RGB", (16_384, 16), "red"), "png")
    assert matte_of(cut_out(long, half(), CutoutOptions()).data).size == (16_384, 16)


def test_nothing_of_the_source_but_pixels_is_kept() -> None:
    result = cut_out(encoded(astronaut(), "jpeg", exif=exif(gps=True), comment=b"SECRET"), half(), CutoutOptions())
    assert b"SECRET" not in result.data
    assert not opened(result.data).getexif()


def test_what_is_no_picture_is_told(network: Network) -> None:
    with pytest.raises(CutoutFailed, match="damaged or of an unknown kind"):
        cut_out(b"%PDF-1.7", network, CutoutOptions())

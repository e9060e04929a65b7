from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from imagegen.media.inspect import NotAPicture
from imagegen.media.pixels import JPEG_MAX_SCANS, render
from tests.media.pictures import corners, encoded, exif, png, png_chunk, quarters, swapped_profile

AS_QUARTERS = ["red", "green", "blue", "white"]
LAID_DOWN = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def rendered(data: bytes, box: tuple[int, int] = (4096, 4096)) -> Image.Image:
    return render(data, box, max_pixels=1_000_000, reducing_gap=2.0)[0]


@pytest.mark.parametrize("picture_format", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", LAID_DOWN)
def test_stands_upright(picture_format: str, orientation: int) -> None:
    turn = LAID_DOWN[orientation]
    lying = quarters() if turn is None else quarters().transpose(turn)
    image = rendered(encoded(lying, picture_format, exif=exif(orientation)), box=(48, 4096))
    assert image.size == (48, 32)
    assert corners(image) == AS_QUARTERS


def test_damaged_exif_leaves_the_picture_as_it_is() -> None:
    data = encoded(quarters(), "jpeg", exif=b"Exif\x00\x00nonsense")
    assert corners(rendered(data)) == AS_QUARTERS


def grey16() -> bytes:
    return png(2, 1, 16, 0, b"\x00" + struct.pack(">HH", 200 << 8, 65_535))


def rgb16() -> bytes:
    return png(2, 1, 16, 2, b"\x00" + struct.pack(">6H", *(value << 8 for value in (200, 100, 50, 0, 0, 0))))


def palette_with_a_transparent_colour() -> bytes:
    image = Image.new("P", (2, 1), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    image.putpixel((1, 0), 0)
    return encoded(image, "png", transparency=0)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (grey16(), (200, 200, 200)),
        (
            png(1, 1, 16, 0, b"\x00" + struct.pack(">H", 200 << 8), png_chunk(b"tRNS", b"\xff\xff")),
            (200, 200, 200),
        ),
        (rgb16(), (200, 100, 50)),
        (encoded(Image.new("1", (2, 1), 1), "png"), (255, 255, 255)),
        (encoded(Image.new("L", (2, 1), 77), "png"), (77, 77, 77)),
        (encoded(Image.new("L", (2, 1), 77), "jpeg", quality=100), (77, 77, 77)),
        (encoded(Image.new("LA", (2, 1), (77, 128)), "png"), (77, 77, 77, 128)),
        (encoded(Image.new("LA", (2, 1), (77, 255)), "png"), (77, 77, 77)),
        (encoded(Image.new("RGBA", (2, 1), (200, 100, 50, 255)), "png"), (200, 100, 50)),
        (
            encoded(Image.new("RGBA", (2, 1), (200, 100, 50, 9)), "webp", lossless=True, exact=True),
            (200, 100, 50, 9),
        ),
        (palette_with_a_transparent_colour(), (200, 100, 50, 255)),
        (encoded(Image.new("RGB", (2, 1), (1, 2, 3)), "png", transparency=(1, 2, 3)), (1, 2, 3, 0)),
    ],
)
def test_every_mode_becomes_rgb_or_rgba_of_8_bit(data: bytes, expected: tuple[int, ...]) -> None:
    image = rendered(data)
    assert image.mode == ("RGB" if len(expected) == 3 else "RGBA")
    assert image.getpixel((0, 0)) == expected
    assert image.info == {}


def test_cmyk_keeps_its_colours() -> None:
    data = encoded(quarters().convert("CMYK"), "jpeg", quality=95)
    assert corners(rendered(data)) == AS_QUARTERS


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_embedded_profile_is_turned_into_srgb(mode: str) -> None:
    image = quarters()
    if mode == "RGBA":
        image.putalpha(Image.new("L", image.size, 200))
    converted = rendered(encoded(image, "png", icc_profile=swapped_profile()))
    assert corners(converted) == ["green", "red", "blue", "white"]
    assert converted.mode == mode


@pytest.mark.parametrize("profile", [b"nonsense", swapped_profile()[:300]])
def test_a_profile_that_is_no_use_counts_as_none(profile: bytes) -> None:
    assert corners(rendered(encoded(quarters(), "jpeg", icc_profile=profile))) == AS_QUARTERS


def test_a_colour_profile_on_a_grey_picture_counts_as_none() -> None:
    image = rendered(encoded(Image.new("L", (2, 1), 77), "png", icc_profile=swapped_profile()))
    assert image.getpixel((0, 0)) == (77, 77, 77)


@pytest.mark.parametrize("picture_format", ["png", "webp"])
def test_an_animation_gives_its_first_frame(picture_format: str) -> None:
    later = Image.new("RGB", (96, 64), (0, 0, 0))
    data = encoded(quarters(), picture_format, save_all=True, append_images=[later, later], duration=100)
    with Image.open(BytesIO(data)) as animation:
        assert getattr(animation, "n_frames", 1) > 1
    assert corners(rendered(data)) == AS_QUARTERS


@pytest.mark.parametrize(
    "options", [{"format": "png"}, {"format": "webp"}, {"format": "jpeg"}, {"format": "jpeg", "progressive": True}]
)
def test_a_picture_cut_short_is_refused(options: dict[str, object]) -> None:
    data = encoded(
        Image.effect_noise((200, 200), 60), str(options["format"]), progressive=options.get("progressive", False)
    )
    with pytest.raises(NotAPicture, match="damaged or cut short") as refused:
        rendered(data[: len(data) * 2 // 3], box=(40, 40))
    assert refused.value.reason == "corrupt"


def test_a_palette_picture_without_its_palette_is_refused() -> None:
    with pytest.raises(NotAPicture, match="damaged"):
        rendered(png(2, 1, 8, 3, bytes(3)))


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = encoded(quarters(), "jpeg", progressive=True)
    scan = data[data.index(b"\xff\xda") : -2]
    with pytest.raises(NotAPicture, match="too many layers"):
        rendered(data[:-2] + scan * JPEG_MAX_SCANS + data[-2:])
    assert corners(rendered(data)) == AS_QUARTERS


def test_nothing_is_scaled_up_and_nothing_vanishes() -> None:
    assert rendered(encoded(quarters(), "png"), box=(4096, 4096)).size == (96, 64)
    assert rendered(encoded(Image.new("RGB", (2000, 2)), "png"), box=(100, 100)).size == (100, 1)


def test_threads_render_the_same_as_one() -> None:
    data = encoded(quarters(600, 400), "jpeg", icc_profile=swapped_profile())
    alone = rendered(data, (100, 100)).tobytes()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: rendered(data, (100, 100)).tobytes(), range(24)))
    assert set(together) == {alone}

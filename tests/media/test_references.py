from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imagegen.media import references
from imagegen.media.chunks import is_bare
from imagegen.media.inspect import inspect
from imagegen.media.references import ReferenceRefused, clean_reference, scaled_for
from tests.media.pictures import claiming, corners, encoded, exif, noise, opened, png_bomb, quarters


def cut_out(width: int = 96, height: int = 64) -> Image.Image:
    image = quarters(width, height)
    image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return image


def test_an_upload_becomes_a_clean_reference() -> None:
    photo = encoded(
        quarters().transpose(Image.Transpose.ROTATE_90),
        "jpeg",
        exif=exif(6, gps=True),
        comment=b"SECRET comment",
        xmp=b"<x>SECRET xmp</x>",
    )
    assert b"SECRET" in photo
    clean = clean_reference(photo)
    assert (clean.media_type, clean.width, clean.height) == ("image/jpeg", 96, 64)
    assert clean.sha256 == hashlib.sha256(clean.data).hexdigest()
    assert b"SECRET" not in clean.data
    assert b"Exif" not in clean.data
    assert is_bare(clean.data, "jpeg")
    assert corners(opened(clean.data)) == ["red", "green", "blue", "white"]


def test_png_text_and_trailing_bytes_are_gone() -> None:
    info = PngInfo()
    info.add_text("parameters", "SECRET prompt")
    info.add_itxt("XML:com.adobe.xmp", "SECRET xmp")
    info.add_text("Comment", "SECRET", zip=True)
    upload = encoded(quarters(), "png", pnginfo=info, exif=exif(1, gps=True)) + b"<script>SECRET</script>"
    clean = clean_reference(upload)
    assert clean.media_type == "image/png"
    assert b"SECRET" not in clean.data
    assert is_bare(clean.data, "png")


def test_the_same_picture_is_the_same_reference_whatever_its_metadata() -> None:
    one = clean_reference(encoded(quarters(), "png", exif=exif(1, gps=True)))
    two = clean_reference(encoded(quarters(), "png", compress_level=1))
    assert one == two


@pytest.mark.parametrize(
    ("upload", "media_type"),
    [
        (encoded(quarters(), "jpeg"), "image/jpeg"),
        (encoded(quarters(), "webp"), "image/jpeg"),
        (encoded(quarters(), "png"), "image/png"),
        (encoded(cut_out(), "png"), "image/png"),
        (encoded(cut_out(), "webp"), "image/png"),
        (encoded(quarters(2100, 2000), "png"), "image/jpeg"),
        (encoded(cut_out(2100, 2000), "png", compress_level=1), "image/webp"),
    ],
)
def test_written_as_suits_the_picture(upload: bytes, media_type: str) -> None:
    clean = clean_reference(upload)
    assert clean.media_type == media_type
    assert inspect(clean.data).format == media_type.removeprefix("image/")
    assert opened(clean.data).mode == ("RGBA" if "A" in opened(upload).mode else "RGB")


def test_long_edges_are_scaled_down() -> None:
    clean = clean_reference(encoded(Image.new("RGB", (6144, 64), (9, 9, 9)), "jpeg"))
    assert (clean.width, clean.height) == (3072, 32)


def refusal(data: bytes) -> ReferenceRefused:
    with pytest.raises(ReferenceRefused) as refused:
        clean_reference(data)
    return refused.value


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (b"<svg/>", "type", "SVG is not accepted; allowed: PNG, JPEG or WebP."),
        (encoded(quarters(), "gif"), "type", "GIF is not accepted; allowed: PNG, JPEG or WebP."),
        (b"", "corrupt", "The file is empty; allowed: PNG, JPEG or WebP."),
        (encoded(quarters(), "png")[:-40], "corrupt", "The PNG picture is damaged or cut short."),
        (
            encoded(quarters(15, 64), "png"),
            "corrupt",
            "The picture has 15 × 64 pixels; allowed: at least 16 a side.",
        ),
        (png_bomb(), "too_many_pixels", "The picture has 20000 × 10000 pixels; allowed: up to 50 megapixels."),
        (
            claiming("jpeg", 10_001, 5_000),
            "too_many_pixels",
            "The picture has 10001 × 5000 pixels; allowed: up to 50 megapixels.",
        ),
        (bytes(21 * 1024 * 1024), "too_large", "The file has 21.0 MB; allowed: up to 20 MB of PNG, JPEG or WebP."),
    ],
)
def test_refusals_say_what_is_allowed(data: bytes, reason: str, words: str) -> None:
    refused = refusal(data)
    assert (refused.reason, str(refused)) == (reason, words)


def test_exactly_20_mb_is_allowed() -> None:
    picture = encoded(quarters(), "jpeg")
    assert clean_reference(picture + bytes(20 * 1024 * 1024 - len(picture))).width == 96
    assert refusal(picture + bytes(20 * 1024 * 1024 - len(picture) + 1)).reason == "too_large"


@pytest.mark.parametrize(("mode", "media_type"), [("RGB", "image/jpeg"), ("RGBA", "image/webp")])
def test_what_is_sent_keeps_within_the_providers_limit(
    mode: str, media_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = encoded(noise(400, 300, mode), "png")
    assert clean_reference(upload).media_type == "image/png"
    widths = []
    for limit in (200_000, 60_000, 15_000):
        monkeypatch.setattr(references, "SENT_MAX_BYTES", limit)
        clean = clean_reference(upload)
        assert len(clean.data) <= limit
        assert clean.media_type == media_type
        widths.append(clean.width)
    assert widths[0] == 400
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 400


@pytest.mark.parametrize(
    "upload", [encoded(quarters(), "jpeg"), encoded(quarters(), "png"), encoded(cut_out(), "webp")]
)
def test_a_stored_reference_that_fits_is_sent_as_it_is(upload: bytes) -> None:
    clean = clean_reference(upload)
    assert scaled_for(clean.data, 3072) == (clean.data, clean.media_type)
    assert scaled_for(clean.data, 96) == (clean.data, clean.media_type)


@pytest.mark.parametrize("picture_format", ["png", "jpeg", "webp"])
def test_a_model_with_a_smaller_limit_gets_a_smaller_picture(picture_format: str) -> None:
    data, media_type = scaled_for(encoded(quarters(400, 200), picture_format), 100)
    assert opened(data).size == (100, 50)
    assert inspect(data).format == media_type.removeprefix("image/")
    assert corners(opened(data)) == ["red", "green", "blue", "white"]


def test_an_image_of_the_gallery_is_sent_without_its_metadata() -> None:
    info = PngInfo()
    info.add_text("parameters", "SECRET prompt")
    data, media_type = scaled_for(encoded(quarters(), "png", pnginfo=info), 3072)
    assert media_type == "image/png"
    assert b"SECRET" not in data
    assert opened(data).tobytes() == quarters().tobytes()


def test_an_image_of_the_gallery_may_be_larger_than_an_upload() -> None:
    huge = encoded(Image.new("L", (9_000, 6_000), 40), "jpeg")
    assert refusal(huge).reason == "too_many_pixels"
    assert opened(scaled_for(huge, 300)[0]).size == (300, 200)


@pytest.mark.parametrize("data", [b"nothing of the kind", encoded(quarters(), "webp")[:-30]])
def test_a_damaged_image_of_the_gallery_is_refused(data: bytes) -> None:
    with pytest.raises(ReferenceRefused):
        scaled_for(data, 3072)


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(16, 300), st.integers(16, 300)),
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"]),
    orientation=st.integers(0, 9),
    max_edge=st.integers(8, 300),
)
def test_any_upload_ends_upright_bare_and_within_bounds(
    size: tuple[int, int], mode: str, orientation: int, max_edge: int
) -> None:
    picture_format = "jpeg" if mode == "CMYK" else "png"
    upload = encoded(quarters(*size).convert("RGBA").convert(mode), picture_format, exif=exif(orientation))
    clean = clean_reference(upload)
    assert (clean.width, clean.height) == (size[::-1] if orientation in range(5, 9) else size)
    assert clean_reference(clean.data).sha256 == clean.sha256 or clean.media_type == "image/jpeg"
    data, _ = scaled_for(clean.data, max_edge)
    found = inspect(data)
    assert max(found.width, found.height) == min(max_edge, max(size))
    assert is_bare(data, found.format)
    assert opened(data).mode in ("RGB", "RGBA")

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL.PngImagePlugin import PngInfo

from imagegen.media.chunks import is_bare
from imagegen.media.inspect import FORMATS, PictureFormat
from tests.media.pictures import encoded, exif, quarters, swapped_profile

PICTURES = {name: encoded(quarters(), name) for name in FORMATS}
BEGINNINGS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF\x00\x00\x00\x00WEBP"}


def _text() -> PngInfo:
    info = PngInfo()
    info.add_text("parameters", "SECRET prompt")
    return info


@pytest.mark.parametrize("name", FORMATS)
def test_a_plain_picture_is_bare(name: PictureFormat) -> None:
    assert is_bare(PICTURES[name], name)


def test_a_webp_with_alpha_is_bare() -> None:
    image = quarters()
    image.putalpha(100)
    assert is_bare(encoded(image, "webp"), "webp")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {"exif": exif()}) for name in FORMATS),
        *((name, {"icc_profile": swapped_profile()}) for name in FORMATS),
        ("jpeg", {"xmp": b"<x/>"}),
        ("webp", {"xmp": b"<x/>"}),
        ("jpeg", {"comment": b"SECRET"}),
        ("jpeg", {"progressive": True}),
        ("png", {"pnginfo": _text()}),
        ("png", {"save_all": True, "append_images": [quarters().rotate(180)]}),
        ("webp", {"save_all": True, "append_images": [quarters().rotate(180)]}),
    ],
)
def test_what_carries_more_is_not(name: PictureFormat, options: dict[str, Any]) -> None:
    assert not is_bare(encoded(quarters(), name, **options), name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("trailing", [b"<html>", PICTURES["jpeg"], b"\xff\xd9"])
def test_bytes_after_the_end_are_seen(name: PictureFormat, trailing: bytes) -> None:
    assert not is_bare(PICTURES[name] + trailing, name)


@settings(deadline=None)
@given(st.sampled_from(FORMATS), st.integers(0, 100))
def test_a_picture_cut_short_is_not_bare(name: PictureFormat, percent: int) -> None:
    data = PICTURES[name]
    assert not is_bare(data[: min(len(data) - 1, len(data) * percent // 100)], name) or percent == 0


@settings(deadline=None)
@given(st.sampled_from(FORMATS), st.binary(max_size=60))
def test_any_bytes_get_an_answer(name: PictureFormat, data: bytes) -> None:
    assert is_bare(BEGINNINGS[name] + data, name) in (True, False)

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from PIL import Image

from imagegen.media import inspect as module
from imagegen.media.inspect import Inspected, NotAPicture, inspect
from tests.media.pictures import claiming, encoded, png_bomb, quarters

PICTURES = {name: encoded(quarters(), name) for name in ("png", "jpeg", "webp")}
UPLOAD = 50_000_000


@pytest.mark.parametrize("name", PICTURES)
def test_tells_format_and_size_from_content(name: str, tmp_path: Path) -> None:
    misnamed = tmp_path / "picture.gif"
    misnamed.write_bytes(PICTURES[name])
    assert inspect(PICTURES[name]) == inspect(misnamed) == Inspected(name, 96, 64)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (encoded(quarters(), "gif"), "GIF"),
        (encoded(quarters(), "bmp"), "BMP"),
        (encoded(quarters(), "tiff"), "TIFF"),
        (encoded(quarters(), "avif"), "AVIF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'\xef\xbb\xbf\n <?xml version="1.0"?><!-- x --><SVG/>', "SVG"),
        (b"<!doctype html><img src=x>", "HTML"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04" + PICTURES["png"], "ZIP"),
        (b"just text", "This kind of file"),
        (b"<html>" + PICTURES["png"], "HTML"),
    ],
)
def test_other_types_are_refused_by_name(data: bytes, named: str) -> None:
    with pytest.raises(NotAPicture) as refused:
        inspect(data)
    assert refused.value.reason == "type"
    assert str(refused.value) == f"{named} is not accepted; allowed: PNG, JPEG or WebP."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n<html><script>",
        b"\xff\xd8\xff<svg/>",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPVP8X<html>",
        *(data[:28] for data in PICTURES.values()),
    ],
)
def test_a_right_beginning_is_not_enough(data: bytes) -> None:
    with pytest.raises(NotAPicture) as refused:
        inspect(data)
    assert refused.value.reason == "corrupt"


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("png", (20_000, 10_000)),
        ("jpeg", (20_000, 10_000)),
        ("webp lossy", (16_000, 10_000)),
        ("webp lossless", (16_000, 10_000)),
        ("webp extended", (20_000, 10_000)),
    ],
)
def test_a_bomb_is_refused_by_its_header(
    kind: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    monkeypatch.setitem(module._CLASSES, "webp", decoded)  # libwebp allocates when it opens
    with pytest.raises(NotAPicture) as refused:
        inspect(claiming(kind, *size), max_pixels=UPLOAD)
    assert refused.value.reason == "too_many_pixels"
    assert str(refused.value) == f"The picture has {size[0]} × {size[1]} pixels; allowed: up to 50 megapixels."


def test_a_real_200_megapixel_png_is_refused() -> None:
    bomb = png_bomb()
    assert len(bomb) < 200_000
    with pytest.raises(NotAPicture, match="20000 × 10000"):
        inspect(bomb)


def test_pillows_own_limit_plays_no_part() -> None:
    before = Image.MAX_IMAGE_PIXELS
    assert before is not None
    assert before < 9_900 * 10_000  # Image.open would warn here, and warnings fail these tests
    assert inspect(claiming("png", 9_900, 10_000)).width == 9_900
    assert before == Image.MAX_IMAGE_PIXELS


def test_a_missing_file_is_no_verdict_on_a_picture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "absent.png")


def test_a_failing_disk_is_no_verdict_on_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PICTURES["png"])

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "open_picture", failing)
    with pytest.raises(OSError, match="Input/output error"):
        inspect(path)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(PICTURES)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    st.integers(0, 2_000),
)
def test_whatever_the_bytes_the_answer_is_a_picture_or_a_plain_refusal(
    name: str, changes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(PICTURES[name])
    for position, value in changes:
        data[position % len(data)] = value
    try:
        found = inspect(bytes(data[:length]), max_pixels=UPLOAD)
    except NotAPicture as refused:
        event(refused.reason)
    else:
        assert 0 < found.width * found.height <= UPLOAD

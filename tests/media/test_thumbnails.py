from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from PIL import Image

from imagegen.media import thumbnails
from imagegen.media.store import MediaStore, Receipt, StoredPicture
from imagegen.media.thumbnails import ThumbnailFailed, ensure_thumbnail, make_thumbnail
from tests.media.pictures import corners, encoded, exif, opened, quarters

ATTEMPT = "0192f0c8-7a51-7c3e-8000-000000000001"


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path, durable=False)


def shelved(store: MediaStore, data: bytes) -> StoredPicture:
    store.spool(ATTEMPT, data, Receipt(None, None))
    picture = store.accept(ATTEMPT)
    store.forget(ATTEMPT)
    return picture


def test_a_thumbnail_is_made_once_beside_the_original(store: MediaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = shelved(store, encoded(quarters(1024, 768), "jpeg"))
    path = ensure_thumbnail(store, picture.sha256, picture.format)
    assert path == store.thumbnail_path(picture.sha256)
    image = Image.open(path)
    assert (image.format, image.size) == ("WEBP", (384, 288))
    assert corners(image) == ["red", "green", "blue", "white"]

    monkeypatch.delattr(thumbnails, "make_thumbnail")
    assert ensure_thumbnail(store, picture.sha256, picture.format) == path


@pytest.mark.parametrize("left", [b"", b"\0" * 900, b"RIFF\xff\0\0\0WEBP"])
def test_what_a_crash_left_of_a_thumbnail_is_made_again(store: MediaStore, left: bytes) -> None:
    picture = shelved(store, encoded(quarters(64, 64), "png"))
    path = ensure_thumbnail(store, picture.sha256, picture.format)
    whole = path.read_bytes()
    path.write_bytes(left)
    assert ensure_thumbnail(store, picture.sha256, picture.format).read_bytes() == whole


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1584, 672), (384, 163)),
        ((768, 1376), (384, 688)),
        ((672, 1568), (384, 896)),
        ((100, 4000), (26, 1024)),
        ((200, 100), (200, 100)),
        ((384, 384), (384, 384)),
    ],
)
@pytest.mark.parametrize("picture_format", ["png", "jpeg", "webp"])
def test_columns_are_as_wide_as_can_be(
    size: tuple[int, int], expected: tuple[int, int], picture_format: str
) -> None:
    assert opened(make_thumbnail(encoded(Image.new("RGB", size), picture_format))).size == expected


def test_a_lying_picture_is_measured_upright() -> None:
    lying = quarters(1024, 512).transpose(Image.Transpose.ROTATE_90)
    image = opened(make_thumbnail(encoded(lying, "jpeg", exif=exif(6))))
    assert image.size == (384, 192)
    assert corners(image) == ["red", "green", "blue", "white"]


def test_alpha_is_kept() -> None:
    image = quarters(800, 800)
    image.putalpha(Image.linear_gradient("L").resize((800, 800)))
    thumbnail = opened(make_thumbnail(encoded(image, "png")))
    above, below = thumbnail.getpixel((192, 5)), thumbnail.getpixel((192, 378))
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    assert above[3] < 10
    assert below[3] > 245


def test_threads_that_ask_at_once_all_get_a_whole_file(store: MediaStore) -> None:
    picture = shelved(store, encoded(quarters(1024, 1024), "png"))
    together = Barrier(8)

    def ask(_: int) -> bytes:
        together.wait()
        return ensure_thumbnail(store, picture.sha256, picture.format).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert answers == {make_thumbnail(store.image_path(picture.sha256, picture.format).read_bytes())}
    assert [path.name for path in store.root.rglob("*") if path.is_file() and path.suffix == ".tmp"] == []


@pytest.mark.parametrize("picture_format", ["png", "jpeg", "webp"])
def test_a_picture_cut_short_has_none(store: MediaStore, picture_format: str) -> None:
    data = encoded(Image.effect_noise((300, 300), 50), picture_format)
    picture = shelved(store, encoded(quarters(), "png"))
    original = store.image_path(picture.sha256, picture.format)
    original.write_bytes(data[: len(data) // 2])
    with pytest.raises(ThumbnailFailed, match="damaged or cut short"):
        ensure_thumbnail(store, picture.sha256, picture.format)
    assert not store.thumbnail_path(picture.sha256).exists()


def test_a_missing_original_has_none(store: MediaStore) -> None:
    with pytest.raises(ThumbnailFailed, match="missing"):
        ensure_thumbnail(store, "ab" * 32, "png")

"""WebP thumbnails for the gallery, made from the stored original when first asked for."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from imagegen.media.inspect import PICTURE_MAX_PIXELS, NotAPicture
from imagegen.media.pixels import render
from imagegen.media.store import MediaStore

THUMBNAIL_WIDTH = 384
"""Pixels. The width is what is bounded, for a masonry's columns are equally wide: bounded by its longer edge, a
9:16 picture would be 216 pixels wide and blurred where its 16:9 neighbour is sharp."""
THUMBNAIL_MAX_HEIGHT = 1024
"""Pixels. Above the 896 of the tallest ratio that models make, 9:21; stops a one-pixel-wide strip."""


class ThumbnailFailed(Exception):  # noqa: N818 - says what did not come, as the page does
    """The original is missing or damaged. The message is plain."""


def ensure_thumbnail(store: MediaStore, sha256: str, format: str) -> Path:  # noqa: A002 - as in MediaStore
    """The path of an image's thumbnail, made now if there is none.

    Threads that ask at the same time each put the same whole file in place. Raises `ThumbnailFailed`, and
    `StorageError` when it cannot be written.
    """
    return _ensure(store, sha256, store.image_path(sha256, format))


def ensure_reference_thumbnail(store: MediaStore, sha256: str, media_type: str) -> Path:
    """Like `ensure_thumbnail`, for an upload; `media_type` like `image/png`."""
    return _ensure(store, sha256, store.reference_path(sha256, media_type))


def _ensure(store: MediaStore, sha256: str, original: Path) -> Path:
    path = store.thumbnail_path(sha256)
    if not _is_whole(path):
        try:
            data = original.read_bytes()
        except OSError:
            raise ThumbnailFailed("The stored picture is missing or cannot be read.") from None
        store.put_thumbnail(sha256, make_thumbnail(data))
    return path


def _is_whole(path: Path) -> bool:
    """Whether the file is there and as long as it says itself."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            length = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return False
    return head[:4] == b"RIFF" and int.from_bytes(head[4:], "little") + 8 == length


def make_thumbnail(original: bytes) -> bytes:
    """WebP, upright, sRGB, alpha kept, at most 384 × 1024 pixels. Raises `ThumbnailFailed`."""
    try:
        box = (THUMBNAIL_WIDTH, THUMBNAIL_MAX_HEIGHT)
        image, _ = render(original, box, max_pixels=PICTURE_MAX_PIXELS, reducing_gap=1.3)
    except NotAPicture as error:
        raise ThumbnailFailed(str(error)) from None
    file = BytesIO()
    image.save(file, "webp", quality=80, method=2)
    return file.getvalue()

"""A stored picture in another format, for downloads. The stored original stays as it is."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from imagegen.media.inspect import PICTURE_MAX_PIXELS, PictureFormat
from imagegen.media.pixels import render

_ANY_SIZE = (1_000_000, 1_000_000)
_PAPER = (255, 255, 255)


def converted(original: bytes, format: PictureFormat) -> bytes:  # noqa: A002 - the field's own word
    """The same pixels, upright and in sRGB, without metadata. Transparency stays; in a JPEG it becomes white.

    Takes up to seconds for 4K. Raises `NotAPicture` for what is damaged.
    """
    image, _ = render(original, _ANY_SIZE, max_pixels=PICTURE_MAX_PIXELS, reducing_gap=3)
    file = BytesIO()
    match format:
        case "jpeg":
            _on_paper(image).save(file, "jpeg", quality=95, subsampling=0, optimize=True)
        case "webp":
            image.save(file, "webp", quality=92, method=4, exact=True)
        case "png":
            image.save(file, "png", compress_level=6)
    return file.getvalue()


def _on_paper(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(image, mask=image.getchannel("A"))
    return paper

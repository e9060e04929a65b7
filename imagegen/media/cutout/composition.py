"""A whole cut-out, from bytes to bytes."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageColor

from imagegen.media.cutout.edges import decontaminated
from imagegen.media.cutout.encoding import png
from imagegen.media.cutout.networks import Network
from imagegen.media.cutout.options import CutoutOptions, CutoutResult
from imagegen.media.cutout.pictures import Picture, opened

NO_MATTING = "Alpha matting found no clear inside and outside, so the plain edges were used."

_HAZE = 3
_WITHOUT_HAZE = [0 if value <= _HAZE else 255 if value >= 255 - _HAZE else value for value in range(256)]
"""Models leave traces of 1–3 of 255 all over the background: invisible, and yet to be encoded."""
_MATTING_MAX_SIDE = 1280
"""Pixels. Matting takes memory and time by the pixel: 3 GB on 2048², 1.6 GB on 1280² and a third of the time."""
_WHITE = (255, 255, 255)


def cut_out(source: bytes, network: Network, options: CutoutOptions) -> CutoutResult:
    """The subject of an encoded picture. Raises `CutoutFailed`."""
    picture = opened(source)
    matte = network.matte(_without_holes(picture)).point(_WITHOUT_HAZE)
    rgb, notice = picture.rgb, picture.notice
    matted = _matted(rgb, matte) if options.alpha_matting else None
    if matted is not None:
        matte = matted.point(_WITHOUT_HAZE)
    elif options.alpha_matting:
        notice = f"{notice} {NO_MATTING}" if notice else NO_MATTING
    if options.decontaminate or options.alpha_matting:
        rgb = decontaminated(rgb, matte)
    if picture.alpha is not None:
        matte = ImageChops.multiply(matte, picture.alpha)
    cutout = rgb
    cutout.putalpha(matte)  # in place: a copy of a large picture is not for nothing
    if options.background is not None:
        ground = Image.new("RGBA", cutout.size, ImageColor.getrgb(options.background))
        cutout = Image.alpha_composite(ground, cutout)
    return CutoutResult(png(cutout), notice)


def prepare_matting() -> None:
    """Load what alpha matting needs: seconds, and a minute the first time in a fresh environment."""
    import rembg.bg  # noqa: F401, PLC0415


def _without_holes(picture: Picture) -> Image.Image:
    """What people see on a white page; under transparent pixels, any colours may hide."""
    if picture.alpha is None:
        return picture.rgb
    return Image.composite(picture.rgb, Image.new("RGB", picture.rgb.size, _WHITE), picture.alpha)


def _matted(rgb: Image.Image, matte: Image.Image) -> Image.Image | None:
    """Edges found anew by closed-form matting; None if nothing is surely inside or surely outside."""
    from rembg.bg import alpha_matting_cutout  # noqa: PLC0415 - see prepare_matting

    factor = max(1.0, max(rgb.size) / _MATTING_MAX_SIDE)
    size = max(1, round(rgb.width / factor)), max(1, round(rgb.height / factor))
    reduced, reduced_matte = (image.resize(size, Image.Resampling.BOX) for image in (rgb, matte))
    try:
        matted: Image.Image = alpha_matting_cutout(reduced, reduced_matte, 240, 10, 10)  # rembg's own defaults
    except ValueError:
        return None
    return matted.getchannel("A").resize(rgb.size, Image.Resampling.BICUBIC)

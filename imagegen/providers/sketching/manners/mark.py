"""The corner mark that says what a picture is."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageFont

MARK = "offline sketch"


def with_mark(picture: Image.Image) -> Image.Image:
    """The picture with a small mark in the lower right corner that says what it is."""
    edge = min(picture.size)
    font = ImageFont.load_default(max(11, round(edge / 58)))
    layer = Image.new("L", picture.size)
    margin = round(edge / 45)
    place = (picture.width - margin, picture.height - margin)
    draw = ImageDraw.Draw(layer)
    draw.text(place, MARK, fill=170, font=font, anchor="rs")
    box = draw.textbbox(place, MARK, font=font, anchor="rs")
    around = (int(box[0]) - margin, int(box[1]) - margin, picture.width, picture.height)
    letters = layer.crop(around)
    corner = picture.crop(around)
    shadow = letters.filter(ImageFilter.GaussianBlur(edge / 500)).point(lambda value: value * 0.7)
    corner.paste((0, 0, 0), mask=shadow)
    corner.paste((255, 255, 255), mask=letters)
    picture.paste(corner, around[:2])
    return picture

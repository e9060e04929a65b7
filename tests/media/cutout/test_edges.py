"""Soft edges without the colour of what was behind."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imagegen.media.cutout.edges import decontaminated
from tests.media.cutout.photographs import astronaut

Values = NDArray[np.float64]


def soft_disc(side: int) -> Image.Image:
    """A matte with an edge of some 12 pixels."""
    rows, columns = np.mgrid[:side, :side] - side / 2
    distance = side / 3 - np.hypot(rows, columns)
    return Image.fromarray(((distance / 12 + 0.5).clip(0, 1) * 255).astype(np.uint8))


def error(image: Image.Image, truth: Image.Image, matte: Image.Image) -> float:
    """The mean difference on the edge, weighted by how much of it is seen."""
    share = np.asarray(matte, float) / 255
    weight = (share * (share < 1))[..., np.newaxis]
    difference: Values = np.abs(np.asarray(image, float) - np.asarray(truth, float)) * weight
    return float(difference.sum() / (3 * weight.sum()))


@pytest.mark.parametrize("side", [300, 1500])
def test_most_of_the_old_background_is_gone(side: int) -> None:
    subject, matte = astronaut(side).filter(ImageFilter.GaussianBlur(side / 100)), soft_disc(side)
    seen = Image.composite(subject, Image.new("RGB", subject.size, (0, 255, 0)), matte)
    before, after = error(seen, subject, matte), error(decontaminated(seen, matte), subject, matte)
    assert before > 25
    assert after < before / 4


def test_only_edges_are_changed() -> None:
    picture, matte = astronaut(300), soft_disc(300)
    changed = np.asarray(decontaminated(picture, matte)) != np.asarray(picture)
    alpha = np.asarray(matte)
    assert changed[(alpha > 0) & (alpha < 255)].any()
    assert not changed[(alpha == 0) | (alpha == 255)].any()


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (255, 257), (1025, 3)])
@pytest.mark.parametrize("value", [0, 100, 255])
def test_any_size_and_any_matte_will_do(size: tuple[int, int], value: int) -> None:
    picture = Image.new("RGB", size, (10, 200, 90))
    result = decontaminated(picture, Image.new("L", size, value))
    assert result.size == size
    assert np.abs(np.asarray(result, int) - np.asarray(picture, int)).max() <= 1

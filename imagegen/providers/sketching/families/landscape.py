"""Ridges, water and sky from noise."""

from __future__ import annotations

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief
from imagegen.providers.sketching.families.landscape_paint import paint
from imagegen.providers.sketching.families.landscape_scene import scene
from imagegen.providers.sketching.mood import LANDSCAPE

WORDS = LANDSCAPE
STYLE_WORDS = "watercolor watercolour aquarelle fantasy gogh impasto impressionist cartoon anime oil"


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """A landscape in the mood of the brief."""
    return Image.fromarray(paint(scene(brief.mood, random, width / height), width, height, random))

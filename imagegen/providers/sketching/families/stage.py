"""The studio in which things stand: its backdrop, its materials, the shadows on its floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imagegen.providers.sketching.canvas import Frame, Layer
from imagegen.providers.sketching.palette import colour, mix
from imagegen.providers.sketching.scheme import WHITE, Scheme
from imagegen.providers.sketching.shapes import glow, gradient
from imagegen.providers.sketching.solids import TILT, Material


@dataclass(frozen=True, slots=True)
class Stage:
    """Where things stand and in what colours."""

    scheme: Scheme
    glaze: Material
    stone: Material
    accent: Material
    random: np.random.Generator

    def shadow(self, x: float, foot: float, radius: float, height: float) -> list[Layer]:
        """Below a thing: close and dark where it touches, long and soft away from the light."""
        tint = mix(self.scheme.deep, colour("14101c"), 0.3)
        return [
            glow(x + 0.42 * height, foot + 0.012, radius + 0.5 * height, 0.3 * radius + 0.05 * height, tint, 0.34),
            glow(x + 0.1 * radius, foot + 0.03 * radius, radius * 1.22, radius * TILT * 1.65, tint, 0.66),
        ]


def backdrop(colours: Scheme, frame: Frame, foot: float) -> list[Layer]:
    """A wall that runs into the floor without an edge; the light pools around the thing."""
    low = foot - 0.1
    return [
        gradient(
            (-frame.bottom, low - 0.16, low, low + 0.12, max(frame.bottom, low + 0.2)),
            (
                mix(colours.pale, colours.deep, 0.1),
                colours.pale,
                mix(colours.pale, colours.light, 0.55),
                colours.light,
                mix(colours.light, colours.accent, 0.07),
            ),
        ),
        glow(-0.16, -0.2, 0.75, 0.62, mix(colours.light, WHITE, 0.3), 0.5),
        glow(0.0, foot + 0.04, 0.8, 0.3, mix(colours.light, WHITE, 0.4), 0.45),
    ]

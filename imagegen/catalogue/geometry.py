"""The pixel sizes behind aspect ratios and image sizes.

Gemini's own, as observed from its answers and kept by pydantic-ai's geometry table (read 2026-11-21): about one
megapixel at 1K, each edge twice as long at 2K, four times at 4K. Providers that can choose follow the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Pixels = tuple[int, int]
"""Width and height."""

PIXELS_1K: Mapping[str, Pixels] = MappingProxyType(
    {
        "1:1": (1024, 1024),
        "2:3": (848, 1264),
        "3:2": (1264, 848),
        "3:4": (896, 1200),
        "4:3": (1200, 896),
        "4:5": (928, 1152),
        "5:4": (1152, 928),
        "9:16": (768, 1376),
        "16:9": (1376, 768),
        "21:9": (1584, 672),
    }
)
EDGE_FACTORS: Mapping[str, int] = MappingProxyType({"1K": 1, "2K": 2, "4K": 4})

PIXELS: Mapping[tuple[str, str], Pixels] = MappingProxyType(
    {
        (aspect_ratio, image_size): (width * factor, height * factor)
        for aspect_ratio, (width, height) in PIXELS_1K.items()
        for image_size, factor in EDGE_FACTORS.items()
    }
)
"""(aspect ratio, image size) to (width, height) in pixels, for every combination."""

PIXELS_OF_32: Mapping[tuple[str, str], Pixels] = MappingProxyType(
    {
        ("1:1", "1K"): (1024, 1024),
        ("2:3", "1K"): (832, 1248),
        ("3:2", "1K"): (1248, 832),
        ("3:4", "1K"): (864, 1152),
        ("4:3", "1K"): (1152, 864),
        ("4:5", "1K"): (896, 1120),
        ("5:4", "1K"): (1120, 896),
        ("9:16", "1K"): (736, 1312),
        ("16:9", "1K"): (1312, 736),
        ("21:9", "1K"): (1344, 576),
    }
)
"""The same ratios for the FLUX models, which take edges in multiples of 32 pixels up to 1440: never more pixels
than 1024 × 1024, so that a picture is billed as one megapixel where megapixels are."""

PIXELS_BY_64: Mapping[tuple[str, str], Pixels] = MappingProxyType(
    {
        ("1:1", "1K"): (1024, 1024),
        ("2:3", "1K"): (896, 1344),
        ("3:2", "1K"): (1344, 896),
        ("3:4", "1K"): (960, 1280),
        ("4:3", "1K"): (1280, 960),
        ("4:5", "1K"): (960, 1216),
        ("5:4", "1K"): (1216, 960),
        ("9:16", "1K"): (832, 1472),
        ("16:9", "1K"): (1472, 832),
        ("21:9", "1K"): (1472, 640),
    }
)
"""For models whose edges are multiples of 64 pixels, at most 1536: of the sizes of about a megapixel the one
nearest to the ratio, 1.5 % from it at most."""

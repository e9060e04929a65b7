"""What a family of scenes is told about the picture that it paints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from imagegen.providers.sketching.mood import HUES, Mood, is_grey, mood
from imagegen.providers.sketching.palette import Colour, recoloured
from imagegen.providers.sketching.scheme import Scheme, scheme
from imagegen.providers.sketching.vocabulary import Words, words_of


@dataclass(frozen=True, slots=True)
class Brief:
    """The words, and what follows from them for every family: mood and colours."""

    words: Words
    mood: Mood
    scheme: Scheme
    coloured: bool
    """Whether words or references ask for colours; else the scheme was drawn."""


Family = Callable[[Brief, np.random.Generator, int, int], Image.Image]
"""Paints a brief in pixels of that width and height; what the words leave open comes from the random source."""


def brief(prompt: str, found: Sequence[Colour], random: np.random.Generator) -> Brief:
    """The brief of a prompt. `found` are the leading colours of references."""
    words = words_of(prompt)
    feeling = mood(words, random)
    if found:
        feeling = replace(feeling, palette=recoloured(feeling.palette, found))
    coloured = bool(found) or is_grey(words) or any(hue in words.all for hue in HUES)
    return Brief(words, feeling, scheme(words, feeling.hour if feeling.told else None, found, random), coloured)

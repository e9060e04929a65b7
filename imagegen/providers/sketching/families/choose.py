"""Which family of scenes a prompt is drawn by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from imagegen.providers.sketching.brief import Family
from imagegen.providers.sketching.families import abstract, city, landscape, portrait, space, still_life
from imagegen.providers.sketching.vocabulary import Words, count

FamilyName = Literal["portrait", "still life", "city", "space", "abstract", "landscape"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A family, the words of a subject that ask for it, and those of a style that do where it is silent."""

    draw: Family
    words: str
    style_words: str = ""


FAMILIES: Mapping[FamilyName, Entry] = {
    "portrait": Entry(portrait.draw, portrait.WORDS, portrait.STYLE_WORDS),
    "still life": Entry(still_life.draw, still_life.WORDS, still_life.STYLE_WORDS),
    "city": Entry(city.draw, city.WORDS, city.STYLE_WORDS),
    "space": Entry(space.draw, space.WORDS),
    "abstract": Entry(abstract.draw, abstract.WORDS, abstract.STYLE_WORDS),
    "landscape": Entry(landscape.draw, landscape.WORDS, landscape.STYLE_WORDS),
}
"""Where two are asked for by as many words, the first of them is drawn."""


def family_of(words: Words, random: np.random.Generator) -> FamilyName:
    """The family that most words of the subject ask for, else the style; without either one is drawn."""
    drawn: FamilyName = "landscape" if random.random() < 0.7 else "abstract"
    subject = {name: count(words.subject, entry.words) for name, entry in FAMILIES.items()}
    style = {name: count(words.style, entry.style_words) for name, entry in FAMILIES.items()}
    for asked in (subject, style):
        name = max(asked, key=lambda each: asked[each])
        if asked[name]:
            return name
    return drawn

"""Pictures of nothing but form: tiles, layers of cut paper, marble, petals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from PIL import Image

from imagegen.providers.sketching.brief import Brief, Family
from imagegen.providers.sketching.families import marble, paper, petals, tiles
from imagegen.providers.sketching.vocabulary import first

Form = Literal["tiles", "paper", "marble", "petals"]

_FORMS: dict[Form, str] = {
    "petals": "flower flowers petal petals bloom blossom blossoms peony dahlia rose lotus mandala chrysanthemum",
    "paper": "paper layers layered topographic contour contours depth strata cutout terrain",
    "marble": "marble ink fluid liquid smoke agate stone texture gradient acrylic pour swirl swirls waves silk",
    "tiles": "geometric geometry bauhaus tile tiles mosaic pattern shapes grid poster memphis quilt logo",
}
_STYLE_FORMS: dict[Form, str] = {
    "petals": "bloom petal+like petals",
    "paper": "cut+paper paper+cut papercut",
    "tiles": "poster bauhaus geometric",
}
WORDS = " ".join((*_FORMS.values(), "abstract abstraction nonfigurative background minimal+art"))
STYLE_WORDS = " ".join((*_STYLE_FORMS.values(), "abstract"))

_DRAW: Mapping[Form, Family] = {
    "tiles": tiles.draw,
    "paper": paper.draw,
    "marble": marble.draw,
    "petals": petals.draw,
}


def draw(brief: Brief, random: np.random.Generator, width: int, height: int) -> Image.Image:
    """The form that the words name, else one of the four."""
    drawn: Form = random.choice(np.array(list(_DRAW), dtype=object))
    form: Form = first(_FORMS, brief.words.subject, first(_STYLE_FORMS, brief.words.style, drawn))
    return _DRAW[form](brief, random, width, height)

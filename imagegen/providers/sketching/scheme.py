"""The few colours of a picture that is no landscape: a leading one, one beside it, a backdrop, light and dark."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from imagegen.providers.sketching.mood import HUES, Hour, is_grey
from imagegen.providers.sketching.palette import Colour, colour, luma, mix, of_luma
from imagegen.providers.sketching.vocabulary import Words

WHITE = np.full(3, 255, dtype=np.float32)
_NIGHTLY: tuple[Hour, ...] = ("night", "dusk")
_PAIRS = (
    ("6a3fd0", "b58cf2"),
    ("9a4a30", "e2763a"),
    ("0f6b5c", "25b184"),
    ("11506b", "2a9d9a"),
    ("c2415f", "f29a8a"),
    ("2a4bb0", "f0b030"),
    ("c8553d", "2f6d7a"),
    ("7a6a3a", "d9a441"),
    ("3b3f8f", "e58fb1"),
)
"""Leading and second colour, where neither words nor references say."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Colours by their part in a picture."""

    main: Colour
    accent: Colour
    pale: Colour
    """Of a backdrop."""
    light: Colour
    """Of what is lit brightest."""
    deep: Colour
    """Of what lies in the dark."""

    def without_colour(self) -> Scheme:
        """The same in greys."""
        greys = (np.full(3, luma(getattr(self, field.name)), dtype=np.float32) for field in fields(self))
        return Scheme(*greys)


def scheme(words: Words, hour: Hour | None, found: Sequence[Colour], random: np.random.Generator) -> Scheme:
    """The scheme that words or the colours of references ask for; without either one is drawn. Nights are dark."""
    main, accent = (colour(code) for code in _PAIRS[int(random.integers(len(_PAIRS)))])
    turn = float(random.choice(np.array((-0.09, 0.08, 0.46))))
    asked = [colour(code) for word, code in HUES.items() if word in words.all]
    if found:
        vivid = sorted(found, key=_chroma, reverse=True)
        main, accent = vivid[0], vivid[1] if len(vivid) > 1 else _beside(vivid[0], turn)
    elif asked:
        main, accent = asked[0], asked[1] if len(asked) > 1 else _beside(asked[0], turn)
    made = _nightly(main, accent) if words.has("dark") or hour in _NIGHTLY else _daily(main, accent)
    return made.without_colour() if is_grey(words) else made


def _daily(main: Colour, accent: Colour) -> Scheme:
    return Scheme(
        main=main,
        accent=accent,
        pale=of_luma(mix(main, WHITE, 0.62), 206),
        light=mix(of_luma(accent, 240), WHITE, 0.55),
        deep=of_luma(main, min(34.0, luma(main) * 0.45)),
    )


def _nightly(main: Colour, accent: Colour) -> Scheme:
    night = mix(main, colour("101528"), 0.55)
    return Scheme(
        main=main,
        accent=accent,
        pale=of_luma(night, 52),
        light=of_luma(mix(night, main, 0.35), 104),
        deep=of_luma(night, 14),
    )


def _beside(shade: Colour, turn: float) -> Colour:
    """The colour whose hue lies that share of a circle further on; a little lighter."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(float(part) / 255 for part in shade))
    parts = colorsys.hsv_to_rgb((hue + turn) % 1, saturation * 0.85, min(1.0, value * 0.7 + 0.35))
    return np.array(parts, dtype=np.float32) * 255


def _chroma(shade: Colour) -> float:
    return float(shade.max() - shade.min())
